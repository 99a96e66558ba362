"""Whether groups would be found again: the whole way from votes to groups is gone anew for parts of the people.

Each time a fifth of the people is left out. Where the groups are real the rest fall into the same ones, which the
adjusted Rand index says (Hubert and Arabie 1985: 1 the same, 0 no more alike than by chance), and the silhouette
chooses as many. Votes at random give groups, too: k-means always does. They don't come again.

A few dozen people can look stable by chance. So theirs are also held against votes that have nothing in common: each
statement's votes dealt anew among those who voted on it. Not one of 99 such deals may part people as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.ground.clusters import LEAST, MOST, Labels, kmeans
from analysis.ground.groups import Grouping, group
from analysis.ground.votes import Votes

TIMES = 20
SHARE = 0.8
STARTS, MEASURED_ON = 4, 300
"""Fewer than for the groups themselves: it is done so many times."""
LEFT = int(LEAST * SHARE)
"""People in a group at least where a fifth of everybody is left out."""
LEAST_ALIKE = 0.8
"""The median adjusted Rand index from which groups are called stable."""
LEAST_SAME = 0.5
"""The share of times in which the silhouette must choose as many groups."""
FEWEST = 12
"""With fewer people than this no groups are told apart: leaving two or three out is another poll."""
ROUNDING = 1e-6
FEW, DEALS = 200, 99
"""Up to so many people votes are dealt anew, so many times: one in a hundred would be best by chance."""


@dataclass(frozen=True, slots=True)
class Stability:
    """`alike` are the adjusted Rand indices, lowest first; `chosen` how often each k was chosen. `by_chance` is the
    share of deals that parted people better; None for more than FEW people, where it was not tried."""

    alike: tuple[float, ...]
    chosen: Mapping[int, int]
    k: int
    by_chance: float | None = None

    @property
    def median(self) -> float:
        return float(np.median(self.alike)) if self.alike else 0.0

    @property
    def same_k(self) -> float:
        """The share of times in which as many groups were found."""
        return self.chosen.get(self.k, 0) / len(self.alike) if self.alike else 0.0

    @property
    def stable(self) -> bool:
        again = self.k > 1 and self.median >= LEAST_ALIKE and self.same_k >= LEAST_SAME
        return again and not self.by_chance


def stability(votes: Votes, found: Grouping, most: int = MOST) -> Stability:
    """How stable these groups are. Deterministic: who is left out is drawn with a fixed seed."""
    k = found.clustering.k
    if k < 2:
        return Stability((), {}, k)
    people = len(votes.people)
    labels = np.full(people, -1, np.intp)
    labels[found.grouped] = found.clustering.labels
    random = np.random.default_rng(0)
    alike: list[float] = []
    chosen: dict[int, int] = {}
    for _ in range(TIMES):
        kept = np.sort(random.choice(people, max(int(SHARE * people), 2), replace=False))
        again = group(votes.of(kept), most, sample=MEASURED_ON, starts=STARTS, least=LEFT)
        chosen[again.clustering.k] = chosen.get(again.clustering.k, 0) + 1
        before = labels[kept[again.grouped]]
        as_many = again.clustering.labels
        if again.clustering.k != k:
            as_many = kmeans(again.projection.places[again.grouped], k, STARTS, LEFT)
        both = before >= 0
        alike.append(adjusted_rand(before[both], as_many[both]))
    by_chance = _by_chance(votes, found, most) if len(found.grouped) <= FEW else None
    return Stability(tuple(sorted(alike)), dict(sorted(chosen.items())), k, by_chance)


def _by_chance(votes: Votes, found: Grouping, most: int) -> float:
    """The share of DEALS in which the best silhouette is higher than the one found."""
    random = np.random.default_rng(0)
    by_statement = np.argsort(votes.statement, kind="stable")
    best = max(found.clustering.silhouettes.values())
    better = 0
    for _ in range(DEALS):
        dealt = votes.vote.copy()
        dealt[by_statement] = votes.vote[np.lexsort((random.random(len(dealt)), votes.statement))]
        again = group(replace(votes, vote=dealt), most, starts=STARTS)
        better += max(again.clustering.silhouettes.values(), default=0.0) > best + ROUNDING
    return better / DEALS


def adjusted_rand(one: Labels, other: Labels) -> float:
    """The adjusted Rand index of two ways to part the same people; 1 where both leave them together, or all apart."""
    if not len(one):
        return 1.0
    _, rows = np.unique(one, return_inverse=True)
    _, columns = np.unique(other, return_inverse=True)
    table = np.bincount(rows * (int(columns.max()) + 1) + columns, minlength=1)
    together, all_pairs = _pairs(table), _pairs(np.array([len(one)]))
    first, second = _pairs(np.bincount(rows)), _pairs(np.bincount(columns))
    expected = first * second / all_pairs if all_pairs else 0.0
    most = (first + second) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def _pairs(counts: NDArray[np.intp]) -> float:
    return float((counts * (counts - 1)).sum()) / 2
