"""Word to a poll's team that there is an answer on which somebody must act. It names nobody, and says nothing of what
was said: whoever gets it signs in and looks.

It goes to the focal points and coders who ordered the poll's digests, to where they get those.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gateway.coding.raising import ESCALATE
from gateway.results.orders import Order, standing
from gateway.store.quote_tables import raised

TEAM = ("focal-point", "coder")


def due(connection: sa.Connection, survey: str, now: datetime) -> Sequence[Order]:
    """Whom to tell, once for all that waits, and that it is told now; nobody where nothing waits. As long as nobody can
    be told, it goes on waiting."""
    team = {order.user: order for order in standing(connection, survey, roles=TEAM)}
    waits = raised.c.survey == survey, raised.c.code == ESCALATE, raised.c.told_at.is_(None)
    if not team:
        return ()
    told = connection.execute(sa.update(raised).where(*waits).values(told_at=now)).rowcount
    return tuple(team.values()) if told else ()
