"""Attitudes that moved between two waves, and how that goes with what else changed. A coincidence is no cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from analysis.actors.network import Network
from analysis.actors.waves import Change

MOVED = 0.5
"""From such a change on, on the scale from -2 to 2, an attitude has moved."""

Views = Mapping[tuple[str, str], float | None]
"""What actors think of issues, by (actor, issue); None where it was asked and nobody knows."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An attitude that is known in both waves, and is another."""

    actor: str
    issue: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Together:
    """Of the actors to whom something happened `moved_with` of `those_with` changed an attitude; of the others
    `moved_without` of `those_without`. `chance` of such a difference or a larger one were the two unrelated (Fisher's
    exact test); None where one side is empty."""

    moved_with: int
    those_with: int
    moved_without: int
    those_without: int
    chance: float | None


@dataclass(frozen=True, slots=True)
class Moving:
    """`compared` attitudes are known in both waves, `lost` were known before and are not now. `ties` and `drivers`:
    how the actors whose ties, or whose drivers, changed compare with the others. `towards` and `away`: moves nearer to,
    or farther from, what those whom they were tied to thought before."""

    moved: tuple[Moved, ...]
    compared: int
    lost: int
    ties: Together
    drivers: Together
    towards: int
    away: int


def views(attitudes: pd.DataFrame, wave: int) -> Views:
    """Of a summary (analysis.actors.reports.attitudes)."""
    rows = attitudes[attitudes["wave"] == wave]
    return {
        (str(actor), str(issue)): None if pd.isna(level) else float(level)
        for actor, issue, level in zip(rows["actor"], rows["issue"], rows["attitude"], strict=True)
    }


def moving(before: Views, after: Views, ties: Change, network: Network, drivers: frozenset[str]) -> Moving:
    """`ties` changed between the same two waves, `network` is that of the earlier one, `drivers` are the actors whose
    drivers of the conflict changed."""
    both = [(key, was, now) for key, was in before.items() if was is not None and (now := after.get(key)) is not None]
    moved = [Moved(*key, was, now) for key, was, now in both if abs(now - was) >= MOVED]
    actors = {actor for (actor, _), _, _ in both}
    movers = {one.actor for one in moved}
    shifted = {end for one, other, _ in (*ties.appeared, *ties.vanished) for end in (one, other)}
    shifted |= {end for turned in ties.turned for end in (turned.source, turned.target)}
    nearer = list(_nearer(moved, before, network))
    return Moving(
        tuple(sorted(moved, key=lambda one: (-abs(one.after - one.before), one.actor, one.issue))),
        len(both),
        sum(was is not None and after.get(key) is None for key, was in before.items()),
        _together(actors, movers, shifted),
        _together(actors, movers, {*drivers}),
        sum(nearer),
        len(nearer) - sum(nearer),
    )


def share_moved(before: Views, after: Views) -> float | None:
    """Of the attitudes that are known in both waves; None where there is none."""
    both = [(was, now) for key, was in before.items() if was is not None and (now := after.get(key)) is not None]
    return sum(abs(now - was) >= MOVED for was, now in both) / len(both) if both else None


def _together(actors: set[str], movers: set[str], happened: set[str]) -> Together:
    some, others = actors & happened, actors - happened
    table = len(some & movers), len(some), len(others & movers), len(others)
    if not some or not others:
        return Together(*table, None)
    cells = [[table[0], table[1] - table[0]], [table[2], table[3] - table[2]]]
    return Together(*table, float(fisher_exact(cells).pvalue))


def _nearer(moved: list[Moved], before: Views, network: Network) -> Iterator[bool]:
    """Whether each went towards those it was tied to; left out where their attitude is not known, or its own."""
    place = {name: number for number, name in enumerate(network.ids)}
    matrix = network.carrying.matrix
    around = matrix + matrix.T
    for one in moved:
        if one.actor not in place:
            continue
        row = around[[place[one.actor]], :]
        known = [before.get((network.ids[other], one.issue)) for other in row.indices]
        held = [level for level in known if level is not None]
        if not held:
            continue
        far, now = abs(float(np.mean(held)) - one.before), abs(float(np.mean(held)) - one.after)
        if not np.isclose(far, now):
            yield bool(now < far)
