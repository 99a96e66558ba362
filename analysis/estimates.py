"""Shares with and without weights, side by side, in all and by group, each with its interval.

An interval is Wilson's: of the unweighted share over n people, of the weighted share over Kish's effective sample size
(analysis/raking.py), which grants that weights make a number less sure. Its name says what it is: of people who chose
to answer it says what chance alone would do in a random sample of as many, and that is not how far off it may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t

from analysis.intervals import wilson
from analysis.raking import Weights, effective
from analysis.tally import MOST_POINTS

CHOSE = "self-selected"
DRAWN = "random"
INTERVALS: Mapping[str, str] = {
    CHOSE: "People chose to answer. The range is what chance alone would do in a random sample of this size, 95 times "
    "of 100; how far these people differ from all others is not in it, and may be more.",
    DRAWN: "The range holds the population's share 95 times of 100, as far as those who did not answer are like those "
    "who did.",
}
"""What intervals are, by how people came to answer."""

FEW = 30
"""Fewer answers than this are marked."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of those who answered, with its interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Answer:
    """How many gave this answer (or chose this option), and as a share, without weights and with."""

    answer: str
    count: int
    unweighted: Share
    weighted: Share


@dataclass(frozen=True, slots=True)
class Average:
    """A mean with its 95 % interval (Student's t, on n - 1 or effective - 1 degrees)."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One question among `n` people who answered it, who tell as much as `effective` of equal weight.

    Numbers have averages, and answers only where they are points of a scale. `few` marks fewer than 30 answers.
    """

    question: str
    n: int
    effective: float
    few: bool
    answers: tuple[Answer, ...] = ()
    average: Average | None = None
    weighted_average: Average | None = None


@dataclass(frozen=True, slots=True)
class Crosstab:
    """One question within each group of another."""

    question: str
    by: str
    groups: tuple[tuple[str, Estimate], ...]


def estimate(question: str, column: pd.Series[Any], weights: Weights, order: Sequence[str] = ()) -> Estimate:
    """`column` has a row a person: a text, a tuple of the options chosen, a number, or missing.

    `order` are the answers that there are, first; others follow by how often they were given, numbers by size. More
    different numbers than a scale has points are told by their averages alone.
    """
    given = column.notna().to_numpy()
    values, mine = column[given], weights[given]
    n, tells = int(given.sum()), effective(mine)
    averages: tuple[Average | None, Average | None] = (None, None)
    is_number = pd.api.types.is_numeric_dtype(column)
    if is_number and n:
        numbers = values.to_numpy(float)
        averages = _average(numbers, np.ones(n), n), _average(numbers, mine, tells)
    answers: list[Answer] = []
    if not is_number or values.nunique() <= MOST_POINTS:
        counts, weighted = _counts(values.map("{:g}".format) if is_number else values, mine)
        others = set(counts) - set(order)
        ranked = sorted(others, key=float) if is_number else sorted(others, key=lambda name: (-counts[name], name))
        total = float(mine.sum())
        answers = [
            Answer(
                name,
                counts.get(name, 0),
                _share(counts.get(name, 0) / n if n else 0.0, n),
                _share(weighted.get(name, 0.0) / total if total else 0.0, tells),
            )
            for name in (*order, *ranked)
        ]
    return Estimate(question, n, tells, n < FEW, tuple(answers), *averages)


def crosstab(question: str, column: pd.Series[Any], by: str, groups: pd.Series[Any], weights: Weights) -> Crosstab:
    """The groups in the order of their size; who is in none is left out."""
    names = groups.dropna().astype(str).value_counts()
    order = [one.answer for one in estimate(question, column, weights).answers]
    found = []
    for name in sorted(names.index, key=lambda name: (-names[name], name)):
        mine = (groups.notna() & (groups.astype(str) == name)).to_numpy()
        found.append((name, estimate(question, column[mine], weights[mine], order)))
    return Crosstab(question, by, tuple(found))


def _counts(values: pd.Series[Any], weights: Weights) -> tuple[dict[str, int], dict[str, float]]:
    """How many gave each answer, and what they weigh. Of a tuple each part counts, once a person."""
    frame = pd.DataFrame({"answer": values.to_numpy(object), "weight": weights})
    if any(isinstance(value, tuple) for value in frame["answer"]):
        frame["answer"] = [tuple(dict.fromkeys(value)) for value in frame["answer"]]
        frame = frame.explode("answer").dropna(subset=["answer"])
    grouped = frame.groupby(frame["answer"].astype(str))["weight"].agg(["size", "sum"])
    return (
        {str(answer): int(size) for answer, size in grouped["size"].items()},
        {str(answer): float(total) for answer, total in grouped["sum"].items()},
    )


def _share(share: float, n: float) -> Share:
    share = min(max(share, 0.0), 1.0)
    low, high = wilson(share * n, n)
    return Share(share, low, high)


def _average(numbers: Weights, weights: Weights, n: float) -> Average:
    mean = float(np.average(numbers, weights=weights))
    if n <= 1 + 1e-9:
        return Average(mean, None, None)
    variance = float(np.average((numbers - mean) ** 2, weights=weights)) * n / (n - 1)
    half = float(t.ppf(0.975, n - 1)) * np.sqrt(variance / n)
    return Average(mean, mean - half, mean + half)
