"""What crosses groups, and what sets them apart, from the votes of people whose groups are known.

In one group a of n people who saw a statement agree (passes count as seen). Then

    agreement                    P_g = (a + 1) / (n + 2)
    group-informed consensus     the product of P_g over the groups

(Small et al. 2021), and the same of those who disagree. A product falls with the number of groups, so the lowest P_g
stands beside it. Its interval holds the lowest share of all groups at least 95 times of 100: each group's is Wilson's
at 1 - 0.05 / groups (Bonferroni), and the lowest of their lower and of their upper ends are taken.

A group is told apart by Fisher's exact test of two proportions, agreeing (or disagreeing) in the group against all
others; all groups, statements and both votes are tried, so q is Benjamini and Hochberg's (1995): of what is listed at
q < 0.05 about one in twenty is chance. As the groups were made from the same votes, the tests say what they are about,
not that they exist: that is for analysis/ground/stability.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, norm

from analysis.ground.clusters import Labels
from analysis.ground.votes import AGREE, DISAGREE, Votes

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Counted:
    """Groups x statements: who agreed, who disagreed, and who saw it (passes too)."""

    agree: Counts
    disagree: Counts
    seen: Counts


@dataclass(frozen=True, slots=True)
class Lowest:
    """By statement: the lowest agreement of any group, in which group, and the interval of it."""

    value: Shares
    group: NDArray[np.intp]
    low: Shares
    high: Shares


@dataclass(frozen=True, slots=True)
class Apart:
    """In `group` `share` of those who saw `statement` gave this vote, of all others `others` did (None: nobody saw it).

    Group and statement are places; `p` is of Fisher's exact test, `q` after Benjamini and Hochberg.
    """

    group: int
    statement: int
    vote: str
    share: float
    others: float
    p: float
    q: float


def count(votes: Votes, grouped: NDArray[np.intp], labels: Labels, groups: int) -> Counted:
    """The votes of grouped people (places in votes.people, with their groups from 0), by group and statement."""
    group = np.full(len(votes.people), -1, np.int64)
    group[grouped] = labels
    mine = group[votes.person]
    statements = len(votes.statements)

    def of(kept: NDArray[np.bool_]) -> Counts:
        kept = kept & (mine >= 0)
        cells = mine[kept] * statements + votes.statement[kept]
        return np.bincount(cells, minlength=groups * statements).reshape(groups, statements).astype(np.int64)

    return Counted(of(votes.vote == AGREE), of(votes.vote == DISAGREE), of(np.ones(len(votes.vote), np.bool_)))


def smoothed(given: Counts, seen: Counts) -> Shares:
    shares: Shares = (given + 1.0) / (seen + 2.0)
    return shares


def consensus(given: Counts, seen: Counts) -> Shares:
    """The product over the groups, by statement."""
    product: Shares = smoothed(given, seen).prod(axis=0)
    return product


def lowest(given: Counts, seen: Counts) -> Lowest:
    shares = smoothed(given, seen)
    low, high = wilson(given, seen, LEVEL / max(len(given), 1))
    return Lowest(shares.min(axis=0), shares.argmin(axis=0), low.min(axis=0), high.min(axis=0))


def wilson(given: Counts, seen: Counts, level: float) -> tuple[Shares, Shares]:
    """The intervals of shares given/seen that miss with a chance of `level` (analysis.intervals.wilson), for arrays."""
    z = float(norm.isf(level / 2))
    n = np.maximum(seen, 1)
    share = given / n
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    middle, scale = share + z * z / (2 * n), 1 + z * z / n
    nobody = seen == 0
    low = np.where(nobody, 0.0, np.maximum((middle - half) / scale, 0.0))
    high = np.where(nobody, 1.0, np.minimum((middle + half) / scale, 1.0))
    return low, high


def apart(counted: Counted, level: float = LEVEL) -> list[Apart]:
    """What each group says more often than the others, the surest first. Nothing where there is one group."""
    if len(counted.seen) < 2:
        return []
    tried = {"agree": counted.agree, "disagree": counted.disagree}
    p = np.array([fisher(given, counted.seen) for given in tried.values()])
    q = benjamini_hochberg(p)
    found: list[Apart] = []
    for vote, given, ps, qs in zip(tried, tried.values(), p, q, strict=True):
        share = given / np.maximum(counted.seen, 1)
        rest_seen = counted.seen.sum(axis=0) - counted.seen
        others = (given.sum(axis=0) - given) / np.maximum(rest_seen, 1)
        listed = (qs < level) & (share > others)
        found += [
            Apart(int(g), int(s), vote, float(share[g, s]), float(others[g, s]), float(ps[g, s]), float(qs[g, s]))
            for g, s in np.argwhere(listed)
        ]
    return sorted(found, key=lambda one: (one.group, one.p, one.others - one.share, one.statement))


def fisher(given: Counts, seen: Counts) -> Shares:
    """Two-sided p of each group against all others, by statement: twice the smaller tail, at most 1."""
    all_given, all_seen = given.sum(axis=0), seen.sum(axis=0)
    args = (np.broadcast_to(all_seen, seen.shape), np.broadcast_to(all_given, seen.shape), seen)
    lower, upper = hypergeom.cdf(given, *args), hypergeom.sf(given - 1, *args)
    p: Shares = np.minimum(2 * np.minimum(lower, upper), 1.0)
    return np.nan_to_num(p, nan=1.0)  # nan: nobody saw it


def benjamini_hochberg(p: Shares) -> Shares:
    """The q of each p: the smallest rate of false discoveries at which it would be listed."""
    flat = p.ravel()
    order = np.argsort(flat)
    scaled = flat[order] * len(flat) / np.arange(1, len(flat) + 1)
    q = np.empty_like(flat)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q.reshape(p.shape)


def standing(agree: Lowest, disagree: Lowest, counted: Counted) -> Sequence[str]:
    """Of each statement: agreed or rejected by more than half of every group, as far as can be told from so many votes;
    divided where more than half of one group agree and of another disagree; open where neither can be told."""
    level = LEVEL / max(len(counted.seen), 1)
    for_it = (wilson(counted.agree, counted.seen, level)[0] > 0.5).any(axis=0)
    against = (wilson(counted.disagree, counted.seen, level)[0] > 0.5).any(axis=0)
    choices = [agree.low > 0.5, disagree.low > 0.5, for_it & against]
    return [str(one) for one in np.select(choices, ["agreed", "rejected", "divided"], "open")]
