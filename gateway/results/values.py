"""What people chose, as columns: each different value is understood once, as there are few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gateway.results.columns import Column, Distinct, Given
from surveys.model import Question

Cells = tuple[Column, Column, Column]
"""Which of a question's answers each row is of, the number of its choice, and its number (NaN: none)."""


def values(question: Question, mine: Given, known: Sequence[Any], choices: Distinct) -> Cells:
    """Each different value is understood once; then its rows are those of one, or of each of several options."""
    codes, which = np.unique(mine.value, return_inverse=True)
    cells = [tuple(_cells(question, known[code])) for code in codes]
    several = np.array([len(one) for one in cells], np.int64)
    named = choices([choice for one in cells for choice, _ in one])
    measured = np.array([np.nan if value is None else value for one in cells for _, value in one], np.float64)
    start = np.concatenate([[0], np.cumsum(several)[:-1]]) if len(several) else several
    times = several[which]
    row = np.repeat(np.arange(len(which)), times)
    within = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    place = start[which][row] + within
    return row, named[place], measured[place]


def _cells(question: Question, value: Any) -> Iterator[tuple[str | None, float | None]]:
    """Choice and number: one row, or one for each option of a many-of; two Nones where there is nothing.

    Dates and places are made coarse, so that no cell can name somebody: the year, and what lies at the top. Of a
    ranking, what came first counts.
    """
    if not value and value != 0:
        yield None, None
    elif question.type in ("scale", "number"):
        yield None, float(value)
    elif question.type == "date":
        yield value[:4], None
    elif question.type == "place":
        yield _region(question, value), None
    elif question.type == "ranking":
        yield value[0], None
    else:
        for choice in value if isinstance(value, list) else [value]:
            yield str(choice), None


def _region(question: Question, place: str) -> str | None:
    """The largest that a place lies in; None for one that is no longer in the gazetteer."""
    gazetteer = question.gazetteer
    known = gazetteer.get(place) if gazetteer else None
    return (known, *gazetteer.around(known))[-1].id if gazetteer and known else None
