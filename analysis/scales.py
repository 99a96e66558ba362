"""A scale's mean beside its counts, and a number's quartiles: shown only where they give no hidden count away."""

from __future__ import annotations

from analysis.findings import Mean, Quartiles
from analysis.suppression import Cell, Relation, System, exposed
from analysis.tally import Tally, mean, quartiles
from surveys.model import Question

STEP = 0.1
"""Means are rounded to this, their intervals too: with hidden counts, rounding is what protects."""


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
    cells: list[tuple[Cell, float]] = [(("answer", question.id, key), float(key)) for key in tally.counts]
    if not any(cell in hidden for cell, _ in cells):
        return rounded
    n = tally.n
    total = float(tally.values.sum())
    spread = float(((tally.values - exact.value) ** 2).sum())
    half = exact.high - exact.value
    low, high = (max(0.0, 1 + sign * STEP / 2 / half) ** 2 if half else 1.0 for sign in (-1, 1))
    if not half:
        return None  # all alike: the width says so
    square = n * exact.value**2
    known = (
        Relation(tuple(cells), total - n * STEP / 2, total + n * STEP / 2),
        Relation(tuple((cell, point**2) for cell, point in cells), square + spread * low, square + spread * high),
    )
    joined = System(system.cells, (*system.relations, *known))
    return None if exposed(joined, hidden, minimum) else rounded


def published_quartiles(counts: Tally, minimum: int) -> Quartiles | None:
    """The median where `minimum` people lie on either side of it, the quartiles where as many lie in each quarter."""
    if counts.n < 2 * minimum:
        return None
    lower, middle, upper = quartiles(counts.values)
    if counts.n < 4 * minimum:
        return Quartiles(middle)
    return Quartiles(middle, lower, upper)
