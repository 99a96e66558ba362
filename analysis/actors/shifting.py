"""Who could shift attitudes: a what-if over a stated range of susceptibility. Never a forecast.

Friedkin and Johnsen, "Social influence and opinions" (1990): everybody settles between their own attitude and the mean
of those who influence them, x = s W x + (1 - s) x(0), so x = V x(0) with V = (I - s W)^-1 (1 - s). W has a row an
actor, the strengths of those who influence it, adding up to 1; who is influenced by nobody keeps their attitude.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.actors.network import Array, Network

SUSCEPTIBILITY = (0.2, 0.5, 0.8)
"""How much weight others have against one's own attitude. Nobody knows it, so it is a range."""

PRECISION = 1e-13
MOST = 50


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much the mean attitude of the others would move, per point that this actor's own moved: from the least to
    the most over the range of susceptibilities."""

    actor: str
    least: float
    most: float


def shifts(network: Network, range_: Sequence[float] = SUSCEPTIBILITY, most: int = MOST) -> tuple[Shift, ...]:
    """The actors who could shift most, by the middle of the range."""
    n = len(network.ids)
    if n < 2:
        return ()
    weights = _weights(network.carrying)
    free = np.asarray(weights.sum(axis=1)).ravel() == 0
    moved: list[Array] = []
    chosen = np.arange(n)
    for susceptibility in sorted(range_, key=lambda each: abs(each - sorted(range_)[len(range_) // 2])):
        susceptible = np.where(free, 0.0, susceptibility)
        passing = sparse.csr_array(sparse.diags_array(susceptible) @ weights)
        # Column sums of V: how much each actor's own attitude counts over all.
        counted = _settled(sparse.csr_array(passing.T), np.ones((n, 1))).ravel() * (1.0 - susceptible)
        if not moved:  # the middle of the range says who is looked at
            chosen = np.lexsort((np.arange(n), -counted.round(12)))[:most]
        own = _settled(passing, np.eye(n)[:, chosen])[chosen, np.arange(len(chosen))] * (1.0 - susceptible[chosen])
        moved.append((counted[chosen] - own) / (n - 1))
    found = np.array(moved)
    order = sorted(range(len(chosen)), key=lambda place: (-found[0, place], network.ids[chosen[place]]))
    return tuple(Shift(network.ids[chosen[at]], float(found[:, at].min()), float(found[:, at].max())) for at in order)


def _weights(carrying: Network) -> sparse.csr_array:
    """W. A directed tie goes from who influences to who is influenced; others go both ways."""
    n = len(carrying.ids)
    both = ~carrying.directed
    influencing = np.concatenate([carrying.source, carrying.target[both]])
    influenced = np.concatenate([carrying.target, carrying.source[both]])
    strength = np.concatenate([carrying.strength, carrying.strength[both]])
    found = sparse.csr_array((strength, (influenced, influencing)), shape=(n, n))
    received = np.asarray(found.sum(axis=1)).ravel()
    return sparse.csr_array(sparse.diags_array(1.0 / np.where(received > 0, received, 1.0)) @ found)


def _settled(passing: sparse.csr_array, start: Array) -> Array:
    """(I - A)^-1 B as B + A B + A² B + ..., which shrinks with each step: nobody is wholly susceptible."""
    total, step = start.copy(), start
    while np.abs(step).max() > PRECISION:
        step = passing @ step
        total += step
    return total
