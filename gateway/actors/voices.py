"""What was reported about one actor, report by report and side by side, each with where it was heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.actors.clearance import Viewer, seen_statements
from gateway.actors.known import PURPOSE, Known, by_rows
from gateway.actors.profile import ATTITUDE, TIE, WORDED
from gateway.actors.reading import Heard, heard_in
from gateway.store.actor_tables import actor_statements
from gateway.store.keys import Vault


@dataclass(frozen=True, slots=True)
class Report:
    """One report on an actor. `other`: of a tie, what files call the other end; `way`: "to" it or "from" it where the
    tie has a direction. `heard`: the place of its interview or discussion among those that the viewer may see, from 1;
    0 where they may not. Who reported it is not told."""

    wave: int
    kind: str
    about: str
    other: str
    way: str
    state: str
    sign: int
    strength: float
    attitude: float | None
    confidence: float
    text: str
    heard: int


def voices(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, actor: Known, known: Mapping[int, Known]
) -> tuple[tuple[Report, ...], tuple[Heard, ...]]:
    """Everything that this viewer may see of what was reported about an actor, and where it was heard. `known`: the
    actors whom they see, by row."""
    of, table = by_rows(known), actor_statements.c
    places = heard_in(connection, vault, who, of_map, actor)
    number = {source: place for place, source in enumerate(places, start=1)}
    chosen = sa.select(actor_statements).where(
        table.id.in_(seen_statements(who, of_map, (TIE, ATTITUDE, *WORDED))),
        sa.or_(table.actor.in_(actor.rows), table.other.in_(actor.rows)),
    )
    found = []
    for row in connection.execute(chosen):
        comes = row.actor not in actor.rows
        other = of.get(row.actor if comes else row.other)
        if other is of[actor.row]:
            continue  # of two who are one
        found.append(
            Report(
                row.wave,
                row.kind,
                row.about,
                "" if other is None else other.profile.ref,
                "" if not row.directed else "from" if comes else "to",
                row.state,
                row.sign or 0,
                1.0 if row.strength is None else row.strength,
                row.attitude,
                row.confidence,
                vault.open_text(row.sealed_text, PURPOSE) if row.sealed_text is not None else "",
                number.get((row.interview, row.reporter), 0),
            )
        )
    return tuple(sorted(found, key=_order)), tuple(places.values())


def _order(one: Report) -> tuple[object, ...]:
    """One order, whatever else is in the database."""
    level = -9.0 if one.attitude is None else one.attitude
    place = one.wave, one.kind, one.about, one.other, one.way
    return (*place, one.state, one.sign, one.strength, level, one.confidence, one.text, one.heard)
