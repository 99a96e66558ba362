"""Counts, shares and their intervals, with nothing hidden yet: analysis/suppression.py decides what may be shown.

An interval says what chance alone would do to a random sample of this size. People who answer a poll of this kind
chose to answer: the interval is "of those who answered", and the true uncertainty about everybody is larger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from analysis import frames
from surveys.model import Question

MOST_POINTS = 11
"""A scale with more points than this is told by its mean alone."""


Values = NDArray[np.float64]
NONE: Values = np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One question's answers. `n` people answered it and `skipped` left it out.

    `counts` by option, by point of a scale, in the question's order, zeros included; of a many-of they add up to more
    than n. `values` are the answers to a number or a scale.
    """

    n: int
    skipped: int
    counts: Mapping[str, int]
    values: Values


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean with its 95 % interval (Student's t)."""

    value: float
    low: float
    high: float


def mean(values: Values | Sequence[float]) -> Mean | None:
    """None for fewer than two values, of which no interval can be made."""
    if len(values) < 2:
        return None
    data = np.asarray(values)
    middle = float(data.mean())
    half = float(t.ppf(0.975, len(data) - 1) * data.std(ddof=1) / sqrt(len(data)))
    return Mean(middle, middle - half, middle + half)


def quartiles(values: Values | Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile, between two values where they fall between."""
    lower, middle, upper = np.quantile(np.asarray(values), [0.25, 0.5, 0.75])
    return float(lower), float(middle), float(upper)


def points(question: Question) -> tuple[str, ...]:
    """The points of a scale that are counted one by one; none where there are too many."""
    low, high = int(question.minimum or 0), int(question.maximum or 0)
    if not question.whole or not 0 < high - low < MOST_POINTS:
        return ()
    return tuple(str(point) for point in range(low, high + 1))


def choices(question: Question) -> tuple[str, ...]:
    """What this question's counts are by; none for a number and an open question."""
    if question.type == "yes-no":
        return tuple(choice.id for choice in question.options) or ("yes", "no")
    if question.type == "scale":
        return points(question)
    return tuple(choice.id for choice in question.options)


def tally(question: Question, rows: pd.DataFrame) -> Tally:
    """Tally the rows of one question (columns: analysis.frames.Frames.answers). Ids no longer offered count too."""
    answered = (rows["choice"].notna() | rows["number"].notna()).to_numpy()
    n = frames.people(rows if answered.all() else rows[answered])
    skipped = frames.people(rows) - n
    values = rows["number"].dropna().to_numpy() if question.type in ("scale", "number") else NONE
    if question.type == "scale":
        points, times = np.unique(values.astype(np.int64), return_counts=True)
        found = {str(point): int(count) for point, count in zip(points, times, strict=True)}
    elif question.type in ("number", "open"):
        found = {}  # an open answer's choice is a code
    else:
        found = {key: count for key, count in frames.by_category(rows["choice"]).items() if key and count}
    offered = choices(question)
    if question.type == "scale" and not offered:
        found = {}
    counts = {key: found.pop(key, 0) for key in offered}
    return Tally(n, skipped, counts | dict(sorted(found.items())), values)
