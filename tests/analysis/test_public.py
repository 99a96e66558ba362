"""What anybody is told, with noise where a poll asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest

from analysis import render
from analysis.digest import digest
from analysis.findings import Digest
from analysis.frames import Frames
from analysis.noise import Noise
from analysis.public import published, seen
from analysis.telling import load_telling
from surveys.codebook import Codebook
from surveys.model import Survey
from surveys.problem import SurveyError

NOW = datetime(2026, 3, 4, tzinfo=UTC)
needs_opendp = pytest.mark.skipif(find_spec("opendp") is None, reason="opendp is an extra, and is not installed")


LOUD = Noise(0.01, 0.02)


@pytest.fixture
def found(survey: Survey, codebook: Codebook, many: Frames) -> Digest:
    return digest(many, survey, {"themes": codebook}, now=NOW)


@needs_opendp
def test_only_noisy_numbers_are_told(found: Digest) -> None:
    public = published(found, LOUD).public
    assert public is not None
    assert public.question == "settle"
    assert public.within > 100
    shown = seen(replace(found, public=replace(public, began=71, n=64, counts={"water": 32, "land": 16})))
    told = render.participant(shown, "en")
    assert "71 people answered" in told
    assert "Water 50%" in told
    assert "60" not in told
    assert [one.id for one in shown.questions] == ["settle"]
    assert Digest.from_dict(replace(found, public=public).to_dict()).public == public


@needs_opendp
def test_the_same_numbers_are_drawn_once(found: Digest) -> None:
    first = published(found, LOUD)
    assert published(found, LOUD, first).public == first.public
    more = replace(found, turnout=replace(found.turnout, began=61))
    second = published(more, LOUD, first)
    assert second.public != first.public
    assert second.public is not None
    assert second.public.spent == 0.02


@needs_opendp
def test_when_the_budget_is_spent_what_is_out_stays(found: Digest) -> None:
    drawn = [found]
    for more in range(3):
        drawn.append(published(replace(found, turnout=replace(found.turnout, began=60 + more)), LOUD, drawn[-1]))
    first, second, third = drawn[1:]
    assert first.public != second.public
    assert third.public == second.public
    assert "0.02 of 0.02" in render.page(third, "en")
    assert all("None" not in render.page(third, name) for name in ("fr", "sw", "ar"))


def test_without_noise_nothing_differs(found: Digest) -> None:
    assert seen(found) is found


def test_an_epsilon_that_promises_nothing_is_refused(survey: Survey) -> None:
    with pytest.raises(SurveyError, match="promises nothing"):
        load_telling("noise: 0", "results/talks.yaml", survey)
    with pytest.raises(SurveyError, match="nothing to spend it on"):
        load_telling("budget: 3", "results/talks.yaml", survey)


@needs_opendp
def test_a_budget_is_for_ten_draws_where_none_is_written(survey: Survey) -> None:
    assert load_telling("noise: 0.5", "results/talks.yaml", survey).noise == Noise(0.5, 5)
    assert load_telling("noise: 0.5\nbudget: 2", "results/talks.yaml", survey).noise == Noise(0.5, 2)
    with pytest.raises(SurveyError, match="less than one release spends"):
        load_telling("noise: 1\nbudget: 0.5", "results/talks.yaml", survey)
