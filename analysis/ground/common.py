"""Common ground: from votes to what crosses opinion groups and what sets them apart.

    found = common_ground(votes, texts)
    found.ground        the findings, without anybody's votes
    found.labels        each person's group, for whoever holds the votes

Deterministic, to the last digit: seeds are fixed, and numpy keeps to one thread, which on matrices of this size is
faster, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from analysis.ground import consensus, stability
from analysis.ground.clusters import MOST, Labels, by_size
from analysis.ground.findings import Ground, Group, InGroup, Lowest, SetApart, Stability, Statement, Verdict
from analysis.ground.groups import group
from analysis.ground.stability import FEWEST, SHARE, TIMES
from analysis.ground.votes import AGREE, DISAGREE, Votes


@dataclass(frozen=True, slots=True)
class Found:
    """`labels` are ids of groups by person, "" for who was not grouped; `places` (people x 2) where each stands."""

    ground: Ground
    labels: tuple[str, ...]
    places: NDArray[np.float64]


def common_ground(
    votes: Votes,
    texts: Mapping[str, str] | None = None,
    *,
    given: Sequence[str] | None = None,
    most: int = MOST,
) -> Found:
    """`texts` are the statements' by id. `given` are groups by person ("" for none), to be taken as they are."""
    with threadpool_limits(1):
        return _found(votes, texts or {}, given, most)


def _found(votes: Votes, texts: Mapping[str, str], given: Sequence[str] | None, most: int) -> Found:
    grouping = group(votes, most)
    again = None
    if given is not None:
        grouped = np.array([place for place, name in enumerate(given) if name], np.intp)
        names = sorted({name for name in given if name}, key=_order)
        labels = np.array([names.index(given[place]) for place in grouped], np.intp)
        verdict = Verdict.GIVEN
    else:
        grouped, labels = grouping.grouped, grouping.clustering.labels
        if len(grouped) < FEWEST:
            verdict = Verdict.TOO_FEW
            labels = np.zeros_like(labels)
        elif grouping.clustering.k < 2:
            verdict = Verdict.ALIKE
        else:
            again = stability.stability(votes, grouping, most)
            verdict = Verdict.STABLE if again.stable else Verdict.UNSTABLE
        labels = by_size(labels)
        names = [chr(ord("A") + place) for place in range(int(labels.max(initial=0)) + 1)]
    counted = consensus.count(votes, grouped, labels, len(names))
    by_person = [""] * len(votes.people)
    for place, label in zip(grouped, labels, strict=True):
        by_person[place] = names[label]
    ground = Ground(
        people=len(votes.people),
        voted=int((votes.by_person > 0).sum()),
        grouped=len(grouped),
        votes=len(votes.vote),
        verdict=verdict,
        groups=_groups(votes, names, labels, counted),
        statements=_statements(votes, texts, names, counted),
        silhouettes={k: _round(score) for k, score in grouping.clustering.silhouettes.items()},
        explained=tuple(_round(share) for share in grouping.projection.explained),
        stability=None if again is None else _stability(again),
    )
    return Found(ground, tuple(by_person), grouping.projection.places)


def _order(name: str) -> tuple[bool, int, str]:
    """Numbers as numbers, before words."""
    return (False, int(name), "") if name.isdecimal() else (True, 0, name)


def _groups(votes: Votes, names: Sequence[str], labels: Labels, counted: consensus.Counted) -> tuple[Group, ...]:
    apart: dict[int, list[SetApart]] = {}
    for one in consensus.apart(counted):
        told = SetApart(votes.statements[one.statement], one.vote, one.share, one.others, one.p, one.q)
        apart.setdefault(one.group, []).append(told)
    sizes = np.bincount(labels, minlength=len(names))
    return tuple(Group(name, int(sizes[place]), tuple(apart.get(place, ()))) for place, name in enumerate(names))


def _statements(
    votes: Votes, texts: Mapping[str, str], names: Sequence[str], counted: consensus.Counted
) -> tuple[Statement, ...]:
    agreement = consensus.smoothed(counted.agree, counted.seen)
    disagreement = consensus.smoothed(counted.disagree, counted.seen)
    product, against = (consensus.consensus(each, counted.seen) for each in (counted.agree, counted.disagree))
    least, least_against = (consensus.lowest(each, counted.seen) for each in (counted.agree, counted.disagree))
    standing = consensus.standing(least, least_against, counted)
    agree, disagree = (
        np.bincount(votes.statement[votes.vote == vote], minlength=len(votes.statements)) for vote in (AGREE, DISAGREE)
    )

    def in_group(place: int, statement: int) -> InGroup:
        agree, disagree, seen = (
            int(each[place, statement]) for each in (counted.agree, counted.disagree, counted.seen)
        )
        return InGroup(
            group=names[place],
            agree=agree,
            disagree=disagree,
            passed=seen - agree - disagree,
            seen=seen,
            agreement=float(agreement[place, statement]),
            disagreement=float(disagreement[place, statement]),
        )

    def least_of(lowest: consensus.Lowest, at: int) -> Lowest:
        return Lowest(
            float(lowest.value[at]), names[int(lowest.group[at])], float(lowest.low[at]), float(lowest.high[at])
        )

    found = [
        Statement(
            id=name,
            text=texts.get(name, ""),
            agree=int(agree[at]),
            disagree=int(disagree[at]),
            passed=int(votes.by_statement[at] - agree[at] - disagree[at]),
            seen=int(votes.by_statement[at]),
            group_informed_consensus=float(product[at]),
            group_informed_rejection=float(against[at]),
            lowest_agreement=least_of(least, at),
            lowest_disagreement=least_of(least_against, at),
            standing=standing[at],
            groups=tuple(in_group(place, at) for place in range(len(names))),
        )
        for at, name in enumerate(votes.statements)
    ]
    return tuple(sorted(found, key=lambda one: -one.group_informed_consensus))


def _stability(again: stability.Stability) -> Stability:
    alike = again.alike
    return Stability(
        TIMES, SHARE, _round(again.median), _round(alike[0]), _round(alike[-1]), _round(again.same_k), again.by_chance
    )


def _round(value: float) -> float:
    return round(float(value), 4)
