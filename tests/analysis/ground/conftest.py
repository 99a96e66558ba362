"""Votes made by hand and by chance: camps with opinions of their own, a line, and nothing at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.ground.votes import Votes, last

Made = tuple[Votes, NDArray[np.intp]]
Make = Callable[..., Made]


def votes_of(matrix: NDArray[np.float64]) -> Votes:
    """People x statements; nan where nothing was voted."""
    person, statement = np.nonzero(~np.isnan(matrix))
    people, statements = ([str(place) for place in range(size)] for size in matrix.shape)
    return last(people, statements, person, statement, matrix[person, statement].astype(int))


def matrix_of(votes: Votes) -> NDArray[np.float64]:
    full = np.full((len(votes.people), len(votes.statements)), np.nan)
    full[votes.person, votes.statement] = votes.vote
    return full


@pytest.fixture
def make() -> Make:
    """make(people, statements, camps, seen=, seed=, noise=) -> votes, each person's camp. 1 camp: everybody alike in
    what they tend to, each by chance."""

    def made(
        people: int, statements: int, camps: int, *, seen: float = 0.5, seed: int = 0, noise: float = 0.15
    ) -> Made:
        random = np.random.default_rng(seed)
        camp = random.integers(0, camps, people)
        tends = np.where(random.random((camps, statements)) < 0.5, noise, 1 - noise)
        matrix = np.where(random.random((people, statements)) < tends[camp], 1.0, -1.0)
        matrix[random.random((people, statements)) < 0.1] = 0
        matrix[random.random((people, statements)) >= seen] = np.nan
        return votes_of(matrix), camp

    return made
