"""Who may see what of the map. What is not cleared is left out by the query, before anything is drawn or counted.

    team        whoever works on the map: mediators and focal points
    mediators   mediators
    own         whoever reported it
    named       the people named with it

Who reported a statement sees it in any case. A statement is seen by who may see it and every actor that it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.accounts.roles import Role, Signed
from gateway.store.actor_tables import actor_readers, actor_statements, actors, statement_readers
from gateway.store.guide_tables import actor_sources

TEAM, MEDIATORS, OWN, NAMED = "team", "mediators", "own", "named"
CLEARANCES = (TEAM, MEDIATORS, OWN, NAMED)


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom a map is read. `everything` is whoever holds the keys, on the command line."""

    name: str
    team: bool = False
    mediator: bool = False
    everything: bool = False


EVERYTHING = Viewer("", everything=True)


def viewer(signed: Signed) -> Viewer:
    mediator = signed.has(Role.MEDIATOR)
    return Viewer(signed.name, team=mediator or signed.has(Role.FOCAL_POINT), mediator=mediator)


def seen_actors(who: Viewer, of_map: str) -> sa.Select[tuple[int]]:
    """The rows of the actors of a map that this viewer may see."""
    named = sa.select(actor_readers.c.actor).where(actor_readers.c.reader == who.name)
    chosen = sa.select(actors.c.id).where(actors.c.map == of_map)
    return chosen if who.everything else chosen.where(_cleared(actors, who, named))


def seen_statements(who: Viewer, of_map: str, kinds: Sequence[str]) -> sa.Select[tuple[int]]:
    """The rows of the statements of these kinds that this viewer may see."""
    visible = seen_actors(who, of_map)
    named = sa.select(statement_readers.c.statement).where(statement_readers.c.reader == who.name)
    table = actor_statements.c
    chosen = sa.select(table.id).where(
        table.map == of_map,
        table.kind.in_(kinds),
        table.actor.in_(visible),
        sa.or_(table.other.is_(None), table.other.in_(visible)),
    )
    return chosen if who.everything else chosen.where(_cleared(actor_statements, who, named))


def seen_sources(who: Viewer, of_map: str) -> sa.Select[tuple[int]]:
    """The rows of interviews and discussions that this viewer may see: none is for named people."""
    nobody = sa.select(actor_sources.c.id).where(sa.false())
    chosen = sa.select(actor_sources.c.id).where(actor_sources.c.map == of_map)
    return chosen if who.everything else chosen.where(_cleared(actor_sources, who, nobody))


def _cleared(table: sa.Table, who: Viewer, named: sa.Select[tuple[int]]) -> sa.ColumnElement[bool]:
    open_to = [level for level, is_in in ((TEAM, who.team), (MEDIATORS, who.mediator)) if is_in]
    return sa.or_(
        table.c.clearance.in_(open_to),
        sa.and_(table.c.reporter == who.name, table.c.reporter != ""),
        sa.and_(table.c.clearance == NAMED, table.c.id.in_(named)),
    )
