"""The ledger of what became of each person: one function moves, everything else only reads.

    move(connection, [Move(person, "displaced", 1, "completed", "answered")], now)

A move that surveys/disposition.py does not allow changes nothing and is logged: the intake goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
import structlog

from gateway.store import many
from gateway.store.database import among
from gateway.store.poll_tables import dispositions, respondents
from surveys.disposition import NOBODY, further, is_allowed

log = structlog.get_logger(__name__)

Key = tuple[int, str, int]
"""Person, survey, wave."""

_KEY = ("person", "survey", "wave")


@dataclass(frozen=True, slots=True)
class Move:
    """One person becomes `after` in one wave of a survey. `why` is a few words, never of what was said."""

    person: int
    survey: str
    wave: int
    after: str
    why: str

    @property
    def key(self) -> Key:
        return self.person, self.survey, self.wave


REGISTERED = "registered"
AT_ONCE = 5_000
_BEGINS = frozenset({REGISTERED, "started"})
"""Who becomes one of these may be unknown until now; who starts is registered first."""


@cache
def _held(dialect: str) -> sa.Select[Any]:
    return (
        sa.select(respondents)
        .where(among(dialect, respondents.c.person, "people"))
        .order_by(respondents.c.person, respondents.c.survey, respondents.c.wave)  # two at once can't deadlock
        .with_for_update()
    )


def move(connection: sa.Connection, moves: Sequence[Move], now: datetime) -> int:
    """Make these moves, in this order, in the caller's transaction. Returns how many were made.

    Where a person has that disposition already, nothing is done. At most four statements, however many moves, and one
    that waits for an answer.
    """
    if not moves:
        return 0
    with many.together(connection):
        return _move(connection, moves, now)


def _move(connection: sa.Connection, moves: Sequence[Move], now: datetime) -> int:
    rows: list[dict[str, object]] = []
    beginning = sorted({each.key for each in moves if each.after in _BEGINS})
    if beginning:
        new = many.insert_new(connection, respondents, [_respondent(key, REGISTERED, now) for key in beginning], *_KEY)
    found = many.ask(connection, _held(connection.dialect.name), sorted({each.person for each in moves}))
    if beginning:
        whys = {each.key: each.why for each in reversed(moves)}
        rows += [_row(key, NOBODY, REGISTERED, whys[key], now) for key in sorted(map(tuple, new()))]
    made = len(rows)
    held = {(row.person, row.survey, row.wave): row.disposition for row in found()}
    changed: dict[Key, str] = {}
    for each in moves:
        before = held.get(each.key, NOBODY)
        if before == each.after:
            continue
        if not is_allowed(before, each.after):
            log.warning("disposition refused", survey=each.survey, wave=each.wave, before=before, after=each.after)
            continue
        held[each.key] = changed[each.key] = each.after
        rows.append(_row(each.key, before, each.after, each.why, now))
        made += 1
    if changed:
        many.update(connection, respondents, [_respondent(*each, now) for each in changed.items()], *_KEY)
    if rows:
        many.insert(connection, dispositions, rows)
    return made


def join(connection: sa.Connection, own: int, other: int, now: datetime) -> None:
    """`own` turned out to be `other`: of each poll and wave the disposition that goes further counts.

    The ledger keeps what it says of the old pseudonym, and says that it was linked.
    """
    theirs = connection.execute(
        sa.select(respondents).where(respondents.c.person.in_((own, other))).order_by(respondents.c.person)
    ).all()
    held = {(row.survey, row.wave): row.disposition for row in theirs if row.person == other}
    mine = [row for row in theirs if row.person == own]
    if not mine:
        return
    rows: list[dict[str, object]] = []
    for row in mine:
        key, before = (other, row.survey, row.wave), held.get((row.survey, row.wave), NOBODY)
        after = further(before, row.disposition)
        rows.append(_row((own, row.survey, row.wave), row.disposition, NOBODY, "linked", now))
        if before == NOBODY:
            connection.execute(sa.insert(respondents), _respondent(key, after, now))
        elif before != after:
            many.update(connection, respondents, [_respondent(key, after, now)], *_KEY)
        if before != after:
            rows.append(_row(key, before, after, "linked", now))
    connection.execute(sa.delete(respondents).where(respondents.c.person == own))
    many.insert(connection, dispositions, rows)


def counts(connection: sa.Connection) -> dict[tuple[str, int], dict[str, int]]:
    """How many people have each disposition, by survey and wave."""
    table = respondents.c
    counted = sa.select(table.survey, table.wave, table.disposition, sa.func.count()).group_by(
        table.survey, table.wave, table.disposition
    )
    found: dict[tuple[str, int], dict[str, int]] = {}
    for survey, wave, disposition, number in connection.execute(counted):
        found.setdefault((survey, wave), {})[disposition] = number
    return found


# What broadcasts say of those whom they ask --------------------------------------------------------------------------


def register(connection: sa.Connection, survey: str, wave: int, people: Iterable[int], now: datetime) -> int:
    """These are to be asked. Returns how many were not known to this wave before. Two statements for a few thousand:
    who is known already stays what they are."""
    several, made = sorted(set(people)), 0
    for start in range(0, len(several), AT_ONCE):
        keys = [(person, survey, wave) for person in several[start : start + AT_ONCE]]
        new = many.insert_new(connection, respondents, [_respondent(key, REGISTERED, now) for key in keys], "person")
        rows = [_row((person, survey, wave), NOBODY, REGISTERED, "to be asked", now) for (person,) in sorted(new())]
        if rows:
            many.insert(connection, dispositions, rows)
        made += len(rows)
    return made


def contacted(connection: sa.Connection, survey: str, wave: int, people: Iterable[int], now: datetime) -> int:
    return _all(connection, survey, wave, people, "contacted", "invited", now)


def unresponsive(connection: sa.Connection, survey: str, wave: int, people: Iterable[int], now: datetime) -> int:
    return _all(connection, survey, wave, people, "unresponsive", "no answer", now)


def failed(connection: sa.Connection, survey: str, wave: int, people: Iterable[int], now: datetime) -> int:
    return _all(connection, survey, wave, people, "failed", "not delivered", now)


def _all(
    connection: sa.Connection, survey: str, wave: int, people: Iterable[int], after: str, why: str, now: datetime
) -> int:
    several = sorted(set(people))
    return sum(
        move(connection, [Move(person, survey, wave, after, why) for person in several[start : start + 500]], now)
        for start in range(0, len(several), 500)
    )


def _respondent(key: Key, disposition: str, since: datetime) -> dict[str, object]:
    return {"person": key[0], "survey": key[1], "wave": key[2], "disposition": disposition, "since": since}


def _row(key: Key, before: str, after: str, why: str, now: datetime) -> dict[str, object]:
    person, survey, wave = key
    return {
        "person": person,
        "survey": survey,
        "wave": wave,
        "before": before,
        "after": after,
        "why": why[:64],
        "at": now,
    }
