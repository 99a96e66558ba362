"""The rows that a digest is made of: one survey's, typed, without anybody's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.findings import CodingNote
from surveys.model import Texts

UNSURE, NOTHING = "~unsure", "~nothing"
"""The choice of an open answer that got no code: nobody could tell, or none applies. No code is named so."""

GIVEN = "~given"
"""The choice of an open answer that nobody grouped: that there is one."""


def no_votes() -> pd.DataFrame:
    statement = pd.Categorical([], categories=pd.Index([], dtype="str"))
    kinds = {"person": "int64", "vote": "int8"}
    columns = {name: pd.Series(dtype=kind) for name, kind in kinds.items()}
    return pd.DataFrame({"person": columns["person"], "statement": statement, "vote": columns["vote"]})


def no_panel() -> pd.DataFrame:
    none = pd.Categorical([], categories=pd.Index([], dtype="str"))
    return pd.DataFrame({"person": pd.Series(dtype="int64"), "question": none, "choice": none})


@dataclass(frozen=True, slots=True)
class Frames:
    """The rows that count, one survey's. Missing values are pandas' own (NaN, NA, None).

    conversations, a row a person, in the order of `person`:
        person    int64      a number that stands for the person within these frames and nowhere else
        channel   category   the configured channel's name
        language  category
        region    category   the answer to the survey's region question; missing where it was not given
        began     bool       consented, and answered at least one question
        finished  bool       came to the end
        flags     int8       the sum of 1 << place of each of their flags in analysis.integrity.Flag; may be left out

    answers, of those who began; each question's together, in the order of `person`. A row for each answer, of a
    many-of one for each option chosen, of an open answer one for each of its codes. A row without choice and number
    is a question left out, or words that were removed at the person's wish:
        person    int64
        question  category
        choice    category   an option's id; "yes" and "no" of a yes-no; a code's id, UNSURE, NOTHING or GIVEN
        number    float64    of a number or a scale

    votes on statements, the last of each person on each:
        person    int64
        statement category
        vote      int8       1 agree, -1 disagree, 0 passed

    panel, what those answered in the wave before who answered in it too, of questions that are told from wave to wave:
        person    int64
        question  category
        choice    category

    `before` has how many gave each answer in that wave, by question and choice, and those who answered it under "".
    `drawn` has what became of those whom broadcasts drew, as AAPOR's outcomes, by dimension and group (both "" for
    everybody; a group "" for those of whom it is not known); empty where nobody was drawn.

    `notes` say how the open answers of a question were grouped, `log` how many were set aside on the way, and why.
    `statements` are the texts of participants' own statements as moderators let them out, by id and language.
    `wave` is the round of the poll that these are of.
    """

    conversations: pd.DataFrame
    answers: pd.DataFrame
    votes: pd.DataFrame = field(default_factory=no_votes)
    notes: Mapping[str, CodingNote] = field(default_factory=dict)
    log: Mapping[str, int] = field(default_factory=dict)
    wave: int = 1
    statements: Mapping[str, Texts] = field(default_factory=dict)
    panel: pd.DataFrame = field(default_factory=no_panel)
    before: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    drawn: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)


def by_question(answers: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each question with its rows, cut out and not copied where they lie together."""
    codes = np.asarray(answers["question"].cat.codes)
    if np.any(codes[1:] < codes[:-1]):
        order = np.argsort(codes, kind="stable")
        answers, codes = answers.iloc[order], codes[order]
    for code, name in enumerate(answers["question"].cat.categories):
        first, last = np.searchsorted(codes, (code, code + 1))
        yield str(name), answers.iloc[first:last]


def by_category(column: pd.Series[str]) -> dict[str, int]:
    """How often each category is there; "" stands for missing. Reads the codes: no object is made for a row."""
    codes = np.asarray(column.cat.codes)
    found = np.bincount(codes.astype(np.int64) + 1, minlength=len(column.cat.categories) + 1)
    return {"": int(found[0]), **{str(name): int(n) for name, n in zip(column.cat.categories, found[1:], strict=True)}}


def people(rows: pd.DataFrame) -> int:
    """How many different people these rows are of; a person's rows lie together."""
    numbers: NDArray[np.int64] = rows["person"].to_numpy()
    return int(np.count_nonzero(numbers[1:] != numbers[:-1])) + 1 if len(numbers) else 0
