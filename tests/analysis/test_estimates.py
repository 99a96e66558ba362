"""Shares side by side, changes between waves, where people left, and who is missing: numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.estimates import crosstab, estimate
from analysis.intervals import wilson
from analysis.raking import Margin, rake
from analysis.response import by_group, response
from analysis.trends import changes, independent, paired
from analysis.unheard import missing


def column(*values: object) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def test_a_share_without_weights_and_with() -> None:
    found = estimate("q", column("yes", "yes", "no", None), np.array([1.0, 1, 2, 9]), ["no", "yes", "never"])
    assert (found.n, found.few) == (3, True)
    assert found.effective == pytest.approx(16 / 6)
    assert [(one.answer, one.count) for one in found.answers] == [("no", 1), ("yes", 2), ("never", 0)]
    yes = found.answers[1]
    assert (yes.unweighted.share, yes.weighted.share) == pytest.approx((2 / 3, 1 / 2))
    assert (yes.unweighted.low, yes.unweighted.high) == pytest.approx(wilson(2, 3))
    assert (yes.weighted.low, yes.weighted.high) == pytest.approx(wilson(8 / 6, 16 / 6))


def test_of_several_options_each_counts_once_a_person() -> None:
    found = estimate("q", column(("a", "b"), ("a", "a"), ("c",), None), np.ones(4))
    assert [(one.answer, one.count) for one in found.answers] == [("a", 2), ("b", 1), ("c", 1)]
    assert found.answers[0].unweighted.share == pytest.approx(2 / 3)


def test_numbers_have_averages_and_a_scale_its_points_too() -> None:
    found = estimate("q", pd.Series([1.0, 2, 3, 4, 5]), np.ones(5))
    assert [one.answer for one in found.answers] == ["1", "2", "3", "4", "5"]
    assert found.average is not None
    assert (found.average.mean, found.average.low, found.average.high) == pytest.approx((3, 1.0368, 4.9632), abs=1e-4)
    many = estimate("q", pd.Series(np.arange(50.0)), np.r_[np.ones(25), np.full(25, 3.0)])
    assert many.answers == ()
    assert many.weighted_average is not None
    assert many.weighted_average.mean == pytest.approx((np.arange(25).sum() + 3 * np.arange(25, 50).sum()) / 100)
    assert estimate("q", pd.Series([np.nan]), np.ones(1)).average is None


def test_a_crosstab_has_every_answer_in_every_group() -> None:
    found = crosstab("q", column("x", "y", "x", "x"), "g", column("n", "s", "n", None), np.ones(4))
    assert [(name, one.n, [answer.count for answer in one.answers]) for name, one in found.groups] == [
        ("n", 2, [2, 0]),
        ("s", 1, [0, 1]),
    ]


def test_change_among_the_same_people_is_told_from_change_of_people() -> None:
    """Nobody changes; all that changes is who answers."""
    first = [(person, "1", "yes") for person in range(50)] + [(person, "1", "no") for person in range(50, 100)]
    second = [(person, "2", "yes") for person in range(50)] + [(person, "2", "yes") for person in range(200, 250)]
    rows = pd.DataFrame(first + second, columns=["person", "wave", "answer"])
    (found,) = changes("q", rows, ["1", "2"], ["yes"])
    assert found.shares == (0.5, 1.0)
    assert found.panel is not None
    assert (found.panel.n, found.panel.gained, found.panel.lost) == (50, 0, 0)
    assert (found.people, found.turnover) == (0, 0.5)
    # And the other way: the same people, of whom ten take it up and two leave it.
    second = [(person, "2", "yes" if 2 <= person < 60 else "no") for person in range(100)]
    (found,) = changes("q", pd.DataFrame(first + second, columns=rows.columns), ["1", "2"], ["yes"])
    assert found.panel is not None
    assert (found.panel.gained, found.panel.lost) == (10, 2)
    assert (found.people, found.turnover) == pytest.approx((0.08, 0))
    assert found.panel.change.low > 0 > found.change.low


def test_a_wave_of_others_has_no_panel() -> None:
    rows = pd.DataFrame([(1, "1", "a"), (2, "2", ("a", "b"))], columns=["person", "wave", "answer"])
    (found,) = changes("q", rows, ["1", "2"], ["a"])
    assert (found.panel, found.people, found.turnover) == (None, None, None)


def test_the_difference_of_two_shares_is_newcombes() -> None:
    """56/70 less 48/80: 0.0524 to 0.3339, Newcombe, Statistics in Medicine 17 (1998), table II, method 10."""
    found = independent(48, 80, 56, 70)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_intervals_of_changes_cover() -> None:
    random = np.random.default_rng(4)
    tries = 2_000
    apart = [
        independent(a, 60, b, 80)
        for a, b in zip(*random.binomial([[60], [80]], [[0.3], [0.5]], (2, tries)), strict=True)
    ]
    assert np.mean([one.low <= 0.2 <= one.high for one in apart]) > 0.94
    same = random.multinomial(80, [0.2, 0.08, 0.72], tries)
    found = [paired(int(gained), int(lost), 80) for gained, lost, _ in same]
    assert np.mean([one.low <= 0.12 <= one.high for one in found]) > 0.94


def test_where_people_left() -> None:
    answered = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    finished = np.array([True, True, True, False, False])
    found = response(answered, finished, ["a", "b", "c"])
    assert (found.began, found.finished) == (5, 3)
    assert [(one.reached, one.answered, one.passed_by, one.left) for one in found.questions] == [
        (5, 4, 0, 1),
        (4, 2, 1, 1),
        (3, 2, 1, 0),
    ]
    assert found.questions[1].break_off == 0.25
    everybody, sms, ussd = by_group(answered, finished, ["a", "b", "c"], column("sms", "sms", "ussd", "ussd", None))
    assert (everybody.began, sms.began, ussd.began) == (5, 2, 2)
    assert ussd.questions[1].break_off == 0.5


def test_who_is_missing_is_told_from_chance() -> None:
    frame = pd.DataFrame({"region": ["north"] * 78 + ["south"] * 21 + ["east"]})
    margin = Margin("region", {"north": 0.5, "south": 0.25, "east": 0.15, "west": 0.1})
    found = missing(rake(frame, [margin]).categories)
    assert [one.category for one in found] == ["east", "west"]  # the south's 21 % are no fewer than 25 % may be
    assert found[0].times == pytest.approx(15)
    assert found[0].said == "region east is 15% of the population, and 1% of those who answered (1 person)."
    assert found[1].said == "Nobody was heard of region west, which is 10% of the population."
    assert missing(()) == ()
