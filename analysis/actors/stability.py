"""How far a finding rests on single reporters: it is made again without each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from analysis.actors.reports import Reports

MOST = 12
"""Reporters left out in turn; of more, this many, spread evenly over their names."""
LARGE, FEW = 5_000, 3
"""With so many reports on ties in a wave only FEW are left out: each takes as long as the finding."""

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
    if not whole:
        return Stability(top, 0, None, None)
    kept = {name: len(whole & set(ranking(some)[:top])) / len(whole) for name, some in without_each(reports)}
    if not kept:
        return Stability(top, 0, None, None)
    rests_on = min(kept, key=lambda name: (kept[name], name))
    return Stability(top, len(kept), sum(kept.values()) / len(kept), rests_on)


def spread(reports: Reports, number: Callable[[Reports], float | None]) -> tuple[float, float] | None:
    """The lowest and the highest that a number comes to, with one reporter left out; None where nothing can be."""
    found = [value for _, some in without_each(reports) if (value := number(some)) is not None]
    return (min(found), max(found)) if found else None


def without_each(reports: Reports) -> Iterator[tuple[str, Reports]]:
    """The reports without each reporter in turn; none where there are fewer than two."""
    reporters = reports.reporters
    if len(reporters) < 2:
        return
    most = FEW if len(reports.ties) > LARGE else MOST
    step = max(1.0, len(reporters) / most)
    for place in range(min(most, len(reporters))):
        name = reporters[int(place * step)]
        yield name, reports.without(name)
