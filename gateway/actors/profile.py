"""What is known of an actor beside what was reported about it, and the words that a map is written in."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

TIE, ASKED, ATTITUDE = "tie", "asked", "attitude"
WORDED = ("interest", "position", "need", "fear", "value", "power", "driver")
"""Statements about one actor that are mainly words. A value's words are what two actors can share; `about` of a power
is its kind, of a driver of the conflict the issue it is tied to."""
KINDS = (TIE, ASKED, ATTITUDE, *WORDED)

POWERS = ("arms", "money", "legitimacy", "information", "veto")


@dataclass(frozen=True, slots=True)
class TieType:
    """What a tie of this type is, where a report does not say otherwise."""

    sign: int
    directed: bool


TIES: Mapping[str, TieType] = {
    "alliance": TieType(1, directed=False),
    "conflict": TieType(-1, directed=False),
    "command": TieType(1, directed=True),
    "kinship": TieType(1, directed=False),
    "trade": TieType(1, directed=False),
    "talks": TieType(1, directed=False),
    "influence": TieType(1, directed=True),
}
PLAIN = TieType(1, directed=False)
"""A type that is not in the table."""

ATTITUDES: Mapping[str, float | None] = {
    "opposes": -2.0,
    "rather opposes": -1.0,
    "neutral": 0.0,
    "rather supports": 1.0,
    "supports": 2.0,
    "unknown": None,
}
CONFIDENCE: Mapping[str, float] = {"low": 0.3, "medium": 0.6, "high": 0.9}

STRENGTH: Mapping[str, float] = {"weak": 0.25, "medium": 0.5, "strong": 1.0}

INDIVIDUAL = "individual"
"""The kind of an actor who is a person: needs a reason."""


def folded(name: str) -> str:
    """How names are compared: without case, marks and double spaces."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


@dataclass(frozen=True, slots=True)
class Profile:
    """Sealed as it is. `ref` is what files call the actor; `groups` what else it counts to, by attribute."""

    ref: str
    name: str
    area: str = ""
    aliases: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def called(self, names: Iterable[str]) -> Profile:
        """With these names, too."""
        aliases = {folded(name): name for name in (*names, *self.aliases)}
        aliases.pop(folded(self.name), None)
        return replace(self, aliases=tuple(sorted(aliases.values())))

    def dumps(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> Profile:
        fields = json.loads(text)
        return cls(**{**fields, "aliases": tuple(fields["aliases"])})
