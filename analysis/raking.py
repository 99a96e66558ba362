"""Weights that make those who answered look like a population in what is known of it: raking to margins.

Iterative proportional fitting (Deming and Stephan, Annals of Mathematical Statistics 11, 1940): each margin in turn is
met by one factor for each category, until all are met. Weights above `cap` times the mean are then cut to it and the
rest raked again, so that nobody speaks for very many; where cuts remain the margins are missed by `gap`.

Who gave no answer to a margin's question, or one that the margin has not, keeps their part in it: the margin is held
among the others. A category in which nobody was heard can't be weighted up: its share goes to the others, and it is
named in `unheard`.

Weighting mends only what the margins hold. People who chose to answer differ from others in more than that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Weights = NDArray[np.float64]

CAP = 5.0
MET = 1e-11
"""A margin is met when no category's share is off by more."""
ROUNDS = 1_000
CUTS = 50
SLOW = 50
"""Rounds in which a margin must come nearer by a tenth, or it is never met."""
LEAST = 0.01
"""No weight is lower: margins that contradict each other would make somebody's answers nothing."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What is known of a population: shares by category of one question, above 0 and adding up to 1."""

    question: str
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a margin: its share of the population, of those who answered, and after weighting."""

    question: str
    category: str
    people: int
    population: float
    heard: float
    weighted: float


@dataclass(frozen=True, slots=True)
class Raking:
    """`weights` by person, of mean 1. `effective` is Kish's effective sample size (sum w)^2 / sum w^2, and `deff` how
    many times as many people that takes: n / effective. `trimmed` people were cut to the cap.

    `met` says whether the margins were met; if not, the share that is farthest off is off by `gap`.
    """

    weights: Weights
    categories: tuple[Category, ...]
    unheard: tuple[tuple[str, str], ...]
    effective: float
    deff: float
    trimmed: int
    gap: float

    @property
    def met(self) -> bool:
        return self.gap < 1e-6


def rake(people: pd.DataFrame, margins: Sequence[Margin], cap: float = CAP, base: Weights | None = None) -> Raking:
    """`people` has a column for each margin's question, missing where it was not answered; `base` are weights to begin
    with, such as those of a sample drawn with unequal chances. Raises ValueError for a cap that is not above 1."""
    if not cap > 1:
        raise ValueError(f"A cap of {cap} is not above 1: weights have mean 1.")
    count = len(people)
    start = np.ones(count) if base is None else np.asarray(base, float) / np.mean(base)
    codes = [_codes(people[margin.question], margin) for margin in margins]
    targets = [_target(code, margin, start) for code, margin in zip(codes, margins, strict=True)]
    weights, trimmed = _trimmed(start, codes, targets, cap)
    categories = tuple(
        one for code, margin in zip(codes, margins, strict=True) for one in _categories(code, margin, start, weights)
    )
    unheard = tuple((one.question, one.category) for one in categories if one.population and not one.people)
    return Raking(
        weights=weights,
        categories=categories,
        unheard=unheard,
        effective=effective(weights),
        deff=count / effective(weights) if count else 1.0,
        trimmed=trimmed,
        gap=max((_gap(weights, code, target) for code, target in zip(codes, targets, strict=True)), default=0.0),
    )


def effective(weights: Weights) -> float:
    """Kish's effective sample size: how many people with equal weights tell as much."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


Codes = NDArray[np.intp]


def _codes(column: pd.Series[str], margin: Margin) -> Codes:
    """Each person's category by its place in the margin; the number of categories for those without one."""
    places = {category: place for place, category in enumerate(margin.shares)}
    found = column.astype(object).map(places)
    return np.asarray(found.fillna(len(places)), np.intp)


def _target(codes: Codes, margin: Margin, start: Weights) -> NDArray[np.float64]:
    """What each category must weigh in all, and at the end those without one; 0 in which nobody was heard."""
    shares = np.array([*margin.shares.values(), 0.0])
    weight = np.bincount(codes, weights=start, minlength=len(shares))
    shares[weight == 0] = 0
    known = weight[:-1].sum()
    target = shares * (known / shares.sum() if shares.sum() else 0.0)
    target[-1] = weight[-1]
    return target


def _trimmed(
    start: Weights, codes: Sequence[Codes], targets: Sequence[NDArray[np.float64]], cap: float
) -> tuple[Weights, int]:
    """Raked, cut, and raked again until nothing is left to cut, or the margins can't be met; at last cut, whatever that
    does to them."""
    if not len(start):
        return start, 0
    # People alike in every margin have one weight a unit of base weight: the work is on those kinds of people.
    place: Codes = np.zeros(len(start), np.intp)
    for code in codes:
        place = np.unique(place * (int(code.max()) + 1) + code, return_inverse=True)[1].astype(np.intp)
    first = np.unique(place, return_index=True)[1]
    columns = [code[first] for code in codes]
    bases = np.asarray(np.bincount(place, weights=start), np.float64)
    factors = np.ones(len(bases), np.float64)
    heaviest = np.zeros(len(bases))
    np.maximum.at(heaviest, place, start)
    for _ in range(CUTS):
        factors, met = _fitted(bases, factors, columns, targets)
        over = factors * heaviest > cap * (1 + 1e-9)
        if not (met and over.any()):
            break
        factors = np.where(over, cap / heaviest, factors)
    weights = start * factors[place]
    for _ in range(ROUNDS):  # cut with the mean at 1, which a cut moves
        weights = np.clip(weights / weights.mean(), LEAST, cap)
        if abs(weights.mean() - 1) < MET:
            break
    return weights, int((weights >= cap * (1 - 1e-9)).sum())


def _fitted(
    bases: Weights, factors: Weights, columns: Sequence[Codes], targets: Sequence[NDArray[np.float64]]
) -> tuple[Weights, bool]:
    """The factors with which the targets are met, and whether they are."""
    total, before = bases.sum(), np.inf
    for done in range(ROUNDS):
        off = 0.0
        for column, target in zip(columns, targets, strict=True):
            now = np.bincount(column, weights=bases * factors, minlength=len(target))
            off = max(off, float(np.abs(target - now).max()) / total)
            factors = factors * np.divide(target, now, out=np.ones_like(now), where=now > 0)[column]
        if off < MET:
            return factors, True
        if done % SLOW == SLOW - 1:
            if off > 0.9 * before:
                break
            before = off
    return factors, False


def _gap(weights: Weights, codes: Codes, target: NDArray[np.float64]) -> float:
    now = np.bincount(codes, weights=weights, minlength=len(target))
    return float(np.abs(now - target).max() / weights.sum()) if len(weights) else 0.0


def _categories(codes: Codes, margin: Margin, start: Weights, weights: Weights) -> list[Category]:
    size = len(margin.shares) + 1
    people = np.bincount(codes, minlength=size)
    heard, weighted = (np.bincount(codes, weights=each, minlength=size)[:-1] for each in (start, weights))
    shares = [each / each.sum() if each.sum() else each for each in (heard, weighted)]
    return [
        Category(margin.question, name, int(people[at]), share, float(shares[0][at]), float(shares[1][at]))
        for at, (name, share) in enumerate(margin.shares.items())
    ]
