"""The actors that a guide can be about, as whoever holds the interview may see them; and finding the one that is meant.

The gateway reads a Cast for each step (the fact `actors`): what its reader is not cleared for is not in it, so that
nothing here can tell of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz.distance import OSA

from surveys.flow import Value
from surveys.match import allowance, normalise

POWERS: Final = ("arms", "money", "legitimacy", "information", "veto")
ATTITUDES: Final = ("supports", "rather_supports", "neutral", "rather_opposes", "opposes")
DIRECTED: Final = ("command", "influence")
"""Types of ties of which it is asked whose they are."""
STRENGTHS: Final = ("weak", "medium", "strong")
DIRECTIONS: Final = ("first", "second", "both")
SOURCES: Final = ("interview", "group", "netmap")
"""How something was heard: from one, in a group discussion, in a Net-Map session."""
KINDS: Final = ("group", "organisation", "office", "individual")
"""Of an actor. An individual is only mapped with a reason."""
INDIVIDUAL: Final = KINDS[-1]
NONE, UNKNOWN = "none", "unknown"
"""That there is no tie, and that nobody knows: never the same."""

CODE: Final = re.compile("[B-DF-HJ-NP-TV-XZ]{5}")
"""How actors are called where no name may be read: letters that make no word."""
MOST_FOUND: Final = 8
LONGEST_NAME: Final = 120

Key = tuple[str, ...]
"""What was said of whom: the kind, the issue, the code of the actor and of the other one."""


@dataclass(frozen=True, slots=True)
class Known:
    """An actor. `code` stands for it where no name may be read."""

    code: str
    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast:
    """`named` says that names may be read where the question is asked. `last` is what the same reporter said before, as
    the value that the question would store."""

    known: tuple[Known, ...] = ()
    named: bool = False
    last: Mapping[Key, str] = field(default_factory=dict)

    def get(self, code: object) -> Known | None:
        """Also by the code of somebody who was found to be the same."""
        found = next((one for one in self.known if one.code == code), None)
        return found or next((one for one in self.known if code in one.also), None)

    def called(self, value: Value) -> str:
        """An answer as it may be read here."""
        if isinstance(value, list):
            return value[0] if value else ""
        one = self.get(value)
        return one.name if one is not None and self.named else str(value)

    def exactly(self, text: str) -> str:
        """The code of whom this names in full, by code, name or other name; "" for nobody, or for several."""
        typed = normalise(text)
        found = {one.code for one in self.known if typed in self._names(one)}
        return found.pop() if len(found) == 1 else ""

    def near(self, text: str, without: Collection[str] = ()) -> list[str]:
        """The codes of those who may be meant, the likeliest first: a part of a name, or a slip away from one."""
        typed = normalise(text)
        if not typed:
            return []
        ranked = [
            (min(ranks), one.name if self.named else one.code, one.code)
            for one in self.known
            if one.code not in without and (ranks := list(_ranks(typed, self._names(one))))
        ]
        return [code for *_, code in sorted(ranked)[:MOST_FOUND]]

    def _names(self, one: Known) -> tuple[str, ...]:
        names = (one.name, *one.also) if self.named else filter(CODE.fullmatch, one.also)
        return (normalise(one.code), *filter(None, map(normalise, names)))


NOBODY: Final = Cast()


def _ranks(typed: str, names: Iterable[str]) -> Iterator[int]:
    for name in names:
        if name == typed:
            yield 0
        elif name.startswith(typed):
            yield 1
        elif f" {typed}" in f" {name}":
            yield 2
        elif len(typed) > 2 and typed in name:
            yield 3
        elif OSA.distance(typed, name, score_cutoff=allowance(len(name))) <= allowance(len(name)):
            yield 4
