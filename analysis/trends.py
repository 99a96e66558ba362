"""How an answer's share changed between two waves, and whether people changed or the people did.

    change = what those asked both times changed (panel) + what it makes that others left and came (turnover)

The share of all who answered is p in the first wave and q in the second; of the panel, who answered both times, it is
a and b. The panel's part of the change is b - a weighted by the panel's part of the second wave; the rest is turnover.

Intervals (95 %): of the change among all, Newcombe's hybrid of two Wilson intervals (Statistics in Medicine 17, 1998,
method 10), which takes the two waves for different people and is wide where many are the same; of the panel's, the
paired interval of Agresti and Min (Statistics in Medicine 24, 2005), which adds half a person to each of the four ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
import pandas as pd

from analysis.intervals import Z95, wilson


@dataclass(frozen=True, slots=True)
class Difference:
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Panel:
    """Those who answered in both waves: how many, their shares, how many took the answer up, and how many left it."""

    n: int
    before: float
    after: float
    gained: int
    lost: int
    change: Difference


@dataclass(frozen=True, slots=True)
class Change:
    """One answer's share from one wave to the next. `people` and `turnover` add up to `change.value`.

    `panel` is None where nobody answered in both; then nobody can say whether people changed, and `people` is None.
    """

    question: str
    answer: str
    waves: tuple[str, str]
    n: tuple[int, int]
    shares: tuple[float, float]
    change: Difference
    panel: Panel | None
    people: float | None
    turnover: float | None


def changes(question: str, rows: pd.DataFrame, waves: Sequence[str], answers: Sequence[str]) -> list[Change]:
    """`rows` have person, wave and answer (a text, or a tuple of the options chosen), one row a person and wave.

    From each wave to the next one, each of `answers`.
    """
    found = []
    given = rows.dropna(subset=["answer"])
    by_wave = {wave: given.loc[given["wave"] == wave].set_index("person")["answer"] for wave in waves}
    for one, other in pairwise(waves):
        found += [_change(question, answer, (one, other), by_wave[one], by_wave[other]) for answer in answers]
    return found


def _change(
    question: str, answer: str, waves: tuple[str, str], first: pd.Series[str], second: pd.Series[str]
) -> Change:
    gave = [
        np.array([answer in value if isinstance(value, tuple) else value == answer for value in each], np.bool_)
        for each in (first, second)
    ]
    n = (len(first), len(second))
    shares = tuple(float(each.mean()) if len(each) else 0.0 for each in gave)
    both = first.index.intersection(second.index)
    panel = None
    people = turnover = None
    change = independent(int(gave[0].sum()), n[0], int(gave[1].sum()), n[1])
    if len(both):
        before = pd.Series(gave[0], first.index)[both].to_numpy()
        after = pd.Series(gave[1], second.index)[both].to_numpy()
        gained, lost = int((~before & after).sum()), int((before & ~after).sum())
        panel = Panel(
            len(both), float(before.mean()), float(after.mean()), gained, lost, paired(gained, lost, len(both))
        )
        people = (panel.after - panel.before) * len(both) / n[1]
        turnover = change.value - people
    return Change(question, answer, waves, n, (shares[0], shares[1]), change, panel, people, turnover)


def independent(count: int, n: int, later: int, later_n: int) -> Difference:
    """The second share less the first, of different people."""
    p, q = (count / n if n else 0.0), (later / later_n if later_n else 0.0)
    low, high = wilson(count, n)
    later_low, later_high = wilson(later, later_n)
    below = sqrt((q - later_low) ** 2 + (high - p) ** 2)
    above = sqrt((later_high - q) ** 2 + (p - low) ** 2)
    return Difference(q - p, q - p - below, q - p + above)


def paired(gained: int, lost: int, n: int) -> Difference:
    """The second share less the first, of the same n people, of whom `gained` took the answer up and `lost` left it."""
    up, down, people = gained + 0.5, lost + 0.5, n + 2
    middle = (up - down) / people
    half = Z95 * sqrt((up + down) / people - middle**2) / sqrt(people)
    return Difference((gained - lost) / n, max(-1.0, middle - half), min(1.0, middle + half))
