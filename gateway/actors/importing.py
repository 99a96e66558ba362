"""Tables of actors, ties, attitudes and statements into the map: all of them, or nothing.

    read > match names > hold against the waves and against what is there > write

Which actor a name means: gateway/actors/names.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.actors import rows as tables
from gateway.actors.names import Asked, Matching
from gateway.actors.profile import ASKED, ATTITUDE, TIE
from gateway.actors.reading import PURPOSE
from gateway.actors.rows import Defaults, Reading, StatementRow
from gateway.actors.sheets import Sheet
from gateway.store.actor_tables import actor_maps, actor_readers, actor_statements, actors, statement_readers
from gateway.store.database import insert_ignoring
from gateway.store.keys import Vault
from surveys.problem import Problem, SurveyError

CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 5
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet, what it holds (one of `rows.COLUMNS`), and the file it came from."""

    file: str
    holds: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Imported:
    """How much came in."""

    actors: int
    ties: int
    attitudes: int
    statements: int
    waves: tuple[int, ...]


def import_map(
    connection: sa.Connection,
    vault: Vault,
    of_map: str,
    given: Sequence[Table],
    asked: Asked,
    defaults: Defaults,
    now: datetime,
) -> Imported:
    """Bring tables into a map, in the caller's transaction. Raises SurveyError with everything that is wrong."""
    reading = Reading(defaults)
    actor_rows = [row for one in given if one.holds == tables.NODES for row in reading.actors(one.file, one.sheet)]
    readers = {tables.TIES: reading.ties, tables.ATTITUDES: reading.attitudes, tables.STATEMENTS: reading.statements}
    said = [row for one in given if one.holds in readers for row in readers[one.holds](one.file, one.sheet)]
    _refuse(reading.problems)
    _lock(connection, of_map, now)
    matching = Matching(connection, vault, of_map, asked)
    matching.meet(actor_rows)
    statements = matching.placed(said)
    _refuse(matching.problems)
    statements += [
        StatementRow(row.cleared, row.wave, ASKED, matching.ref(row), state="present" if row.asked else "absent")
        for row in actor_rows
        if row.wave is not None
    ]
    store = _Store(connection, vault, of_map, now)
    made = store.write_actors(matching)
    problems = [*_waves_in_order(connection, of_map, statements), *_twice(connection, of_map, statements, store.places)]
    _refuse(problems)
    store.write(statements)
    return Imported(
        made,
        sum(row.kind == TIE for row in statements),
        sum(row.kind == ATTITUDE for row in statements),
        sum(row.kind not in (TIE, ATTITUDE, ASKED) for row in statements),
        tuple(sorted({row.wave for row in statements})),
    )


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise SurveyError(found)


def _lock(connection: sa.Connection, of_map: str, now: datetime) -> None:
    """Make the map where it is new, and let nobody else change it meanwhile."""
    connection.execute(insert_ignoring(connection.dialect.name, actor_maps), {"name": of_map, "changed_at": now})
    connection.execute(sa.update(actor_maps).where(actor_maps.c.name == of_map).values(changed_at=now))


# Waves, and what is there twice -------------------------------------------------------------------------------------


def _waves_in_order(connection: sa.Connection, of_map: str, statements: Sequence[StatementRow]) -> Iterable[Problem]:
    waves = sa.select(actor_statements.c.wave).where(actor_statements.c.map == of_map).distinct()
    held = set(connection.scalars(waves))
    if not held:
        return
    for wave in sorted({row.wave for row in statements} - held):
        if wave < max(held):
            first = next(row for row in statements if row.wave == wave)
            yield Problem(
                first.cleared.file,
                first.cleared.row,
                1,
                f"wave {wave} was never held, and wave {max(held)} is there already: waves come in their order; "
                "mend the number",
            )


def _key(row: StatementRow) -> tuple[object, ...]:
    """What one reporter can say once in one interview. Words can be said several times."""
    return row.wave, row.kind, row.actor, row.other, row.about, row.cleared.reporter, row.interview


def _twice(
    connection: sa.Connection, of_map: str, statements: Sequence[StatementRow], places: Mapping[str, int]
) -> Iterable[Problem]:
    names = {place: ref for ref, place in places.items()}
    table = actor_statements.c
    columns = (table.wave, table.kind, table.actor, table.other, table.about, table.reporter, table.interview)
    there = {
        (row.wave, row.kind, names[row.actor], names.get(row.other, ""), row.about, row.reporter, row.interview)
        for row in connection.execute(
            sa.select(*columns).where(table.map == of_map, table.kind.in_((TIE, ATTITUDE, ASKED)))
        )
    }
    first: dict[tuple[object, ...], StatementRow] = {}
    for row in statements:
        if row.kind not in (TIE, ATTITUDE, ASKED):
            continue
        key = _key(row)
        if key in there:
            message = "this is in the map already, by the same reporter in the same wave; take the row out"
            yield Problem(row.cleared.file, row.cleared.row, 1, message)
        elif (earlier := first.setdefault(key, row)) is not row:
            yield Problem(row.cleared.file, row.cleared.row, 1, _repeated(earlier, row))


def _repeated(earlier: StatementRow, row: StatementRow) -> str:
    at = earlier.cleared.row
    if row.kind == TIE and not row.directed:
        if earlier.sign != row.sign:
            return (
                f"{row.actor} and {row.other} are tied with another sign in row {at}, by the same reporter; keep one, "
                "or say in `reporter` or `interview` who says which"
            )
        return f"row {at} says this already; take one out, or say `yes` in `directed` if the tie has a direction"
    if row.kind == ATTITUDE and earlier.attitude != row.attitude:
        return f"row {at} gives {row.actor} another attitude to {row.about}, by the same reporter; keep one"
    if row.kind == TIE and earlier.sign != row.sign:
        return f"row {at} gives this tie another sign, by the same reporter; keep one"
    return f"row {at} says this already; take one out"


# Writing ------------------------------------------------------------------------------------------------------------


class _Store:
    def __init__(self, connection: sa.Connection, vault: Vault, of_map: str, now: datetime) -> None:
        self._connection = connection
        self._vault = vault
        self._map = of_map
        self._now = now
        self.places: dict[str, int] = {}

    def write_actors(self, matching: Matching) -> int:
        """Returns how many are new."""
        used = set(self._connection.scalars(sa.select(actors.c.code).where(actors.c.map == self._map)))
        self.places = {ref: row for ref, (row, _) in matching.known.items()}
        for ref, grown in matching.grown.items():
            self._connection.execute(
                sa.update(actors)
                .where(actors.c.id == self.places[ref])
                .values(sealed_profile=self._vault.seal(grown.dumps(), PURPOSE))
            )
        for ref, row in matching.new.items():
            code = _code(self._vault.fingerprint("actor", f"{self._map}\0{ref}")[-16:], used)
            used.add(code)
            self.places[ref] = self._connection.execute(
                sa.insert(actors).returning(actors.c.id),
                {
                    "map": self._map,
                    "code": code,
                    "kind": row.kind,
                    "sealed_profile": self._vault.seal(row.profile.dumps(), PURPOSE),
                    "clearance": row.cleared.clearance,
                    "reporter": row.cleared.reporter,
                    "made_at": self._now,
                },
            ).scalar_one()
            readers = [{"actor": self.places[ref], "reader": reader} for reader in row.cleared.readers]
            if readers:
                self._connection.execute(sa.insert(actor_readers), readers)
        return len(matching.new)

    def write(self, statements: Sequence[StatementRow]) -> None:
        plain = [row for row in statements if not row.cleared.readers]
        for start in range(0, len(plain), BATCH):
            self._connection.execute(
                sa.insert(actor_statements), [self._row(row) for row in plain[start : start + BATCH]]
            )
        for row in statements:
            if row.cleared.readers:
                made = self._connection.execute(
                    sa.insert(actor_statements).returning(actor_statements.c.id), self._row(row)
                ).scalar_one()
                readers = [{"statement": made, "reader": reader} for reader in set(row.cleared.readers)]
                self._connection.execute(sa.insert(statement_readers), readers)

    def _row(self, row: StatementRow) -> dict[str, Any]:
        return {
            "map": self._map,
            "wave": row.wave,
            "kind": row.kind,
            "actor": self.places[row.actor],
            "other": self.places[row.other] if row.other else None,
            "about": row.about,
            "state": row.state,
            "sign": row.sign,
            "strength": row.strength,
            "directed": row.directed,
            "attitude": row.attitude,
            "sealed_text": self._vault.seal(row.text, PURPOSE) if row.text else None,
            "confidence": row.confidence,
            "reporter": row.cleared.reporter,
            "interview": row.interview,
            "clearance": row.cleared.clearance,
            "made_at": self._now,
        }


def _code(keyed: bytes, used: set[str]) -> str:
    """Neither counted nor drawn: a gap between two numbers would tell of an actor that somebody may not see, and a code
    that hung on who was there before would, too."""
    number = int.from_bytes(keyed)
    while True:
        number, letters = number // 7, number
        code = ""
        for _ in range(CODE_LENGTH):
            letters, one = divmod(letters, len(CODE_LETTERS))
            code += CODE_LETTERS[one]
        if code not in used:
            return code
