"""What a digest says beyond its counts: the population, who was drawn, what looks coordinated, what moved from wave to
wave. Frozen values, as those of analysis/findings.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Public:
    """What anybody is told of one question, with noise (analysis/noise.py): how many began and answered it, and how
    many gave each answer. 95 times of 100 each is `within` so many of the true one. `spent` is the epsilon of all draws
    of this wave together, of a `budget`."""

    question: str
    epsilon: float
    within: int
    began: int
    n: int
    counts: dict[str, int]
    spent: float = 0.0
    budget: float = 0.0


Band = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Flags:
    """How many people's answers look coordinated or hasty, in all and by kind (analysis.integrity.Flag), in bands: from
    and up to, None for no end. None of `people`: hidden. Nobody is left out for it."""

    people: Band | None
    kinds: dict[str, Band]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of those drawn, of everybody (`by` is "") or of one group: AAPOR's counts, and the rates that can be
    reckoned from those that are shown. `e` is the share of the unknown who were to be asked, estimated."""

    by: str
    group: str
    label: dict[str, str]
    drawn: int | None
    counts: dict[str, int | None]
    e: float | None
    rates: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """Of `n` people who answered a question in the wave before and in this one: by answer how many gave it both times,
    took it up, and left it; None where hidden."""

    question: str
    n: int | None
    ways: dict[str, tuple[int | None, int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Moved:
    """A difference of two shares with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trend:
    """An answer's share in the wave before and now. `change` is among all who answered, each time others; `panel` among
    those `both` who answered both times, of whom `gained` took it up and `lost` left it. The part of the change that
    is people's own is `people`; the rest, `turnover`, is that others answered. None where it is hidden or unknown."""

    question: str
    cell: str
    label: dict[str, str]
    before: float
    now: float
    change: Moved
    both: int | None = None
    gained: int | None = None
    lost: int | None = None
    panel: Moved | None = None
    people: float | None = None
    turnover: float | None = None


@dataclass(frozen=True, slots=True)
class Trends:
    """What differs from the last release of the wave before."""

    wave: int
    made_at: datetime
    answers: tuple[Trend, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer to a question of the margins: its share of the population, and of those who answered that question,
    with how many gave it; None where hidden. `missing`: fewer than chance explains."""

    question: str
    cell: str
    label: dict[str, str]
    population: float
    people: int | None
    heard: float | None
    missing: bool


@dataclass(frozen=True, slots=True)
class Weighting:
    """How answers were weighted, reckoned from what this digest shows and from nothing else (analysis/weighing.py).

    `by` are the questions whose margins were met (off by `gap` at most), `left_out` those of which too much is hidden.
    Everybody who answered tells as much as `effective` people of equal weight, `deff` times fewer. `trimmed` is the
    share of people cut to the `cap`.
    """

    source: str
    by: tuple[str, ...]
    left_out: tuple[str, ...]
    heard: tuple[Heard, ...]
    effective: float
    deff: float
    trimmed: float
    cap: float
    gap: float

    @property
    def met(self) -> bool:
        return self.gap < 0.001
