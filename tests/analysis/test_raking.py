"""Raking: against a table fitted cell by cell, and against the survey practice that it stands for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.estimates import estimate
from analysis.raking import Margin, effective, rake

REGION = Margin("region", {"north": 0.42, "south": 0.38, "east": 0.20})
GENDER = Margin("gender", {"female": 0.51, "male": 0.49})
AGE = Margin("age", {"18-29": 0.4, "30-49": 0.35, "50+": 0.25})
MARGINS = (REGION, GENDER, AGE)


def people(count: int, seed: int = 0) -> pd.DataFrame:
    """Who answers is young, male and from the north more often than the population is."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "region": random.choice(["north", "south", "east"], count, p=[0.6, 0.3, 0.1]),
            "gender": random.choice(["female", "male"], count, p=[0.3, 0.7]),
            "age": random.choice(["18-29", "30-49", "50+"], count, p=[0.6, 0.3, 0.1]),
        }
    )


def fitted(table: np.ndarray, margins: tuple[Margin, ...]) -> np.ndarray:
    """An independent reference: the table of counts, each axis scaled in turn to what it must add up to."""
    table = table.astype(float)
    total = table.sum()
    for _ in range(2_000):
        for axis, margin in enumerate(margins):
            others = tuple(other for other in range(table.ndim) if other != axis)
            factor = np.array(list(margin.shares.values())) * total / table.sum(axis=others)
            table = table * factor.reshape([-1 if other == axis else 1 for other in range(table.ndim)])
    return table


def test_weights_agree_with_a_table_fitted_cell_by_cell() -> None:
    frame = people(500)
    codes = [frame[margin.question].map({name: at for at, name in enumerate(margin.shares)}) for margin in MARGINS]
    counts = np.zeros([len(margin.shares) for margin in MARGINS])
    np.add.at(counts, tuple(codes), 1)
    expected = np.divide(fitted(counts, MARGINS), counts, out=np.zeros_like(counts), where=counts > 0)[tuple(codes)]
    found = rake(frame, MARGINS, cap=1_000)
    assert found.met
    assert found.weights == pytest.approx(expected, abs=1e-6)
    assert found.weights.mean() == pytest.approx(1)
    for one in found.categories:
        assert one.weighted == pytest.approx(one.population, abs=1e-9)


def test_one_margin_is_post_stratification() -> None:
    frame = people(200)
    found = rake(frame, [GENDER], cap=100)
    counts = frame["gender"].value_counts()
    assert found.weights == pytest.approx(frame["gender"].map(lambda name: GENDER.shares[name] * 200 / counts[name]))


def test_effective_size_and_design_effect_are_kishs() -> None:
    assert effective(np.array([1.0, 1, 1, 1])) == 4
    assert effective(np.array([3.0, 1])) == pytest.approx(16 / 10)
    found = rake(people(300), MARGINS)
    squares = (found.weights**2).sum()
    assert found.effective == pytest.approx(found.weights.sum() ** 2 / squares)
    assert found.deff == pytest.approx(300 * squares / found.weights.sum() ** 2)


def test_base_weights_are_where_it_begins() -> None:
    frame = people(300)
    base = np.where(frame["age"] == "50+", 3.0, 1.0)
    assert rake(frame, [], base=base).weights == pytest.approx(base / base.mean())
    found = rake(frame, [GENDER], base=base, cap=100)
    women = (frame["gender"] == "female").to_numpy()
    assert found.weights[women].sum() / found.weights.sum() == pytest.approx(0.51)
    same = women & (frame["age"] == "50+").to_numpy(), women & (frame["age"] == "18-29").to_numpy()
    assert found.weights[same[0]][0] / found.weights[same[1]][0] == pytest.approx(3)


def test_no_weight_is_above_the_cap_and_the_margins_are_met_where_they_can_be() -> None:
    frame = people(1_000)
    free, cut = rake(frame, MARGINS, cap=1_000), rake(frame, MARGINS, cap=3)
    assert free.weights.max() > 3
    assert cut.weights.max() <= 3 * (1 + 1e-6)
    assert cut.met
    assert cut.trimmed == (cut.weights > 3 * (1 - 1e-6)).sum() > 0
    assert cut.effective > free.effective
    tight = rake(frame, MARGINS, cap=1.2)
    assert tight.weights.max() <= 1.2 * (1 + 1e-6)
    assert not tight.met
    assert tight.gap > 0.01


def test_who_said_nothing_keeps_their_part_and_nobody_stands_for_those_unheard() -> None:
    frame = pd.DataFrame({"region": ["north"] * 60 + ["south"] * 20 + [None] * 15 + ["elsewhere"] * 5})
    found = rake(frame, [REGION])
    assert found.weights[80:].sum() == pytest.approx(20)
    assert found.weights[:60].sum() / found.weights[:80].sum() == pytest.approx(0.42 / 0.80)
    assert found.unheard == (("region", "east"),)
    assert not found.gap > 1e-9


def test_contradicting_margins_are_said_to_be_missed() -> None:
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["x", "x", "y"]})
    found = rake(frame, [Margin("a", {"x": 0.5, "y": 0.5}), Margin("b", {"x": 0.9, "y": 0.1})], cap=10)
    assert not found.met
    assert np.isfinite(found.weights).all()


def test_nobody_and_a_cap_that_is_none() -> None:
    assert len(rake(people(0), MARGINS).weights) == 0
    with pytest.raises(ValueError, match="not above 1"):
        rake(people(3), MARGINS, cap=1)


@given(st.integers(0, 10_000), st.integers(5, 60), st.floats(1.5, 8))
@example(794, 5, 2.0)  # margins that contradict each other
@settings(max_examples=15, deadline=None)
def test_any_people_have_weights_that_are_finite_positive_and_capped(seed: int, count: int, cap: float) -> None:
    found = rake(people(count, seed), MARGINS, cap=cap)
    assert (found.weights > 0).all()
    assert found.weights.max() <= cap * (1 + 1e-6)
    assert found.weights.mean() == pytest.approx(1, abs=1e-6)
    assert found.deff >= 1 - 1e-9


def test_weighted_intervals_cover_at_their_rate() -> None:
    """People answer more or less often by region, gender and age; so do opinions differ. 95 % of the intervals of
    the weighted share hold the population's; hardly any of the unweighted do."""
    random = np.random.default_rng(11)
    size, tries = 500, 200
    population = pd.DataFrame(
        {
            margin.question: random.choice(list(margin.shares), 20_000, p=list(margin.shares.values()))
            for margin in MARGINS
        }
    )
    agree = 0.3 + 0.3 * (population["region"] == "east") + 0.2 * (population["gender"] == "female")
    opinion = np.where(random.random(len(population)) < agree, "yes", "no")
    answers = 0.3 + 0.5 * (population["gender"] == "male") + 0.2 * (population["region"] == "north")
    chance = (answers / answers.sum()).to_numpy()
    truth = (opinion == "yes").mean()
    shares = [Margin(one.question, population[one.question].value_counts(normalize=True).to_dict()) for one in MARGINS]
    covered = {"weighted": 0, "unweighted": 0}
    for _ in range(tries):
        drawn = random.choice(len(population), size, p=chance)
        weights = rake(population.iloc[drawn].reset_index(drop=True), shares).weights
        yes = estimate("q", pd.Series(opinion[drawn], dtype=object), weights, ["yes"]).answers[0]
        for name, share in (("weighted", yes.weighted), ("unweighted", yes.unweighted)):
            covered[name] += share.low <= truth <= share.high
    assert covered["weighted"] / tries > 0.93
    assert covered["unweighted"] / tries < 0.6
