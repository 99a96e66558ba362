"""The linear machines that tell codes apart, and what makes probabilities of their scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from analysis.grams import Grams, Rows, Scale, known, learn, root, unit

Matrix = np.ndarray[Any, Any]

SEED = 20
FEW = 500
"""Coded texts up to which logistic regression has a say beside the support vector machines: with more it adds
nothing (docs/decisions/0022-coding.md), and takes its time."""


RARE = 10
"""Texts with a code below which it has no curve of its own."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at texts, and how much what is seen so weighs."""

    shortest: int
    longest: int
    scale: Scale
    weight: float


VIEWS = (View(2, 5, root, 1.0), View(1, 3, unit, 0.7))
"""Stems and endings; and shorter pieces, of which more are left in a word that is misspelt."""


class Views:
    """Texts as rows, once for each view."""

    def __init__(self, grams: Sequence[Grams]) -> None:
        self._grams = tuple(grams)

    def __call__(self, texts: Sequence[str]) -> list[Rows]:
        return [grams(texts) for grams in self._grams]

    def kept(self) -> list[tuple[list[str], Matrix]]:
        """What was learned, for each view: see `views_known`."""
        return [grams.kept() for grams in self._grams]


def look(texts: Sequence[str]) -> tuple[Views, list[Rows]]:
    """Views that learned from these texts, and their rows."""
    grams, rows = zip(*(learn(texts, view.shortest, view.longest, view.scale) for view in VIEWS), strict=True)
    return Views(grams), list(rows)


def views_known(kept: Sequence[tuple[Sequence[str], Matrix]]) -> Views:
    """Views that learned this before."""
    return Views(
        [
            known(grams, rarity, view.shortest, view.longest, view.scale)
            for (grams, rarity), view in zip(kept, VIEWS, strict=True)
        ]
    )


Part = tuple[Matrix, Matrix]
"""Weights, a column a code, and offsets."""


class Machine:
    """The weighted mean of a linear machine for each view. Scores are signed distances, a column a code."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)

    def scores(self, rows: Sequence[Rows]) -> Matrix:
        """`rows` as Views gives them."""
        return np.asarray(
            sum(seen @ weights + offsets for seen, (weights, offsets) in zip(rows, self.parts, strict=True))
        )


def fit(rows: Sequence[Rows], truth: Matrix, *, single: bool) -> Machine:
    """Learn which codes (columns of `truth`) each text has; `single`: each has one."""
    parts = [_even(*_vectors(seen, truth), view.weight) for seen, view in zip(rows, VIEWS, strict=True)]
    if single and len(truth) <= FEW and truth.any(axis=0).sum() > 2:
        parts[0] = _sum(parts[0], _even(*_logistic(rows[0], truth), 1.0))
    return Machine(parts)


def _vectors(rows: Rows, truth: Matrix) -> Part:
    """A support vector machine for each code. A rare code weighs as much as a frequent one."""

    def one(column: Matrix) -> tuple[Matrix, float]:
        if column.all() or not column.any():
            return np.zeros(rows.shape[1]), 1.0 if column.all() else -1.0
        fitted = LinearSVC(class_weight="balanced", random_state=SEED, tol=0.1).fit(rows, column)
        return fitted.coef_[0], float(fitted.intercept_[0])

    # One after the other: liblinear draws from one sequence of chance for the whole process, also in threads.
    weights, offsets = zip(*map(one, truth.T), strict=True)
    return np.column_stack(weights), np.array(offsets)


def _logistic(rows: Rows, truth: Matrix) -> Part:
    """Multinomial logistic regression, for texts of one code each."""
    with threadpool_limits(1):  # its many small steps wait for each other's threads longer than they take
        fitted = LogisticRegression(C=30.0, max_iter=200, tol=1e-3).fit(rows, truth.argmax(axis=1))
    weights, offsets = np.zeros((rows.shape[1], truth.shape[1])), np.full(truth.shape[1], -3.0)
    weights[:, fitted.classes_], offsets[fitted.classes_] = fitted.coef_.T, fitted.intercept_
    return weights, offsets


def _even(weights: Matrix, offsets: Matrix, weight: float) -> Part:
    """Machines on one scale, so that their scores can be added: weight vectors of the same mean length."""
    length = np.sqrt((weights**2).sum(axis=0).mean())
    factor = weight / length if length else weight
    return weights * factor, offsets * factor


def _sum(one: Part, other: Part) -> Part:
    return one[0] + other[0], one[1] + other[1]


# Probabilities ------------------------------------------------------------------------------------------------------


class Curves:
    """For codes that may stand together: a logistic curve for each."""

    def __init__(self, slopes: Matrix, offsets: Matrix) -> None:
        self.numbers = np.array([slopes, offsets])

    def __call__(self, scores: Matrix) -> Matrix:
        return np.asarray(expit(scores * self.numbers[0] + self.numbers[1]))


class Temperature:
    """For codes of which each text has one: one factor for all scores, so that the likeliest stays the likeliest."""

    def __init__(self, factor: float) -> None:
        self.numbers = np.array([factor])

    def __call__(self, scores: Matrix) -> Matrix:
        return np.asarray(softmax(self.numbers[0] * scores, axis=1))


def calibrate(scores: Matrix, truth: Matrix, *, single: bool) -> Curves | Temperature:
    """Fitted to scores of texts that the machine was not trained on.

    Guo et al., "On calibration of modern neural networks" (2017), or, where a text may have several codes, Platt,
    "Probabilistic outputs for support vector machines" (1999): there a code with few examples shares the curve of all.
    """
    if single:
        return Temperature(_factor(scores, truth))
    shared = _curve(scores.ravel(), truth.ravel())
    curves = [
        _curve(x, y) if min(y.sum(), (~y).sum()) >= RARE else shared for x, y in zip(scores.T, truth.T, strict=True)
    ]
    slopes, offsets = (np.array(values) for values in zip(*curves, strict=True))
    return Curves(slopes, offsets)


def _factor(scores: Matrix, truth: Matrix) -> float:
    # As Platt does: where nothing went wrong, the next text may still be another matter.
    right = (len(truth) + 1) / (len(truth) + 2)
    targets = np.where(truth, right, (1 - right) / max(1, truth.shape[1] - 1))

    def loss(log_factor: float) -> float:
        return -float((targets * log_softmax(np.exp(log_factor) * scores, axis=1)).sum(axis=1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-4.0, 6.0), method="bounded").x))


def _curve(x: Matrix, y: Matrix) -> tuple[float, float]:
    if y.all() or not y.any():
        return 0.0, 6.0 if y.all() else -6.0
    fitted = LogisticRegression(C=10.0).fit(x.reshape(-1, 1), y)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
