"""Drawing the people of a broadcast: a range of ids at a time, all of it in the database.

A sample is kept within its size while people are gone through, so that nothing has to sort them all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from gateway.broadcasts.audience import Roads, who
from gateway.broadcasts.model import Broadcast
from gateway.store.broadcast_tables import broadcast_channels, broadcasts, recipients
from gateway.store.database import insert_ignoring
from gateway.store.schema import people

log = structlog.get_logger(__name__)

COLUMNS = ("broadcast", "channel", "draw", "person", "address", "cell")


def draw_some(
    connection: sa.Connection, row: Any, broadcast: Broadcast, roads: Roads, now: datetime, many: int
) -> bool:
    """Look at the next so many people, and put those that it is for on its list. True: there is more to do."""
    upper = _upper(connection, row.drawn_to, many)
    if upper is None:
        return _drawn(connection, row, broadcast, now)
    found = who(broadcast, roads, now)
    chosen = sa.select(
        sa.literal(row.id), found.c.channel, found.c.draw, found.c.person, found.c.address, found.c.cell
    ).where(found.c.why == "")
    most = broadcast.sample.most if broadcast.sample else None
    if most is not None:
        chosen = _within(chosen, found, row.id, most)
    put = insert_ignoring(connection.dialect.name, recipients)
    connection.execute(
        put.from_select(COLUMNS, chosen.order_by(found.c.person)), {"after": row.drawn_to, "until": upper}
    )
    if most is not None:
        connection.execute(_trim(row.id, most))
    connection.execute(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(drawn_to=upper))
    return True


def _upper(connection: sa.Connection, after: int, many: int) -> int | None:
    """The id up to which so many people are looked at; None where there is nobody left."""
    some = sa.select(people.c.id).where(people.c.id > after).order_by(people.c.id).limit(many).subquery()
    upper: int | None = connection.scalar(sa.select(sa.func.max(some.c.id)))
    return upper


def _within(chosen: sa.Select[Any], found: sa.Subquery, number: int, most: int) -> sa.Select[Any]:
    """Only those who may still be among the `most` with the smallest draws of their cell."""
    full = (
        sa.select(recipients.c.cell, sa.func.max(recipients.c.draw).label("bound"))
        .where(recipients.c.broadcast == number)
        .group_by(recipients.c.cell)
        .having(sa.func.count() >= most)
        .subquery("full")
    )
    return chosen.outerjoin(full, full.c.cell == found.c.cell).where(
        sa.or_(full.c.bound.is_(None), found.c.draw <= full.c.bound)
    )


def _trim(number: int, most: int) -> sa.Delete:
    """Take out whoever is not among the `most` of their cell."""
    place = sa.func.row_number().over(partition_by=recipients.c.cell, order_by=(recipients.c.draw, recipients.c.person))
    placed = sa.select(recipients.c.person, place.label("place")).where(recipients.c.broadcast == number).subquery()
    beyond = sa.select(placed.c.person).where(placed.c.place > most)
    return sa.delete(recipients).where(recipients.c.broadcast == number, recipients.c.person.in_(beyond))


def _drawn(connection: sa.Connection, row: Any, broadcast: Broadcast, now: datetime) -> bool:
    """Everybody is drawn: its channels are known now."""
    counted = (
        sa.select(recipients.c.channel, sa.func.count())
        .where(recipients.c.broadcast == row.id)
        .group_by(recipients.c.channel)
    )
    numbers = {row[0]: row[1] for row in connection.execute(counted)}
    start = {"broadcast": row.id, "draw": -1, "person": -1, "queued": 0, "left_out": 0}
    if numbers:
        connection.execute(sa.insert(broadcast_channels), [start | {"channel": channel} for channel in numbers])
    values = {"drawn_at": now, "people": sum(numbers.values())}
    connection.execute(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(values))
    log.info("broadcast drawn", broadcast=broadcast.name, people=sum(numbers.values()))
    return True
