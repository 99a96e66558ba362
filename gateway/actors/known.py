"""The actors of a map whom one viewer may know of. In a file of its own, because guides and the commands must not wait
for what reads and measures maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from gateway.actors.clearance import Viewer, seen_actors
from gateway.actors.profile import Profile
from gateway.store.actor_tables import actors
from gateway.store.keys import Vault

PURPOSE = "actor"


@dataclass(frozen=True, slots=True)
class Known:
    """An actor as the map has it. `code` stands for it where a name may not be read."""

    row: int
    code: str
    kind: str
    profile: Profile


def known_actors(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> dict[int, Known]:
    """By row, sorted by what files call them."""
    chosen = sa.select(actors).where(actors.c.id.in_(seen_actors(who, of_map)))
    found = [
        Known(row.id, row.code, row.kind, Profile.loads(vault.open_text(row.sealed_profile, PURPOSE)))
        for row in connection.execute(chosen)
    ]
    return {known.row: known for known in _told_apart(sorted(found, key=lambda one: (one.profile.ref, one.code)))}


def _told_apart(known: Sequence[Known]) -> Iterator[Known]:
    """Of two who are called the same, because whoever made one could not see the other, one has its code beside it."""
    taken: set[str] = set()
    for one in known:
        ref = one.profile.ref
        yield replace(one, profile=replace(one.profile, ref=f"{ref} ({one.code})")) if ref in taken else one
        taken.add(ref)
