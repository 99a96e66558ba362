"""Shares under a machine's mistakes: the interval holds the truth as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.intervals import wilson
from analysis.shares import LEAST, Share, corrected, reweighted

ROUNDS = 600


def rounds(truth: float, finds: float, errs: float, n: int, part: int) -> tuple[float, float, float, float]:
    """How often three intervals hold the truth (corrected, of the machine's count, of the part alone), and how wide the
    first is beside the last. The machine finds `finds` of those that have the code, and `errs` of the others."""
    draw = np.random.default_rng(7)
    held = np.zeros(3)
    widths = np.zeros(2)
    for _ in range(ROUNDS):
        has = draw.random(n) < truth
        given = np.where(has, draw.random(n) < finds, draw.random(n) < errs)
        drawn = [(bool(given[place]), bool(has[place])) for place in range(part)]
        share = corrected(int(given.sum()), n, drawn)
        assert share is not None
        intervals = (share.low, share.high), wilson(int(given.sum()), n), wilson(int(has[:part].sum()), part)
        held += [low <= truth <= high for low, high in intervals]
        widths += [share.high - share.low, intervals[2][1] - intervals[2][0]]
    return (*(held / ROUNDS), float(widths[0] / widths[1]))


@pytest.mark.parametrize(
    ("truth", "finds", "errs", "n", "part"),
    [
        (0.3, 0.75, 0.02, 1000, 150),  # a machine that abstains
        (0.3, 0.8, 0.1, 1000, 150),  # one that errs both ways
        (0.08, 0.6, 0.03, 1000, 150),  # a rare theme
        (0.5, 0.9, 0.1, 200, 60),
        (0.2, 1.0, 0.0, 1000, 100),  # one without a mistake
    ],
)
def test_holds_the_truth_as_often_as_it_says(truth: float, finds: float, errs: float, n: int, part: int) -> None:
    holds, _, _, width = rounds(truth, finds, errs, n, part)
    assert 0.925 <= holds <= 0.995
    assert width < 1.02


def test_counting_what_a_machine_gave_does_not() -> None:
    holds, naive, part_alone, width = rounds(0.3, 0.75, 0.02, 1000, 150)
    assert naive < 0.3
    assert min(holds, part_alone) > 0.92
    assert width < 0.75, "all the other answers make it narrower than the part alone"


@pytest.mark.parametrize(
    ("themes", "finds", "errs", "n", "part"),
    [
        ((0.2, 0.6), 0.75, 0.02, 1000, 150),
        ((0.2, 0.6), 0.8, 0.1, 1000, 150),
        ((0.05, 0.3), 0.6, 0.03, 1000, 150),
        ((0.2, 0.6), 0.8, 0.05, 3000, 400),
    ],
)
def test_weighted_it_holds_the_population_s_truth(
    themes: tuple[float, float], finds: float, errs: float, n: int, part: int
) -> None:
    """Four of five who answered are of one half of the population, in which fewer have the theme."""
    draw = np.random.default_rng(3)
    truth, holds, unweighted = sum(themes) / 2, 0, 0
    for _ in range(ROUNDS):
        group = (draw.random(n) < 0.2).astype(int)
        has = draw.random(n) < np.array(themes)[group]
        given = np.where(has, draw.random(n) < finds, draw.random(n) < errs)
        weight = (0.5 / np.bincount(group) * n)[group]
        share = corrected(int(given.sum()), n, [(bool(given[place]), bool(has[place])) for place in range(part)])
        assert share is not None
        effective = float(weight.sum() ** 2 / (weight**2).sum())
        found = reweighted(share, float(given.mean()), float(np.average(given, weights=weight)), n, effective)
        unweighted += share.low <= truth <= share.high
        holds += found is None or found.low <= truth <= found.high
    assert 0.925 <= holds / ROUNDS <= 0.985
    assert unweighted < 0.2 * ROUNDS


def test_where_the_part_does_not_tell_nothing_is_carried_over() -> None:
    """The machine gave it to two of forty, and was right once: by how much the truth moves nobody knows."""
    share = corrected(50, 1000, [(place < 2, place in (0, 7, 9)) for place in range(40)])
    assert share is not None
    assert share.slope is None
    assert reweighted(share, 0.05, 0.1, 1000, 500) is None
    assert reweighted(Share(0.0, 0.0, 0.01, 1.2, 0.1), 0.0, 0.0, 1000, 500) is None


def test_too_few_correct_nothing() -> None:
    assert corrected(10, 100, [(True, True)] * (LEAST - 1)) is None
    assert corrected(0, 0, []) is None


def test_no_mistake_seen_is_not_no_mistake() -> None:
    share = corrected(50, 1000, [(place < 2, place < 2) for place in range(40)])
    assert share is not None
    assert share.low < 0.05 < share.high
    assert share.high > 0.08
