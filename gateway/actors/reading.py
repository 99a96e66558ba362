"""The map as one viewer may see it: what is not cleared for them is never read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from analysis.actors.reports import ATTITUDE_COLUMNS, TIE_COLUMNS, Actor, Reports, empty_attitudes, empty_ties
from gateway.actors.clearance import Viewer, seen_sources, seen_statements
from gateway.actors.known import PURPOSE, Known, by_rows, known_actors
from gateway.actors.profile import ASKED, ATTITUDE, KINDS, TIE, WORDED
from gateway.store.actor_tables import actor_statements
from gateway.store.guide_tables import actor_sources
from gateway.store.keys import Vault


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that is mainly words. Sources are not told: `reporter` is only for who reported it."""

    wave: int
    kind: str
    actor: str
    about: str
    text: str
    strength: float
    confidence: float


def reports(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, known: Mapping[int, Known] | None = None
) -> Reports:
    """What this viewer may see, as analysis.actors takes it. `known` are the actors whom they see, once opened."""
    known = known_actors(connection, vault, who, of_map) if known is None else known
    refs = {row: one.profile.ref for row, one in by_rows(known).items()}
    table = actor_statements.c
    ties = _frame(
        connection.execute(
            sa.select(
                table.wave,
                table.actor,
                table.other,
                table.about,
                table.sign,
                table.strength,
                table.directed,
                table.state,
                table.reporter,
                table.confidence,
            ).where(table.id.in_(seen_statements(who, of_map, (TIE,))))
        ),
        TIE_COLUMNS,
    )
    said = _frame(
        connection.execute(
            sa.select(table.wave, table.actor, table.about, table.attitude, table.reporter, table.confidence).where(
                table.id.in_(seen_statements(who, of_map, (ATTITUDE,)))
            )
        ),
        ATTITUDE_COLUMNS,
    )
    if not who.everything:
        ties, said = _without_sources(ties, said)
    asked = connection.execute(
        sa.select(table.wave, table.actor, table.state).where(table.id.in_(seen_statements(who, of_map, (ASKED,))))
    ).all()
    return Reports(
        tuple(Actor(one.profile.ref, one.profile.name, _groups(one)) for one in known.values()),
        _in_order(ties, refs) if len(ties) else empty_ties(),
        _of_actors(said, refs) if len(said) else empty_attitudes(),
        _asked(asked, refs),
    )


def words(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, known: Mapping[int, Known] | None = None
) -> tuple[Said, ...]:
    """Interests, positions, needs, fears, values, powers and drivers that this viewer may see."""
    known = by_rows(known_actors(connection, vault, who, of_map) if known is None else known)
    chosen = sa.select(actor_statements).where(actor_statements.c.id.in_(seen_statements(who, of_map, WORDED)))
    found = [
        Said(
            row.wave,
            row.kind,
            known[row.actor].profile.ref,
            row.about,
            vault.open_text(row.sealed_text, PURPOSE) if row.sealed_text is not None else "",
            row.strength if row.strength is not None else 1.0,
            row.confidence,
        )
        for row in connection.execute(chosen)
    ]
    return tuple(sorted(found, key=lambda said: (said.wave, said.actor, said.kind, said.about, said.text)))


def _frame(rows: sa.CursorResult[Any], columns: Sequence[str]) -> pd.DataFrame:
    # Column by column, some rows at a time: pandas looks a Row over for a second where there are many.
    found: dict[str, list[Any]] = {column: [] for column in columns}
    for some in rows.partitions(2_000):
        for values, more in zip(found.values(), zip(*some, strict=True), strict=True):
            values.extend(more)
    return pd.DataFrame(found)


@dataclass(frozen=True, slots=True, order=True)
class Heard:
    """Where something was heard: how many were there (0: not known), who they were, and what those said who saw it
    otherwise. Whose session it was is not told."""

    wave: int
    kind: str
    size: int
    composition: str
    dissent: str


def sources(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> tuple[Heard, ...]:
    """Interviews and discussions that this viewer may see."""
    return tuple(heard_in(connection, vault, who, of_map).values())


def heard_in(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, actor: Known | None = None
) -> dict[tuple[str, str], Heard]:
    """The same by interview and reporter, which are told to nobody, in one order; with `actor`, those that bore a
    report on this one that they may see."""

    def text(sealed: bytes | None) -> str:
        return vault.open_text(sealed, PURPOSE) if sealed is not None else ""

    chosen = sa.select(actor_sources).where(actor_sources.c.id.in_(seen_sources(who, of_map)))
    if actor is not None:
        said = actor_statements.c
        bore = sa.exists().where(
            said.id.in_(seen_statements(who, of_map, KINDS)),
            said.interview == actor_sources.c.interview,
            said.reporter == actor_sources.c.reporter,
            sa.or_(said.actor.in_(actor.rows), said.other.in_(actor.rows)),
        )
        chosen = chosen.where(bore)
    found = {
        (row.interview, row.reporter): Heard(
            row.wave, row.kind, row.size or 0, text(row.sealed_composition), text(row.sealed_dissent)
        )
        for row in connection.execute(chosen)
    }
    return dict(sorted(found.items(), key=lambda each: (each[1], each[0])))


def _groups(one: Known) -> Mapping[str, str]:
    own = {"kind": one.kind, "area": one.profile.area}
    return {**{name: value for name, value in own.items() if value}, **one.profile.groups}


def _in_order(ties: pd.DataFrame, refs: Mapping[int, str]) -> pd.DataFrame:
    """Of an undirected tie the smaller name first; rows in one order, whatever else is in the database. What was said
    of two who are one is no tie."""
    found = ties.assign(source=ties["source"].map(refs), target=ties["target"].map(refs))
    found = found[found["source"] != found["target"]]
    swapped = ~found["directed"].astype(bool) & (found["source"] > found["target"])
    found.loc[swapped, ["source", "target"]] = found.loc[swapped, ["target", "source"]].to_numpy()
    typed = found.astype({"sign": "int8", "directed": "bool", "strength": "float64"})
    return typed.sort_values(list(TIE_COLUMNS), ignore_index=True)


def _of_actors(said: pd.DataFrame, refs: Mapping[int, str]) -> pd.DataFrame:
    found = said.assign(actor=said["actor"].map(refs)).astype({"attitude": "float64"})
    return found.sort_values(list(ATTITUDE_COLUMNS), ignore_index=True)


def _without_sources(*tables: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Who reported what is not told; that two reports have one source is."""
    names = sorted({name for table in tables for name in table["reporter"].unique()} - {""})
    called = {"": "", **{name: f"source {number}" for number, name in enumerate(names, start=1)}}
    return (table.assign(reporter=table["reporter"].map(called)) for table in tables)


def _asked(rows: object, refs: Mapping[int, str]) -> Mapping[int, frozenset[str]]:
    waves: dict[int, set[str]] = {}
    for wave, actor, state in rows:  # type: ignore[attr-defined]  # rows of three
        members = waves.setdefault(wave, set())
        if state == "present":
            members.add(refs[actor])
    return {wave: frozenset(members) for wave, members in sorted(waves.items())}
