"""What a digest says: a tree of frozen values that is JSON and back, and holds all that a rendering needs.

It is what a release freezes, so it holds only what may leave: None stands for a number that is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from analysis.beyond import Flags, Outcomes, Panel, Public, Trends, Weighting

FEW = 30
"""Fewer answers than this are marked as measured low."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One option or code: how many of those who answered, as a share of them, with its 95 % interval (Wilson).

    All of it is None where the count is hidden. `label` is by language, empty where only the id is known. `weighted`
    is the share among people who look like the population (analysis/weighing.py), `unflagged` the share among those of
    whom nothing is flagged (analysis/integrity.py); None where there is none.
    """

    id: str
    label: dict[str, str]
    count: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    weighted: Share | None = None
    unflagged: Share | None = None


@dataclass(frozen=True, slots=True)
class Mean:
    """Rounded to one decimal, with its 95 % interval (Student's t)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Of a number; the outer ones are None where too few answered."""

    median: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class CodingNote:
    """How open answers were grouped.

    `method` is "keywords", or "model" where a model learned from `rows` answers that people coded: it gives a code
    from the probability `sureness` upwards (above 1: never), and by cross-validation `right` of those are right.
    `placed` answers got a code, `nothing` got none, and on `unsure` it abstained; None where hidden.
    From `drawn` answers, drawn at random and coded by people, the shares and ranges of codes were corrected for wrong
    ones (analysis/shares.py); 0 where they are of the codes as given. `shares` holds them on the way to the cells.
    `slopes` say, by code, by how much the truth moves where what is given moves by one, and how sure that is (its
    standard error): by them a corrected share is weighted.
    """

    codebook: str
    method: str
    rows: int = 0
    sureness: float = 0.0
    right: float = 0.0
    drawn: int = 0
    shares: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    slopes: dict[str, tuple[float, float]] = field(default_factory=dict)
    placed: Cell | None = None
    unsure: Cell | None = None
    nothing: Cell | None = None
    version: str = ""
    """Of the codebook: a short hash of what it says."""

    def counted(self, placed: Cell, unsure: Cell, nothing: Cell) -> CodingNote:
        return replace(self, placed=placed, unsure=unsure, nothing=nothing)


@dataclass(frozen=True, slots=True)
class Finding:
    """One question. `n` people answered it (None: hidden, and with it everything else), `skipped` left it out.

    `cells` are its options, points or codes, as shares of n. A many-of and codes may add up to more than n. `mean` is
    of a scale, `weighted_mean` that among people who look like the population.
    """

    id: str
    type: str
    text: dict[str, str]
    purpose: str
    profile: bool
    conditional: bool
    n: int | None
    skipped: int | None = None
    cells: tuple[Cell, ...] = ()
    mean: Mean | None = None
    weighted_mean: Mean | None = None
    quartiles: Quartiles | None = None
    coding: CodingNote | None = None
    unit: dict[str, str] | None = None
    ends: tuple[dict[str, str], ...] = ()

    def with_(self, **changes: Any) -> Finding:
        return replace(self, **changes)

    def ranked(self) -> tuple[Cell, ...]:
        """The cells that are shown and not empty, the largest first."""
        shown = [cell for cell in self.cells if cell.count]
        return tuple(sorted(shown, key=lambda cell: -(cell.count or 0)))

    @property
    def hides(self) -> bool:
        """True where something of it is hidden."""
        note = self.coding
        cells = (
            (*self.cells, *(cell for cell in (note.placed, note.unsure, note.nothing) if cell)) if note else self.cells
        )
        return self.n is None or any(cell.count is None for cell in cells)


@dataclass(frozen=True, slots=True)
class Group:
    """Those who began in one channel, language or region; `id` is "" for those of whom it is not known."""

    id: str
    label: dict[str, str]
    began: int | None


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many were asked, began (consented and answered something) and finished.

    By channel, language and region only who began is said: the rest could be subtracted down to single people.
    """

    asked: int | None
    began: int | None
    finished: int | None
    by_channel: tuple[Group, ...]
    by_language: tuple[Group, ...]
    by_region: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One group's answers to a question: of its `n` who answered, how many in each of the question's cells; of a scale,
    their mean in place of them, with a range by the spread among all who answered."""

    id: str
    label: dict[str, str]
    n: int | None
    cells: tuple[Cell, ...]
    mean: Mean | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A question by a profile question. Which tables there are is fixed with the release: nothing is filtered later."""

    question: str
    by: str
    groups: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `n` people of an opinion group who saw a statement (passes count) from `least` to `most` agree: one number, or
    bounds where it is too near to nobody or everybody. `low` and `high` hold the share 95 times of 100 (Wilson)."""

    group: str
    n: int
    least: int
    most: int
    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its agreement in every group that is told. `proposed`: by a participant, in a moderator's words.

    `consensus` is group-informed: the product of the groups' (agree + 1) / (n + 2), `lowest` the least of them, of the
    group `lowest_in`; `low` and `high` hold the lowest share of all groups. Where an agreement is a bound, so are they:
    at least. `standing`: agreed (by more than half of every group), divided (more than half of one group agree, less
    than half of another; of one group alone: a third or more do, a third or more don't), or open.
    """

    id: str
    text: dict[str, str]
    proposed: bool
    standing: str
    consensus: float
    lowest: float
    lowest_in: str
    low: float
    high: float
    groups: tuple[Agreement, ...]

    @property
    def exact(self) -> bool:
        return all(one.exact for one in self.groups)


@dataclass(frozen=True, slots=True)
class OpinionGroup:
    """`apart` are statements that it agrees with clearly more, or less, than the others: the furthest first. A group of
    everybody has "" for its id. `people` is None where it is hidden."""

    id: str
    people: int | None
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommonGround:
    """What votes on statements show. `verdict` is stable, or why there are no groups: unstable, too-few, alike.

    `groups` are those that are told; where there are none to tell, everybody who was grouped is one. Empty where it
    can't be shown. `small`: there are others, of too few people. Statements come with the highest consensus first.
    """

    verdict: str
    asked: tuple[str, ...]
    """The ids of the questions of statements."""
    groups: tuple[OpinionGroup, ...] = ()
    statements: tuple[Statement, ...] = ()
    small: bool = False

    def stands(self, standing: str) -> tuple[Statement, ...]:
        return tuple(one for one in self.statements if one.standing == standing)


@dataclass(frozen=True, slots=True)
class Logged:
    """What was done on the way from what came in to what is counted, and how often; None: a few times, or hidden.

    `kind` is conversations (set aside: the person had an earlier one), withdrew (people who took their consent back),
    replaced (answers that the person gave anew), moved (answers that count under another question), recoded (answers
    that people coded anew), merged (people known under two addresses, who are one), or redacted (answers whose words
    were removed).
    """

    kind: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words as a person approved them, under those of their themes that are shown."""

    question: str
    codes: tuple[str, ...]
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A share that moved since the release before by more than chance explains: its range leaves the earlier one."""

    question: str
    cell: Cell
    before: float


@dataclass(frozen=True, slots=True)
class Since:
    """What differs from the release before, of `made_at`. `began` people had answered then."""

    made_at: datetime
    began: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """The findings of one survey at one time. `hidden` cells are hidden: small ones and what would give them away.

    Which are which is not told, as that alone would give some away. The sample is of people who chose to answer.
    """

    survey: str
    hash: str
    title: dict[str, str]
    languages: tuple[str, ...]
    made_at: datetime
    minimum_cell: int
    simulated: bool
    turnout: Turnout
    questions: tuple[Finding, ...]
    hidden: int
    sample: str = "self-selected"
    format: int = 1
    decision: dict[str, str] = field(default_factory=dict)
    program: str = ""
    """Which Baraza counted."""
    wave: int = 1
    tables: tuple[Table, ...] = ()
    log: tuple[Logged, ...] = ()
    ground: CommonGround | None = None
    """None where the poll has no statements."""
    since: Since | None = None
    quotes: tuple[Quote, ...] = ()
    """Put in when a release is shown, and frozen in none (gateway/results/quotes.py)."""
    weights: Weighting | None = None
    """None where nothing is known of the population."""
    public: Public | None = None
    """None where its poll asks for no noise."""
    outcomes: tuple[Outcomes, ...] = ()
    """Of everybody drawn, then by group; empty where people came by themselves."""
    flags: Flags | None = None
    """None where nothing was looked for."""
    panel: tuple[Panel, ...] = ()
    trends: Trends | None = None
    """None in a first wave."""

    def question(self, name: str) -> Finding:
        return next(question for question in self.questions if question.id == name)

    def table(self, question: str, by: str) -> Table | None:
        return next((table for table in self.tables if (table.question, table.by) == (question, by)), None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return dict(_adapter().dump_python(self, mode="json"))

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Digest:
        """Raises pydantic.ValidationError where it is not the dict of a digest."""
        return _adapter().validate_python(data)


@cache
def _adapter() -> TypeAdapter[Digest]:
    return TypeAdapter(Digest)
