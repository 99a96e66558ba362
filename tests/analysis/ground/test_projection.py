"""Where people stand: against numpy's own decomposition, and against another implementation of Polis' method."""

from __future__ import annotations

import numpy as np
import pytest
from reddwarf.utils.reducer.base import run_reducer

from analysis.ground import projection
from analysis.ground.projection import project
from tests.analysis.ground.conftest import Make, matrix_of, votes_of


def up_to_sign(one: np.ndarray, other: np.ndarray) -> bool:
    signs = np.sign((one * other).sum(axis=0))
    return np.allclose(one, other * np.where(signs == 0, 1, signs), atol=1e-8)


@pytest.mark.parametrize("seen", [0.05, 0.4, 1.0])  # taken as a sparse matrix, and as a full one
def test_places_are_those_of_red_dwarf(make: Make, seen: float) -> None:
    votes, _ = make(300, 60, 3, seen=seen)
    theirs, statements, _ = run_reducer(matrix_of(votes), reducer="pca")
    assert statements is not None
    assert up_to_sign(project(votes).places, theirs)


def test_components_are_singular_vectors_of_the_votes_with_gaps_at_their_means(make: Make) -> None:
    votes, _ = make(200, 30, 2)
    matrix = matrix_of(votes)
    centred = np.where(np.isnan(matrix), 0, matrix - np.nanmean(matrix, axis=0))
    _, values, vectors = np.linalg.svd(centred)
    found = project(votes)
    assert up_to_sign(found.components.T, vectors[:2].T)
    assert found.explained == pytest.approx(values[:2] ** 2 / (values**2).sum())
    assert np.allclose(found.means, np.nanmean(matrix, axis=0))


@pytest.mark.parametrize("shape", [(250, 60), (60, 250)])
def test_a_sparse_matrix_and_a_full_one_give_the_same(make: Make, shape: tuple[int, int]) -> None:
    votes, _ = make(*shape, 2, seen=0.3)
    assert np.allclose(project(votes, small=0).places, project(votes).places, atol=1e-8)


@pytest.mark.parametrize(
    "matrix",
    [
        np.ones((5, 4)),
        np.full((5, 4), np.nan),
        np.ones((1, 1)),
        np.array([[1.0], [-1.0], [np.nan]]),
        np.tile([[1.0, -1.0], [-1.0, 1.0]], (3, 1)),  # one direction only
        np.zeros((0, 3)),
        np.zeros((3, 0)),
        np.where(np.arange(12_000).reshape(6_000, 2) % 13 == 0, 1.0, np.nan),  # two statements, hardly voted on
    ],
)
def test_votes_that_span_no_plane_have_places_all_the_same(matrix: np.ndarray) -> None:
    found = project(votes_of(matrix))
    assert found.places.shape == (len(matrix), projection.COMPONENTS)
    assert np.isfinite(found.places).all()


def test_a_place_is_the_sum_over_ones_own_votes_scaled_by_how_few_they_are(make: Make) -> None:
    votes, _ = make(50, 20, 2)
    found = project(votes)
    for person, place in enumerate(found.places):
        mine = votes.person == person
        offs = votes.vote[mine] - found.means[votes.statement[mine]]
        expected = found.components[:, votes.statement[mine]] @ offs * np.sqrt(20 / max(mine.sum(), 1))
        assert place == pytest.approx(expected)
