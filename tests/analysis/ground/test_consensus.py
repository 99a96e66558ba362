"""What crosses groups and sets them apart: the published formulas, another implementation, and simulation."""

from __future__ import annotations

from math import prod

import numpy as np
import pandas as pd
import pytest
from reddwarf.utils.stats import calculate_comment_statistics_dataframes
from scipy.stats import false_discovery_control, hypergeom

from analysis.ground import consensus
from analysis.ground.common import common_ground
from analysis.intervals import wilson
from tests.analysis.ground.conftest import Make, matrix_of, votes_of


def test_agreement_and_consensus_are_the_published_formulas(make: Make) -> None:
    votes, camp = make(120, 25, 3, seen=0.4)
    found = common_ground(votes, given=[f"g{one}" for one in camp]).ground
    matrix = matrix_of(votes)
    assert [group.id for group in found.groups] == ["g0", "g1", "g2"]
    for statement in found.statements:
        column = matrix[:, int(statement.id)]
        shares = []
        for place, group in enumerate(statement.groups):
            mine = column[camp == place]
            assert (group.agree, group.disagree) == ((mine == 1).sum(), (mine == -1).sum())
            assert (group.passed, group.seen) == ((mine == 0).sum(), (~np.isnan(mine)).sum())
            assert group.agreement == (group.agree + 1) / (group.seen + 2)
            shares.append(group.agreement)
        assert statement.group_informed_consensus == pytest.approx(prod(shares), rel=1e-15)
        assert statement.lowest_agreement.value == min(shares)
        assert statement.lowest_agreement.group == f"g{shares.index(min(shares))}"
    assert [one.group_informed_consensus for one in found.statements] == sorted(
        (one.group_informed_consensus for one in found.statements), reverse=True
    )


def test_numbers_are_those_of_red_dwarf_on_the_same_groups(make: Make) -> None:
    votes, camp = make(200, 30, 4, seen=0.5)
    theirs, across = calculate_comment_statistics_dataframes(pd.DataFrame(matrix_of(votes)), camp)
    found = common_ground(votes, given=[str(one) for one in camp]).ground
    assert len(found.statements) == 30
    for statement in found.statements:
        name = int(statement.id)
        assert statement.group_informed_consensus == pytest.approx(across.loc[name, "group-aware-consensus-agree"])
        assert statement.group_informed_rejection == pytest.approx(across.loc[name, "group-aware-consensus-disagree"])
        for place, group in enumerate(statement.groups):
            assert group.agreement == pytest.approx(theirs.loc[(place, name), "pa"])
            assert group.disagreement == pytest.approx(theirs.loc[(place, name), "pd"])


def test_nobody_is_a_half() -> None:
    found = common_ground(votes_of(np.array([[1.0, np.nan], [1, np.nan], [np.nan, 1]])), given=["a", "a", "b"]).ground
    one = next(statement for statement in found.statements if statement.id == "0")
    assert one.group_informed_consensus == (3 / 4) * (1 / 2)
    assert (one.lowest_agreement.low, one.lowest_agreement.high) == pytest.approx((0, 1))
    assert one.standing == "open"


def test_the_interval_of_the_lowest_group_covers() -> None:
    """95 times of 100 or more: it is meant to hold whichever group is lowest."""
    random = np.random.default_rng(5)
    tries = 2_000
    truth = random.uniform(0.2, 0.95, size=(3, tries))
    seen = random.integers(5, 200, size=(3, tries))
    given = random.binomial(seen, truth)
    found = consensus.lowest(given, seen)
    covered = (found.low <= truth.min(axis=0)) & (truth.min(axis=0) <= found.high)
    assert covered.mean() > 0.95
    assert ((found.low <= found.value) & (found.value <= found.high)).all()


def test_one_groups_interval_is_wilsons() -> None:
    low, high = consensus.wilson(np.array([81, 0]), np.array([263, 0]), 0.05)
    assert (low[0], high[0]) == pytest.approx(wilson(81, 263))
    assert (low[1], high[1]) == (0, 1)


def test_standing_needs_more_than_half_of_every_group() -> None:
    agree = np.array([[90, 5, 90, 50], [90, 2, 5, 50]])
    disagree = np.array([[5, 90, 5, 40], [5, 90, 90, 40]])
    counted = consensus.Counted(agree, disagree, np.full((2, 4), 100))
    both = consensus.lowest(agree, counted.seen), consensus.lowest(disagree, counted.seen)
    assert list(consensus.standing(*both, counted)) == ["agreed", "rejected", "divided", "open"]


def test_p_is_fishers_and_q_is_benjamini_and_hochbergs() -> None:
    random = np.random.default_rng(2)
    seen = random.integers(0, 40, size=(3, 50))
    given = random.binomial(seen, 0.5)
    p = consensus.fisher(given, seen)
    for group, statement in ((0, 0), (1, 7), (2, 49)):
        all_seen, all_given = seen[:, statement].sum(), given[:, statement].sum()
        chances = hypergeom(all_seen, all_given, seen[group, statement])
        tails = (chances.cdf(given[group, statement]), chances.sf(given[group, statement] - 1))
        assert p[group, statement] == pytest.approx(min(1, 2 * min(tails)))
    assert consensus.benjamini_hochberg(p) == pytest.approx(false_discovery_control(p.ravel()).reshape(p.shape))


def test_of_groups_by_chance_nothing_sets_apart() -> None:
    """All null: in at most one of twenty polls anything is listed, or the tests were not corrected for so many."""
    random = np.random.default_rng(3)
    listed = 0
    for _ in range(100):
        seen = random.integers(20, 60, size=(3, 100))
        agree = random.binomial(seen, 0.6)
        listed += bool(consensus.apart(consensus.Counted(agree, seen - agree, seen)))
    assert listed <= 10


def test_what_sets_a_camp_apart_is_found(make: Make) -> None:
    votes, camp = make(300, 40, 2, noise=0.1)
    found = common_ground(votes, given=[str(one) for one in camp]).ground
    matrix = matrix_of(votes)
    told = {one.statement for group in found.groups for one in group.sets_apart}
    split = {
        str(at) for at in range(40) if abs(np.nanmean(matrix[camp == 0, at]) - np.nanmean(matrix[camp == 1, at])) > 1
    }
    assert len(split) > 5
    assert split <= told
    assert len(told - split) <= 2  # of what is listed about one in twenty is chance
    for group in found.groups:
        assert all(one.share > one.others and one.q < 0.05 for one in group.sets_apart)
        assert [one.p for one in group.sets_apart] == sorted(one.p for one in group.sets_apart)
