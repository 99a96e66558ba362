"""What two camps share, and through whom they could talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import igraph
import numpy as np

from analysis.actors.connecting import between
from analysis.actors.network import Array, Network


@dataclass(frozen=True, slots=True)
class Shared:
    """Two actors of different camps and the values that both are said to hold."""

    one: str
    other: str
    values: tuple[str, ...]


def shared_values(held: Mapping[str, frozenset[str]], one: frozenset[str], other: frozenset[str]) -> tuple[Shared, ...]:
    """The projection of actors and values onto pairs across two camps, those who share most first. `held`: the values
    of each actor."""
    found = [
        Shared(here, there, tuple(sorted(held.get(here, frozenset()) & held.get(there, frozenset()))))
        for here in sorted(one)
        for there in sorted(other)
    ]
    return tuple(sorted((pair for pair in found if pair.values), key=lambda pair: (-len(pair.values), pair.one)))


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of ties from one camp to another. `trust` is the product of the strengths of its ties."""

    actors: tuple[str, ...]
    trust: float


def trusted_paths(network: Network, one: Array, other: Array, most: int = 5) -> tuple[Path, ...]:
    """The most trusted path from each member of camp `one` to camp `other` (bool, (n,)), the most trusted first.

    Over ties with each other only; of the ties of a pair the strongest counts. A path is the more trusted the larger
    the product of its strengths, which is the shortest path over their negative logarithms.
    """
    positive = network.only((network.sign > 0) & (network.strength > 0))
    strongest: dict[tuple[int, int], float] = {}
    for source, target, strength in zip(positive.source, positive.target, positive.strength, strict=True):
        pair = (min(source, target), max(source, target))
        strongest[pair] = max(strongest.get(pair, 0.0), float(strength))
    pairs = sorted(strongest)
    graph = igraph.Graph(n=len(network.ids), edges=pairs)
    costs = [-np.log(strongest[pair]) for pair in pairs]
    goals = np.flatnonzero(other).tolist()
    found = []
    part = graph.connected_components().membership
    for start in np.flatnonzero(one).tolist():
        near = [goal for goal in goals if part[goal] == part[start]]
        routes = graph.get_shortest_paths(start, to=near, weights=costs) if near else []
        chains = [
            Path(
                tuple(network.ids[place] for place in route),
                float(np.prod([strongest[min(a, b), max(a, b)] for a, b in pairwise(route)])),
            )
            for route in routes
            if len(route) > 1
        ]
        if chains:
            found.append(min(chains, key=lambda path: (-path.trust, len(path.actors), path.actors)))
    return tuple(sorted(found, key=lambda path: (-path.trust, len(path.actors), path.actors))[:most])


def connectors(network: Network, camps: Array, one: str, other: str, most: int = 5) -> tuple[tuple[str, float], ...]:
    """Who lies on most of the shortest paths between two camps; those who lie on none are left out. Those of a pair
    count one together; with directions, one each way."""
    counted = between(network.carrying, camps, one, other) * (1 if network.carrying.is_directed else 2)
    order = sorted(range(len(counted)), key=lambda place: (-counted[place], network.ids[place]))
    return tuple((network.ids[at], float(counted[at])) for at in order if counted[at] > 0)[:most]
