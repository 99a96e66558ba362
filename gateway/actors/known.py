"""The actors of a map whom one viewer may know of. In a file of its own, because guides and the commands must not wait
for what reads and measures maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from gateway.actors.clearance import TEAM, Viewer, seen_actors
from gateway.actors.profile import Profile
from gateway.store.actor_tables import actors
from gateway.store.keys import Vault

PURPOSE = "actor"


@dataclass(frozen=True, slots=True)
class Known:
    """An actor as a viewer has it. `code` stands for it where a name may not be read. `merged` are those of whom
    somebody said that they are the same one: `profile` has their names, too, `written` is what lies in its own row."""

    row: int
    code: str
    kind: str
    profile: Profile
    written: Profile
    merged: tuple[Known, ...] = ()

    @property
    def rows(self) -> tuple[int, ...]:
        return (self.row, *(one.row for one in self.merged))

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called by."""
        return (self.code, self.written.ref, self.written.name, *self.written.aliases)


def known_actors(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, *, for_files: bool = False
) -> dict[int, Known]:
    """By row, sorted by what files call them. An actor who is the same as one that this viewer may not see is to them
    one of its own; `for_files` so is one that fewer than the team may see, for a table can't say that of a part of what
    was said of somebody."""
    chosen = sa.select(actors).where(actors.c.id.in_(seen_actors(who, of_map)))
    rows = {row.id: row for row in connection.execute(chosen)}
    merged: dict[int, list[Known]] = {}
    for row in rows.values():
        profile = Profile.loads(vault.open_text(row.sealed_profile, PURPOSE))
        end = row.id
        while (onward := rows[end].same_as) in rows and not (for_files and rows[end].clearance != TEAM):
            end = onward
        merged.setdefault(end, []).append(Known(row.id, row.code, row.kind, profile, profile))
    found = sorted(map(_joined, merged.items()), key=lambda one: (one.profile.ref, one.code))
    return {known.row: known for known in _told_apart(found)}


def by_rows(known: Mapping[int, Known]) -> dict[int, Known]:
    """By each row that stands for them."""
    return {row: one for one in known.values() for row in one.rows}


def _joined(each: tuple[int, Sequence[Known]]) -> Known:
    row, several = each
    (one,) = (known for known in several if known.row == row)
    merged = tuple(sorted((known for known in several if known.row != row), key=lambda known: known.code))
    return replace(one, merged=merged, profile=one.written.called(name for also in merged for name in also.names))


def _told_apart(known: Sequence[Known]) -> Iterator[Known]:
    """Of two who are called the same, because whoever made one could not see the other, one has its code beside it."""
    taken: set[str] = set()
    for one in known:
        ref = one.profile.ref
        yield replace(one, profile=replace(one.profile, ref=f"{ref} ({one.code})")) if ref in taken else one
        taken.add(ref)
