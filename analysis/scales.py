"""A scale's mean beside its counts, in all and by group, and a number's quartiles: shown only where they give no hidden
count away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
import pandas as pd
from scipy.stats import t

from analysis.crossing import Crossed, size
from analysis.findings import FEW, Finding, Mean, Quartiles
from analysis.suppression import Cell, Relation, System, adds_up, exposed, small
from analysis.tally import Tally, mean, quartiles
from surveys.model import Question

STEP = 0.1
"""Means are rounded to this, their intervals too: with hidden counts, rounding is what protects."""


def as_choices(rows: pd.DataFrame, points: Sequence[str]) -> pd.DataFrame:
    """A scale's rows (analysis.frames.Frames.answers) with its points as choices."""
    numbers = pd.Index([float(point) for point in points])
    places = numbers.get_indexer(pd.Index(rows["number"])).astype(np.int8)
    choice = pd.Categorical.from_codes(places, categories=pd.Index(points))
    return pd.DataFrame({"person": rows["person"], "choice": choice}, copy=False)


def published_mean(
    question: Question, tally: Tally, system: System, hidden: frozenset[Cell], minimum: int
) -> Mean | None:
    """The mean and its interval, or None where there are too few answers, or where they would expose a hidden count.

    A reader who knows the mean knows the sum of the points within n times half a step, and from half the interval's
    width, which is off by half a step at most, the sum of their squares within bounds. The bounds used here are
    narrower than a reader's, who does not know the mean that the squares are about.
    """
    exact = mean(tally.values)
    if exact is None or tally.n < minimum:
        return None
    rounded = Mean(round(exact.value, 1), round(exact.low, 1), round(exact.high, 1))
    if not any(("answer", question.id, key) in hidden for key in tally.counts):
        return rounded
    known = _told(question, tally)
    if not known:
        return None  # all alike: the width says so
    joined = System(system.cells, (*system.relations, *known))
    return None if exposed(joined, hidden, minimum) else rounded


def _told(question: Question, tally: Tally) -> tuple[Relation, ...]:
    """What the mean and its interval tell of the counts; nothing where there is no width."""
    exact = mean(tally.values)
    if exact is None or exact.high == exact.value:
        return ()
    n, total, half = tally.n, float(tally.values.sum()), exact.high - exact.value
    spread = float(((tally.values - exact.value) ** 2).sum())
    low, high = (max(0.0, 1 + sign * STEP / 2 / half) ** 2 for sign in (-1, 1))
    square = n * exact.value**2
    cells: list[tuple[Cell, float]] = [(("answer", question.id, key), float(key)) for key in tally.counts]
    return (
        Relation(tuple(cells), total - n * STEP / 2, total + n * STEP / 2),
        Relation(tuple((cell, point**2) for cell, point in cells), square + spread * low, square + spread * high),
    )


Means = Mapping[tuple[str, str], float]
"""By the question and the group of it."""


def group_means(
    question: Question,
    tally: Tally,
    tables: Sequence[Crossed],
    system: System,
    hidden: frozenset[Cell],
    minimum: int,
) -> Means:
    """The means of groups whose size is shown, rounded; of none smaller than twice the minimum. All of them are tried,
    then those of groups that are not measured low; none is told where together they would bound a small count.

    The reader is granted what is hidden elsewhere, and that the scale's own mean is shown.
    """
    points: dict[Cell, int] = {}
    relations: list[Relation] = [*system.relations, *_told(question, tally)]
    for one in tables:
        inside = {key: {group: ("point", one.by, group, question.id, key) for group in one.groups} for key in one.keys}
        points |= {cell: one.counts[group, key] for key, cells in inside.items() for group, cell in cells.items()}
        relations += [adds_up(("answer", question.id, key), cells.values()) for key, cells in inside.items()]
        relations += [adds_up(size(one, group), [cells[group] for cells in inside.values()]) for group in one.groups]
    joined = System({**system.cells, **points}, tuple(relations))
    mine = frozenset(cell for cell in hidden if question.id in cell)
    guarded = mine | {cell for cell, count in points.items() if small(count, minimum)}
    for least in (2 * minimum, FEW):
        found = {
            (one.by, group): round(sum(int(key) * one.counts[group, key] for key in one.keys) / one.n[group], 1)
            for one in tables
            for group in one.groups[:-1]
            if one.n[group] >= least and size(one, group) not in hidden
        }
        known = [
            _sum(one, group, question.id, found[one.by, group])
            for one in tables
            for group in one.groups
            if (one.by, group) in found
        ]
        told = System(joined.cells, (*joined.relations, *known))
        if found and not exposed(told, mine | points.keys(), minimum) & guarded:
            return found
    return {}


def _sum(one: Crossed, group: str, question: str, told: float) -> Relation:
    """What a group's rounded mean tells of its points."""
    terms = tuple((("point", one.by, group, question, key), float(key)) for key in one.keys)
    n = one.n[group]
    return Relation(terms, n * (told - STEP / 2), n * (told + STEP / 2))


def deviation(finding: Finding) -> float:
    """The standard deviation of a scale's answers by what is shown of it: who is in hidden points is spread evenly over
    them. So ranges that are reckoned with it give nothing away."""
    cells, n = finding.cells, finding.n or 0
    left = max(n - sum(cell.count or 0 for cell in cells), 0)
    hidden = sum(cell.count is None for cell in cells)
    counts = [left / hidden if cell.count is None else float(cell.count) for cell in cells]
    if n < 2 or not sum(counts):
        return 0.0
    points = np.array([float(cell.id) for cell in cells])
    variance = np.average((points - np.average(points, weights=counts)) ** 2, weights=counts)
    return sqrt(float(variance) * n / (n - 1))


def ranged(value: float, deviation: float, n: float) -> Mean:
    """A mean of `n` answers with its 95 % interval (Student's t), rounded."""
    half = float(t.ppf(0.975, n - 1)) * deviation / sqrt(n) if n > 1 else float("inf")
    return Mean(round(value, 1), round(value - half, 1), round(value + half, 1))


def published_quartiles(counts: Tally, minimum: int) -> Quartiles | None:
    """The median where `minimum` people lie on either side of it, the quartiles where as many lie in each quarter."""
    if counts.n < 2 * minimum:
        return None
    lower, middle, upper = quartiles(counts.values)
    if counts.n < 4 * minimum:
        return Quartiles(middle)
    return Quartiles(middle, lower, upper)
