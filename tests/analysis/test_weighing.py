"""Weighted shares of a digest: near raking of the rows, and a function of what is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from analysis import render
from analysis.digest import digest
from analysis.estimates import estimate
from analysis.findings import Digest
from analysis.frames import Frames
from analysis.margins import Population
from analysis.raking import Margin, rake
from analysis.render.language import language
from analysis.render.words import summary
from analysis.telling import Telling, load_telling
from analysis.weighing import weighed
from surveys.model import Choice, Question, Survey
from surveys.problem import SurveyError

NOW = datetime(2026, 3, 4, tzinfo=UTC)
REGIONS, GENDERS, ISSUES = ("north", "south", "east"), ("woman", "man"), ("water", "land", "roads")
POPULATION = Population(
    (
        Margin("region", {"north": 0.3, "south": 0.4, "east": 0.3}),
        Margin("gender", {"woman": 0.51, "man": 0.49}),
    ),
    "Census 2019",
)


def asked(name: str, *options: str, profile: bool = False) -> Question:
    choices = tuple(Choice(option, {"en": option.title()}) for option in options)
    return Question(name, "one-of", {"en": f"{name}?"}, "p", choices, profile=profile)


@pytest.fixture
def poll(survey: Survey) -> Survey:
    questions = (
        asked("region", *REGIONS, profile=True),
        asked("gender", *GENDERS, profile=True),
        asked("first", *ISSUES),
        Question("safety", "scale", {"en": "safety?"}, "p", minimum=1, maximum=5),
    )
    return replace(survey, questions=questions)


def crowd(people: int, seed: int = 1) -> tuple[Frames, pd.DataFrame]:
    """Men of the north answer most, and what people want hangs on both."""
    chance = np.random.default_rng(seed)
    region = chance.choice(3, people, p=(0.6, 0.3, 0.1))
    gender = (chance.random(people) < np.array([0.8, 0.6, 0.5])[region]).astype(int)
    wants = np.array([[0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]])[region]
    wants = wants + np.where(gender[:, None] == 0, [0.1, -0.1, 0.0], 0.0)
    first = np.array([chance.choice(3, p=one) for one in wants])
    told = pd.DataFrame(
        {
            "region": np.array(REGIONS)[region],
            "gender": np.where(chance.random(people) < 0.05, None, np.array(GENDERS)[gender]),
            "first": np.array(ISSUES)[first],
        }
    )
    rows = told.reset_index(names="person").melt(id_vars="person", var_name="question", value_name="choice")
    told["safety"] = 1 + chance.binomial(4, np.array([0.25, 0.55, 0.7])[region])
    safe = pd.DataFrame({"person": range(people), "question": "safety", "number": told["safety"].astype(float)})
    rows = pd.concat([rows.dropna(), safe]).astype({"question": "category", "choice": "category"})
    who = pd.DataFrame({"person": range(people), "channel": "sms", "language": "en", "region": told["region"]})
    who = who.astype({"channel": "category", "language": "category", "region": "category"})
    return Frames(who.assign(began=True, finished=True), rows.sort_values(["question", "person"])), told


@pytest.mark.parametrize("people", [1000, 3000])
def test_near_the_raking_of_rows(poll: Survey, people: int) -> None:
    frames, told = crowd(people)
    found = digest(frames, poll, {}, now=NOW, telling=Telling(POPULATION))
    raked = rake(told, POPULATION.margins, POPULATION.cap)
    theirs = {one.answer: one.weighted for one in estimate("first", told["first"], raked.weights).answers}
    weights = found.weights
    assert weights is not None
    assert weights.by == ("region", "gender")
    assert weights.deff == pytest.approx(raked.deff, rel=0.02)
    for cell in found.question("first").cells:
        assert cell.weighted is not None
        assert cell.weighted.share == pytest.approx(theirs[cell.id].share, abs=0.01)
        assert cell.weighted.low == pytest.approx(theirs[cell.id].low, abs=0.015)
    safety = found.question("safety")
    average = estimate("safety", told["safety"], raked.weights).weighted_average
    assert average is not None
    assert average.low is not None
    assert safety.mean is not None
    assert safety.weighted_mean is not None
    assert safety.weighted_mean.value == pytest.approx(average.mean, abs=0.06)
    assert safety.weighted_mean.low == pytest.approx(average.low, abs=0.06)
    assert safety.weighted_mean.value >= safety.mean.value + 0.4
    moved = [
        abs((cell.weighted.share if cell.weighted else 0) - (cell.share or 0)) for cell in found.question("first").cells
    ]
    assert max(moved) > 0.05


def test_weighted_means_cover_at_their_rate(poll: Survey) -> None:
    """Of the population's mean, which hangs on the region; 116 of 120 with 60 draws each of 400 and 1,000 people."""
    region, gender, _, safety = poll.questions
    asked_ = replace(poll, questions=(region, gender, safety))
    truth = sum(part * (1 + 4 * safe) for part, safe in zip((0.3, 0.4, 0.3), (0.25, 0.55, 0.7), strict=True))
    held = 0
    for seed in range(12):
        frames, _ = crowd(1000, seed + 10)
        mean = digest(frames, asked_, {}, now=NOW, telling=Telling(POPULATION)).question("safety").weighted_mean
        assert mean is not None
        held += mean.low <= truth <= mean.high
    assert held >= 11


def test_with_one_margin_it_is_post_stratification(poll: Survey) -> None:
    frames, told = crowd(2000)
    margin = POPULATION.margins[0]
    found = digest(frames, poll, {}, now=NOW, telling=Telling(Population((margin,))))
    shares = pd.crosstab(told["region"], told["first"], normalize="index")
    for cell in found.question("first").cells:
        assert cell.weighted is not None
        exact = sum(part * float(shares[cell.id][name]) for name, part in margin.shares.items())
        assert cell.weighted.share == pytest.approx(exact, abs=0.001)


def test_only_what_is_shown_is_reckoned_with(poll: Survey) -> None:
    """Whoever holds the digest reckons the same: its JSON and the margins are enough, with hidden cells in it, too."""
    frames, _ = crowd(700)
    found = digest(frames, poll, {}, now=NOW, telling=Telling(POPULATION))
    assert found.hidden
    bare = replace(
        found,
        weights=None,
        questions=tuple(
            one.with_(cells=tuple(replace(cell, weighted=None) for cell in one.cells), weighted_mean=None)
            for one in found.questions
        ),
    )
    assert weighed(Digest.from_dict(bare.to_dict()), POPULATION) == found
    assert any(cell.weighted for cell in found.question("first").cells)


def test_who_is_missing_is_said_at_the_top(poll: Survey) -> None:
    frames, _ = crowd(2000)
    found = digest(frames, poll, {}, now=NOW, telling=Telling(POPULATION))
    missing = [one.text for one in summary(found, language("en"))["missing"]]
    assert missing[0].startswith("Heard too little, against Census 2019: Woman 29% (population: 51%); East 10%")
    assert "Weighted to the population: " in render.page(found, "en")
    assert all("None" not in render.page(found, name) for name in ("en", "fr", "sw", "ar"))


def test_what_is_hidden_moves_no_weighted_share_by_more_than_a_point(poll: Survey) -> None:
    """Of 300 most tables are hidden in part: a share is left out rather than guessed."""
    frames, told = crowd(300)
    found = digest(frames, poll, {}, now=NOW, telling=Telling(POPULATION))
    raked = rake(told, POPULATION.margins, POPULATION.cap)
    theirs = {one.answer: one.weighted.share for one in estimate("first", told["first"], raked.weights).answers}
    shares = {cell.id: cell.weighted.share for cell in found.question("first").cells if cell.weighted}
    assert len(shares) < 3
    assert all(share == pytest.approx(theirs[name], abs=0.02) for name, share in shares.items())


def test_of_which_nothing_is_shown_nothing_is_weighted(poll: Survey) -> None:
    frames, _ = crowd(6)
    found = digest(frames, poll, {}, now=NOW, telling=Telling(POPULATION))
    assert all(cell.weighted is None or cell.count is not None for one in found.questions for cell in one.cells)


def test_margins_beside_a_poll_are_checked(poll: Survey) -> None:
    written = "margins:\n  regin: {north: 1, south: 1}\n  first: {water: 1, land: 1}\n  gender: {woman: 51, men: 49}\n"
    with pytest.raises(SurveyError) as wrong:
        load_telling(written, "results/talks.yaml", poll)
    told = [str(one) for one in wrong.value.problems]
    assert [one.split(" ")[0] for one in told] == [
        "results/talks.yaml:2:3:",
        "results/talks.yaml:3:3:",
        "results/talks.yaml:4:23:",
    ]
    assert "`region`" in told[0] or "region" in told[0]
    assert "profile: yes" in told[1]
    assert "`men` is no answer to `gender`" in told[2]
    right = load_telling("names: [Amina]\nmargins:\n  gender: {woman: 51%, man: 49%}\n", "x.yaml", poll)
    assert (right.by, right.names) == (("gender",), ("Amina",))
