"""Measures against networkx to 1e-9, and against counts made by hand or by trying every triple."""

from __future__ import annotations

from itertools import combinations, permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.actors import connecting, shifting, splitting, standing
from analysis.actors.measures import measures
from analysis.actors.network import network
from tests.analysis.actors.made import drawn, pair, reports

BOTH = pytest.mark.parametrize("directed", [False, True], ids=["undirected", "directed"])


def close(ours: np.ndarray, theirs: dict[str, float], ids: tuple[str, ...]) -> bool:
    assert len(ids) > 10
    return bool(np.allclose(ours, [theirs[name] for name in ids], atol=1e-9, rtol=0, equal_nan=True))


@BOTH
def test_betweenness(directed: bool) -> None:
    ours, theirs = drawn(3, directed=directed)
    counted = connecting.betweenness(ours)
    assert close(counted, nx.betweenness_centrality(theirs, normalized=False), ours.ids)
    assert close(connecting.share_of_pairs(ours, counted), nx.betweenness_centrality(theirs), ours.ids)


@BOTH
def test_betweenness_between_two_camps(directed: bool) -> None:
    ours, theirs = drawn(4, directed=directed)
    camps = np.array(["here"] * 6 + ["there"] * 7 + [""] * (len(ours.ids) - 13), dtype=object)
    here, there = list(ours.ids[:6]), list(ours.ids[6:13])
    expected = nx.betweenness_centrality_subset(theirs, here, there)
    if directed:
        back = nx.betweenness_centrality_subset(theirs, there, here)
        expected = {name: value + back[name] for name, value in expected.items()}
    assert close(connecting.between(ours, camps, "here", "there"), expected, ours.ids)
    assert not connecting.between(ours, camps, "here", "nowhere").any()


@BOTH
def test_constraint(directed: bool) -> None:
    ours, theirs = drawn(5, directed=directed)
    assert close(connecting.constraint(ours), nx.constraint(theirs), ours.ids)


def test_who_is_tied_to_nobody_has_no_constraint() -> None:
    alone = network(reports([pair("a", "b")], groups={"c": {}}), 1)
    assert np.isnan(connecting.constraint(alone)[2])


def test_articulation_points() -> None:
    ours, theirs = drawn(6, n=30, share=0.0)
    assert connecting.articulation_points(ours) == ()
    chain = network(reports([pair("a", "b"), pair("b", "c"), pair("c", "d"), pair("d", "b")]), 1)
    assert connecting.articulation_points(chain) == ("b",)
    assert connecting.articulation_points(ours) == tuple(sorted(nx.articulation_points(theirs)))


@BOTH
def test_standing(directed: bool) -> None:
    ours, theirs = drawn(7, directed=directed)
    assert close(standing.pagerank(ours), nx.pagerank(theirs, tol=1e-15, max_iter=5000), ours.ids)
    assert close(standing.eigenvector(ours), nx.eigenvector_centrality_numpy(theirs), ours.ids)
    degrees = dict(theirs.in_degree if directed else theirs.degree)
    assert close(standing.in_degree(ours), degrees, ours.ids)


def test_where_no_tie_comes_back_nobody_has_eigenvector_centrality() -> None:
    line = network(reports([pair("a", "b", directed=True), pair("b", "c", directed=True)]), 1)
    assert not standing.eigenvector(line).any()


@BOTH
def test_assortativity(directed: bool) -> None:
    ours, theirs = drawn(8, directed=directed)
    groups = np.array([("x", "y", "z")[number % 3] for number in range(len(ours.ids))], dtype=object)
    nx.set_node_attributes(theirs, dict(zip(ours.ids, groups, strict=True)), "group")
    expected = nx.attribute_assortativity_coefficient(theirs, "group")
    assert splitting.assortativity(ours, groups) == pytest.approx(expected, abs=1e-9)


def test_the_e_i_index() -> None:
    # Three ties within, one across: (1 - 3) / 4.
    ours = network(reports([pair("a", "b"), pair("b", "c"), pair("d", "e"), pair("c", "d")]), 1)
    groups = np.array(["x", "x", "x", "y", "y"], dtype=object)
    found = splitting.outside(ours, groups)
    assert (found.internal, found.external, found.index) == (3, 1, -0.5)
    assert found.by_group == {"x": pytest.approx(-1 / 3), "y": 0.0}
    assert found.expected is not None
    assert found.chance is not None
    assert found.expected > found.index
    # Who belongs to no known group counts neither inside nor outside.
    assert splitting.outside(ours, np.array(["x", "x", "", "y", "y"], dtype=object)).internal == 2
    assert splitting.outside(ours, np.array([""] * 5, dtype=object)).index is None


@BOTH
def test_brokerage_against_every_triple(directed: bool) -> None:
    ours, theirs = drawn(9, n=24, share=0.15, directed=directed)
    groups = np.array([("x", "y", "", "z")[number % 4] for number in range(len(ours.ids))], dtype=object)
    of = dict(zip(ours.ids, groups, strict=True))
    expected = {name: dict.fromkeys(connecting.ROLES, 0) for name in ours.ids}
    for first, middle, last in permutations(ours.ids, 3):
        if not (theirs.has_edge(first, middle) and theirs.has_edge(middle, last)) or theirs.has_edge(first, last):
            continue
        a, b, c = of[first], of[middle], of[last]
        if not (a and b and c):
            continue
        role = {
            a == b == c: "coordinator",
            a == c != b: "consultant",
            a == b != c: "representative",
            a != b == c: "gatekeeper",
        }.get(True, "liaison")
        expected[middle][role] += 1
    found = connecting.brokerage(ours, groups)
    assert sum(counts.total for counts in found) > 50
    for name, counts in zip(ours.ids, found, strict=True):
        assert {role: getattr(counts, role) for role in connecting.ROLES} == expected[name]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_balance_against_every_triad(seed: int) -> None:
    random = np.random.default_rng(seed)
    names = [f"a{number}" for number in range(9)]
    ties = [pair(*two, sign=int(random.choice([-1, 1]))) for two in combinations(names, 2) if random.random() < 0.6]
    sign = {frozenset((str(tie["source"]), str(tie["target"]))): int(str(tie["sign"])) for tie in ties}
    triads = [
        product
        for three in combinations(names, 3)
        if len(edges := [sign[pair_] for two in combinations(three, 2) if (pair_ := frozenset(two)) in sign]) == 3
        for product in [np.prod(edges)]
    ]
    found = splitting.balance(network(reports(ties, groups={name: {} for name in names}), 1))
    assert (found.triads, found.unbalanced) == (len(triads), sum(product < 0 for product in triads))
    assert sum(found.by_actor.values()) == 3 * found.unbalanced


def test_a_pair_tied_with_and_against_each_other_is_in_no_triad() -> None:
    ties = [pair("a", "b"), pair("a", "b", sign=-1, type="conflict"), pair("b", "c"), pair("a", "c", sign=-1)]
    found = splitting.balance(network(reports(ties), 1))
    assert (found.triads, found.contradictory) == (0, 1)


def test_communities_are_those_that_are_there_and_the_same_each_time() -> None:
    camps = [pair(*two) for camp in ("abcde", "vwxyz") for two in combinations(camp, 2)]
    ours = network(reports([*camps, pair("e", "v"), pair("a", "z", sign=-1)]), 1)
    found = splitting.communities(ours)
    assert found.members == (tuple("abcde"), tuple("vwxyz"))
    assert found.modularity == pytest.approx(
        nx.community.modularity(nx.Graph(ours.carrying.pairs.tolist()), [range(5), range(5, 10)])
    )
    assert splitting.communities(ours) == found


@BOTH
def test_what_one_could_shift_is_the_column_of_the_closed_form(directed: bool) -> None:
    ours, _ = drawn(11, n=15, share=0.2, directed=directed)
    n = len(ours.ids)
    weights = np.zeros((n, n))
    for (source, target), goes_one_way in zip(np.column_stack([ours.source, ours.target]), ours.directed, strict=True):
        weights[target, source] += 1.0
        if not goes_one_way:
            weights[source, target] += 1.0
    weights /= weights.sum(axis=1, keepdims=True)
    expected = []
    for susceptibility in shifting.SUSCEPTIBILITY:
        settled = np.linalg.inv(np.eye(n) - susceptibility * weights) * (1 - susceptibility)
        assert np.allclose(settled.sum(axis=1), 1.0)
        expected.append((settled.sum(axis=0) - np.diag(settled)) / (n - 1))
    found = {shift.actor: shift for shift in shifting.shifts(ours)}
    for place, name in enumerate(ours.ids):
        values = [row[place] for row in expected]
        assert (found[name].least, found[name].most) == (
            pytest.approx(min(values), abs=1e-9),
            pytest.approx(max(values), abs=1e-9),
        )


def test_enemies_connect_nobody_and_shift_nobody() -> None:
    ties = [pair("a", "b", sign=-1), pair("b", "c", sign=-1)]
    (only,), _ = measures(reports(ties))
    assert set(only.betweenness.values()) == {0.0}
    assert {(shift.least, shift.most) for shift in only.shifts} == {(0.0, 0.0)}
    assert only.negative == 2


@pytest.mark.parametrize("ties", [[], [pair("a", "b")]], ids=["nobody", "one tie"])
def test_small_maps_have_measures(ties: list[dict[str, object]]) -> None:
    waves, changes = measures(reports(ties))
    assert len(waves) == len(ties)
    assert changes == ()
