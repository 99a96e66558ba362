"""Tables of actors, ties, attitudes and statements into the map: all of them, or nothing.

    read > match names > hold against the waves and against what is there > write

Which actor a name means: gateway/actors/names.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.actors import columns as tables
from gateway.actors.clearance import EVERYTHING, Viewer, seen_statements
from gateway.actors.names import Asked, Matching
from gateway.actors.profile import ASKED, ATTITUDE, KINDS, TIE
from gateway.actors.rows import Defaults, Reading, SourceRow, StatementRow
from gateway.actors.sheets import Sheet
from gateway.actors.writing import Writer, lock
from gateway.store.actor_tables import actor_statements
from gateway.store.guide_tables import actor_sources
from gateway.store.keys import Vault
from surveys.problem import Problem, SurveyError


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
    sessions: int
    waves: tuple[int, ...]


def import_map(
    connection: sa.Connection,
    vault: Vault,
    of_map: str,
    given: Sequence[Table],
    asked: Asked,
    defaults: Defaults,
    now: datetime,
    who: Viewer = EVERYTHING,
) -> Imported:
    """Bring tables into a map, in the caller's transaction. Raises SurveyError with everything that is wrong.

    `who` brings them: names are matched with those that they may see, and what is held against what is there, too.
    """
    reading = Reading(defaults)
    actor_rows = [row for one in given if one.holds == tables.NODES for row in reading.actors(one.file, one.sheet)]
    readers = {tables.TIES: reading.ties, tables.ATTITUDES: reading.attitudes, tables.STATEMENTS: reading.statements}
    said = [row for one in given if one.holds in readers for row in readers[one.holds](one.file, one.sheet)]
    sources = [row for one in given if one.holds == tables.SESSIONS for row in reading.sessions(one.file, one.sheet)]
    _refuse(reading.problems)
    lock(connection, of_map, now)
    matching = Matching(connection, vault, of_map, asked, who)
    matching.meet(actor_rows)
    statements = matching.placed(said)
    _refuse(matching.problems)
    statements += [
        StatementRow(row.cleared, row.wave, ASKED, matching.ref(row), state="present" if row.asked else "absent")
        for row in actor_rows
        if row.wave is not None
    ]
    store = Writer(connection, vault, of_map, now)
    store.write_actors({ref: one.row for ref, one in matching.known.items()}, matching.grown, matching.new, who.name)
    there, placed = _There(connection, of_map, who), list[StatementRow | SourceRow]([*statements, *sources])
    _refuse([*there.waves_in_order(placed), *there.twice(statements, matching.places), *there.again(sources)])
    store.write(statements)
    store.write_sources(sources)
    return Imported(
        len(matching.new),
        sum(row.kind == TIE for row in statements),
        sum(row.kind == ATTITUDE for row in statements),
        sum(row.kind not in (TIE, ATTITUDE, ASKED) for row in statements),
        len(sources),
        tuple(sorted({row.wave for row in placed})),
    )


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise SurveyError(found)


# Waves, and what is there twice -------------------------------------------------------------------------------------


class _There:
    """What is in a map already, as far as whoever brings something may see it."""

    def __init__(self, connection: sa.Connection, of_map: str, who: Viewer) -> None:
        self._connection = connection
        self._map = of_map
        self._who = who

    def waves_in_order(self, rows: Sequence[StatementRow | SourceRow]) -> Iterable[Problem]:
        seen = seen_statements(self._who, self._map, KINDS)
        held = set(self._connection.scalars(sa.select(actor_statements.c.wave).where(actor_statements.c.id.in_(seen))))
        for wave in sorted({row.wave for row in rows} - held) if held else ():
            if wave < max(held):
                first = next(row for row in rows if row.wave == wave)
                yield Problem(
                    first.cleared.file,
                    first.cleared.row,
                    1,
                    f"wave {wave} was never held, and wave {max(held)} is there already: waves come in their order; "
                    "mend the number",
                )

    def twice(self, statements: Sequence[StatementRow], names: Mapping[int, str]) -> Iterable[Problem]:
        """`names`: what files call whom, by row."""
        table = actor_statements.c
        columns = (table.wave, table.kind, table.actor, table.other, table.about, table.reporter, table.interview)
        seen = seen_statements(self._who, self._map, (TIE, ATTITUDE, ASKED))
        there = {
            (row.wave, row.kind, names[row.actor], names.get(row.other, ""), row.about, row.reporter, row.interview)
            for row in self._connection.execute(sa.select(*columns).where(table.id.in_(seen)))
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

    def again(self, sources: Sequence[SourceRow]) -> Iterable[Problem]:
        """One reporter describes a session once. That of another has the same name by chance."""
        table = actor_sources.c
        query = sa.select(table.interview, table.reporter).where(table.map == self._map)
        there = {tuple(row) for row in self._connection.execute(query)}
        for row in sources:
            key = (row.interview, row.cleared.reporter)
            if key in there:
                message = f"session '{row.interview}' is described already, by the same reporter; take one out"
                yield Problem(row.cleared.file, row.cleared.row, 1, message)
            there.add(key)


def _key(row: StatementRow) -> tuple[object, ...]:
    """What one reporter can say once in one interview. Words can be said several times."""
    return row.wave, row.kind, row.actor, row.other, row.about, row.cleared.reporter, row.interview


def _repeated(earlier: StatementRow, row: StatementRow) -> str:
    at = earlier.cleared.row
    if row.kind == TIE and not row.directed:
        if earlier.sign != row.sign:
            return (
                f"{row.actor} and {row.other} are tied with another sign in row {at}, by the same reporter; keep one, "
                "or say in `reporter` or `interview` who says which"
            )
        return f"row {at} says this already; take one out, or say --directed if these ties have a direction"
    if row.kind == ATTITUDE and earlier.attitude != row.attitude:
        return f"row {at} gives {row.actor} another attitude to {row.about}, by the same reporter; keep one"
    if row.kind == TIE and earlier.sign != row.sign:
        return f"row {at} gives this tie another sign, by the same reporter; keep one"
    return f"row {at} says this already; take one out"
