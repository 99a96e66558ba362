"""Who connects: betweenness, also between chosen camps; constraint; articulation points; brokerage roles.

All of it over the ties that carry something (`Network.carrying`): who is between two enemies connects nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.actors.network import Array, Network

ROLES = ("coordinator", "consultant", "representative", "gatekeeper", "liaison")


def betweenness(network: Network) -> Array:
    """float64 (n,): on how many shortest paths between two others an actor lies, paths of a pair counting one together.

    Freeman, "A set of measures of centrality based on betweenness" (1977). Not divided by the number of pairs.
    """
    return np.array(network.graph.betweenness(directed=network.is_directed), dtype=np.float64)


def share_of_pairs(network: Network, counted: Array) -> Array:
    """`betweenness` as a share of all pairs that an actor could lie between."""
    n = len(network.ids)
    pairs = (n - 1) * (n - 2) / (1 if network.is_directed else 2)
    return counted / pairs if pairs > 0 else np.zeros(n)


def between(network: Network, camps: Array, one: str, other: str) -> Array:
    """float64 (n,): betweenness on the paths from camp `one` to camp `other` only, both ways where ties have a
    direction. Members of the camps count too, where they lie between others."""
    here, there = (np.flatnonzero(camps == camp).tolist() for camp in (one, other))
    if not here or not there:
        return np.zeros(len(network.ids))
    graph, directed = network.graph, network.is_directed
    found = np.array(graph.betweenness(directed=directed, sources=here, targets=there), dtype=np.float64)
    if directed:
        found += np.array(graph.betweenness(directed=True, sources=there, targets=here), dtype=np.float64)
    return found


def constraint(network: Network) -> Array:
    """float64 (n,): how far an actor's contacts know each other; low is free to broker, NaN has no contact.

    Burt, Structural Holes (1992), equation 2.4, over ties of equal strength.
    """
    return np.array([np.nan if value is None else value for value in network.graph.constraint()], dtype=np.float64)


def articulation_points(network: Network) -> tuple[str, ...]:
    """The actors without whom a part of the network falls off."""
    found = network.graph.as_undirected().articulation_points()
    return tuple(sorted(network.ids[place] for place in found))


@dataclass(frozen=True, slots=True)
class Brokerage:
    """How often an actor is in the middle of a two-step path whose ends are not tied, by the groups of the three.

    Gould and Fernandez, "Structures of mediation" (1989). With A the group of the one in the middle:
    coordinator A-A-A, consultant B-A-B, representative A-A-B, gatekeeper B-A-A, liaison B-A-C.
    Without directions each path counts from both of its ends, as the method's published implementations do.
    """

    coordinator: int
    consultant: int
    representative: int
    gatekeeper: int
    liaison: int

    @property
    def total(self) -> int:
        return self.coordinator + self.consultant + self.representative + self.gatekeeper + self.liaison


def brokerage(network: Network, groups: Array) -> tuple[Brokerage, ...]:
    """Brokerage of each actor. `groups` (n,) says where each belongs; those of no known group ("") are passed over."""
    matrix = network.matrix
    tied = matrix.toarray() > 0
    to, back = matrix.tocsr(), matrix.tocsc()
    numbers = {group: number for number, group in enumerate(sorted({*groups} - {""}))}
    number = np.array([numbers.get(group, -1) for group in groups])
    found = []
    for middle, own in enumerate(number):
        before = back.indices[back.indptr[middle] : back.indptr[middle + 1]]
        after = to.indices[to.indptr[middle] : to.indptr[middle + 1]]
        before, after = before[number[before] >= 0], after[number[after] >= 0]
        if own < 0 or not len(before) or not len(after):
            found.append(Brokerage(0, 0, 0, 0, 0))
            continue
        open_ends = ~tied[np.ix_(before, after)] & (before[:, None] != after[None, :])
        first, last = number[before][:, None], number[after][None, :]
        comes_home, goes_home, alike = first == own, last == own, first == last
        counts = (
            comes_home & goes_home,
            ~comes_home & ~goes_home & alike,
            comes_home & ~goes_home,
            ~comes_home & goes_home,
            ~comes_home & ~goes_home & ~alike,
        )
        found.append(Brokerage(*(int((open_ends & kind).sum()) for kind in counts)))
    return tuple(found)


def ranked(ids: Sequence[str], values: Array, most: int | None = None) -> list[tuple[str, float]]:
    """Actors by falling value; those alike by id, those without a value left out."""
    known = [(name, float(value)) for name, value in zip(ids, values, strict=True) if not np.isnan(value)]
    return sorted(known, key=lambda each: (-each[1], each[0]))[:most]
