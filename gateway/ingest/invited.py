"""Which poll somebody was invited to and has not begun: what they write to nothing else is said to that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.ingest.unit import Visitor
from gateway.polls import Poll
from gateway.store import many
from gateway.store.database import among
from gateway.store.poll_tables import respondents
from surveys.flow import Flow

WAITING = ("registered", "contacted", "unresponsive", "failed")
"""What somebody is who was sent an invitation, and did not answer it yet: the ledger may lag behind the phone."""


@cache
def _waiting(dialect: str) -> sa.Select[Any]:
    waiting: list[sa.ColumnElement[str]] = [sa.literal_column(f"'{disposition}'") for disposition in WAITING]
    return (
        sa.select(respondents.c.survey, respondents.c.wave)
        .where(among(dialect, respondents.c.person, "people"), respondents.c.disposition.in_(waiting))
        .order_by(respondents.c.since.desc())
    )


def invitation(
    connection: sa.Connection, visitor: Visitor, polls: Mapping[str, Poll], flows: Mapping[str, Flow]
) -> tuple[Flow, str] | None:
    """The poll that they were invited to last, in the wave that it is in now, with the language in which they were;
    None where they were to none."""
    if not visitor.known:
        return None
    for name, wave in many.ask(connection, _waiting(connection.dialect.name), [visitor.person])():
        poll = polls.get(name)
        if poll is not None and poll.wave == wave and (flow := flows.get(poll.survey.id)) is not None:
            known = poll.survey.languages
            return flow, visitor.language if visitor.language in known else known[0]
    return None
