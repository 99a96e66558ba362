"""Weighted shares of a digest, reckoned from what it shows: whoever has it and the margins can reckon them, too.

    weighed(digest, population) -> Digest

So they give nothing away that the digest does not, whatever else is out: they are a function of it, and take no rows.
That is also why they are near, and not exact. A crowd is made up that has the tables that are shown: people by each two
questions of the margins, then each answer by each of those questions. Where the tables leave it open the crowd is the
one with the least structure (iterative proportional fitting, Deming and Stephan 1940); a hidden cell gets its part of
what is left of its row, and no share is weighted that this could move by more than a point. The crowd is raked to the
margins with a cap (analysis/raking.py), and its answers are counted.

Ranges are Wilson's over Kish's effective sample size, of those who answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.beyond import Heard, Weighting
from analysis.findings import Cell, Digest, Finding, Share, Table
from analysis.intervals import wilson
from analysis.margins import Population
from analysis.raking import Category, Margin, rake
from analysis.unheard import missing

CROWD = 20_000
"""How many people are made up: so many that rounding to whole ones is no matter."""
ROUNDS = 200
SLACK = 0.01
"""A weighted share is left out where what is hidden could move it by more than this."""

Numbers = NDArray[np.float64]
Sums = tuple[tuple[int, ...], Numbers]
"""Some axes of a table, and what it is to sum to over all others."""


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Everybody by their answers to the questions of the margins at once: an axis a question, whose last place is for
    those who gave none. `people` is how many there are of each kind, `weight` what one of them weighs."""

    margins: tuple[Margin, ...]
    people: Numbers
    weight: Numbers


def weighed(digest: Digest, population: Population) -> Digest:
    """With weighted shares where a question's tables allow it, and with who is missing against the margins."""
    began = digest.turnout.began
    told = {question.id: question for question in digest.questions}
    shown = [margin for margin in population.margins if _shown(told.get(margin.question))]
    if not population.margins or not began:
        return digest
    heard = tuple(one for margin in population.margins for one in _heard(margin, told.get(margin.question)))
    left_out = tuple(margin.question for margin in population.margins if margin not in shown)
    nothing = Weighting(population.source, (), left_out, heard, float(began), 1.0, 0.0, population.cap, 0.0)
    if not shown:
        return replace(digest, weights=nothing)
    fitted = [_whole(told[margin.question], margin, began) for margin in shown]
    people = _fit(np.ones([len(one) for one in fitted]), [((axis,), one) for axis, one in enumerate(fitted)])
    people = _fit(people, [*_profile(digest, shown, fitted), *(((axis,), one) for axis, one in enumerate(fitted))])
    crowd = _crowd(people, shown)
    raked = rake(crowd, shown, population.cap)
    weight = _by_kind(raked.weights, crowd, shown, people.shape)
    kinds = _Kinds(tuple(shown), people, weight)
    deff = _deff(people, weight)
    weights = replace(
        nothing,
        by=tuple(margin.question for margin in shown),
        effective=round(began / deff, 1),
        deff=round(deff, 3),
        trimmed=round(raked.trimmed / len(crowd), 4),
        gap=round(raked.gap, 4),
    )
    questions = tuple(_weighted(question, digest, kinds) for question in digest.questions)
    return replace(digest, questions=questions, weights=weights)


# Who is missing -----------------------------------------------------------------------------------------------------


def _shown(question: Finding | None) -> bool:
    return question is not None and bool(question.n) and any(cell.count for cell in question.cells)


def _heard(margin: Margin, question: Finding | None) -> list[Heard]:
    """Of an answer whose count is hidden nothing is said here."""
    if question is None or not question.n:
        return []
    cells = {cell.id: cell for cell in question.cells}
    n, found = question.n, []
    for name, part in margin.shares.items():
        cell = cells.get(name) or Cell(name, {}, 0)
        share = None if cell.count is None else round(cell.count / n, 4)
        found.append(Heard(question.id, name, cell.label, round(part, 4), cell.count, share, missing=False))
    tried = [Category(question.id, one.cell, one.people or 0, one.population, one.heard or 0.0, 0.0) for one in found]
    too_few = {one.category for one in missing(tried)}
    return [replace(one, missing=one.people is not None and one.cell in too_few) for one in found]


# The crowd ----------------------------------------------------------------------------------------------------------


def _whole(question: Finding, margin: Margin, began: int) -> Numbers:
    """Everybody by their answer to one question of the margins, last those of whom none is known. What is hidden, and
    those who gave an answer that the margin has not, are what is left, spread evenly over the hidden ones."""
    cells = {cell.id: cell.count for cell in question.cells}
    counts = [cells.get(name, 0) for name in margin.shares]
    n = question.n or 0
    others = sum(count or 0 for name, count in cells.items() if name not in margin.shares)
    left = max(n - others - sum(count or 0 for count in counts), 0)
    hidden = sum(count is None for count in counts)
    whole = [left / hidden if count is None else float(count) for count in counts]
    return np.array([*whole, max(began - sum(whole), 0.0)])


def _profile(digest: Digest, margins: Sequence[Margin], fitted: Sequence[Numbers]) -> list[Sums]:
    """How the answers to each two questions of the margins go together, where that table is shown."""
    found: list[Sums] = []
    for (one, first), (other, second) in combinations(enumerate(margins), 2):
        table = digest.table(first.question, second.question)
        if table is None:
            continue
        columns = {column.id: column for column in table.groups}
        counts = np.full((len(fitted[one]), len(fitted[other])), np.nan)
        for place, group in enumerate(second.shares):
            column = columns.get(group)
            known = {cell.id: cell.count for cell in column.cells} if column and column.n is not None else {}
            for at, answer in enumerate(first.shares):
                count = known.get(answer)
                counts[at, place] = np.nan if count is None else count
        found.append(((one, other), _filled(counts, fitted[one], fitted[other])))
    return found


def _filled(counts: Numbers, rows: Numbers, columns: Numbers) -> Numbers:
    """A table with these sums: its cells as they are shown, and what is left spread over those that are not."""
    shown = np.where(np.isnan(counts), 0.0, counts)
    rest_rows, rest_columns = np.maximum(rows - shown.sum(axis=1), 0), np.maximum(columns - shown.sum(axis=0), 0)
    open_ = np.isnan(counts).astype(float)
    spread = _fit(open_ * np.outer(rest_rows, rest_columns), [((0,), rest_rows), ((1,), rest_columns)])
    return shown + spread


def _fit(table: Numbers, sums: Sequence[Sums]) -> Numbers:
    """The table nearest to this one that has these sums over all other axes, as far as they agree."""
    for _ in range(ROUNDS):
        off = 0.0
        for axes, wanted in sums:
            others = tuple(axis for axis in range(table.ndim) if axis not in axes)
            now = table.sum(axis=others)
            shape = [size if axis in axes else 1 for axis, size in enumerate(table.shape)]
            table = table * np.divide(wanted, now, out=np.zeros_like(now), where=now > 0).reshape(shape)
            off = max(off, float(np.abs(now - wanted).max()))
        if off < 1e-9 * max(table.sum(), 1.0):
            break
    return table


def _crowd(people: Numbers, margins: Sequence[Margin]) -> pd.DataFrame:
    """As many people of each kind, as near as whole ones come: the largest remainders are rounded up."""
    part = people.ravel() / people.sum() * CROWD
    whole = np.floor(part).astype(int)
    up = np.argsort(whole - part, kind="stable")[: CROWD - int(whole.sum())]
    whole[up] += 1
    names = [[*margin.shares, None] for margin in margins]
    kinds = [kind for kind, times in zip(product(*names), whole, strict=True) for _ in range(times)]
    return pd.DataFrame(kinds, columns=[margin.question for margin in margins], dtype=object)


def _by_kind(weights: Numbers, crowd: pd.DataFrame, margins: Sequence[Margin], shape: tuple[int, ...]) -> Numbers:
    found = np.ones(shape)
    names: list[Mapping[str | None, int]] = [
        {name: at for at, name in enumerate((*margin.shares, None))} for margin in margins
    ]
    for weight, kind in zip(weights, crowd.itertuples(index=False), strict=True):
        found[
            tuple(places[None if value is None else str(value)] for places, value in zip(names, kind, strict=True))
        ] = weight
    return found


def _deff(people: Numbers, weight: Numbers) -> float:
    """Kish's: how many times as many people with these weights tell as much as people of equal weight."""
    total = float((people * weight).sum())
    return float((people * weight**2).sum() * people.sum()) / total**2 if total else 1.0


# Answers ------------------------------------------------------------------------------------------------------------


def _weighted(question: Finding, digest: Digest, kinds: _Kinds) -> Finding:
    """Of a question that stands in a table by each question of the margins, as far as its numbers are shown. Shares
    that were corrected for wrong codes have a range of another kind, and are left."""
    tables = [digest.table(question.id, margin.question) for margin in kinds.margins]
    n = question.n
    if not n or (question.coding and question.coding.drawn) or any(table is None for table in tables):
        return question
    by = [(margin, table) for margin, table in zip(kinds.margins, tables, strict=True) if table]
    sizes = [
        _spread([_size(table, group) for group in margin.shares], float(n), kinds.people.sum(axis=_but(axis, kinds)))
        for axis, (margin, table) in enumerate(by)
    ]
    asked = _fit(kinds.people, [((axis,), one) for axis, one in enumerate(sizes)])
    effective = n / _deff(asked, kinds.weight)
    total = float((asked * kinds.weight).sum())
    if not total:
        return question
    heavy = [_mean_weight(kinds, axis) for axis in range(len(by))]
    cells = []
    for cell in question.cells:
        if cell.count is None:
            cells.append(cell)
            continue
        rows = [[_count(table, group, cell.id) for group in margin.shares] for margin, table in by]
        slack = sum(_slack(row, cell.count, weights) for row, weights in zip(rows, heavy, strict=True)) / total
        if slack > SLACK:
            cells.append(cell)
            continue
        sums = [_spread(row, float(cell.count), size) for row, size in zip(rows, sizes, strict=True)]
        chose = np.minimum(_fit(asked * (cell.count / n), [((axis,), one) for axis, one in enumerate(sums)]), asked)
        share = min(float((chose * kinds.weight).sum()) / total, 1.0)
        low, high = wilson(share * effective, effective)
        cells.append(replace(cell, weighted=Share(round(share, 4), round(low, 4), round(high, 4))))
    return question.with_(cells=tuple(cells))


def _mean_weight(kinds: _Kinds, axis: int) -> Numbers:
    """What somebody of each group weighs in the mean; of an empty one, nothing."""
    others = _but(axis, kinds)
    people = kinds.people.sum(axis=others)
    whole: Numbers = (kinds.people * kinds.weight).sum(axis=others)
    mean: Numbers = np.divide(whole, people, out=np.zeros_like(people), where=people > 0)
    return mean


def _slack(shown: Sequence[int | None], total: int, weights: Numbers) -> float:
    """By how much the weight of those who gave an answer may be off, as some are in groups of which it is hidden."""
    is_open = np.array([count is None for count in shown] + [weights[-1] > 0])
    left = total - sum(count or 0 for count in shown)
    return left * float(np.ptp(weights[is_open])) if left > 0 and is_open.any() else 0.0


def _but(axis: int, kinds: _Kinds) -> tuple[int, ...]:
    return tuple(other for other in range(len(kinds.margins)) if other != axis)


def _size(table: Table, group: str) -> int | None:
    return next((column.n for column in table.groups if column.id == group), 0)


def _count(table: Table, group: str, answer: str) -> int | None:
    column = next((column for column in table.groups if column.id == group), None)
    if column is None:
        return 0
    return next((cell.count for cell in column.cells if cell.id == answer), 0)


def _spread(shown: Sequence[int | None], total: float, like: Numbers) -> Numbers:
    """Counts by group, last of those in none: what the shown ones leave of the total goes to the others as `like`."""
    counts = np.array([np.nan if count is None else count for count in (*shown, None)], float)
    is_open = np.isnan(counts)
    left = max(total - float(counts[~is_open].sum()), 0.0)
    parts = np.where(is_open, like, 0.0)
    whole = np.where(is_open, 0.0, counts)
    return whole + (parts / parts.sum() * left if parts.sum() else 0.0)
