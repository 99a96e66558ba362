"""What looks coordinated is flagged, what does not is not, and nothing is taken out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.integrity import (
    Flag,
    Flagged,
    bursts,
    fingerprint,
    neighbouring,
    neighbours,
    same_marks,
    straight_lines,
    too_fast,
)


def test_one_text_from_several_people() -> None:
    texts = [
        "We want the Road to Bor!",
        "we want the road to  bor",
        "WE WANT THE ROAD TO BÖR",
        "water",
        "water",
        "water",
        "We want the clinic in Bor",
    ]
    marks = np.array([fingerprint(text) for text in texts])
    assert list(marks[3:6]) == [0, 0, 0]  # so short a text is often given by chance
    long = marks != 0
    found = same_marks("why", np.arange(7)[long], marks[long])
    assert found == [Flagged(Flag.SAME_TEXT, (0, 1, 2), "3 people gave one text to why")]
    assert same_marks("why", np.zeros(5, int), marks[[0] * 5]) == []  # one person who says it five times is one
    assert same_marks("why", np.empty(0, int), np.empty(0, int)) == []


def test_a_burst_is_told_from_a_busy_poll() -> None:
    random = np.random.default_rng(0)
    steady = np.sort(random.uniform(0, 10 * 86_400, 1_500))
    assert bursts(pd.Series(steady)) == []
    crowd = 5 * 86_400 + np.arange(40) * 10.0
    (found,) = bursts(pd.Series(np.concatenate([steady, crowd])))
    assert set(range(1_500, 1_540)) <= set(found.people)
    assert len(found.people) < 60
    assert bursts(pd.Series([1.0, 2.0])) == []


def test_chance_alone_makes_hardly_a_burst() -> None:
    random = np.random.default_rng(1)
    seen = sum(bool(bursts(pd.Series(random.uniform(0, 86_400, 500)))) for _ in range(50))
    assert seen <= 1


def test_a_line_through_every_scale() -> None:
    random = np.random.default_rng(2)
    scales = pd.DataFrame(random.integers(1, 6, (30, 6)), index=range(100, 130)).astype(float)
    scales.iloc[4] = 3
    scales.iloc[7, :4], scales.iloc[7, 4:] = 3, np.nan  # four are too few
    (found,) = straight_lines(scales)
    assert found.people == (104,)
    scales.iloc[:] = 5  # all of one mind
    assert straight_lines(scales) == []


def test_who_answers_before_a_question_can_be_read() -> None:
    (found,) = too_fast(np.array([1, 2, 3]), np.array([8.0, 96.0, 0.5]), np.array([8, 8, 2]))
    assert found.people == (1,)
    assert found.why == "1 person answered in less than 2 seconds a question"


def test_numbers_next_to_each_other_are_groups_without_a_number() -> None:
    numbers = {7: 700_000_010, 3: 700_000_011, 5: 700_000_014, 9: 700_000_500, 8: 700_000_502, 1: 799_999_999}
    groups = neighbours(np.array(list(numbers)), np.array(list(numbers.values())))
    assert neighbours(np.empty(0, int), np.empty(0, int)) == []
    assert groups == [(3, 5, 7)]
    (found,) = neighbouring(groups)
    assert found == Flagged(Flag.NEIGHBOURS, (3, 5, 7), "3 people have numbers next to each other")
    assert "700" not in found.why
