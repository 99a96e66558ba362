"""Questions by groups: how many of each group of a profile question gave each answer, and how that hangs together.

Which tables are made follows from the poll and what is known of the population: issue questions by profile questions;
scales, of which the groups' means are told, by those questions by which people are weighted; and these by each other.
They go into the one system of what is published, so that no table gives another's hidden cells away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

import numpy as np
import pandas as pd

from analysis.suppression import Cell, Relation, adds_up, at_least
from surveys.model import Question, Survey

GROUPING = ("one-of", "yes-no")
SCALES = 4
"""Of more the tables would take longer to be checked than to be read."""
N = "n"


@dataclass(frozen=True, slots=True)
class Crossed:
    """Counts by group and answer; "" is the group of those who gave none. `several`: a person may be in many cells.
    `averaged`: told are the groups' sizes and means alone."""

    question: str
    by: str
    groups: tuple[str, ...]
    keys: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    n: Mapping[str, int]
    several: bool
    averaged: bool = False

    @property
    def told(self) -> tuple[str, ...]:
        """The answers whose counts are told."""
        return () if self.averaged else self.keys


def pairs(survey: Survey, margins: Sequence[str] = ()) -> Iterator[tuple[Question, Question]]:
    """Each issue question with each profile question: issues are said in people's own words, or chosen. Each of the
    first SCALES scales with each of the questions of `margins`, and each two of these."""
    asked = [one for one in survey.questions if not one.profile and one.when is None]
    issues = [one for one in asked if one.type == "open" and one.codebook]
    issues += [one for one in asked if one.type in ("one-of", "many-of")][:2]
    for issue in issues:
        for one in survey.questions:
            if one.profile and one.type in GROUPING and one.when is None:
                yield issue, one
    for scale in [one for one in asked if one.type == "scale"][:SCALES]:
        yield from ((scale, survey.question(name)) for name in margins)
    yield from combinations([survey.question(name) for name in margins], 2)


def cross(
    question: str,
    rows: pd.DataFrame,
    keys: tuple[str, ...],
    by: str,
    groups: tuple[str, ...],
    who: pd.DataFrame,
    *,
    several: bool,
    averaged: bool = False,
) -> Crossed:
    """`rows` are the question's, `who` those of the profile question (analysis.frames.Frames.answers)."""
    people = 1 + int(max(rows["person"].max() if len(rows) else 0, who["person"].max() if len(who) else 0))
    place = {name: index for index, name in enumerate(groups)}
    kinds = [place.get(str(name), len(groups)) for name in who["choice"].cat.categories]
    group = np.full(people, len(groups))
    group[who["person"].to_numpy()] = np.array([*kinds, len(groups)])[np.asarray(who["choice"].cat.codes)]
    answered = rows[rows["choice"].notna().to_numpy()]
    person = answered["person"].to_numpy()
    of = group[person]
    at = {name: index for index, name in enumerate(keys)}
    known = [at.get(str(name), len(keys)) for name in answered["choice"].cat.categories]
    key = np.array([*known, len(keys)])[np.asarray(answered["choice"].cat.codes)]
    table = np.bincount(of * (len(keys) + 1) + key, minlength=(len(groups) + 1) * (len(keys) + 1))
    is_first = np.ones(len(person), dtype=bool)
    is_first[1:] = person[1:] != person[:-1]
    n = np.bincount(of[is_first], minlength=len(groups) + 1)
    names = (*groups, "")
    counts = {
        (name, code): int(table[row * (len(keys) + 1) + column])
        for row, name in enumerate(names)
        for column, code in enumerate(keys)
    }
    sizes = {name: int(n[row]) for row, name in enumerate(names)}
    return Crossed(question, by, names, keys, counts, sizes, several, averaged)


def cells(one: Crossed) -> Iterator[tuple[Cell, int]]:
    for group in one.groups:
        yield _name(one, group, N), one.n[group]
        for key in one.told:
            yield _name(one, group, f"={key}"), one.counts[group, key]


def relations(one: Crossed, total: Cell, totals: Mapping[str, Cell], profile: Mapping[str, Cell]) -> Iterator[Relation]:
    """`total` names how many answered the question, `totals` its cells by key, `profile` the profile question's."""
    yield adds_up(total, [_name(one, group, N) for group in one.groups])
    for key, cell in totals.items() if one.told else ():
        yield adds_up(cell, [_name(one, group, f"={key}") for group in one.groups])
    for group in one.groups:
        n, inside = _name(one, group, N), [_name(one, group, f"={key}") for key in one.told]
        if group in profile:
            yield at_least(profile[group], n)
        for cell in inside:
            yield at_least(n, cell)
        if inside and not one.several:
            yield Relation((*((cell, 1.0) for cell in inside), (n, -1.0)), -inf, 0.0)


def shown(one: Crossed, seen: Mapping[Cell, int | None]) -> Iterator[tuple[str, int | None, dict[str, int | None]]]:
    """Each group with its n and its counts by key, hidden ones as None; those of whom nothing is known left out."""
    for group in one.groups[:-1]:
        n = seen[_name(one, group, N)]
        yield group, n, {key: seen[_name(one, group, f"={key}")] if n is not None else None for key in one.told}


def size(one: Crossed, group: str) -> Cell:
    """The cell of how many of a group answered."""
    return _name(one, group, N)


def _name(one: Crossed, group: str, key: str) -> Cell:
    return ("by", one.by, group, one.question, key)
