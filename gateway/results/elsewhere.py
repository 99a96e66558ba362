"""Answers to another question than was asked: coded so by people, or by a keyword of `wrong_question` where only one
other question can be meant. They count there; the answer itself stays as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import sqlalchemy as sa

from analysis.coding import Coder
from gateway.coding.answers import words
from gateway.results.columns import Given, ends
from gateway.store.keys import Vault
from surveys.model import Survey

WORDS = 2_000
"""Answers in people's own words opened at a time."""


def by_keyword(
    connection: sa.Connection, vault: Vault, survey: Survey, coders: Mapping[str, Coder], kept: Given
) -> dict[int, str]:
    """The question that an answer belongs to, by the answer's number. Of a poll with two open questions; where there
    are more, nobody but a coder can tell which is meant."""
    found: dict[int, str] = {}
    asked = [question for question in survey.questions if question.type == "open"]
    if len(asked) != 2:
        return found
    for question, other in (asked, asked[::-1]):
        coder, code = coders.get(question.codebook), kept.questions.known.get(question.id)
        if coder is None or code is None or not coder.moves:
            continue
        ids = kept.id[kept.question == code].tolist()
        for start in range(0, len(ids), WORDS):
            said = words(connection, vault, ids[start : start + WORDS])
            found |= {answer: other.id for answer, text in said.items() if coder.is_elsewhere(text)}
    return found


def moved(kept: Given, moves: Mapping[int, str]) -> tuple[Given, int]:
    """Answers under the questions that they answer, and how many were moved or, where that was answered, left out."""
    away = np.isin(kept.id, list(moves))
    if not away.any():
        return kept, 0
    question = kept.question.copy()
    question[away] = kept.questions([moves[int(one)] for one in kept.id[away]])
    width = len(kept.questions.known) + 1
    key = kept.conversation.astype(np.int64) * width + question
    order = np.lexsort((~away, key))  # of one question a person's own answer comes last, and stands
    stands = np.sort(order[ends(key[order])])
    return replace(kept, question=question).at(stands), int(away.sum())
