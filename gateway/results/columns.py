"""A poll's conversations, answers and consents from the store, in batches, as typed columns.

A few bytes for an answer, however long its value is: values are numbered as they come, and there are few different
ones. Neither database is asked to sort answers, or for all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from gateway.store import schema
from surveys.model import Survey

BATCH = 20_000
"""Rows fetched at a time."""

Column = NDArray[Any]


class Distinct:
    """Numbers the different values of a column as they come."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def __call__(self, values: Sequence[Any]) -> Column:
        known = self.known
        return np.fromiter((known.setdefault(value, len(known)) for value in values), np.int32, len(values))

    def category(self, codes: Column, read: Callable[[Any], str | None]) -> Any:
        """A column of these numbers, as categories."""
        names = [read(value) for value in self.known]
        categories = sorted({name for name in names if name is not None})
        place = {name: index for index, name in enumerate(categories)}
        table = np.array([-1 if name is None else place[name] for name in names] or [-1], dtype=np.int32)
        return categorical(table[codes], categories)


@dataclass(frozen=True, slots=True)
class Asked:
    """Conversations, the earlier before the later. `began` and `last` (the person's last word) are seconds."""

    id: Column
    person: Column
    completed: Column
    channel: Column
    language: Column
    began: Column
    last: Column
    channels: Distinct
    languages: Distinct

    def at(self, rows: Column) -> Asked:
        return replace(
            self,
            id=self.id[rows],
            person=self.person[rows],
            completed=self.completed[rows],
            channel=self.channel[rows],
            language=self.language[rows],
            began=self.began[rows],
            last=self.last[rows],
        )


@dataclass(frozen=True, slots=True)
class Given:
    """Answers: the place of its conversation in Asked, and the numbers of its question and of its value."""

    id: Column
    conversation: Column
    question: Column
    value: Column
    questions: Distinct
    values: Distinct

    def at(self, rows: Column) -> Given:
        return replace(
            self,
            id=self.id[rows],
            conversation=self.conversation[rows],
            question=self.question[rows],
            value=self.value[rows],
        )

    def latest(self, counts: Column) -> tuple[Given, int]:
        """The last answer to each question in each conversation that `counts`, in their order; and how many were
        replaced, in any."""
        key = self.conversation.astype(np.int64) * (len(self.questions.known) + 1) + self.question
        order = np.lexsort((self.id, key))
        is_last = ends(key[order])
        del key  # these columns are long: each goes as soon as it can
        replaced = int(len(is_last) - is_last.sum())
        order = order[is_last]
        return self.at(order[counts[self.conversation[order]]]), replaced

    def by_question(self) -> dict[str, Given]:
        """The answers to each question, in their order. Whoever takes one out and drops it has its memory back."""
        order = np.argsort(self.question, kind="stable")
        bounds = np.searchsorted(self.question[order], range(len(self.questions.known) + 1))
        return {
            name: self.at(order[first:last])
            for name, first, last in zip(self.questions.known, bounds, bounds[1:], strict=False)
            if first < last
        }


def newest_wave(connection: sa.Connection, survey: Survey) -> int:
    """The newest round of this poll that anybody was asked in."""
    table = schema.conversations
    newest = sa.select(sa.func.max(table.c.wave)).where(table.c.flow == survey.id)
    return int(connection.scalar(newest) or 1)


def conversations(connection: sa.Connection, survey: Survey, wave: int) -> Asked:
    table = schema.conversations
    at = table.c.started_at, table.c.updated_at
    columns = (table.c.id, table.c.person, table.c.status, table.c.channel, table.c.language, *at)
    of_wave = table.c.flow == survey.id, table.c.wave == wave
    chosen = sa.select(*columns).where(*of_wave).order_by(table.c.started_at, table.c.id)
    channels, languages = Distinct(), Distinct()
    parts = [
        (
            np.array(ids, np.int64),
            np.array(people, np.int64),
            np.array([status == "completed" for status in statuses], bool),
            channels(on),
            languages(spoken),
            np.array([moment.timestamp() for moment in began], np.float64),
            np.array([moment.timestamp() for moment in last], np.float64),
        )
        for ids, people, statuses, on, spoken, began, last in _batches(connection, chosen)
    ]
    kinds = (np.int64, np.int64, np.bool_, np.int32, np.int32, np.float64, np.float64)
    row, person, completed, channel, language, began, last = joined(parts, kinds)
    return Asked(row, person, completed, channel, language, began, last, channels, languages)


def answers(connection: sa.Connection, survey: Survey, asked: Asked) -> Given:
    """Those that belong to these conversations: not another wave's."""
    table = schema.answers
    columns = (table.c.id, table.c.conversation, table.c.question, sa.cast(table.c.value, sa.Text))
    chosen = sa.select(*columns).where(table.c.survey == _key(survey))
    order = np.argsort(asked.id)
    sorted_ids = asked.id[order]
    questions, values = Distinct(), Distinct()
    parts = []
    for ids, held, asks, given in _batches(connection, chosen) if len(order) else ():
        mine = np.array(held, np.int64)
        place = np.minimum(np.searchsorted(sorted_ids, mine), len(sorted_ids) - 1)
        ours = sorted_ids[place] == mine
        asked_ = questions(asks).astype(np.int16)
        part = (np.array(ids, np.int64), order[place].astype(np.int32), asked_, values(given))
        parts.append(tuple(column[ours] for column in part))
    row, conversation, question, value = joined(parts, (np.int64, np.int32, np.int16, np.int32))
    return Given(row, conversation, question, value, questions, values)


def consented(connection: sa.Connection, survey: Survey) -> Column:
    """Who agreed to be asked: a consent to something else, such as a call, says nothing of that."""
    table = schema.consents
    others = [f"{question.id}/{question.version}" for question in survey.questions if question.version]
    is_ours = sa.and_(table.c.survey == _key(survey), table.c.version.not_in(others))
    chosen = sa.select(table.c.id, table.c.person, table.c.given).where(is_ours)
    parts = [
        (np.array(i, np.int64), np.array(p, np.int64), np.array(g, bool)) for i, p, g in _batches(connection, chosen)
    ]
    row, person, given = joined(parts, (np.int64, np.int64, np.bool_))
    order = np.lexsort((row, person))
    person, given = person[order], given[order]
    consented: Column = person[ends(person) & given]
    return consented


def _batches(connection: sa.Connection, chosen: sa.Select[Any]) -> Iterator[tuple[Sequence[Any], ...]]:
    """The columns of so many rows, and so on: neither database is asked for all of them at once."""
    for part in connection.execute(chosen, execution_options={"yield_per": BATCH}).partitions():
        yield tuple(zip(*part, strict=True))


def joined(parts: list[Any], kinds: Sequence[Any]) -> list[Column]:
    """The columns of all parts (a column a kind), one after the other. Empties the list: parts go as they are used."""
    if not parts:
        return [np.empty(0, kind) for kind in kinds]
    columns = list(zip(*parts, strict=True))[::-1]
    parts.clear()
    return [np.concatenate(columns.pop(), dtype=kind) for kind in kinds]


def _key(survey: Survey) -> str:
    """How answers and consents name a survey."""
    return survey.id.removeprefix("survey:")


def ends(*columns: Column) -> Column:
    """Where a run of equal rows ends, in sorted columns."""
    ends = np.ones(len(columns[0]), dtype=bool)
    ends[:-1] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return ends


def categorical(codes: Column, names: Sequence[str]) -> Any:
    """A pandas Categorical of these codes (-1: missing)."""
    return pd.Categorical.from_codes(codes, pd.Index(list(names), dtype="str"))
