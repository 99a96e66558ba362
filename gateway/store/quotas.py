"""Quotas: how many of a cell were heard, and who holds a place in it.

A place is taken by one conditional UPDATE, so that no cell overshoots however many processes do it at once: the row is
locked until the taker's transaction ends, and the next one sees what came of it. Two that want two cells in opposite
order can deadlock on PostgreSQL; the database ends one of them, and the intake does it again.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import sqlalchemy as sa

from gateway.store.database import insert_ignoring
from gateway.store.poll_tables import quota_cells, quota_places
from surveys.model import Question

_of_cell = (
    quota_cells.c.survey == sa.bindparam("of_survey"),
    quota_cells.c.wave == sa.bindparam("of_wave"),
    quota_cells.c.cell == sa.bindparam("of_cell"),
)
_take = (
    sa.update(quota_cells)
    .where(*_of_cell, quota_cells.c.taken < sa.bindparam("most"))
    .values(taken=quota_cells.c.taken + 1)
)
_give = sa.update(quota_cells).where(*_of_cell).values(taken=quota_cells.c.taken - 1)
_leave = (
    sa.delete(quota_places)
    .where(quota_places.c.conversation == sa.bindparam("of"))
    .returning(quota_places.c.survey, quota_places.c.wave, quota_places.c.cell)
)


_PLACE = re.compile(r", at=\d+")
"""Where a part of a condition stood in its source, which is no part of what it says."""


def cell_name(question: Question) -> str:
    """A cell is the same in every version of a poll that gives it the same id and the same condition."""
    said = _PLACE.sub("", repr(question.when)).encode()
    condition = hashlib.sha256(said).hexdigest()[:16] if question.when else ""
    return f"{question.id[:64]}:{condition}"


def take(
    connection: sa.Connection, survey: str, wave: int, cell: str, limit: int, conversation: int, now: datetime
) -> bool:
    """Take a place for this conversation; False where none is left. One that has a place keeps it."""
    held = sa.select(quota_places.c.cell).where(
        quota_places.c.conversation == conversation, quota_places.c.cell == cell
    )
    if connection.execute(held).first() is not None:
        return True
    named = {"of_survey": survey, "of_wave": wave, "of_cell": cell}
    if not connection.execute(_take, {**named, "most": limit}).rowcount:
        # Full, or nobody asked for it yet.
        row = {"survey": survey, "wave": wave, "cell": cell, "taken": 0}
        connection.execute(insert_ignoring(connection.dialect.name, quota_cells), row)
        if not connection.execute(_take, {**named, "most": limit}).rowcount:
            return False
    place = {"conversation": conversation, "cell": cell, "survey": survey, "wave": wave, "at": now}
    connection.execute(sa.insert(quota_places), place)
    return True


def give_back(connection: sa.Connection, conversation: int) -> None:
    """Let the next one have the places of this conversation: it ended, and was not completed."""
    for row in sorted(map(tuple, connection.execute(_leave, {"of": conversation}))):
        survey, wave, cell = row
        connection.execute(_give, {"of_survey": survey, "of_wave": wave, "of_cell": cell})
