"""What others must be told when somebody is forgotten, or two addresses turn out to be one person's: that an initiative
lost its organiser, or has a place free. The store tells nobody, so each becomes a timer, which
gateway/coordination/running.py hears."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from gateway.store.coordination_tables import initiatives, participations
from gateway.store.database import insert_ignoring
from gateway.store.schema import timers

TIMER = "initiative"
"""Its subject is the initiative's id, a colon, and what there is to do."""

LOST, FREE = "lost", "free"


def forgotten(connection: sa.Connection, person: int, now: datetime) -> None:
    """Before what they joined goes: their places are free, and what they organise does not take place."""
    _note(connection, FREE, _joined_by(person), now)
    own = initiatives.c.person == person, initiatives.c.status == "public", initiatives.c.starts_at > now
    _note(connection, LOST, initiatives.c.person == person, now)
    connection.execute(sa.update(initiatives).where(*own).values(status="closed", closed_at=now))


def joined(connection: sa.Connection, own: int, other: int, now: datetime) -> None:
    """Before they are one: of two places in one initiative one is free."""
    _note(connection, FREE, sa.and_(_joined_by(own), _joined_by(other)), now)


def _joined_by(person: int) -> sa.ColumnElement[bool]:
    mine = participations.c.initiative == initiatives.c.id, participations.c.person == person
    return sa.exists().where(*mine, participations.c.state == "joined")


def _note(connection: sa.Connection, what: str, which: sa.ColumnElement[bool], now: datetime) -> None:
    """A timer for each public initiative to come of which that is so."""
    chosen = sa.select(initiatives.c.id, initiatives.c.starts_at).where(
        which, initiatives.c.status == "public", initiatives.c.starts_at > now
    )
    rows = [
        {"kind": TIMER, "subject": f"{row.id}:{what}", "due_at": now, "stale_after": row.starts_at}
        for row in connection.execute(chosen)
    ]
    if rows:
        connection.execute(insert_ignoring(connection.dialect.name, timers), rows)
