"""A model that learns from coded answers which codes an answer has, and knows how sure it is.

How sure it must be is found by cross-validation on what people coded: the lowest probability from which 95 % of the
codes it gives are right. Below that it abstains. Same input, same output: folds and solvers have fixed seeds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.svm import LinearSVC

from analysis.keywords import Codes

Matrix = np.ndarray[Any, Any]

RIGHT = 0.95
LEAST_ROWS = 40
"""Coded answers without which no model is trained: fewer can't show that 95 % are right."""
LEAST_SURE = 20
"""Codes given in cross-validation on which the 95 % must at least rest."""
FOLDS = 5
SEED = 20
NONE = ""
"""Stands among the codes for "none of them": it is learned, and must be sure, like any code."""


@dataclass(frozen=True, slots=True)
class Report:
    """What cross-validation says of a model.

    Trained on `rows` coded answers (and `examples` of the codebook). A code is given from `sureness` upwards (above 1:
    never); of the codes so given `right` were right, and `coverage` of the answers got one.
    """

    rows: int
    examples: int
    sureness: float
    right: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model makes of a text: its codes, or that it is sure that none applies, or nothing that it is sure of.

    `chance` is the probability that the least likely of what it gives is right, or of the likeliest where it abstains.
    """

    codes: Codes
    sure: bool
    chance: float


class Model:
    """A linear support vector machine for each code, over character n-grams; see `train`."""

    def __init__(
        self, codes: Codes, machine: _Machine, calibration: _Calibration, report: Report, *, single: bool
    ) -> None:
        self.codes = codes
        self.single = single
        self.report = report
        self._machine = machine
        self._calibration = calibration

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Calibrated probability of each code (columns as `codes`, NONE among them) for each text."""
        return self._calibration(self._machine.scores(texts))

    def decide(self, texts: Sequence[str]) -> list[Codes]:
        """The likeliest codes of each text, sure or not: for measuring."""
        return [self._named(row) for row in _likeliest(self.codes, self.probabilities(texts), single=self.single)]

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        """The codes it is sure of in each text; it abstains where it is sure of nothing."""
        probabilities = self.probabilities(texts)
        given = _likeliest(self.codes, probabilities, single=self.single) & (probabilities >= self.report.sureness)
        return [
            Guess(
                self._named(row), sure=bool(row.any()), chance=float(chances[row].min() if row.any() else chances.max())
            )
            for row, chances in zip(given, probabilities, strict=True)
        ]

    def _named(self, row: Matrix) -> Codes:
        return tuple(code for code, given in zip(self.codes, row, strict=True) if given and code != NONE)


class _Machine:
    """TF-IDF over character n-grams within words, and one linear SVM a code. Scores are signed distances."""

    def __init__(self, texts: Sequence[str], truth: Matrix) -> None:
        # Words are never split off by a token pattern: scikit-learn's default breaks at combining marks.
        self.vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, lowercase=True, preprocessor=_composed
        )
        grams = self.vectorizer.fit_transform(texts)
        self.machines: list[Any] = []
        for column in truth.T:
            if column.all() or not column.any():
                self.machines.append(1.0 if column.all() else -1.0)
            else:
                self.machines.append(LinearSVC(class_weight="balanced", random_state=SEED).fit(grams, column))

    def scores(self, texts: Sequence[str]) -> Matrix:
        grams = self.vectorizer.transform(texts)
        columns = [
            np.full(len(texts), machine) if isinstance(machine, float) else machine.decision_function(grams)
            for machine in self.machines
        ]
        return np.column_stack(columns)


class _Calibration:
    """Turns scores into probabilities: a logistic curve for each code, fitted to scores of texts not trained on.

    Platt, "Probabilistic outputs for support vector machines" (1999). A code with few examples shares the curve of all.
    """

    FEW = 10

    def __init__(self, scores: Matrix, truth: Matrix) -> None:
        def curve(x: Any, y: Any) -> tuple[float, float]:
            if y.all() or not y.any():
                return 0.0, 6.0 if y.all() else -6.0
            fitted = LogisticRegression(C=10.0).fit(x.reshape(-1, 1), y)
            return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])

        shared = curve(scores.ravel(), truth.ravel())
        self.curves = [
            curve(x, y) if min(y.sum(), (~y).sum()) >= self.FEW else shared
            for x, y in zip(scores.T, truth.T, strict=True)
        ]

    def __call__(self, scores: Matrix) -> Matrix:
        slope, offset = (np.array(values) for values in zip(*self.curves, strict=True))
        return np.asarray(1.0 / (1.0 + np.exp(-(scores * slope + offset))))


def train(texts: Sequence[str], labels: Sequence[Codes], examples: Sequence[tuple[str, str]] = ()) -> Model | None:
    """Train on texts that people coded (no code: `()`), and on examples (text, code), which never count as evidence.

    None where fewer than LEAST_ROWS texts are coded, or all alike.
    """
    rows = [tuple(sorted(set(row))) or (NONE,) for row in labels]
    codes = tuple(sorted({code for row in rows for code in row} | {code for _, code in examples}))
    if len(rows) < LEAST_ROWS or len({*rows}) < 2:
        return None
    single = all(len(row) == 1 for row in rows)
    truth = np.array([[code in row for code in codes] for row in rows])
    extra = np.zeros((len(examples), len(codes)), dtype=bool)
    for place, (_, example) in enumerate(examples):
        extra[place, codes.index(example)] = True
    extra_texts = [text for text, _ in examples]

    def machine(chosen: Any) -> _Machine:
        return _Machine([*(texts[index] for index in chosen), *extra_texts], np.concatenate([truth[chosen], extra]))

    scores = np.zeros(truth.shape)
    for seen, held in KFold(FOLDS, shuffle=True, random_state=SEED).split(truth):
        scores[held] = machine(seen).scores([texts[index] for index in held])
    calibration = _Calibration(scores, truth)
    probabilities = calibration(scores)
    likeliest = _likeliest(codes, probabilities, single=single)
    sureness, right = _sureness(probabilities[likeliest], truth[likeliest])
    coverage = float((likeliest & (probabilities >= sureness)).any(axis=1).mean())
    report = Report(len(rows), len(extra_texts), sureness, right, coverage)
    return Model(codes, machine(np.arange(len(rows))), calibration, report, single=single)


def _likeliest(codes: Codes, probabilities: Matrix, *, single: bool) -> Matrix:
    """The codes that are likelier than not, or the likeliest one. "None" is given alone or not at all."""
    best = np.zeros(probabilities.shape, dtype=bool)
    best[np.arange(len(best)), probabilities.argmax(axis=1)] = True
    if single:
        return best
    likely = probabilities >= 0.5
    if codes[0] == NONE:
        likely &= np.arange(len(codes)) > 0
        likely[best[:, 0]] = False
    return np.where(likely.any(axis=1, keepdims=True), likely, best)


def _sureness(chances: Matrix, right: Matrix) -> tuple[float, float]:
    """The lowest probability from which RIGHT of the codes given are right, and how many then are; (2, 0) if none.

    The probabilities must promise as much as was counted: the luckiest place in a count alone promises too much.
    """
    order = np.argsort(-chances, kind="stable")
    given = np.arange(1, len(order) + 1)
    share = np.cumsum(right[order]) / given
    promised = np.cumsum(chances[order]) / given
    enough = np.nonzero((share >= RIGHT) & (promised >= RIGHT) & (given >= LEAST_SURE))[0]
    if not enough.size:
        return 2.0, 0.0
    last = int(enough.max())
    return float(chances[order][last]), float(share[last])


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()
