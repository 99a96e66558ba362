"""What one more release would give away beside those that are out.

Whoever holds two releases subtracts them: 50 people, then 52, and the answers of two people lie open. So a change of
fewer than `minimum` people in a cell is a cell of its own, which must be as hard to find as any small one. It goes into
one system with the new release and with all earlier ones, whose published numbers stand there as what everybody knows,
and the auditor of analysis/suppression.py says which cells must be hidden.

A reader is granted to know that counts rise (or, where one fell, that it fell): people come, and few leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.suppression import Cell, Relation, System, hide, small

EXTRA = frozenset({"ground", "drawn", "flagged", "panel", "log"})
"""The first names of cells of which nearly every number changes each time, or that are of few people: a release hides
them, or does without them, rather than wait."""


def extra(cells: Iterable[Cell]) -> bool:
    """Whether all of these are such."""
    return all(cell[0] in EXTRA for cell in cells)


def without(system: System) -> System:
    """A digest's system without them."""
    cells = {cell: number for cell, number in system.cells.items() if not extra([cell])}
    kept = tuple(one for one in system.relations if all(cell in cells for cell, _ in one.terms))
    return System(cells, kept, system.unpublished & cells.keys())


@dataclass(frozen=True, slots=True)
class Released:
    """A release that is out: its true counts, and which of its cells were hidden. The true counts are as secret as the
    answers: whoever keeps them seals them."""

    system: System
    hidden: frozenset[Cell]

    @property
    def published(self) -> Mapping[Cell, int]:
        return {cell: count for cell, count in self.system.cells.items() if cell not in self.hidden}


@dataclass(frozen=True, slots=True)
class Guarded:
    """`hidden` cells of the new release must be hidden; `alone` would be if nothing were out.

    Where more must be hidden because of earlier releases, the release had better `wait` until more people have
    answered: every difference is then 0, or as large as the minimum.
    """

    hidden: frozenset[Cell]
    alone: frozenset[Cell]

    @property
    def wait(self) -> bool:
        return self.hidden != self.alone


def guard(system: System, earlier: Sequence[Released], minimum: int) -> Guarded:
    """What of `system` must be hidden, given all that is `earlier` out. Cells of one name count the same thing.

    Raises ValueError where a relation does not hold.
    """
    alone = hide(system, minimum)
    if not earlier:
        return Guarded(alone, alone)
    cells = dict(system.cells)
    relations = list(system.relations)
    unpublished: set[Cell] = set(system.unpublished)
    for number, release in enumerate(earlier):
        old, theirs = _known(release, str(number))
        cells |= old
        unpublished |= set(old)
        relations += theirs
        for cell, count in system.cells.items():
            if cell in release.system.cells:
                since, change = _change(cell, count, release, str(number), minimum)
                cells |= since
                unpublished |= set(since)
                relations.append(change)
    hidden = hide(System(cells, tuple(relations)), minimum, frozenset(unpublished))
    return Guarded(frozenset(system.cells) & hidden, alone)


def _known(release: Released, number: str) -> tuple[dict[Cell, int], list[Relation]]:
    """What an earlier release leaves to be found: its hidden cells, and its relations with its published numbers in."""
    hidden = {_old(number, cell): release.system.cells[cell] for cell in release.hidden}
    relations = []
    for relation in release.system.relations:
        known = sum(
            factor * release.system.cells[cell] for cell, factor in relation.terms if cell not in release.hidden
        )
        terms = tuple((_old(number, cell), factor) for cell, factor in relation.terms if cell in release.hidden)
        if terms:
            relations.append(Relation(terms, relation.low - known, relation.high - known))
    return hidden, relations


def _change(cell: Cell, count: int, release: Released, number: str, minimum: int) -> tuple[dict[Cell, int], Relation]:
    """A small change, as a cell, and how it hangs together with what is out; of others, that counts rise (or fell)."""
    before = release.system.cells[cell]
    grew = 1.0 if count >= before else -1.0
    terms: list[tuple[Cell, float]] = [(cell, grew)]
    low = 0.0
    if cell in release.hidden:
        terms.append((_old(number, cell), -grew))
    else:
        low = grew * before
    if not small(abs(count - before), minimum):
        return {}, Relation(tuple(terms), low, float("inf"))
    since: Cell = ("since", number, *cell)
    return {since: abs(count - before)}, Relation((*terms, (since, -1.0)), low, low)


def _old(number: str, cell: Cell) -> Cell:
    return ("release", number, *cell)
