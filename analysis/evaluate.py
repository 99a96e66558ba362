"""How well the coding model does on answers that people coded: train on some, measure on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sklearn.metrics import f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from analysis.keywords import Codes
from analysis.learning import NONE, train

LEAST = 10
"""Texts to learn from: with so few it is sure of nothing, and F1 is still of interest."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """F1 is of the likeliest codes of every test text. Then the model's own caution, as it works in a digest:

    it `abstained` on that many of `tested` texts, cross-validation promised that `promised` of the codes it gives
    are right, and `right` of those it gave were (nan where it gave none).
    """

    trained: int
    tested: int
    codes: int
    micro_f1: float
    macro_f1: float
    weighted_f1: float
    sample_f1: float
    abstained: int
    sureness: float
    promised: float
    right: float

    @property
    def coverage(self) -> float:
        """The share of texts on which it did not abstain."""
        return 1 - self.abstained / self.tested if self.tested else 0.0


def evaluate(
    train_texts: Sequence[str], train_labels: Sequence[Codes], test_texts: Sequence[str], test_labels: Sequence[Codes]
) -> Evaluation:
    """Train, code the test texts, compare. A text without a code counts as one of "none", which is not a code in F1.

    Raises ValueError where there is too little to train on.
    """
    model = train(train_texts, train_labels, least=LEAST)
    if model is None:
        raise ValueError("Too few coded answers to train on, or all coded alike.")
    codes = sorted({code for row in (*train_labels, *test_labels) for code in row} - {NONE})
    truth = MultiLabelBinarizer(classes=codes).fit_transform(test_labels)
    found = MultiLabelBinarizer(classes=codes).fit_transform(model.decide(test_texts))

    def f1(average: str) -> float:
        return float(f1_score(truth, found, average=average, zero_division=0))

    given = model.guess(test_texts)
    hits = [
        code in (row or (NONE,))
        for guess, row in zip(given, test_labels, strict=True)
        if guess.sure
        for code in (guess.codes or (NONE,))
    ]
    return Evaluation(
        trained=len(train_texts),
        tested=len(test_texts),
        codes=len(codes),
        micro_f1=f1("micro"),
        macro_f1=f1("macro"),
        weighted_f1=f1("weighted"),
        sample_f1=f1("samples"),
        abstained=sum(not guess.sure for guess in given),
        sureness=model.report.sureness,
        promised=model.report.right,
        right=sum(hits) / len(hits) if hits else float("nan"),
    )
