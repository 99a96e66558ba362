"""The wave before, for those who answered in both: what each gave then, by their number now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analysis.frames import no_panel
from analysis.waves import is_told
from gateway.results.choosing import Chosen, choose
from gateway.results.columns import Column, Distinct, categorical, joined
from gateway.results.values import values
from surveys.model import Survey

Before = Mapping[str, Mapping[str, int]]


def previous(connection: sa.Connection, survey: Survey, wave: int, now: Chosen) -> tuple[Before, pd.DataFrame]:
    """How many gave each answer in the wave before, and the panel, as analysis.frames.Frames has them: of the poll's
    version that is counted now, as questions of another one may mean something else."""
    if wave < 2:
        return {}, no_panel()
    then, kept = choose(connection, survey, wave - 1)
    number = _numbers(then, now)
    known = [None if value is None else json.loads(value) for value in kept.values.known]
    given, choices = kept.by_question(), Distinct()
    before: dict[str, dict[str, int]] = {}
    parts: list[Sequence[Column]] = []
    asked = [question for question in survey.questions if is_told(question)]
    for place, question in enumerate(asked):
        mine = given.get(question.id)
        if mine is None:
            continue
        row, choice, _ = values(question, mine, known, choices)
        names = np.array(list(choices.known), dtype=object)
        gave = np.array([name is not None for name in names], bool)[choice]
        row, choice = row[gave], choice[gave]
        found, times = np.unique(choice, return_counts=True)
        before[question.id] = {str(names[one]): int(n) for one, n in zip(found, times, strict=True)}
        before[question.id][""] = len(np.unique(row))
        person = number[mine.conversation[row]]
        both = person >= 0
        parts.append((person[both], np.full(int(both.sum()), place, np.int32), choice[both]))
    person, question_, choice = joined(parts, (np.int64, np.int32, np.int32))
    panel = pd.DataFrame(
        {
            "person": person,
            "question": categorical(question_, [question.id for question in asked]),
            "choice": choices.category(choice, lambda name: name),
        }
    )
    return before, panel


def _numbers(then: Chosen, now: Chosen) -> Column:
    """By conversation of the wave before, its person's number now; -1 for who does not count now."""
    counts = now.rows[now.counts[now.rows]]
    people, numbers = now.asked.person[counts], now.number[counts]
    order = np.argsort(people)
    place = np.minimum(np.searchsorted(people[order], then.asked.person), max(len(people) - 1, 0))
    if not len(people):
        return np.full(len(then.asked.person), -1)
    found: Column = np.where(people[order][place] == then.asked.person, numbers[order][place], -1)
    return found
