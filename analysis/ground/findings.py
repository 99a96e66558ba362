"""What common ground is found: frozen values that hold no vote and no name of a person, and are JSON through asdict.

Counts in them are exact. What may be published of them is for analysis/suppression.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether there are groups."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    """Groups were found, but not again when some people were left out: don't speak of groups."""
    TOO_FEW = "too-few"
    """Too few people voted on enough statements."""
    ALIKE = "alike"
    """All but a few voted in the same way, or all on one statement: nothing to tell people apart by."""
    GIVEN = "given"
    """The groups were not found here but brought along."""


@dataclass(frozen=True, slots=True)
class SetApart:
    """A vote that a group gives more often than all others: the shares of those who saw it; p, and q (of all tried)."""

    statement: str
    vote: str
    share: float
    others: float
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class Group:
    """`id` is A for the largest, or as it was given; what `sets_apart` comes surest first."""

    id: str
    people: int
    sets_apart: tuple[SetApart, ...]


@dataclass(frozen=True, slots=True)
class InGroup:
    """One group's votes on one statement. `agreement` is (agree + 1) / (seen + 2), `disagreement` likewise."""

    group: str
    agree: int
    disagree: int
    passed: int
    seen: int
    agreement: float
    disagreement: float


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest agreement (or disagreement) of any group, whose it is, and its 95 % interval over all groups."""

    value: float
    group: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Statement:
    """`agree`, `disagree`, `passed`, `seen` are of everybody who voted, `groups` of those who were grouped.

    `group_informed_consensus` is the product of the groups' agreement, `group_informed_rejection` the same of
    disagreement. `standing`: agreed, rejected (by more than half of every group), divided, open.
    """

    id: str
    text: str
    agree: int
    disagree: int
    passed: int
    seen: int
    group_informed_consensus: float
    group_informed_rejection: float
    lowest_agreement: Lowest
    lowest_disagreement: Lowest
    standing: str
    groups: tuple[InGroup, ...]


@dataclass(frozen=True, slots=True)
class Stability:
    """Parts of the people were grouped anew `times` times. `median`, `lowest` and `highest` are of the adjusted Rand
    index between those groups and these; `same_k` is the share of times in which as many groups were found.

    `by_chance` is the share of 99 conversations with the same votes dealt anew, statement by statement, that parted
    people better than the real one: not 0 is too much. None for more than 200 people, where it was not tried.
    """

    times: int
    share: float
    median: float
    lowest: float
    highest: float
    same_k: float
    by_chance: float | None


@dataclass(frozen=True, slots=True)
class Ground:
    """`people` are all in the file, `voted` those with a vote, `grouped` those with enough votes. Statements come with
    the highest consensus first. `silhouettes` are by the number of groups tried; `stability` is None where no groups
    were found, or they were given.
    """

    people: int
    voted: int
    grouped: int
    votes: int
    verdict: Verdict
    groups: tuple[Group, ...]
    statements: tuple[Statement, ...]
    silhouettes: dict[int, float]
    explained: tuple[float, ...]
    stability: Stability | None

    @property
    def stable(self) -> bool:
        """Whether groups may be spoken of."""
        return self.verdict in (Verdict.STABLE, Verdict.GIVEN)
