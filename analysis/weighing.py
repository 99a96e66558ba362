"""Weighted shares and means of a digest, reckoned from what it shows: whoever has it and the margins can do the same.

    weighed(digest, population) -> Digest

So they give nothing away that the digest does not, whatever else is out: they are a function of it, and take no rows.
That is also why they are near, and not exact. A crowd is made up that has the tables that are shown: people by each two
questions of the margins, then each answer by each of those questions. Where the tables leave it open the crowd is the
one with the least structure (iterative proportional fitting, Deming and Stephan 1940); a hidden cell gets its part of
what is left of its row, and no share is weighted that this could move by more than a point. The crowd is raked to the
margins with a cap (analysis/raking.py), and its answers are counted.

A scale's weighted mean is reckoned from its means by group; a share that knows of wrong codes is carried over by the
slope that the digest tells (analysis.shares.reweighted). Ranges are Wilson's, of means Student's, over Kish's effective
sample size, of those who answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import shares
from analysis.beyond import Heard, Weighting
from analysis.findings import Cell, Digest, Finding, Mean, Share, Table
from analysis.intervals import wilson
from analysis.margins import Population
from analysis.raking import Category, Margin, rake
from analysis.scales import deviation, ranged
from analysis.unheard import missing

CROWD = 20_000
"""How many people are made up: so many that rounding to whole ones is no matter."""
ROUNDS = 200
SLACK = 0.01
"""A weighted share is left out where what is hidden could move it by more than this."""
MEAN_SLACK = 0.1
"""And a weighted mean where groups without a mean could, in points: what it is rounded to."""

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Those who answered a question that stands in a table by each question of the margins: `people` by kind, `sizes`
    by each margin, and what somebody of each group of it weighs (`heavy`). They tell as much as `effective` people."""

    tables: tuple[tuple[Margin, Table], ...]
    n: int
    people: Numbers
    sizes: tuple[Numbers, ...]
    weight: Numbers
    heavy: tuple[Numbers, ...]
    effective: float
    total: float


def _weighted(question: Finding, digest: Digest, kinds: _Kinds) -> Finding:
    """With what is weighted, as far as the numbers of its tables are shown."""
    asked = _asked(question, digest, kinds)
    if asked is None:
        return question
    if question.type == "scale":
        return question.with_(weighted_mean=_mean(question, asked))
    cells = tuple(replace(cell, weighted=_share(cell, question, asked)) for cell in question.cells)
    return question.with_(cells=cells)


def _asked(question: Finding, digest: Digest, kinds: _Kinds) -> _Asked | None:
    found = [(margin, digest.table(question.id, margin.question)) for margin in kinds.margins]
    tables = tuple((margin, table) for margin, table in found if table)
    n = question.n
    if not n or len(tables) < len(found):
        return None
    sizes = tuple(
        _spread([_size(table, group) for group in margin.shares], float(n), kinds.people.sum(axis=_but(axis, kinds)))
        for axis, (margin, table) in enumerate(tables)
    )
    people = _fit(kinds.people, [((axis,), one) for axis, one in enumerate(sizes)])
    total = float((people * kinds.weight).sum())
    heavy = tuple(_mean_weight(kinds, axis) for axis in range(len(tables)))
    effective = n / _deff(people, kinds.weight)
    return _Asked(tables, n, people, sizes, kinds.weight, heavy, effective, total) if total else None


def _reckoned(answer: str, count: int, asked: _Asked) -> tuple[float, float]:
    """The weighted share of those who gave this answer, and by how much it may be off as some of it is hidden."""
    rows = [[_count(table, group, answer) for group in margin.shares] for margin, table in asked.tables]
    slack = sum(_slack(row, count, weights) for row, weights in zip(rows, asked.heavy, strict=True)) / asked.total
    sums = [_spread(row, float(count), size) for row, size in zip(rows, asked.sizes, strict=True)]
    chose = _fit(asked.people * (count / asked.n), [((axis,), one) for axis, one in enumerate(sums)])
    chose = np.minimum(chose, asked.people)
    return min(float((chose * asked.weight).sum()) / asked.total, 1.0), slack


def _share(cell: Cell, question: Finding, asked: _Asked) -> Share | None:
    if cell.count is None:
        return None
    share, slack = _reckoned(cell.id, cell.count, asked)
    if slack > SLACK:
        return None
    note = question.coding
    if note is None or not note.drawn:
        low, high = wilson(share * asked.effective, asked.effective)
        return Share(round(share, 4), round(low, 4), round(high, 4))
    if cell.id not in note.slopes:
        return None
    corrected = shares.Share(cell.share or 0.0, cell.low or 0.0, cell.high or 1.0, *note.slopes[cell.id])
    found = shares.reweighted(corrected, cell.count / asked.n, share, asked.n, asked.effective)
    if found is None:
        return None
    return Share(round(found.value, 4), round(found.low, 4), round(found.high, 4))


def _mean(question: Finding, asked: _Asked) -> Mean | None:
    """Of a scale, from the means of the groups: each margin adds its part to somebody's answer, so that the groups have
    their means, as near as rounding lets them (least squares). Groups without one must weigh next to nothing."""
    if question.mean is None or not question.cells:
        return None
    points = [float(cell.id) for cell in question.cells]
    total, weighs = asked.people.sum(), asked.people * asked.weight
    parts, rows, off, sure = [], [], [], []
    unknown = 0.0
    for axis, (margin, table) in enumerate(asked.tables):
        means = {column.id: column.mean for column in table.groups}
        for place, group in enumerate(margin.shares):
            here = np.zeros(asked.people.shape)
            np.moveaxis(here, axis, 0)[place] = 1.0
            people = asked.people * here
            if (mean := means.get(group)) is None:
                unknown += float((weighs * here).sum()) / asked.total
            elif people.sum():
                parts.append(here.ravel())
                rows.append(people.ravel() / people.sum())
                off.append(mean.value - question.mean.value)
                sure.append(sqrt(people.sum()))
    if not parts or unknown * (max(points) - min(points)) / 2 > MEAN_SLACK or asked.effective <= 1:
        return None
    kinds = np.array(parts).T
    rows.append(asked.people.ravel() / total)
    table_, weight = np.array(rows) @ kinds, np.array([*sure, sqrt(total)])
    added = np.linalg.lstsq(table_ * weight[:, None], np.array([*off, 0.0]) * weight, rcond=None)[0]
    value = question.mean.value + float((kinds @ added) @ weighs.ravel()) / asked.total
    return ranged(min(max(value, min(points)), max(points)), deviation(question), asked.effective)


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
