"""Votes from the answers of a poll of our own: on its statements, and if wanted on yes-no questions and scales.

Yes agrees and no disagrees. On a scale who is above the middle agrees, who is below it disagrees, and who is on it
passes. Of a question left out there is no vote.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.frames import Frames
from analysis.ground.votes import AGREE, DISAGREE, Votes, last
from surveys.model import Question, Survey


def votes_of(frames: Frames, survey: Survey, questions: Collection[str] = ()) -> Votes:
    """The votes on statements, and those that the answers to these `questions` (yes-no, scale) stand for.

    People are those who began; their ids are their numbers in the frames, and a question's id is its own. Raises
    ValueError at a question of another type.
    """
    parts = [frames.votes.astype({"statement": "str"})]
    parts += [_told(frames.answers, survey.question(name)) for name in questions]
    rows = pd.concat(parts, ignore_index=True)
    began = frames.conversations.loc[frames.conversations["began"], "person"].to_numpy()
    statements = list(dict.fromkeys(rows["statement"]))
    place = {name: at for at, name in enumerate(statements)}
    kept = rows[rows["person"].isin(began)]
    order = np.sort(began)
    return last(
        [str(person) for person in order],
        statements,
        np.searchsorted(order, kept["person"].to_numpy()),
        kept["statement"].map(place).to_numpy(np.int32),
        kept["vote"].to_numpy(np.int8),
    )


def _told(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    rows = answers[answers["question"] == question.id]
    if question.type == "yes-no":
        vote = rows["choice"].astype(object).map({"yes": AGREE, "no": DISAGREE})
    elif question.type == "scale":
        middle = (float(question.minimum or 0) + float(question.maximum or 0)) / 2
        vote = np.sign(rows["number"] - middle)
    else:
        raise ValueError(f"{question.id} is a question of type {question.type}: only yes-no and scale stand for votes.")
    told = pd.DataFrame({"person": rows["person"], "statement": question.id, "vote": vote}).dropna()
    return told.astype({"vote": "int8"})
