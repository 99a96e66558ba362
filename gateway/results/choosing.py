"""Which conversations of one wave count, and which answers in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from gateway.results import columns
from gateway.results.columns import Asked, Column, Given, ends
from surveys.model import Survey


@dataclass(frozen=True, slots=True)
class Chosen:
    """`rows` are the places of each person's conversation in `asked`, in the order in which people are numbered;
    `number` is the person's number by place, -1 elsewhere. `counts` says which of `asked` count: chosen, agreed to, and
    answered in; `several`, how many answers of each count.

    `set_aside` conversations were answered in and not chosen, `withdrew` people took their consent back, `replaced`
    answers were given anew.
    """

    asked: Asked
    rows: Column
    number: Column
    counts: Column
    several: Column
    set_aside: int
    withdrew: int
    replaced: int


def choose(connection: sa.Connection, survey: Survey, wave: int) -> tuple[Chosen, Given]:
    """And the answers that count, the last to each question. The rules are said in gateway.results.rows.frames."""
    asked = columns.conversations(connection, survey, wave)
    given = columns.answers(connection, survey, asked)
    has_answered = np.zeros(len(asked.id), dtype=bool)
    has_answered[given.conversation] = True
    rows = _first(asked.person, has_answered)
    consents = np.isin(asked.person, columns.consented(connection, survey))
    counts = np.zeros(len(asked.id), dtype=bool)
    counts[rows] = (consents & has_answered)[rows]
    kept, replaced = given.latest(counts)
    number = np.full(len(asked.id), -1, dtype=np.int64)
    number[rows] = np.arange(len(rows))
    chosen = Chosen(
        asked,
        rows,
        number,
        counts,
        np.bincount(kept.conversation, minlength=len(asked.id)),
        int(has_answered.sum() - has_answered[rows].sum()),
        int((has_answered[rows] & ~consents[rows]).sum()),
        replaced,
    )
    return chosen, kept


def _first(person: Column, has_answered: Column) -> Column:
    """Of each person's conversations the first in which something was answered, or the first; in their order."""
    order = np.lexsort((-np.arange(len(person)), has_answered, person))
    first: Column = np.sort(order[ends(person[order])])
    return first
