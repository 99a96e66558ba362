"""Which cells of published tables must be hidden so that nobody is found in them.

A cell that counts 1 to `minimum - 1` people is small and is hidden. A cell of 0 is shown: nobody is in it. Hiding the
small cells is not enough, as totals and other tables give them away. So further cells are hidden, zeros among them
where that is needed, until a reader who knows every shown cell, every sum between the cells, and that no count is
negative can bound no hidden cell, small or not, within fewer than `minimum` people. The bounds are found by linear
programming, the auditor's method in Fischetti and Salazar, "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47 (2001); cells are added greedily, so more may be hidden than an optimum
would.

What is published of one survey goes into ONE system: tables that share people are linked by its relations, and a
percentage gives away no more than the count it is made of, as it is shown only where the count is.

Not covered: a person who knows their own answer can subtract themselves from a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
from scipy.optimize import linprog

Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """What every reader knows: low <= sum of factor * cell <= high. It must hold for the true counts.

    `total` is the cell that readers would miss most, where there is one.
    """

    terms: tuple[tuple[Cell, float], ...]
    low: float = 0.0
    high: float = 0.0
    total: Cell | None = None


@dataclass(frozen=True, slots=True)
class System:
    """The true count of each cell, and how cells hang together. `unpublished` cells are shown in no case."""

    cells: Mapping[Cell, int]
    relations: tuple[Relation, ...]
    unpublished: frozenset[Cell] = frozenset()


def adds_up(total: Cell, parts: Iterable[Cell]) -> Relation:
    return Relation(((total, -1.0), *((part, 1.0) for part in parts)), total=total)


def gap(larger: Cell, smaller: Cell, between: Cell) -> Relation:
    """Readers subtract: what lies between two numbers is a cell of its own. Neither is a total that they would miss."""
    return Relation(((larger, -1.0), (smaller, 1.0), (between, 1.0)))


def at_least(larger: Cell, smaller: Cell) -> Relation:
    return Relation(((larger, 1.0), (smaller, -1.0)), 0.0, inf)


def equal(one: Cell, other: Cell) -> Relation:
    """Two names of one number: they are shown or hidden together."""
    return Relation(((one, 1.0), (other, -1.0)))


def small(count: int, minimum: int) -> bool:
    return 0 < count < minimum


def hide(system: System, minimum: int, unpublished: frozenset[Cell] = frozenset()) -> frozenset[Cell]:
    """The cells to hide. Deterministic. Raises ValueError where a relation does not hold.

    `unpublished` cells, and the system's own, are shown in no case. Of them, too, no small one can be bounded too
    closely; a large one may be.
    """
    names, merged = _merged(system)
    hidden = _hide(merged, minimum, frozenset(names[cell] for cell in unpublished | system.unpublished))
    return frozenset(cell for cell in system.cells if names[cell] in hidden)


def _hide(system: System, minimum: int, unpublished: frozenset[Cell]) -> set[Cell]:
    hidden = {cell for cell, count in system.cells.items() if small(count, minimum)} | unpublished
    # Hiding more only widens bounds: what is safe stays safe.
    safe = {cell for cell in unpublished if not small(system.cells[cell], minimum)}
    while True:
        for part in _components(system, hidden):
            narrow = part.narrowest(minimum, safe) if part.shown else None
            if narrow is not None:
                hidden.add(_next(system, hidden, part, narrow))
                break
        else:
            return hidden


def exposed(system: System, hidden: frozenset[Cell], minimum: int) -> frozenset[Cell]:
    """The hidden cells that can be bounded within fewer than `minimum` people."""
    found: set[Cell] = set()
    for part in _components(system, hidden):
        done: set[Cell] = set()
        while (narrow := part.narrowest(minimum, done)) is not None:
            found.add(narrow)
            done.add(narrow)
    return frozenset(found)


def _merged(system: System) -> tuple[dict[Cell, Cell], System]:
    """The system with cells that are equal as one, and the name that each then has."""
    same = [relation.terms for relation in system.relations if _is_equal(relation)]
    names = {cell: cell for cell in system.cells}
    for (one, _), (other, _) in same:
        old, new = sorted((names[one], names[other]), reverse=True)
        names = {cell: new if name == old else name for cell, name in names.items()}
    relations = (
        replace(
            relation,
            terms=tuple((names[cell], factor) for cell, factor in relation.terms),
            total=relation.total and names[relation.total],
        )
        for relation in system.relations
        if not _is_equal(relation)
    )
    return names, System({name: system.cells[name] for name in names.values()}, tuple(relations))


def _is_equal(relation: Relation) -> bool:
    return [factor for _, factor in relation.terms] == [1.0, -1.0] and relation.low == relation.high == 0.0


def _next(system: System, hidden: set[Cell], part: _Component, narrow: Cell) -> Cell:
    """The cell to hide for `narrow`: of those in what binds it, the one that readers miss least."""

    candidates = {cell for relation in part.binding(narrow) for cell, _ in relation.terms} & part.shown or part.shown
    totals = {relation.total for relation in system.relations}

    def alone(cell: Cell) -> bool:
        """True where it would be the only hidden cell of a sum, so that more must follow."""
        return any(
            not any(other in hidden for other, _ in relation.terms)
            for relation in system.relations
            if relation.low == relation.high and any(other == cell for other, _ in relation.terms)
        )

    def cost(cell: Cell) -> tuple[int, bool, bool, int, Cell]:
        count = system.cells[cell]
        return count if cell in totals else -1, alone(cell), count == 0, count, cell

    return min(candidates, key=cost)


# The auditor --------------------------------------------------------------------------------------------------------


class _Component:
    """Hidden cells that hang together through relations, and the bounds a reader can find for them.

    `shown` are the shown cells that it hangs on. Without any, its bounds were known before anything was published.
    """

    def __init__(self, system: System, cells: Sequence[Cell], relations: Sequence[Relation]) -> None:
        self.cells = cells
        self.relations = relations
        self.shown = {cell for relation in relations for cell, _ in relation.terms} - set(cells)
        place = {cell: index for index, cell in enumerate(cells)}
        self.place = place
        matrix = np.zeros((len(relations), len(cells)))
        known = np.zeros(len(relations))
        for row, relation in enumerate(relations):
            for cell, factor in relation.terms:
                if cell in place:
                    matrix[row, place[cell]] += factor
                else:
                    known[row] += factor * system.cells[cell]
        low = np.array([relation.low for relation in relations]) - known
        high = np.array([relation.high for relation in relations]) - known
        fixed = low == high
        self.sums = np.nonzero(fixed)[0]
        self.below = np.nonzero(~fixed & np.isfinite(high))[0]
        self.above = np.nonzero(~fixed & np.isfinite(low))[0]
        self.program: dict[str, Any] = {
            "A_eq": matrix[self.sums] if self.sums.size else None,
            "b_eq": high[self.sums] if self.sums.size else None,
            # A ceiling far above every count keeps each program bounded; it only helps the reader we guard against.
            "bounds": (0.0, 100.0 + 10.0 * max(system.cells.values(), default=0)),
            "method": "highs",
        }
        uneven = np.concatenate([matrix[self.below], -matrix[self.above]])
        if uneven.size:
            self.program["A_ub"] = uneven
            self.program["b_ub"] = np.concatenate([high[self.below], -low[self.above]])
        self.truth = np.array([float(system.cells[cell]) for cell in cells])
        self.low, self.high = self.truth.copy(), self.truth.copy()

    def narrowest(self, minimum: int, safe: set[Cell]) -> Cell | None:
        """The smallest cell that can be bounded within fewer than `minimum` people; adds to `safe` what can't."""
        for cell in sorted(self.cells, key=lambda cell: (self.truth[self.place[cell]], cell)):
            index = self.place[cell]
            for sign in (-1.0, 1.0):
                if cell not in safe and self.high[index] - self.low[index] < minimum:
                    self._solve(index, sign)
            if cell not in safe and self.high[index] - self.low[index] < minimum - 1e-6:
                return cell
            safe.add(cell)
        return None

    def _solve(self, index: int, sign: float) -> Any:
        """The lowest (sign 1) or highest (sign -1) value of one cell; every solution widens what is known of all."""
        goal = np.zeros(len(self.cells))
        goal[index] = sign
        result = linprog(goal, **self.program)
        if result.status != 0:
            raise ValueError(f"The published tables contradict each other: {result.message}")
        self.low = np.minimum(self.low, result.x)
        self.high = np.maximum(self.high, result.x)
        return result

    def binding(self, cell: Cell) -> list[Relation]:
        """The relations that keep this cell from being larger."""
        result = self._solve(self.place[cell], -1.0)
        rows: list[int] = list(self.sums[np.abs(result.eqlin.marginals) > 1e-9]) if self.sums.size else []
        if "A_ub" in self.program:
            uneven = np.concatenate([self.below, self.above])
            rows += list(uneven[np.abs(result.ineqlin.marginals) > 1e-9])
        return [self.relations[row] for row in rows]


def _components(system: System, hidden: Iterable[Cell]) -> list[_Component]:
    """The hidden cells, apart where no relation ties them together: shown cells are constants."""
    group = {cell: cell for cell in hidden}

    def root(cell: Cell) -> Cell:
        while group[cell] != cell:
            cell = group[cell]
        return cell

    tied: list[tuple[Relation, Cell]] = []
    for relation in system.relations:
        members = [cell for cell, _ in relation.terms if cell in group]
        for cell in members[1:]:
            group[root(cell)] = root(members[0])
        if members:
            tied.append((relation, members[0]))
    cells: dict[Cell, list[Cell]] = {}
    for cell in sorted(group):
        cells.setdefault(root(cell), []).append(cell)
    relations: dict[Cell, list[Relation]] = {key: [] for key in cells}
    for relation, member in tied:
        relations[root(member)].append(relation)
    return [_Component(system, members, relations[key]) for key, members in cells.items()]
