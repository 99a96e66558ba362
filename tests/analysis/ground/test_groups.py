"""Groups that are there are found again; groups by chance, and of too few people, are said to be none."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from analysis.ground.clusters import by_size, cluster, kmeans, silhouettes
from analysis.ground.common import common_ground
from analysis.ground.findings import Verdict
from analysis.ground.groups import who
from analysis.ground.stability import adjusted_rand
from tests.analysis.ground.conftest import Make, votes_of


@pytest.mark.parametrize(("people", "statements", "camps"), [(400, 60, 2), (400, 60, 3), (40, 20, 2)])
def test_camps_are_found_and_stable(make: Make, people: int, statements: int, camps: int) -> None:
    votes, camp = make(people, statements, camps, seen=0.5 if people > 100 else 1.0, noise=0.1)
    found = common_ground(votes)
    assert found.ground.verdict is Verdict.STABLE
    assert len(found.ground.groups) == camps
    assert adjusted_rand_score(camp, found.labels) > 0.95


@pytest.mark.parametrize("shape", [(20, 8), (40, 20), (300, 40), (1_000, 80)])
@pytest.mark.parametrize("seed", range(3))
def test_votes_by_chance_have_no_stable_groups(make: Make, shape: tuple[int, int], seed: int) -> None:
    votes, _ = make(*shape, 1, seed=seed, noise=0.4)
    found = common_ground(votes).ground
    assert found.verdict in (Verdict.UNSTABLE, Verdict.ALIKE)
    assert not found.stable


def test_the_same_votes_give_the_same_to_the_last_digit(make: Make) -> None:
    votes, _ = make(60, 30, 2)
    one, other = common_ground(votes), common_ground(votes)
    assert one.ground == other.ground
    assert one.labels == other.labels
    assert (one.places == other.places).all()


@pytest.mark.parametrize(
    ("matrix", "verdict"),
    [
        (np.tile([1.0, -1, 0, 1, 1, 1, 1, 1], (30, 1)), Verdict.ALIKE),  # identical people
        (np.full((30, 1), 1.0), Verdict.ALIKE),  # one statement, one opinion
        (np.array([[1.0, -1, 1], [1, 1, -1], [-1, 1, 1]]), Verdict.TOO_FEW),  # three people
        (np.full((4, 3), np.nan), Verdict.TOO_FEW),  # nobody voted
        (np.zeros((0, 0)), Verdict.TOO_FEW),
    ],
    ids=["identical people", "one statement", "three people", "no vote", "nothing"],
)
def test_where_there_are_no_groups_all_are_one(matrix: np.ndarray, verdict: Verdict) -> None:
    found = common_ground(votes_of(matrix)).ground
    assert found.verdict is verdict
    assert [group.id for group in found.groups] == ["A"]
    assert found.groups[0].sets_apart == ()
    for statement in found.statements:
        assert statement.group_informed_consensus == statement.groups[0].agreement


def test_one_statement_that_parts_people_parts_them() -> None:
    found = common_ground(votes_of(np.array([[1.0]] * 20 + [[-1.0]] * 12)))
    assert [group.people for group in found.ground.groups] == [20, 12]
    assert found.ground.verdict is Verdict.STABLE


@pytest.mark.parametrize(
    ("sides", "groups"),
    [
        ([1.0] * 20 + [-1.0] * 9 + [0.0], [20, 10]),  # who passed goes to the nearer side
        ([1.0] * 29 + [-1.0], [30]),
        ([1.0] * 20 + [-1.0] * 4, [24]),
        ([1.0] * 20 + [-1.0] * 5, [20, 5]),
    ],
)
def test_a_few_are_no_group(sides: list[float], groups: list[int]) -> None:
    found = common_ground(votes_of(np.array([sides]).T)).ground
    assert [group.people for group in found.groups] == groups
    assert (found.verdict is Verdict.ALIKE) == (len(groups) == 1)


def test_one_who_stands_far_off_hides_no_camps() -> None:
    places = np.array([[0.0, 0.0]] * 15 + [[1.0, 0.0]] * 14 + [[50.0, 0.0]])
    found = cluster(places)
    assert np.bincount(found.labels).tolist() == [15, 15]
    assert found.labels[-1] == found.labels[15]


def test_who_voted_on_few_is_in_no_group(make: Make) -> None:
    votes, _ = make(200, 40, 2, seen=0.2)
    found = common_ground(votes)
    few = votes.by_person < 7
    assert few.any()
    assert [not label for label in found.labels] == few.tolist()
    assert found.ground.grouped == sum(group.people for group in found.ground.groups) == (~few).sum()


def test_where_few_voted_enough_those_who_voted_most_come_in() -> None:
    matrix = np.full((40, 20), np.nan)
    for person in range(40):
        matrix[person, : person % 6] = 1
    assert len(who(votes_of(matrix))) == 15


def test_the_silhouette_and_the_rand_index_are_scikit_learns() -> None:
    random = np.random.default_rng(1)
    places = random.normal(size=(300, 2))
    labels = {k: kmeans(places, k) for k in (2, 3, 5)}
    for k, score in silhouettes(places, labels).items():
        assert score == pytest.approx(silhouette_score(places, labels[k]), abs=1e-5)
    one, other = random.integers(0, 3, 300), random.integers(0, 4, 300)
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other))
    assert adjusted_rand(one, (one + 1) % 3) == 1


def test_groups_are_numbered_from_the_largest() -> None:
    assert by_size(np.array([2, 0, 0, 1, 1, 1, 3])).tolist() == [2, 1, 1, 0, 0, 0, 3]


def test_two_places_are_two_groups_and_one_is_one() -> None:
    assert cluster(np.zeros((20, 2))).k == 1
    assert cluster(np.repeat([[0.0, 0], [1, 1]], 10, axis=0)).k == 2
