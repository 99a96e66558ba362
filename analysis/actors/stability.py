"""How far a finding rests on single reporters: it is made again without each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.actors.reports import Reports

MOST = 12
"""Reporters left out in turn; of more, this many, spread evenly over their names."""

Ranking = Callable[[Reports], Sequence[str]]
"""Who comes first in a finding, in order."""


@dataclass(frozen=True, slots=True)
class Stability:
    """`stays` is the share of the first `top` who are still among them, over all reporters left out; `rests_on` names
    the one without whom least of them stay. Both None with fewer than two reporters: nothing can be left out."""

    top: int
    left_out: int
    stays: float | None
    rests_on: str | None


def stability(reports: Reports, ranking: Ranking, top: int = 5) -> Stability:
    whole = set(ranking(reports)[:top])
    reporters = reports.reporters
    if len(reporters) < 2 or not whole:
        return Stability(top, 0, None, None)
    step = max(1.0, len(reporters) / MOST)
    chosen = [reporters[int(place * step)] for place in range(min(MOST, len(reporters)))]
    kept = {name: len(whole & set(ranking(reports.without(name))[:top])) / len(whole) for name in chosen}
    return Stability(top, len(chosen), sum(kept.values()) / len(kept), min(chosen, key=lambda name: (kept[name], name)))
