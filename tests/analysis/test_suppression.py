"""Nothing hidden can be found: an attacker with linear programming, written apart from the code, tries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.suppression import Cell, Relation, System, adds_up, equal, gap, hide

MINIMUM = 5
counts = st.one_of(st.integers(0, 6), st.integers(0, 60))


def one_way(parts: list[int]) -> System:
    cells: dict[Cell, int] = {("part", str(place)): count for place, count in enumerate(parts)}
    return System({**cells, ("total",): sum(parts)}, (adds_up(("total",), cells),))


def two_way(table: np.ndarray) -> System:
    """Rows, columns, and both margins."""
    cells: dict[Cell, int] = {("all",): int(table.sum())}
    relations = []
    for row, line in enumerate(table):
        cells["row", str(row)] = int(line.sum())
        cells |= {("cell", str(row), str(column)): int(count) for column, count in enumerate(line)}
        relations.append(adds_up(("row", str(row)), [("cell", str(row), str(c)) for c in range(table.shape[1])]))
    for column, line in enumerate(table.T):
        cells["column", str(column)] = int(line.sum())
        relations.append(adds_up(("column", str(column)), [("cell", str(r), str(column)) for r in range(len(table))]))
    relations.append(adds_up(("all",), [("row", str(row)) for row in range(len(table))]))
    relations.append(adds_up(("all",), [("column", str(column)) for column in range(table.shape[1])]))
    return System(cells, tuple(relations))


def width(table: np.ndarray, shown: set[tuple[int, int]], target: tuple[int, int]) -> float:
    """How far apart the lowest and the highest count are that an attacker can't rule out for one place of the table
    with its margins in the last row and column. `shown` are the places that are published."""
    full = np.zeros((table.shape[0] + 1, table.shape[1] + 1))
    full[:-1, :-1] = table
    full[-1] = full[:-1].sum(axis=0)
    full[:, -1] = full[:, :-1].sum(axis=1)
    equations, values = [], []
    for line in range(full.shape[0]):
        equation = np.zeros(full.shape)
        equation[line, :-1], equation[line, -1] = 1, -1
        equations.append(equation.ravel())
        values.append(0.0)
    for line in range(full.shape[1]):
        equation = np.zeros(full.shape)
        equation[:-1, line], equation[-1, line] = 1, -1
        equations.append(equation.ravel())
        values.append(0.0)
    for place in shown:
        equation = np.zeros(full.shape)
        equation[place] = 1
        equations.append(equation.ravel())
        values.append(full[place])
    goal = np.zeros(full.shape)
    goal[target] = 1
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal.ravel(), A_eq=np.array(equations), b_eq=values, bounds=(0, 10_000))
        assert found.status == 0
        ends.append(sign * found.fun)
    return float(ends[1] - ends[0])


@given(st.lists(counts, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_one_way_no_hidden_cell_is_alone_or_close(parts: list[int]) -> None:
    system = one_way(parts)
    hidden = hide(system, MINIMUM)
    assert all(cell in hidden for cell, count in system.cells.items() if 0 < count < MINIMUM)
    if hidden and ("total",) not in hidden:
        assert len(hidden) >= 2
        assert sum(system.cells[cell] for cell in hidden) >= MINIMUM


def tables(rows: int, columns: int) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.lists(counts, min_size=columns, max_size=columns), min_size=rows, max_size=rows)


@given(st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(lambda shape: tables(*shape)))
@example([[1, 0, 0, 5], [5, 0, 0, 1], [1, 0, 0, 4]])  # cells that hang together over three rows
@example([[0, 1], [0, 0]])  # one person: everything hangs together, and is hidden
@settings(max_examples=60, deadline=None)
def test_two_way_an_attacker_finds_no_hidden_cell(drawn: list[list[int]]) -> None:
    table = np.array(drawn)
    rows, columns = table.shape
    system = two_way(table)
    hidden = hide(system, MINIMUM)
    assert all(cell in hidden for cell, count in system.cells.items() if 0 < count < MINIMUM)

    def place(cell: Cell) -> tuple[int, int]:
        match cell:
            case ("row", row):
                return int(row), columns
            case ("column", column):
                return rows, int(column)
            case ("cell", row, column):
                return int(row), int(column)
        return rows, columns

    shown = {place(cell) for cell in system.cells if cell not in hidden}
    for cell in hidden:
        assert width(table, shown, place(cell)) >= MINIMUM - 1e-6, cell


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ([50, 30, 20], []),
        ([50, 30, 0], []),  # nobody is in an empty cell
        ([50, 30, 3], [1, 2]),  # never alone beside a total
        ([50, 1, 1], [0, 1, 2]),  # together under five is not enough
        ([50, 4, 4], [1, 2]),
    ],
)
def test_one_way_by_hand(parts: list[int], hidden: list[int]) -> None:
    assert hide(one_way(parts), MINIMUM) == {("part", str(place)) for place in hidden}


def test_a_small_total_is_hidden_with_all_of_its_parts() -> None:
    assert ("total",) in hide(one_way([3, 0]), MINIMUM)


def test_tables_that_share_people_are_hidden_together() -> None:
    one, other = one_way([40, 30, 3]), one_way([40, 30, 3])
    rename = {cell: ("again", *cell) for cell in other.cells}
    cells = {**one.cells, **{rename[cell]: count for cell, count in other.cells.items()}}
    relations = (
        *one.relations,
        adds_up(rename["total",], [rename["part", str(place)] for place in range(3)]),
        *(equal(cell, name) for cell, name in rename.items()),
    )
    hidden = hide(System(cells, relations), MINIMUM)
    assert {cell for cell in one.cells if rename[cell] in hidden} == {cell for cell in one.cells if cell in hidden}


def test_what_was_known_before_hides_nothing_else() -> None:
    """That two cells make 2 follows from no shown number: hiding more would not help, and the rest is shown."""
    cells: dict[Cell, int] = {("one",): 1, ("other",): 1, ("apart",): 50}
    known = Relation(((("one",), 1.0), (("other",), 1.0)), 2.0, 2.0)
    assert hide(System(cells, (known,)), MINIMUM) == {("one",), ("other",)}


@pytest.mark.parametrize(("later", "hidden"), [(50, set()), (40, set()), (48, {("later",), ("between",)})])
def test_a_gap_is_a_cell(later: int, hidden: set[Cell]) -> None:
    cells: dict[Cell, int] = {("all",): 50, ("a",): 25, ("b",): 25, ("later",): later, ("between",): 50 - later}
    relations = (adds_up(("all",), [("a",), ("b",)]), gap(("all",), ("later",), ("between",)))
    assert hide(System(cells, relations), MINIMUM) == hidden


def test_is_deterministic() -> None:
    table = np.array([[3, 20, 9], [14, 2, 31], [8, 0, 40]])
    assert len({hide(two_way(table), MINIMUM) for _ in range(3)}) == 1
