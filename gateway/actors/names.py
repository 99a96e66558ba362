"""Which actor a name means. Names are matched across spellings only where a person says so: what is close is asked
about, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from gateway.actors.clearance import EVERYTHING, TEAM, Viewer
from gateway.actors.known import known_actors
from gateway.actors.profile import TIE, Profile, folded
from gateway.actors.rows import ActorRow, Cleared, StatementRow
from gateway.store.keys import Vault
from surveys.problem import Problem

CLOSE = 88
"""rapidfuzz's ratio of two names from which a person is asked whether they are one."""

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever imports has decided. `same`: a name as written, and the actor that it is; `apart`: names that only
    look alike; `new_actors`: whom nobody described, and who is named, is made. `on_page`: it is said on a page, and not
    on the command line."""

    same: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    new_actors: bool = False
    on_page: bool = False

    def ways(self, name: str, near: str) -> str:
        """How it is said that a name is that of `near`, or is not."""
        if self.on_page:
            return f"write {name}={near} under “the same” if they are one, or {name} under “apart” if they are not"
        return f"say --same '{name}={near}' if they are one, or --apart '{name}' if they are not"

    @property
    def make(self) -> str:
        return "tick “new actors”" if self.on_page else "make who is named with --new-actors"


class Matching:
    """Which actor each name means."""

    def __init__(
        self, connection: sa.Connection, vault: Vault, of_map: str, asked: Asked, who: Viewer = EVERYTHING
    ) -> None:
        self.problems: list[Problem] = []
        self.known = {known.profile.ref: known for known in known_actors(connection, vault, who, of_map).values()}
        self.new: dict[str, ActorRow] = {}
        self.grown: dict[str, Profile] = {}  # those known before, of whom more is known now
        self._asked = asked
        self._may_change = who.everything or who.mediator
        self._told: set[str] = set()
        self._merged = {one.written.ref: ref for ref, known in self.known.items() for one in known.merged}
        self._also: dict[str, str] = {}  # what `same_as` says
        self._names: dict[str, set[str]] = {}
        for ref, known in self.known.items():
            self._call(ref, known.profile)
        self._before = {name: set(refs) for name, refs in self._names.items()}

    def _call(self, ref: str, profile: Profile) -> None:
        for name in (ref, profile.name, *profile.aliases):
            self._names.setdefault(folded(name), set()).add(ref)

    @property
    def places(self) -> dict[int, str]:
        """What files call those known before, by each row that stands for them."""
        return {row: ref for ref, known in self.known.items() for row in known.rows}

    def meet(self, actor_rows: Sequence[ActorRow]) -> None:
        """Take in the rows that describe actors."""
        self._follow({row.profile.ref: row for row in actor_rows if row.same_as})
        for row in actor_rows:
            ref = row.profile.ref
            if ref in self._also:
                continue
            if ref in self._merged and ref not in self.known:
                self._also[ref] = self._merged[ref]
                continue
            if ref in self.known:
                self._more(ref, row)
            elif ref in self.new:
                self._again(self.new[ref], row)
            elif (meant := self._said_same(row)) is not None:
                self._also[ref] = meant
                self._call(meant, replace(row.profile, ref=meant))
            else:
                self._looks_like(row)
                self.new[ref] = row
                self._call(ref, row.profile)
        for ref, meant in self._also.items():
            self._names.setdefault(folded(ref), set()).add(meant)

    def ref(self, row: ActorRow) -> str:
        return self._also.get(row.profile.ref, row.profile.ref)

    def placed(self, said: Sequence[StatementRow]) -> list[StatementRow]:
        """The statements with the actors that are meant; undirected ties with the smaller name first."""
        found = []
        for row in said:
            actor = self._meant(row, row.actor)
            other = self._meant(row, row.other) if row.other else ""
            if row.kind == TIE and actor == other and actor:
                self._wrong(
                    row.cleared, f"'{row.actor}' and '{row.other}' are one actor; name the other end of the tie"
                )
            elif row.kind == TIE and not row.directed and actor > other:
                actor, other = other, actor
            found.append(replace(row, actor=actor, other=other))
        return found

    def _meant(self, row: StatementRow, name: str) -> str:
        """The id of the actor; "" where it is not known whom the name means, which is a problem then."""
        if name in self.known or name in self.new:
            return name
        refs = self._names.get(folded(self._asked.same.get(name, name)), set())
        if len(refs) == 1:
            return next(iter(refs))
        near = self._nearest(name, self._names)
        if refs:
            mend = f"may be {' or '.join(sorted(refs))}; write the id of the one you mean"
        elif near:
            mend = f"is no actor's name, and looks like {near}; {self._asked.ways(name, near)}"
        elif self._asked.new_actors:
            cleared = replace(row.cleared, clearance=TEAM, readers=())
            self.new[name] = ActorRow(cleared, "", Profile(name, name), "", None, asked=True)
            self._call(name, self.new[name].profile)
            return name
        else:
            mend = f"is no actor's name; mend it, add the actor to `nodes`, or {self._asked.make}"
        if name not in self._told:  # once, however many rows have it
            self._told.add(name)
            self._wrong(row.cleared, f"'{name}' {mend}")
        return ""

    def _nearest(self, name: str, among: Mapping[str, set[str]]) -> str:
        """Whom a name nobody knows may mean; "" where nobody is close, or a person said that they are apart. Names
        that differ in a number mean two actors."""
        if name in self._asked.apart:
            return ""
        plain = folded(name)
        numbers = _NUMBER.findall(plain)
        alike = [other for other in among if _NUMBER.findall(other) == numbers]
        found = process.extractOne(plain, alike, scorer=fuzz.ratio, score_cutoff=CLOSE)
        return min(among[found[0]]) if found else ""

    def _said_same(self, row: ActorRow) -> str | None:
        for written in (row.profile.ref, row.profile.name):
            if (meant := self._asked.same.get(written)) is not None:
                return meant
        return None

    def _looks_like(self, row: ActorRow) -> None:
        near = self._nearest(row.profile.name, self._before)
        if near:
            name = row.profile.name
            self._wrong(
                row.cleared,
                f"'{name}' looks like {near}, who is there already; {self._asked.ways(name, near)}",
            )

    def _again(self, first: ActorRow, row: ActorRow) -> None:
        """An actor who has a row a wave: it must be the same one in each, and count to the same in all of them."""
        ref, before, more = row.profile.ref, first.profile, row.profile
        at = first.cleared.row
        if (before.name, first.kind) != (more.name, row.kind):
            self._wrong(
                row.cleared,
                f"'{ref}' was '{before.name}' in row {at}, and is another here; mend the id or the name",
            )
        was, now = ({"area": one.area, **one.groups} for one in (before, more))
        for column in sorted(was.keys() & now.keys()):
            if was[column] and now[column] and was[column] != now[column]:
                self._wrong(
                    row.cleared,
                    f"'{ref}' counts to {column} '{was[column]}' in row {at}, and to '{now[column]}' here; it is "
                    "one over all waves: mend it, or make a column for each wave",
                )
        groups = {**more.groups, **before.groups}
        grown = replace(before, area=before.area or more.area, groups=groups)
        self.new[ref] = replace(first, profile=grown)

    def _more(self, ref: str, row: ActorRow) -> None:
        """What a new row says of somebody known is added; names they had stay theirs."""
        before = self.known[ref].written
        names = {folded(name): name for name in (*before.aliases, before.name, row.profile.name, *row.profile.aliases)}
        merged = (name for one in self.known[ref].merged for name in one.names)
        name = row.profile.name if row.profile.name != ref else before.name  # without a name of its own it says none
        for called in (name, ref, *merged):
            names.pop(folded(called), None)
        area, reason = row.profile.area or before.area, row.profile.reason or before.reason
        groups = {**before.groups, **row.profile.groups}
        grown = Profile(before.ref, name, area, tuple(sorted(names.values())), groups, reason)
        if grown != before and not self._may_change:
            self._wrong(
                row.cleared,
                f"'{ref}' is on the map already, and only mediators change what is known of it; leave all but `id` and "
                "`wave` empty, or take the row out",
            )
        elif grown != before:
            self.grown[ref] = grown
            self._call(ref, grown)

    def _follow(self, also: Mapping[str, ActorRow]) -> None:
        """Where each `same_as` ends."""
        for start, row in also.items():
            chain = [start]
            while (onward := also.get(chain[-1])) is not None:
                chain.append(onward.same_as)
                if onward.same_as in chain[:-1]:
                    self._wrong(row.cleared, f"`same_as` goes in a circle: {' > '.join(chain)}; leave one of them out")
                    break
            else:
                self._also[start] = chain[-1]
        ends = {row.profile.ref for row in also.values()}
        for start, end in self._also.items():
            if end in ends:
                continue
            self._names.setdefault(folded(start), set()).add(end)
            self._names.setdefault(folded(also[start].profile.name), set()).add(end)

    def _wrong(self, cleared: Cleared, message: str) -> None:
        self.problems.append(Problem(cleared.file, cleared.row, 1, message))
