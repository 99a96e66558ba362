"""What the flows of coordination ask for, and what they are told: effects, and the facts that come back with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
class FindConcern(Effect):
    """Found: the SeenConcern. Refused with "unknown"."""

    code: str


@dataclass(frozen=True, slots=True)
class SupportConcern(Effect):
    """Found: the SeenConcern. Refused with "unknown", "already", or "phone" where only a phone or a chat tells people
    apart."""

    code: str


@dataclass(frozen=True, slots=True)
class SeenConcern:
    """A concern as others may know it. `support` is how many support it, or fewer than `BAND` as 0."""

    code: str
    text: str
    support: int


BAND = 10
"""Below it, support is told as "fewer than 10"."""


# Initiatives --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProposeInitiative(Effect):
    """Put an initiative before the moderators. `needs` are in the organiser's words; `most` 0 for no limit; `concern`
    the code of the one that it serves, "" for none. Refused with "many"."""

    what: str
    starts_at: datetime
    place: str
    where: str
    most: int
    needs: str
    named: bool
    concern: str


@dataclass(frozen=True, slots=True)
class FindNear(Effect):
    """The next ones near a place of the gazetteer; found: a tuple of SeenInitiative."""

    place: str


@dataclass(frozen=True, slots=True)
class FindInitiative(Effect):
    """Found: the SeenInitiative. Refused with "unknown", or "over"."""

    code: str


@dataclass(frozen=True, slots=True)
class FindJoined(Effect):
    """Initiatives that the person joined and are still to come, and their groups; found: a tuple of SeenInitiative and
    SeenGroup."""


@dataclass(frozen=True, slots=True)
class JoinInitiative(Effect):
    """Found: the SeenInitiative, with where it is if that may be told by now. Done as "joined" or "waiting"; refused
    with "already", "over" or "unknown"."""

    code: str


@dataclass(frozen=True, slots=True)
class LeaveInitiative(Effect):
    """Leave an initiative or a group, or take back one's support of a concern. Refused with "unknown" where they had
    none of these."""

    code: str


@dataclass(frozen=True, slots=True)
class TakeTask(Effect):
    """Take on one of an initiative's tasks. Refused with "full"."""

    task: int


@dataclass(frozen=True, slots=True)
class ReportDone(Effect):
    """The organiser says how many came. Refused with "unknown" (also where they are not its organiser), or "early"."""

    code: str
    attended: int


@dataclass(frozen=True, slots=True)
class RateInitiative(Effect):
    """Refused with "unknown" (also where they did not join), or "early"."""

    code: str
    stars: int


@dataclass(frozen=True, slots=True)
class TellJoined(Effect):
    """The organiser's message, before the moderators. Refused with "unknown" (also where they are not its organiser),
    "over" or "many"."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class CallOffInitiative(Effect):
    """It does not take place. Refused with "unknown" (also where they are not its organiser), or "over"."""

    code: str


@dataclass(frozen=True, slots=True)
class Task:
    """`left` is how many people it still wants."""

    id: int
    text: str
    left: int


@dataclass(frozen=True, slots=True)
class SeenInitiative:
    """An initiative as one person may know it. `state` is theirs: "", joined or waiting. `place` is a place's id, and
    `where` the exact one, "" until it may be told. `full`: who joins now waits."""

    code: str
    text: str
    starts_at: datetime
    place: str
    languages: tuple[str, ...]
    full: bool
    state: str = ""
    where: str = ""
    tasks: tuple[Task, ...] = ()


# Groups -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterGroup(Effect):
    """Put a group before the moderators. `post` is what the person is in it. Refused with "taken" where there is one of
    that name, or "many"."""

    name: str
    kind: str
    place: str
    about: str
    post: str


@dataclass(frozen=True, slots=True)
class FindGroups(Effect):
    """Those that the person speaks for; found: a tuple of SeenGroup."""


@dataclass(frozen=True, slots=True)
class InviteInto(Effect):
    """A new invitation into the group of this code; found: its number. Refused with "unknown" (also where they don't
    speak for it), or "many"."""

    group: str
    role: str


@dataclass(frozen=True, slots=True)
class FindInvitation(Effect):
    """Found: the SeenInvitation. Refused with "unknown", "used", "old", "already", or "tries" where too many were
    tried."""

    code: str


@dataclass(frozen=True, slots=True)
class ComeIn(Effect):
    """Use an invitation up. Found and refused as by FindInvitation."""

    code: str


@dataclass(frozen=True, slots=True)
class Endorse(Effect):
    """A group stands behind a concern; found: the SeenConcern. Refused with "already", or "unknown" (also where they
    don't speak for the group)."""

    code: str
    group: str


@dataclass(frozen=True, slots=True)
class StepBack(Effect):
    """It stands behind it no more. Refused with "unknown"."""

    code: str
    group: str


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """A group as its people may know it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class SeenInvitation:
    """What somebody is invited to: as `role` (member, speaker) of the group of this code and name."""

    code: str
    name: str
    role: str
