"""The audit log: who did what to sensitive records, without what was said in them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from gateway.store.schema import audit

_insert = sa.insert(audit)


def note(connection: sa.Connection, who: str, what: str, subject: str, now: datetime) -> None:
    """Write down that `who` ("system", a user's name) did `what` ("purge", "export") to `subject`, in this transaction.

    Names a person by pseudonym only.
    """
    connection.execute(_insert, {"at": now, "who": who[:64], "what": what[:64], "subject": subject[:160]})
