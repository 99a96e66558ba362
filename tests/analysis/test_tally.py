"""Each number against one computed by hand, or published."""

from __future__ import annotations

import pytest

from analysis.frames import Frames
from analysis.intervals import wilson
from analysis.tally import mean, quartiles, tally
from surveys.model import Survey


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_newcombe(count: int, n: int, low: float, high: float) -> None:
    assert wilson(count, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_everybody_and_of_nobody() -> None:
    assert wilson(29, 29)[1] == pytest.approx(1.0)
    assert wilson(0, 0) == (0.0, 1.0)


def test_mean_with_its_interval() -> None:
    # 1 2 3 4 5: standard deviation 1.5811, t(4) = 2.7764, half width 2.7764 * 1.5811 / sqrt(5) = 1.9632
    found = mean((1.0, 2.0, 3.0, 4.0, 5.0))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((3.0, 1.0368, 4.9632), abs=1e-4)
    assert mean((3.0,)) is None


def test_quartiles() -> None:
    assert quartiles((1.0, 2.0, 3.0, 4.0, 5.0)) == (2.0, 3.0, 4.0)
    assert quartiles((1.0, 2.0, 3.0, 4.0)) == (1.75, 2.5, 3.25)


def test_counts_of_each_type(survey: Survey, many: Frames) -> None:
    def counted(name: str) -> dict[str, int]:
        rows = many.answers[many.answers["question"] == name]
        return dict(tally(survey.question(name), rows).counts)

    assert counted("region") == {"north": 30, "south": 20, "east": 10}
    assert counted("hope") == {"yes": 40, "no": 20}
    assert counted("needs") == {"water": 30, "food": 30, "roads": 30}
    assert counted("safety") == {"1": 12, "2": 12, "3": 12, "4": 12, "5": 12}


def test_left_out_is_not_answered(survey: Survey, many: Frames) -> None:
    rows = many.answers[many.answers["question"] == "hope"].copy()
    rows.loc[rows.index[:7], "choice"] = None
    found = tally(survey.question("hope"), rows)
    assert (found.n, found.skipped, sum(found.counts.values())) == (53, 7, 53)
