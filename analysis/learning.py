"""A model that learns from coded answers which codes an answer has, and knows how sure it is.

How sure it must be is found by cross-validation on what people coded: the lowest probability from which 95 % of the
codes it gives are right. Below that it abstains. Same input, same output: folds and solvers have fixed seeds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import KFold

from analysis.keywords import Codes
from analysis.machine import SEED, VIEWS, Curves, Machine, Matrix, Temperature, Views, calibrate, fit, look, views_known

RIGHT = 0.95
LEAST_ROWS = 40
"""Coded answers without which no model is trained: fewer can't show that 95 % are right."""
LEAST_SURE = 20
"""Codes given in cross-validation on which the 95 % must at least rest."""
FOLDS = 5
NONE = ""
"""Stands among the codes for "none of them": it is learned, and must be sure, like any code."""


FORMAT = 1
"""Of a model in a file. Another one where what a view or a machine is changes."""
BATCH = 20_000
"""Texts coded at a time: memory follows this, not how many there are."""
HALF: Matrix = np.array(0.5)


def folds(rows: int) -> int:
    """Into how many parts coded texts are cut: with many, halves teach nearly as much as the whole."""
    return FOLDS if rows < 2_000 else 3 if rows < 5_000 else 2


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
    """Linear machines over character n-grams, and the probabilities that follow from their scores; see `train`."""

    def __init__(
        self,
        codes: Codes,
        views: Views,
        machine: Machine,
        calibration: Curves | Temperature,
        thresholds: Matrix,
        report: Report,
        *,
        single: bool,
        held_out: Matrix | None = None,
    ) -> None:
        """`held_out` are the probabilities of the coded texts, each by machines that had not seen it."""
        self.codes = codes
        self.single = single
        self.report = report
        self._views = views
        self._machine = machine
        self._calibration = calibration
        self._thresholds = thresholds
        self.unseen: tuple[Guess, ...] = () if held_out is None else tuple(self._guesses(held_out))
        """What it makes of each coded text, in their order, without having seen what people said of it."""

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Calibrated probability of each code (columns as `codes`, NONE among them) for each text."""
        return np.concatenate(
            [
                self._calibration(self._machine.scores(self._views(texts[first : first + BATCH])))
                for first in range(0, len(texts), BATCH)
            ]
            or [np.zeros((0, len(self.codes)))]
        )

    def decide(self, texts: Sequence[str]) -> list[Codes]:
        """The codes of each text, sure or not: for measuring."""
        given = _given(self.codes, self.probabilities(texts), self._thresholds, single=self.single)
        return [self._named(row) for row in given]

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        """The codes it is sure of in each text; it abstains where it is sure of nothing."""
        return self._guesses(self.probabilities(texts))

    def _guesses(self, probabilities: Matrix) -> list[Guess]:
        likeliest = _given(self.codes, probabilities, HALF, single=self.single)
        given = likeliest & (probabilities >= self.report.sureness)
        return [
            Guess(
                self._named(row), sure=bool(row.any()), chance=float(chances[row].min() if row.any() else chances.max())
            )
            for row, chances in zip(given, probabilities, strict=True)
        ]

    def arrays(self) -> dict[str, Matrix]:
        """All of it, for a file of arrays: no object is made when it is read. See `of_arrays`."""
        said = {"format": FORMAT, "codes": self.codes, "single": self.single, "report": asdict(self.report)}
        found = {"said": _bytes(said), "calibration": self._calibration.numbers, "thresholds": self._thresholds}
        for place, ((grams, rarity), (weights, offsets)) in enumerate(
            zip(self._views.kept(), self._machine.parts, strict=True)
        ):
            found |= {
                f"grams{place}": _bytes(grams),
                f"rarity{place}": rarity,
                f"weights{place}": weights.astype(np.float32),
                f"offsets{place}": offsets,
            }
        return found

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Matrix]) -> Model:
        """Raises ValueError where these are no model's, or one's of another version."""
        try:
            said = _value(arrays["said"])
            if said["format"] != FORMAT:
                raise ValueError(f"It is of format {said['format']}; this version reads {FORMAT}: train it again.")
            numbers, single = arrays["calibration"], bool(said["single"])
            places = range(len(VIEWS))
            views = views_known([(_value(arrays[f"grams{at}"]), arrays[f"rarity{at}"]) for at in places])
            machine = Machine([(arrays[f"weights{at}"].astype(float), arrays[f"offsets{at}"]) for at in places])
            calibration = Temperature(float(numbers[0])) if single else Curves(*numbers)
            codes, report = tuple(said["codes"]), Report(**said["report"])
            return cls(codes, views, machine, calibration, arrays["thresholds"], report, single=single)
        except (KeyError, TypeError, IndexError, UnicodeDecodeError, json.JSONDecodeError):
            raise ValueError("It holds no model of answers' codes.") from None

    def _named(self, row: Matrix) -> Codes:
        return tuple(code for code, given in zip(self.codes, row, strict=True) if given and code != NONE)


def train(
    texts: Sequence[str],
    labels: Sequence[Codes],
    examples: Sequence[tuple[str, str]] = (),
    *,
    least: int = LEAST_ROWS,
) -> Model | None:
    """Train on texts that people coded (no code: `()`), and on examples (text, code), which never count as evidence.

    None where fewer than `least` texts are coded, or all alike.
    """
    rows = [tuple(sorted(set(row))) or (NONE,) for row in labels]
    codes = tuple(sorted({code for row in rows for code in row} | {code for _, code in examples}))
    if len(rows) < max(least, FOLDS) or len({*rows}) < 2:
        return None
    single = all(len(row) == 1 for row in rows)
    truth = np.array([[code in row for code in codes] for row in rows])
    extra = np.array([[code == example for code in codes] for _, example in examples], dtype=bool)
    taught = np.concatenate([truth, extra.reshape(len(examples), len(codes))])
    always = np.arange(len(rows), len(taught))
    views, looked = look([*texts, *(text for text, _ in examples)])

    def machine(chosen: Matrix) -> Machine:
        return fit([seen[chosen] for seen in looked], taught[chosen], single=single)

    scores = np.zeros(truth.shape)
    for seen, held in KFold(folds(len(rows)), shuffle=True, random_state=SEED).split(truth):
        scores[held] = machine(np.concatenate([seen, always])).scores([rows_of[held] for rows_of in looked])
    calibration = calibrate(scores, truth, single=single)
    probabilities = calibration(scores)
    likeliest = _given(codes, probabilities, HALF, single=single)
    sureness, right = _sureness(probabilities[likeliest], truth[likeliest])
    coverage = float((likeliest & (probabilities >= sureness)).any(axis=1).mean())
    report = Report(len(rows), len(examples), sureness, right, coverage)
    everything = machine(np.arange(len(taught)))
    return Model(
        codes,
        views,
        everything,
        calibration,
        _thresholds(probabilities, truth),
        report,
        single=single,
        held_out=probabilities,
    )


def _given(codes: Codes, probabilities: Matrix, thresholds: Matrix, *, single: bool) -> Matrix:
    """The codes that reach their thresholds, or the likeliest one. "None" is given alone or not at all."""
    best = np.zeros(probabilities.shape, dtype=bool)
    best[np.arange(len(best)), probabilities.argmax(axis=1)] = True
    if single:
        return best
    likely = probabilities >= thresholds
    if codes[0] == NONE:
        likely &= np.arange(len(codes)) > 0
        likely[best[:, 0]] = False
    return np.where(likely.any(axis=1, keepdims=True), likely, best)


def _thresholds(probabilities: Matrix, truth: Matrix) -> Matrix:
    """For each code the probability from which giving it makes the best F1; a half where too few have it to tell."""
    found = np.full(truth.shape[1], 0.5)
    for place, (chances, has) in enumerate(zip(probabilities.T, truth.T, strict=True)):
        if has.sum() >= LEAST_SURE:
            order = np.argsort(-chances, kind="stable")
            hits = np.cumsum(has[order])
            f1 = 2 * hits / (np.arange(1, len(order) + 1) + has.sum())
            found[place] = min(0.5, chances[order][int(f1.argmax())])
    return found


def _sureness(chances: Matrix, right: Matrix) -> tuple[float, float]:
    """The lowest probability from which RIGHT of the codes given are right, and how many then are; (2, 0) if none.

    The probabilities must promise as much as was counted: the luckiest place in a count alone promises too much. A
    probability of RIGHT itself is enough where all texts seen were surer.
    """
    order = np.argsort(-chances, kind="stable")
    given = np.arange(1, len(order) + 1)
    share = np.cumsum(right[order]) / given
    promised = np.cumsum(chances[order]) / given
    enough = np.nonzero((share >= RIGHT) & (promised >= RIGHT) & (given >= LEAST_SURE))[0]
    if not enough.size:
        return 2.0, 0.0
    last = int(enough.max())
    return min(float(chances[order][last]), RIGHT), float(share[last])


def _bytes(value: object) -> Matrix:
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _value(stored: Matrix) -> Any:
    return json.loads(stored.tobytes().decode("utf-8", "surrogatepass"))
