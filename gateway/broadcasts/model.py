"""A broadcast as loaded: frozen, checked, with nothing left to look up; and what it may refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.adapter import Channel
from surveys.model import Survey

AGAIN = ("contacted", "unresponsive", "failed")
"""Who was asked already may be asked again while they are one of these."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`survey` is each version of the poll (name@hash), `values` the options."""

    surveys: tuple[str, ...]
    question: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TookPart:
    poll: str
    wave: int
    became: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for. Empty parts ask for nothing."""

    languages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    answered: tuple[Answered, ...] = ()
    took_part: tuple[TookPart, ...] = ()
    not_seen_for: timedelta | None = None
    seen_within: timedelta | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """`most` people of each cell; without `by` there is one cell."""

    most: int
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One file, checked. `kind` is poll, results or message; `poll` names the one that it is about, "" for none. A
    message may be a piece of a campaign, and goes to those who joined its `topic` alone.

    `languages` are those that it is said in, the first where a person's is none of them. `invite` is whom the poll's
    wave is for. `portions` are the sizes of the first ones; the rest is the last.
    """

    name: str
    kind: str
    source: str
    languages: tuple[str, ...]
    poll: str = ""
    wave: int = 1
    invite: str = "everybody"
    sender: Mapping[str, str] = field(default_factory=dict)
    message: Mapping[str, str] = field(default_factory=dict)
    topic: str = ""
    audience: Audience = Audience()
    sample: Sample | None = None
    seed: str = ""
    portions: tuple[int, ...] = ()
    portion_after: timedelta | None = None
    again: bool = False
    ussd_by: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A poll that was opened: what newcomers get, each version of it as answers name it, and its wave."""

    survey: Survey
    versions: tuple[str, ...]
    wave: int = 1
    invite: str = "everybody"
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Shown:
    """A campaign that is out: in which languages, who campaigns, what people join to hear more ("" for nothing), and
    what is sent of each piece, which ends with the way to one's representative."""

    languages: tuple[str, ...]
    sender: Mapping[str, str]
    topic: str
    pieces: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What a broadcast may refer to: polls that were opened, channels, the broadcasts that were started, and campaigns
    that are out."""

    polls: Mapping[str, Asked] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    started: frozenset[str] = frozenset()
    campaigns: Mapping[str, Shown] = field(default_factory=dict)
