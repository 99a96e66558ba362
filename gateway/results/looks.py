"""Looks for answers that seem coordinated or hasty while rows are read, and keeps one byte a person.

What is compared, words and numbers, does not leave here: analysis/integrity.py says what each flag is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analysis import integrity
from analysis.integrity import Flag, Flagged
from gateway.results.choosing import Chosen
from gateway.results.columns import BATCH, Column, joined
from gateway.store import schema
from gateway.store.keys import Vault
from surveys.model import Survey

_PLACE = {flag: place for place, flag in enumerate(Flag)}


class Looks:
    """`flags` by the person's number: the sum of 1 << the flag's place."""

    def __init__(self, people: int) -> None:
        self.flags = np.zeros(people, np.int8)
        self._marks: dict[str, list[tuple[Column, Column]]] = {}

    def texts(self, question: str, people: Column, texts: Sequence[str]) -> None:
        """Words of one question; what is kept of each until all are read is a fingerprint."""
        marks = np.fromiter(map(integrity.fingerprint, texts), np.int64, len(texts))
        long = marks != 0
        self._marks.setdefault(question, []).append((people[long], marks[long]))

    def at(
        self,
        connection: sa.Connection,
        vault: Vault,
        survey: Survey,
        chosen: Chosen,
        answers: pd.DataFrame,
        *,
        interviewed: str,
        invited: bool,
    ) -> None:
        """Everything else, once the rows are there. Those of an interviewer's channel answer as fast as they are sent;
        where people were `invited` they come in bursts."""
        counts = chosen.rows[chosen.counts[chosen.rows]]
        people, asked = chosen.number[counts], chosen.asked.at(counts)
        for question, parts in self._marks.items():
            who, marks = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
            self._flag(integrity.same_marks(question, who, marks))
        themselves = asked.channel != asked.channels.known.get(interviewed, -1)
        several = chosen.several[counts]
        spent = (asked.last - asked.began)[themselves]
        self._flag(integrity.too_fast(people[themselves], spent, several[themselves]))
        if not invited:
            self._flag(integrity.bursts(pd.Series(asked.began[themselves], people[themselves])))
        for scales in _scales(survey, answers):
            self._flag(integrity.straight_lines(scales))
        self._flag(integrity.neighbouring(integrity.neighbours(*_numbers(connection, vault, asked.person, people))))

    def _flag(self, found: Iterable[Flagged]) -> None:
        for one in found:
            self.flags[list(one.people)] |= 1 << _PLACE[one.flag]


def _scales(survey: Survey, answers: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """Scales of the same points, several together, with a column each and a row a person."""
    by_points: dict[tuple[object, object], list[str]] = {}
    for question in survey.questions:
        if question.type == "scale":
            by_points.setdefault((question.minimum, question.maximum), []).append(question.id)
    for names in by_points.values():
        if len(names) >= integrity.LEAST_POINTS:
            rows = answers[answers["question"].isin(names) & answers["number"].notna()]
            yield rows.pivot(index="person", columns="question", values="number")


def _numbers(connection: sa.Connection, vault: Vault, persons: Column, people: Column) -> tuple[Column, Column]:
    """The people of these pseudonyms, by their numbers here, with their telephone numbers: one row an address."""
    table, order = schema.addresses, np.argsort(persons)
    ids, parts = persons[order], []
    there = table.c.kind == "tel", table.c.sealed_address != b""
    chosen = sa.select(table.c.person, table.c.sealed_address).where(*there)
    for part in connection.execute(chosen, execution_options={"yield_per": BATCH}).partitions():
        holders, sealed = zip(*part, strict=True)
        held = np.array(holders, np.int64)
        place = np.minimum(np.searchsorted(ids, held), max(len(ids) - 1, 0))
        ours: Column = np.flatnonzero(ids[place] == held) if len(ids) else np.empty(0, np.int64)
        numbers = [int(vault.open_text(sealed[row], "address").lstrip("+")) for row in ours]
        parts.append((people[order[place[ours]]], np.array(numbers, np.int64)))
    who, numbers_ = joined(parts, (np.int64, np.int64))
    return who, numbers_
