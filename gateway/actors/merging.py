"""Names that may be of one actor, and what a person says of them: that they are one, or two, or that one is also called
something. Nobody's guess merges anything, and nobody is asked about an actor whom they may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from gateway.actors.clearance import Viewer
from gateway.actors.known import PURPOSE, Known, known_actors
from gateway.actors.profile import Profile, folded
from gateway.actors.writing import lock
from gateway.store import audit
from gateway.store.actor_tables import actors
from gateway.store.guide_tables import actors_apart
from gateway.store.keys import Vault
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

    Nothing is moved, so that it can be undone, and that nothing is seen by more people than before: what was said of
    somebody, and their names, are for whoever may see them.
    """
    lock(connection, of_map, now)
    kept, lost = _both(connection, vault, who, of_map, (keep, gone))
    end = kept.row
    while (onward := connection.scalar(sa.select(actors.c.same_as).where(actors.c.id == end))) is not None:
        if onward == lost.row:  # through one whom whoever merges may not see: it would be a ring
            _same(connection, end, None)
            break
        end = onward
    _same(connection, lost.row, kept.row)
    audit.note(connection, who.name or "command line", "merge actors", f"{lost.code} into {kept.code}", now)


def part(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, code: str, now: datetime) -> None:
    """They are two after all: what was said of each before is its own again. What came in since under either name stays
    with the one it came in for. Raises MergeError."""
    lock(connection, of_map, now)
    found = merged(connection, vault, who, of_map)
    one = next(((kept, lost) for kept, lost in found if lost.code == code), None)
    if one is None:
        raise MergeError("These two are not one any more: look at the list again.")
    kept, lost = one
    _same(connection, lost.row, None)
    audit.note(connection, who.name or "command line", "part actors", f"{lost.code} from {kept.code}", now)


def merged(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> list[tuple[Known, Known]]:
    """Whom somebody has said to be one, as far as this viewer may see both: the one that stays, and the other."""
    known = known_actors(connection, vault, who, of_map).values()
    return [(one, lost) for one in known for lost in one.merged]


def _same(connection: sa.Connection, row: int, as_row: int | None) -> None:
    connection.execute(sa.update(actors).where(actors.c.id == row).values(same_as=as_row))


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
    sealed = vault.seal(one.written.called((alias,)).dumps(), PURPOSE)
    connection.execute(sa.update(actors).where(actors.c.id == one.row).values(sealed_profile=sealed))
    audit.note(connection, who.name or "command line", "name an actor", one.code, now)


def _names(profile: Profile) -> tuple[str, ...]:
    return (profile.name, *profile.aliases)


def _rows(one: Known, other: Known) -> tuple[int, int]:
    return min(one.row, other.row), max(one.row, other.row)


def _both(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, codes: Sequence[str]
) -> tuple[Known, Known]:
    by_code = {one.code: one for one in known_actors(connection, vault, who, of_map).values()}
    if len(codes) != 2 or codes[0] == codes[1] or not all(code in by_code for code in codes):
        raise MergeError("One of the two is not on the map any more: look at the list again.")
    return by_code[codes[0]], by_code[codes[1]]
