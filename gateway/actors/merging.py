"""Names that may be of one actor, and what a person says of them: that they are one, or two, or that one is also called
something. Nobody's guess merges anything, and nobody is asked about an actor whom they may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from gateway.actors import notes
from gateway.actors.clearance import MEDIATORS, NAMED, OWN, TEAM, Viewer
from gateway.actors.known import PURPOSE, Known, known_actors
from gateway.actors.names import folded
from gateway.actors.profile import Profile
from gateway.actors.writing import lock
from gateway.store import audit
from gateway.store.actor_tables import actor_readers, actor_statements, actors, statement_readers
from gateway.store.guide_tables import actors_apart
from gateway.store.keys import Vault
from gateway.store.note_tables import actor_notes
from surveys.match import normalise

ALIKE = 82
"""rapidfuzz's ratio of two names, words in any order, from which a person is asked."""

MOST = 50
"""Pairs that are asked about at once, the likest first."""


class MergeError(ValueError):
    """It can't be done. Its text is one sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two actors, and the two spellings that look alike."""

    one: Known
    other: Known
    spelled: str
    also: str
    alike: float


def suggestions(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> list[Pair]:
    """Pairs that this viewer may be asked about, without those that somebody has told apart."""
    known = sorted(known_actors(connection, vault, who, of_map).values(), key=lambda one: one.code)
    names = [(normalise(name), name, one) for one in known for name in _names(one.profile)]
    if len(names) < 2:
        return []
    plain = [matched for matched, *_ in names]
    scores = process.cdist(plain, plain, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
    apart = {tuple(row) for row in connection.execute(sa.select(actors_apart.c.one, actors_apart.c.other))}
    best: dict[tuple[str, str], Pair] = {}
    for place, after in zip(*scores.nonzero(), strict=True):
        (_, spelled, one), (_, also, other) = names[place], names[after]
        key = (one.code, other.code)
        if place >= after or one is other or _rows(one, other) in apart:
            continue
        alike = float(scores[place, after])
        if key not in best or alike > best[key].alike:
            best[key] = Pair(one, other, spelled, also, alike)
    return sorted(best.values(), key=lambda pair: (-pair.alike, pair.one.code, pair.other.code))[:MOST]


def keep_apart(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, codes: Sequence[str], now: datetime
) -> None:
    """These two are two. Raises MergeError."""
    one, other = _both(connection, vault, who, of_map, codes)
    there = sa.select(actors_apart.c.one).where(
        actors_apart.c.one == min(one.row, other.row), actors_apart.c.other == max(one.row, other.row)
    )
    if connection.scalar(there) is None:
        smaller, larger = _rows(one, other)
        row = {"one": smaller, "other": larger, "said_by": who.name, "at": now}
        connection.execute(sa.insert(actors_apart), row)
    audit.note(connection, who.name or "command line", "keep actors apart", f"{one.code} {other.code}", now)


def merge(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, keep: str, gone: str, now: datetime
) -> None:
    """They are one: what was said of `gone` is said of `keep`, which is called by both names. Raises MergeError.

    Nothing is seen by more people than before: what was said of somebody whom fewer may see stays for these, and so
    does the name.
    """
    lock(connection, of_map, now)
    kept, lost = _both(connection, vault, who, of_map, (keep, gone))
    clearance = {row.id: row.clearance for row in connection.execute(sa.select(actors.c.id, actors.c.clearance))}
    # By its code it is still found: it may stand on a list, or in an interview that goes on.
    names = (lost.code, *(_names(lost.profile) if clearance[lost.row] == TEAM else ()))
    sealed = vault.seal(_called(kept.profile, names).dumps(), PURPOSE)
    connection.execute(sa.update(actors).where(actors.c.id == kept.row).values(sealed_profile=sealed))
    _narrow(connection, lost.row, clearance[lost.row])
    notes.follow(connection, kept.row, lost.row, narrow=clearance[lost.row] != TEAM)
    _move(connection, kept.row, lost.row)
    audit.note(connection, who.name or "command line", "merge actors", f"{lost.code} into {kept.code}", now)


def call(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, code: str, name: str, now: datetime
) -> None:
    """Somebody is also called this. A name that is another actor's is none: names would lead in a circle."""
    lock(connection, of_map, now)
    known = known_actors(connection, vault, who, of_map)
    one = next((each for each in known.values() if each.code == code), None)
    alias = " ".join(name.split())
    if one is None or not folded(alias) or len(alias) > 120:
        raise MergeError("Choose an actor, and write another name of up to 120 letters.")
    owner = next((each for each in known.values() if folded(alias) in map(folded, _names(each.profile))), None)
    if owner is not None and owner is not one:
        raise MergeError(f"{alias} is {owner.profile.name} already: say that the two are one, or choose another name.")
    sealed = vault.seal(_called(one.profile, (alias,)).dumps(), PURPOSE)
    connection.execute(sa.update(actors).where(actors.c.id == one.row).values(sealed_profile=sealed))
    audit.note(connection, who.name or "command line", "name an actor", one.code, now)


def _names(profile: Profile) -> tuple[str, ...]:
    return (profile.name, *profile.aliases)


def _called(profile: Profile, names: Sequence[str]) -> Profile:
    aliases = {folded(name): name for name in (*names, *profile.aliases)}
    aliases.pop(folded(profile.name), None)
    return replace(profile, aliases=tuple(sorted(aliases.values())))


def _rows(one: Known, other: Known) -> tuple[int, int]:
    return min(one.row, other.row), max(one.row, other.row)


def _both(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, codes: Sequence[str]
) -> tuple[Known, Known]:
    by_code = {one.code: one for one in known_actors(connection, vault, who, of_map).values()}
    if len(codes) != 2 or codes[0] == codes[1] or not all(code in by_code for code in codes):
        raise MergeError("One of the two is not on the map any more: look at the list again.")
    return by_code[codes[0]], by_code[codes[1]]


_ALONE = {TEAM: OWN, MEDIATORS: OWN}


def _narrow(connection: sa.Connection, actor: int, level: str) -> None:
    """What was said of somebody, or noted, is for nobody who could not see them."""
    for audience, narrower in {MEDIATORS: {TEAM: MEDIATORS}, OWN: _ALONE, NAMED: _ALONE}.get(level, {}).items():
        noted = actor_notes.c.actor == actor, actor_notes.c.clearance == audience
        connection.execute(sa.update(actor_notes).where(*noted).values(clearance=narrower))
    about = sa.or_(actor_statements.c.actor == actor, actor_statements.c.other == actor)
    wider = {TEAM: (), MEDIATORS: (TEAM,), OWN: (TEAM, MEDIATORS), NAMED: (TEAM, MEDIATORS)}[level]
    if not wider:
        return
    if level == MEDIATORS:
        narrowed = sa.update(actor_statements).where(about, actor_statements.c.clearance.in_(wider))
        connection.execute(narrowed.values(clearance=MEDIATORS))
        return
    named = set(connection.scalars(sa.select(actor_readers.c.reader).where(actor_readers.c.actor == actor)))
    named |= set(connection.scalars(sa.select(actors.c.reporter).where(actors.c.id == actor))) - {""}
    rows = connection.execute(sa.select(actor_statements.c.id, actor_statements.c.clearance).where(about)).all()
    for row in rows:
        readers = sa.select(statement_readers.c.reader).where(statement_readers.c.statement == row.id)
        if row.clearance in wider:
            new = named
        elif row.clearance == NAMED:
            new = named & set(connection.scalars(readers))
        else:
            continue
        connection.execute(sa.delete(statement_readers).where(statement_readers.c.statement == row.id))
        values = {"clearance": NAMED}
        connection.execute(sa.update(actor_statements).where(actor_statements.c.id == row.id).values(values))
        if new:
            some = [{"statement": row.id, "reader": reader} for reader in sorted(new)]
            connection.execute(sa.insert(statement_readers), some)


def _move(connection: sa.Connection, kept: int, lost: int) -> None:
    """Statements to the one that stays; ties between the two go, and so does the other."""
    table = actor_statements.c
    between = sa.or_(
        sa.and_(table.actor == kept, table.other == lost), sa.and_(table.actor == lost, table.other == kept)
    )
    gone = list(connection.scalars(sa.select(table.id).where(between)))
    connection.execute(sa.delete(statement_readers).where(statement_readers.c.statement.in_(gone)))
    connection.execute(sa.delete(actor_statements).where(table.id.in_(gone)))
    for column in (table.actor, table.other):
        connection.execute(sa.update(actor_statements).where(column == lost).values({column.name: kept}))
    connection.execute(sa.update(actor_notes).where(actor_notes.c.actor == lost).values(actor=kept))
    connection.execute(sa.delete(actors_apart).where(sa.or_(actors_apart.c.one == lost, actors_apart.c.other == lost)))
    connection.execute(sa.delete(actor_readers).where(actor_readers.c.actor == lost))
    connection.execute(sa.delete(actors).where(actors.c.id == lost))
