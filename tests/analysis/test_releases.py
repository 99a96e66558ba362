"""Nobody is found by subtracting releases: an attacker with linear programming, and all that is out, tries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis.releases import Released, guard
from analysis.suppression import Cell, System, adds_up

MINIMUM = 5


def two_way(table: np.ndarray) -> System:
    rows, columns = table.shape
    cells: dict[Cell, int] = {("all",): int(table.sum())}
    for row in range(rows):
        cells["row", str(row)] = int(table[row].sum())
        cells |= {("cell", str(row), str(column)): int(table[row, column]) for column in range(columns)}
    for column in range(columns):
        cells["column", str(column)] = int(table[:, column].sum())
    relations = (
        *(adds_up(("row", str(r)), [("cell", str(r), str(c)) for c in range(columns)]) for r in range(rows)),
        *(adds_up(("column", str(c)), [("cell", str(r), str(c)) for r in range(rows)]) for c in range(columns)),
        adds_up(("all",), [("row", str(r)) for r in range(rows)]),
    )
    return System(cells, relations)


def sum_of(cell: Cell, shape: tuple[int, ...]) -> np.ndarray:
    """Which inner cells of a table a cell is the sum of."""
    mask = np.zeros(shape)
    match cell:
        case ("row", row):
            mask[int(row)] = 1
        case ("column", column):
            mask[:, int(column)] = 1
        case ("cell", row, column):
            mask[int(row), int(column)] = 1
        case _:
            mask[:] = 1
    return mask.ravel()


def narrowest(tables: list[np.ndarray], out: list[set[Cell]]) -> float:
    """Written apart from the code: unknowns are the inner cells of every release; what is shown of each is a sum of
    them; counts rise. How closely the attacker bounds any small cell, and any small change between two releases."""
    many, shape, size = len(tables), tables[0].shape, tables[0].size
    truth = np.ravel(tables).astype(float)

    def at(release: int, cell: Cell) -> np.ndarray:
        return np.kron(np.eye(many)[release], sum_of(cell, shape))

    known = np.array([at(release, cell) for release, shown in enumerate(out) for cell in shown]).reshape(
        -1, many * size
    )
    rising = np.array(
        [
            np.kron(np.eye(many)[one] - np.eye(many)[one + 1], np.eye(size)[place])
            for one in range(many - 1)
            for place in range(size)
        ]
    ).reshape(-1, many * size)
    names = list(two_way(tables[0]).cells)
    goals = [at(release, cell) for release in range(many) for cell in names]
    goals += [at(b, cell) - at(a, cell) for a in range(many) for b in range(a + 1, many) for cell in names]
    found = float("inf")
    for goal in goals:
        if not 0 < goal @ truth < MINIMUM:
            continue
        ends = []
        for sign in (1, -1):
            result = linprog(sign * goal, rising, np.zeros(len(rising)), known, known @ truth, bounds=(0, 10_000))
            assert result.status == 0
            ends.append(sign * result.fun)
        found = min(found, ends[1] - ends[0])
    return found


@pytest.mark.parametrize("seed", range(6))
def test_with_all_earlier_releases_an_attacker_finds_nobody(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = (int(random.integers(2, 4)), int(random.integers(2, 4)))
    tables, earlier, out = [random.integers(0, 25, shape)], [], []
    for _ in range(3):
        system = two_way(tables[-1])
        found = guard(system, earlier, MINIMUM)
        earlier.append(Released(system, found.hidden))
        out.append(set(earlier[-1].published))
        tables.append(tables[-1] + random.integers(0, 7, shape) * (random.random(shape) < 0.6))
    assert narrowest(tables[:3], out) >= MINIMUM - 1e-6


def test_the_attacker_would_find_somebody_without_the_guard() -> None:
    first = np.array([[20, 30], [25, 10]])
    second = first + np.array([[2, 0], [0, 0]])
    shown = set(two_way(first).cells)
    assert narrowest([first, second], [shown, shown]) == pytest.approx(0)
    found = guard(two_way(second), [Released(two_way(first), frozenset())], MINIMUM)
    assert found.wait
    assert found.alone == frozenset()
    assert ("all",) in found.hidden


@pytest.mark.parametrize("more", [0, 5, 40])
def test_a_release_goes_out_where_every_change_is_large_or_none(more: int) -> None:
    first = np.array([[20, 30], [25, 10]])
    found = guard(two_way(first + more), [Released(two_way(first), frozenset())], MINIMUM)
    assert not found.wait
    assert found.hidden == frozenset()


def test_a_count_that_fell_is_guarded_too() -> None:
    first = np.array([[20, 30], [25, 10]])
    second = first - np.array([[3, 0], [0, 0]])
    assert guard(two_way(second), [Released(two_way(first), frozenset())], MINIMUM).wait


def test_what_was_hidden_stays_hidden() -> None:
    """Two in a cell, hidden; then twelve. The new number may be shown, as it leaves the old one anywhere below it."""
    first, second = np.array([[2, 30], [25, 40]]), np.array([[12, 40], [35, 50]])
    before = guard(two_way(first), [], MINIMUM)
    assert ("cell", "0", "0") in before.hidden
    out = Released(two_way(first), before.hidden)
    found = guard(two_way(second), [out], MINIMUM)
    assert not found.wait
    assert narrowest([first, second], [set(out.published), set(two_way(second).cells)]) >= MINIMUM
