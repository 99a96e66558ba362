"""A survey as loaded: frozen, checked, with nothing left to look up. Written by surveys/load.py, read by everybody.

What authors write as a tree (groups, repeats, skips, quotas) is one flat tuple of questions here, with conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from surveys.flow import Value
from surveys.problem import Problem

if TYPE_CHECKING:
    from surveys.gazetteer import Gazetteer

Texts = Mapping[str, str]
"""One text by language. Every language of the survey is there: the loader fills in the stated fallback."""


class Condition(Protocol):
    """A `when`, parsed. True where it holds for these answers; an unanswered or skipped question makes it False."""

    def __call__(self, answers: Mapping[str, Value]) -> bool: ...


class Computation(Protocol):
    """What a silent question computes from earlier answers; None where it can't."""

    def value(self, answers: Mapping[str, Value]) -> Value: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a question. `id` is what is stored; what is typed is its number among those that are offered."""

    id: str
    label: Texts
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """Another text for a question, where `when` holds."""

    when: Condition
    text: Texts


SILENT = frozenset({"arm", "value", "note", "end", "quota"})
"""Types that ask nothing: the engine passes them by itself."""

MUTE = frozenset({"note", "end", "quota"})
"""Types that leave no answer behind."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the answer to a question says of actors, for the map. `actor` and `other` are the questions that name them;
    `about` is the issue. `confidence` and `clearance` are words, "" where the question's own follow-up asks for it:
    `<id>.confidence`, `<id>.clearance`, and of a tie `<id>.strength` and `<id>.direction`."""

    kind: str
    actor: str = ""
    other: str = ""
    about: str = ""
    confidence: str = ""
    clearance: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """That a survey is a guide for interviews: which map it fills, and from which wave of it on."""

    map: str
    wave: int
    confidence: str
    clearance: str


@dataclass(frozen=True, slots=True)
class Question:
    """`type` is one of surveys.types.TYPES, or of SILENT.

    `profile` marks what results are broken down by (region, age band), `relevant` what counts towards a partial
    interview. `purpose` says why it is asked: nothing is collected without one. `instead` are other wordings; the
    first that holds counts. `minimum` and `maximum` bound a number or a scale (both included), a date as
    "2024-05-01"; on many-of and ranking, `maximum` bounds how many may be chosen. `ends` labels the two ends of a
    scale. `codebook` names the codes of an open answer. `draws` says that its options are shown in an order drawn
    per person. `precision` of a date is day, month or year. `version` is that of what a phone-consent asks.
    `limit` is how many a quota takes, `outcome` how an end ends, `arms` what an experiment draws from. `report` is what
    an answer says of actors, `words` where the catalogues have the text and the labels that no author wrote, `apart`
    the questions whose actors can't be named again, `new` whether one that nobody knows may be.
    """

    id: str
    type: str
    text: Texts
    purpose: str = ""
    options: tuple[Choice, ...] = ()
    hint: Texts | None = None
    required: bool = True
    profile: bool = False
    relevant: bool = False
    when: Condition | None = None
    instead: tuple[Wording, ...] = ()
    minimum: float | str | None = None
    maximum: float | str | None = None
    whole: bool = True
    unit: Texts | None = None
    ends: tuple[Texts, Texts] | None = None
    codebook: str = ""
    draws: bool = False
    precision: str = "day"
    calendar: str = "gregorian"
    gazetteer: Gazetteer | None = None
    level: str = ""
    version: str = ""
    value: Computation | None = None
    outcome: str = "completed"
    limit: int = 0
    arms: tuple[str, ...] = ()
    report: Report | None = None
    words: str = ""
    apart: tuple[str, ...] = ()
    new: bool = False

    @property
    def silent(self) -> bool:
        return self.type in SILENT


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Neighbours whose order is drawn per person: from position `start`, blocks of these lengths stay together."""

    name: str
    start: int
    blocks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Restriction:
    """Where a keyword counts: on these channels (none: on all), and whether as the whole message only."""

    channels: frozenset[str] = frozenset()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Reminders:
    """How often somebody who broke off is reminded, and how long after the last word."""

    count: int
    after: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """What the longest way through may take: minutes, segments of SMS both ways, and cost as (amount, currency)."""

    minutes: int | None = None
    segments: int | None = None
    cost: tuple[Decimal, str] | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a survey is open and how it is followed up. Times are aware; `zone` is an IANA name, `zones` that of each
    option of the region question that has another."""

    zone: str = "UTC"
    opens: datetime | None = None
    closes: datetime | None = None
    reminders: Reminders | None = None
    expires: timedelta = timedelta(days=3)
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Survey:
    """`hash` is of the content, not of its spelling: comments and spacing don't change it. `shape` is of what an
    answer depends on: ids, types, options, conditions and consent, but no other text; equal shapes differ by wording.

    `keywords` start it, by language; `sender` says who asks, and is part of the first contact.
    `region` names the profile question that says where a person lives, "" where none does.
    `invite` is whom a wave is for: everybody, panel (who answered the one before), fresh (who never did).
    """

    name: str
    hash: str
    title: Texts
    languages: tuple[str, ...]
    keywords: Mapping[str, tuple[str, ...]]
    sender: Texts
    consent_version: str
    consent: Texts
    thanks: Texts
    questions: tuple[Question, ...]
    region: str = ""
    source: str = ""
    shape: str = ""
    shuffles: tuple[Shuffle, ...] = ()
    schedule: Schedule = Schedule()
    partial: int = 0
    one_answer: bool = True
    invite: str = "everybody"
    limits: Limits = Limits()
    restrict: Mapping[str, Restriction] = field(default_factory=dict)
    """By keyword, as matched: those that don't count everywhere."""
    decision: Texts = field(default_factory=dict)
    """What its results are meant to inform; empty where that is not said."""
    guide: Guide | None = None
    notes: tuple[Problem, ...] = field(default=(), compare=False)
    """What a check tells its author, and refuses nobody for."""

    @property
    def id(self) -> str:
        return f"survey:{self.name}@{self.hash}"

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each question stands, by its id."""
        return {question.id: place for place, question in enumerate(self.questions)}

    @property
    def gazetteers(self) -> Mapping[str, Gazetteer]:
        """Those that its questions ask for, by their names."""
        return {question.gazetteer.name: question.gazetteer for question in self.questions if question.gazetteer}

    def question(self, name: str) -> Question:
        return self.questions[self.places[name]]
