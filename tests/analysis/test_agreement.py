"""Krippendorff's alpha against published examples."""

from __future__ import annotations

from itertools import product

import pytest

from analysis.agreement import alpha, jaccard, masi, nominal

# Krippendorff (2011), section C: four observers, twelve units, with values missing; alpha is 0.743 for nominal data.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# Section B: two observers, twelve units, five values; 0.692.
TWO = ("a a b b d c c c e d d a", "b a b b b c c c e d d d")
# Section A: two observers, ten units, binary; 0.095.
BINARY = ("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")


def units(rows: tuple[str, ...]) -> list[list[frozenset[str]]]:
    return [[frozenset({one}) for one in unit if one != "."] for unit in zip(*map(str.split, rows), strict=True)]


@pytest.mark.parametrize(("rows", "published"), [(OBSERVERS, 0.743), (TWO, 0.692), (BINARY, 0.095)])
def test_published_examples(rows: tuple[str, ...], published: float) -> None:
    for distance in (nominal, jaccard, masi):  # of single codes all three are the same
        assert alpha(units(rows), distance) == pytest.approx(published, abs=0.0005)


def test_distances_of_sets() -> None:
    """Passonneau (2006): a third is left where they overlap, two thirds where one lies within the other."""
    one, two, three = frozenset("a"), frozenset("ab"), frozenset("bc")
    assert jaccard(one, two) == 0.5
    assert masi(one, two) == pytest.approx(1 - 0.5 * 2 / 3)
    assert masi(two, three) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi(one, three) == nominal(one, three) == 1.0
    empty: frozenset[str] = frozenset()
    assert [distance(empty, empty) for distance in (nominal, jaccard, masi)] == [0.0, 0.0, 0.0]
    for pair in product((one, two, three, empty), repeat=2):
        assert jaccard(*pair) <= masi(*pair) <= nominal(*pair)


def test_agreeing_in_part_counts_in_part() -> None:
    pairs = [[frozenset("a"), frozenset("ab")], [frozenset("c"), frozenset("c")], [frozenset("b"), frozenset("b")]]
    by_set, all_or_nothing = alpha(pairs), alpha(pairs, nominal)
    assert by_set is not None
    assert all_or_nothing is not None
    assert by_set > all_or_nothing


def test_nothing_to_compare() -> None:
    same = [frozenset("a")] * 2
    assert alpha([]) is None
    assert alpha([[frozenset("a")]]) is None
    assert alpha([same, same]) is None
    assert alpha([same, [frozenset("b")] * 2]) == 1.0
