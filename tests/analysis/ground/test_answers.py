"""A poll's own answers as votes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.frames import Frames
from analysis.ground.answers import votes_of
from surveys.model import Survey


def test_statements_yes_no_and_scales_are_votes(many: Frames, survey: Survey) -> None:
    statements = pd.DataFrame({"person": [0, 0, 5], "statement": ["land", "own-1", "land"], "vote": [1, 0, -1]})
    frames = replace(many, votes=statements.astype({"statement": "category", "vote": "int8"}))
    votes = votes_of(frames, survey, ["hope", "safety"])
    assert votes.statements == ("land", "own-1", "hope", "safety")
    assert len(votes.people) == 60
    given = {
        (int(votes.people[person]), votes.statements[statement]): vote
        for person, statement, vote in zip(
            votes.person.tolist(), votes.statement.tolist(), votes.vote.tolist(), strict=True
        )
    }
    assert [given[0, name] for name in votes.statements] == [1, 0, -1, -1]  # no hope, and 1 of 5
    assert [given[5, name] for name in ("land", "hope", "safety")] == [-1, 1, -1]
    assert given[2, "safety"] == 0  # the middle of the scale
    assert given[4, "safety"] == 1


def test_other_questions_stand_for_no_vote(many: Frames, survey: Survey) -> None:
    assert votes_of(many, survey).statements == ()
    with pytest.raises(ValueError, match="only yes-no and scale"):
        votes_of(many, survey, ["region"])
