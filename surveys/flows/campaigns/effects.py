"""What the flows of campaigns ask for, and what they are told: effects, and what comes back with them."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.flow import Effect

BAND = 10
"""Below it, a number of people is told as "fewer than 10"."""


@dataclass(frozen=True, slots=True)
class FindRepresentatives(Effect):
    """Found: a tuple of SeenRepresentative, of the place or what it lies in."""

    campaign: str
    place: str


@dataclass(frozen=True, slots=True)
class SeenRepresentative:
    id: int
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class WriteLetter(Effect):
    """Put a message to a representative before the moderators, and then `detail` is "read", or, where it is the
    suggested one and not from the web, on its way. Refused with "many", or "gone" where the campaign is over or the
    representative is none any more."""

    campaign: str
    representative: int
    place: str
    text: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class MakePledge(Effect):
    """Refused with "already", or "gone"; `detail` is "page" where it is made on one, which can't remind anybody."""

    campaign: str
    measure: str
    place: str


@dataclass(frozen=True, slots=True)
class FindPledges(Effect):
    """Found: a tuple of (campaign, measure) that the person pledged and has not done."""


@dataclass(frozen=True, slots=True)
class KeepPledge(Effect):
    """It is done. What is sent in to show that goes before the moderators where others may see it (`shown`). Refused
    with "none" where nothing is open, or "many" where too much was sent in: the pledge counts as done all the same."""

    campaign: str
    measure: str
    text: str
    picture: str
    shown: bool


@dataclass(frozen=True, slots=True)
class SignAppeal(Effect):
    """Found: the lower end of the band of signatures, 0 for fewer than BAND. Refused with "already", or "gone"."""

    campaign: str
    kind: str
    group: str
    place: str


@dataclass(frozen=True, slots=True)
class JoinTopic(Effect):
    """Refused with "already"."""

    topic: str


@dataclass(frozen=True, slots=True)
class LeaveTopic(Effect):
    """Refused with "none" where the person had not joined it."""

    topic: str
