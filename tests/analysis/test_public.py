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
from analysis.public import published, seen
from analysis.telling import load_telling
from surveys.codebook import Codebook
from surveys.model import Survey
from surveys.problem import SurveyError

NOW = datetime(2026, 3, 4, tzinfo=UTC)
needs_opendp = pytest.mark.skipif(find_spec("opendp") is None, reason="opendp is an extra, and is not installed")


@pytest.fixture
def found(survey: Survey, codebook: Codebook, many: Frames) -> Digest:
    return digest(many, survey, {"themes": codebook}, now=NOW)


@needs_opendp
def test_only_noisy_numbers_are_told(found: Digest) -> None:
    public = published(found, 0.01).public
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
    first = published(found, 0.01)
    assert published(found, 0.01, first).public == first.public
    more = replace(found, turnout=replace(found.turnout, began=61))
    assert published(more, 0.01, first).public != first.public


def test_without_noise_nothing_differs(found: Digest) -> None:
    assert seen(found) is found


def test_an_epsilon_that_promises_nothing_is_refused(survey: Survey) -> None:
    with pytest.raises(SurveyError, match="promises nothing"):
        load_telling("noise: 0", "results/talks.yaml", survey)
