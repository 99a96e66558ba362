"""What people raised outside of polls, who stands behind it and what was done about it, as it stands beside an agenda.

Counts of people are lower ends of bands, and 0 below the first: nothing here says more than the public pages do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """Initiatives: how many are `planned` and `done`; how many people took part in those, as their organisers said;
    how they were rated, 1 to 5, where enough did so to tell it."""

    planned: int = 0
    done: int = 0
    attended: int = 0
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """`places` are names by language, with how many supporters live there, those of one band at least. `groups` are
    registered groups behind it, by kind: these are public, and counted. `people` are supporters by the kind of group
    that they are in, those of one band at least."""

    code: str
    texts: Mapping[str, str]
    support: int
    places: tuple[tuple[Mapping[str, str], int], ...]
    groups: tuple[tuple[str, int], ...]
    people: tuple[tuple[str, int], ...]
    outcome: Mapping[str, str] | None
    carried: Carried


@dataclass(frozen=True, slots=True)
class Raised:
    """`concerns` with most support first; `beside` are initiatives that serve none of these. `few` is where bands
    begin."""

    concerns: tuple[Concern, ...]
    beside: Carried
    few: int
    at: datetime
