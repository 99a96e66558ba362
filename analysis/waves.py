"""What differs between two waves of a poll: among all who answered, and among those who answered both times.

What the waves themselves show is told from their releases (`trends`). Who answered both times is counted from rows, and
its counts stand in the one system that hides (`system`, `shown`): with them whoever gave an answer now and not before,
and whoever left, as both are differences of numbers that are out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.beyond import Moved, Panel, Trend, Trends
from analysis.findings import Cell, Digest, Finding
from analysis.frames import Frames
from analysis.suppression import Cell as Name
from analysis.suppression import Relation, System, adds_up
from analysis.told import Told
from analysis.trends import Difference, independent, paired
from surveys.model import Question

PANEL = "panel"
TOLD = ("one-of", "yes-no", "many-of")
KEPT, GAINED, LOST, NEVER = WAYS = ("kept", "gained", "lost", "never")


def is_told(question: Question) -> bool:
    """Whether a question is told from wave to wave."""
    return question.type in TOLD and not question.profile and question.when is None


def system(frames: Frames, asked: Sequence[Told], counts: Mapping[Name, int]) -> System:
    """What the panel adds to the system of a digest, whose other cells are `counts`."""
    cells: dict[Name, int] = {}
    relations: list[Relation] = []
    unpublished: set[Name] = set()
    for one in _asked_before(frames, asked):
        then = frames.panel[frames.panel["question"] == one.question]
        now = one.rows[one.rows["choice"].notna()]
        both = np.intersect1d(then["person"].unique(), now["person"].unique())
        n: Name = (PANEL, one.question, "n")
        cells[n] = len(both)
        before = frames.before.get(one.question, {})
        _rest(cells, relations, unpublished, counts[one.n], [n], (*n, "new"), one.n)
        _rest(cells, relations, unpublished, before.get("", len(both)), [n], (*n, "gone"))
        for answer, name in one.cells.items():
            first = np.isin(both, then.loc[then["choice"] == answer, "person"].to_numpy())
            second = np.isin(both, now.loc[now["choice"] == answer, "person"].to_numpy())
            ways = {
                KEPT: first & second,
                GAINED: ~first & second,
                LOST: first & ~second,
                NEVER: ~first & ~second,
            }
            names = {way: _name(one.question, answer, way) for way in WAYS}
            cells |= {names[way]: int(who.sum()) for way, who in ways.items()}
            relations.append(adds_up(n, list(names.values())))
            gave = [names[KEPT], names[GAINED]]
            _rest(cells, relations, unpublished, counts[name], gave, _name(one.question, answer, "new"), name)
            had = [names[KEPT], names[LOST]]
            _rest(cells, relations, unpublished, before.get(answer, 0), had, _name(one.question, answer, "gone"))
    return System(cells, tuple(relations), frozenset(unpublished))


def _asked_before(frames: Frames, asked: Sequence[Told]) -> list[Told]:
    """Those that anybody answered in both waves."""
    known = set(frames.panel["question"])
    return [one for one in asked if one.question in known]


def _rest(
    cells: dict[Name, int],
    relations: list[Relation],
    unpublished: set[Name],
    count: int,
    parts: Sequence[Name],
    rest: Name,
    whole: Name | None = None,
) -> None:
    """What a number is more than the panel's part of it. `whole` is its cell, of a number of this wave; without, it is
    one of the wave before, which everybody is taken to know."""
    cells[rest] = count - sum(cells[part] for part in parts)
    unpublished.add(rest)
    terms = (*((part, 1.0) for part in parts), (rest, 1.0))
    fixed = Relation(terms, float(count), float(count))
    relations.append(fixed if whole is None else Relation(((whole, -1.0), *terms)))


def _name(question: str, answer: str, way: str) -> Name:
    return PANEL, question, answer, way


def shown(frames: Frames, asked: Sequence[Told], seen: Mapping[Name, int | None]) -> tuple[Panel, ...]:
    def ways(one: Told, answer: str) -> tuple[int | None, int | None, int | None]:
        kept, gained, lost = (seen.get(_name(one.question, answer, way)) for way in (KEPT, GAINED, LOST))
        return kept, gained, lost

    return tuple(
        Panel(one.question, seen.get((PANEL, one.question, "n")), {answer: ways(one, answer) for answer in one.cells})
        for one in _asked_before(frames, asked)
    )


# Two releases -------------------------------------------------------------------------------------------------------


def trends(before: Digest, now: Digest) -> Trends:
    """`before` is the last release of the wave before. Read from what both show."""
    found = sorted(_trends(before, now), key=lambda one: (-abs(one.change.value), one.question, one.cell))
    return Trends(before.wave, before.made_at, tuple(found))


def _trends(before: Digest, now: Digest) -> Iterator[Trend]:
    then = {question.id: question for question in before.questions}
    panels = {one.question: one for one in now.panel}
    for question in now.questions:
        earlier = then.get(question.id)
        if question.profile or question.conditional or earlier is None or not question.n or not earlier.n:
            continue
        cells = {cell.id: cell for cell in earlier.cells}
        for cell in question.cells:
            old = cells.get(cell.id)
            if question.type in (*TOLD, "open") and old and old.count is not None and cell.count is not None:
                yield _trend(earlier, question, old, cell, panels.get(question.id))


def _trend(earlier: Finding, question: Finding, old: Cell, cell: Cell, panel: Panel | None) -> Trend:
    n, later = earlier.n or 0, question.n or 0
    change = independent(old.count or 0, n, cell.count or 0, later)
    before, now = (old.count or 0) / n, (cell.count or 0) / later
    trend = Trend(question.id, cell.id, cell.label, round(before, 4), round(now, 4), _moved(change))
    _, gained, lost = (panel.ways.get(cell.id) if panel else None) or (None, None, None)
    if panel is None or not panel.n or gained is None or lost is None:
        return trend
    people = (gained - lost) / later
    return replace(
        trend,
        both=panel.n,
        gained=gained,
        lost=lost,
        panel=_moved(paired(gained, lost, panel.n)),
        people=round(people, 4),
        turnover=round(now - before - people, 4),
    )


def _moved(one: Difference) -> Moved:
    return Moved(round(one.value, 4), round(one.low, 4), round(one.high, 4))
