"""The last vote counts."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.ground.votes import Votes, last

ROWS = [(0, 1, 1), (1, 0, -1), (0, 1, -1), (0, 0, 0), (0, 1, 0)]


def as_given(votes: Votes) -> list[tuple[int, int, int]]:
    return list(zip(votes.person.tolist(), votes.statement.tolist(), votes.vote.tolist(), strict=True))


@pytest.mark.parametrize(
    ("when", "of_the_three"),
    [(None, 0), ([0, 0, 0, 0, 0], 0), ([9, 1, 2, 3, 4], 1), ([1, 1, 9, 1, 5], -1)],
    ids=["in order", "all at once", "the first row is the latest", "the second is"],
)
def test_the_latest_of_three_votes_counts(when: list[float] | None, of_the_three: int) -> None:
    columns = zip(*ROWS, strict=True)
    votes = last(("a", "b"), ("x", "y"), *columns, when=None if when is None else np.array(when, float))
    assert as_given(votes) == [(0, 0, 0), (0, 1, of_the_three), (1, 0, -1)]
    assert votes.by_person.tolist() == [2, 1]
    assert votes.by_statement.tolist() == [2, 1]


def test_a_part_keeps_the_votes_of_those_in_it() -> None:
    votes = last(("a", "b", "c"), ("x", "y"), [0, 1, 2, 2], [0, 1, 0, 1], [1, -1, 0, 1])
    part = votes.of(np.array([0, 2]))
    assert (part.people, as_given(part)) == (("a", "c"), [(0, 0, 1), (1, 0, 0), (1, 1, 1)])
    part = votes.on(np.array([1]))
    assert (part.statements, as_given(part)) == (("y",), [(1, 0, -1), (2, 0, 1)])
    assert part.by_person.tolist() == [0, 1, 1]
