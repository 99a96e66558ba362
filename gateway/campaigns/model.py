"""A campaign as loaded: frozen, checked, with nothing left to look up. Texts are by language, one for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

Texts = Mapping[str, str]

KINDS = ("photo", "video", "audio", "text")
"""What a piece is."""

NETWORKS = ("facebook", "whatsapp", "telegram", "x")
"""Where a piece is shared, each with a text of its own if it has one."""

GROUPS = ("person", "women", "youth", "faith", "business", "community", "organisation")
"""As what somebody signs an appeal: for oneself, or for a group of one of these kinds."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that a campaign shows. `file` is what it is made from, "" for a text; `still` the picture that stands
    for a video or a sound. `consent` says who agreed to be shown, and how; "" where nobody can be recognised."""

    id: str
    kind: str
    title: Texts
    text: Texts
    alt: Texts = field(default_factory=dict)
    sms: Texts = field(default_factory=dict)
    share: Mapping[str, Texts] = field(default_factory=dict)
    file: str = ""
    still: str = ""
    consent: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.file, self.still)))


@dataclass(frozen=True, slots=True)
class Measure:
    """A confidence-building measure that people pledge. Who pledged is reminded after `remind_after`, once."""

    id: str
    title: Texts
    text: Texts
    remind_after: timedelta


@dataclass(frozen=True, slots=True)
class Appeal:
    """What is asked of the parties, to be signed."""

    title: Texts
    text: Texts


@dataclass(frozen=True, slots=True)
class Letter:
    """What people write to their representatives: a suggested message, and how many one person may send in a day."""

    suggested: Texts
    most_a_day: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """One file, checked. `source` is the file; `keywords` are what people send to take part, by language. `topic` is
    what they join to hear more, "" for none. `gazetteer` has the places by which representatives are found."""

    name: str
    source: str
    languages: tuple[str, ...]
    title: Texts
    summary: Texts
    sender: Texts
    keywords: Mapping[str, tuple[str, ...]]
    pieces: tuple[Piece, ...]
    topic: str = ""
    gazetteer: str = ""
    measures: tuple[Measure, ...] = ()
    appeal: Appeal | None = None
    letter: Letter | None = None

    def piece(self, name: str) -> Piece | None:
        return next((piece for piece in self.pieces if piece.id == name), None)

    def measure(self, name: str) -> Measure | None:
        return next((measure for measure in self.measures if measure.id == name), None)

    def said_in(self, language: str) -> str:
        """This language, or the first of its own where it has not that one."""
        return language if language in self.languages else self.languages[0]
