"""A poll that asks for places keeps those it was opened with, whatever becomes of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway import lifecycle
from gateway.gazetteers import read_gazetteers
from gateway.polls import load_polls
from surveys.load import load_survey
from surveys.model import Survey
from tests.conftest import Clock

POLL = """\
name: home
languages: [en]
title: Home
sender: Peace Forum
keywords: [HOMEWARD]
consent: {version: "1", text: Join?}
thanks: Thank you
questions:
  - {id: home, type: place, gazetteer: made, text: Where?, purpose: to compare}
"""
PLACES = "id,name\na,Garuna\nb,Kisima\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "gazetteers").mkdir()
    return tmp_path


def written(config: Path, places: str) -> Survey:
    (config / "gazetteers" / "made.csv").write_text(places, encoding="utf-8")
    return load_survey(POLL, "home.yaml", read_gazetteers(config)[0])


def test_an_opened_poll_keeps_its_places(engine: sa.Engine, config: Path, clock: Clock) -> None:
    survey = written(config, PLACES)
    lifecycle.open_poll(engine, survey, clock(), "tests")
    changed = written(config, PLACES + "c,Lodo\n")
    assert (changed.shape, changed.hash == survey.hash) == (survey.shape, False)
    (config / "gazetteers" / "made.csv").unlink()
    polls = load_polls(config, engine)
    assert not polls.problems
    (asked,) = polls.open
    gazetteer = asked.question("home").gazetteer
    assert gazetteer is not None
    assert [place.id for place in gazetteer] == ["a", "b"]
    assert lifecycle.open_poll(engine, changed, clock.advance(minutes=1) and clock(), "tests").how in {
        "fix",
        "settings",
    }
    (asked,) = load_polls(config, engine).open
    assert len(asked.gazetteers["made"]) == 3


def test_what_is_still_to_write_is_not_opened(engine: sa.Engine, config: Path, clock: Clock) -> None:
    source = (
        POLL.replace("thanks: Thank you", "thanks: Thank you # TO WRITE: what is said at the end")
        .replace("gazetteer: made, ", "")
        .replace("type: place", "type: open")
    )
    with pytest.raises(lifecycle.LifecycleError, match=r"home is not finished\. Line 7: still to write"):
        lifecycle.open_poll(engine, load_survey(source, "home.yaml"), clock(), "tests")
