"""What looks coordinated is flagged, what does not is not, and nothing is taken out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.integrity import (
    Flag,
    Flagged,
    beside,
    bursts,
    neighbouring,
    neighbours,
    same_texts,
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
    frame = pd.DataFrame({"person": range(7), "question": "why", "text": texts})
    assert same_texts(frame) == [Flagged(Flag.SAME_TEXT, (0, 1, 2), "3 people gave one text to why")]
    assert same_texts(pd.concat([frame.iloc[:1]] * 5)) == []  # one person who says it five times is one


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
    rows = [(1, at * 1.0) for at in range(8)] + [(2, at * 12.0) for at in range(8)] + [(3, 0.0), (3, 0.5)]
    (found,) = too_fast(pd.DataFrame(rows, columns=["person", "seconds"]).sample(frac=1, random_state=1))
    assert found.people == (1,)
    assert found.why == "1 person answered in less than 2 seconds a question"


def test_numbers_next_to_each_other_are_groups_without_a_number() -> None:
    numbers = {7: 700_000_010, 3: 700_000_011, 5: 700_000_014, 9: 700_000_500, 8: 700_000_502, 1: 799_999_999}
    groups = neighbours(numbers)
    assert groups == [(3, 5, 7)]
    (found,) = neighbouring(groups)
    assert found == Flagged(Flag.NEIGHBOURS, (3, 5, 7), "3 people have numbers next to each other")
    assert "700" not in found.why


def test_results_stand_beside_each_other_and_nobody_is_taken_out() -> None:
    answers = pd.Series(["yes"] * 6 + ["no"] * 4 + [None], index=range(11))
    yes, no = beside(answers, [Flagged(Flag.BURST, (0, 1, 2, 10), ""), Flagged(Flag.SAME_TEXT, (2, 3), "")])
    assert (yes.answer, yes.n, yes.share) == ("yes", 10, 0.6)
    assert (yes.n_without, yes.share_without) == (6, 2 / 6)
    assert (no.share, no.share_without) == (0.4, 4 / 6)
    assert beside(answers, [Flagged(Flag.BURST, tuple(range(11)), "")])[0].n_without == 0
