"""What the flows of coordination ask for, and what they are told: effects, and the facts that come back with them."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.flow import Effect


@dataclass(frozen=True, slots=True)
class Raise(Effect):
    """Put a concern before the moderators. Refused with "many"."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class FindConcerns(Effect):
    """Those with most support; found: a tuple of SeenConcern."""


@dataclass(frozen=True, slots=True)
class SupportConcern(Effect):
    """Found: the SeenConcern. Refused with "unknown", or "already"."""

    code: str


@dataclass(frozen=True, slots=True)
class SeenConcern:
    """A concern as others may know it. `support` is how many support it, or fewer than `BAND` as 0."""

    code: str
    text: str
    support: int


BAND = 10
"""Below it, support is told as "fewer than 10"."""
