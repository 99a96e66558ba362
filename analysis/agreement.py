"""How far coders agree beyond chance: Krippendorff's alpha, for single codes and for sets of them.

Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). The distance between two sets of codes is nominal
(the same or not), Jaccard's, or MASI (Passonneau, "Measuring agreement on set-valued items", 2006), which halves what
is left where neither set lies within the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

Label = frozenset[str]
Distance = Callable[[Label, Label], float]


def nominal(one: Label, other: Label) -> float:
    return float(one != other)


def jaccard(one: Label, other: Label) -> float:
    """1 less the share of codes that both have; 0 between two empty sets."""
    return 1.0 - len(one & other) / len(one | other) if one | other else 0.0


def masi(one: Label, other: Label) -> float:
    if one == other:
        return 0.0
    within = 2 / 3 if one <= other or other <= one else 1 / 3 if one & other else 0.0
    return 1.0 - (1.0 - jaccard(one, other)) * within


def alpha(units: Iterable[Sequence[Label]], distance: Distance = masi) -> float | None:
    """1 where all agree, 0 where they agree as chance would have it; None where there is nothing to compare.

    A unit is what several coders gave one answer, in any order; who is missing is left out of it. Where all coders gave
    one and the same label throughout, chance explains it all: there is nothing to compare.
    """
    paired = [unit for unit in units if len(unit) > 1]
    values = Counter(label for unit in paired for label in unit)
    many = values.total()
    observed = sum(
        2 * distance(one, other) / (len(unit) - 1) for unit in paired for one, other in combinations(unit, 2)
    )
    expected = sum(2 * values[one] * values[other] * distance(one, other) for one, other in combinations(values, 2))
    if not expected:
        return None
    return 1.0 - (many - 1) * observed / expected
