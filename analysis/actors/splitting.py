"""How split: ties inside groups and across, communities, and triads of signed ties that are out of balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.actors.network import Array, Network, seed

PERMUTATIONS = 999


@dataclass(frozen=True, slots=True)
class Outside:
    """The E-I index, from -1 (all ties within groups) to 1 (all across).

    Krackhardt and Stern, "Informal networks and organizational crises" (1988). `by_group` counts the ties that touch a
    group. `expected` is the mean over shuffles of the group's names, and `chance` the share of shuffles (this one among
    them) that lie as far from it: small groups have many ties across by arithmetic alone.
    """

    internal: int
    external: int
    index: float | None
    by_group: Mapping[str, float]
    expected: float | None
    chance: float | None


def outside(network: Network, groups: Array, permutations: int = PERMUTATIONS) -> Outside:
    """The E-I index over the ties of the network, whatever their sign; actors of no known group ("") don't count."""
    names, number = np.unique(groups.astype(str), return_inverse=True)
    pairs = network.once
    known = groups[pairs].astype(bool).all(axis=1) if len(pairs) else np.zeros(0, dtype=bool)
    first, last = pairs[known].T
    crossing = number[first] != number[last]
    external = int(crossing.sum())
    internal = len(crossing) - external
    if not len(crossing):
        return Outside(0, 0, None, {}, None, None)
    index = (external - internal) / len(crossing)
    by_group = {}
    for place, name in enumerate(names):
        touching = (number[first] == place) | (number[last] == place)
        if name and touching.any():
            by_group[str(name)] = float(2 * crossing[touching].mean() - 1)
    members = np.flatnonzero(groups.astype(bool))
    shuffled = np.empty(permutations)
    random = np.random.default_rng(20)
    drawn = number.copy()
    for turn in range(permutations):
        drawn[members] = random.permutation(number[members])
        shuffled[turn] = 2 * (drawn[first] != drawn[last]).mean() - 1
    expected = float(shuffled.mean())
    as_far = int((np.abs(shuffled - expected) >= abs(index - expected) - 1e-12).sum())
    return Outside(internal, external, index, by_group, expected, (as_far + 1) / (permutations + 1))


def assortativity(network: Network, groups: Array) -> float | None:
    """How much likelier ties are within groups than by chance, 1 at most; None where that can't be said.

    Newman, "Mixing patterns in networks" (2003), equation 2.
    """
    pairs = network.pairs
    if not network.is_directed:
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
    names, number = np.unique(groups.astype(str), return_inverse=True)
    known = (groups[pairs] != "").all(axis=1) if len(pairs) else np.zeros(0, dtype=bool)
    if not known.any():
        return None
    mixing = np.zeros((len(names), len(names)))
    np.add.at(mixing, (number[pairs[known, 0]], number[pairs[known, 1]]), 1.0)
    mixing /= mixing.sum()
    by_chance = float(mixing.sum(axis=1) @ mixing.sum(axis=0))
    return None if np.isclose(by_chance, 1.0) else (float(np.trace(mixing)) - by_chance) / (1.0 - by_chance)


@dataclass(frozen=True, slots=True)
class Communities:
    """Groups of actors that are tied more among themselves than across, the largest first; alone stands who is tied to
    nobody. `modularity` says how much more than by chance: under 0.3 there is hardly any structure."""

    members: tuple[tuple[str, ...], ...]
    modularity: float


def communities(network: Network) -> Communities:
    """Traag, Waltman and van Eck, "From Louvain to Leiden" (2019), for modularity, over the ties that carry something,
    without their directions. From a fixed seed: the same network gives the same communities."""
    graph = network.carrying.graph.as_undirected()
    seed()
    found = graph.community_leiden(objective_function="modularity", n_iterations=-1)
    members = [tuple(sorted(network.ids[place] for place in part)) for part in found]
    modularity = float(graph.modularity(found.membership)) if graph.ecount() else 0.0
    return Communities(tuple(sorted(members, key=lambda part: (-len(part), part))), modularity)


@dataclass(frozen=True, slots=True)
class Balance:
    """Triads, in which all three pairs are tied with a sign. Balanced is one whose signs have a positive product.

    Cartwright and Harary, "Structural balance" (1956). `by_actor` counts the unbalanced triads that an actor is in.
    `contradictory` pairs are tied with and against each other at once, and are in no triad.
    """

    triads: int
    unbalanced: int
    contradictory: int
    by_actor: Mapping[str, int]


def balance(network: Network) -> Balance:
    signs = network.signs
    tied = abs(signs)
    triads = np.asarray((tied @ tied).multiply(tied).sum(axis=1)).ravel() / 2
    product = np.asarray((signs @ signs).multiply(signs).sum(axis=1)).ravel() / 2
    unbalanced = np.rint((triads - product) / 2).astype(int)
    by_actor = {name: int(count) for name, count in zip(network.ids, unbalanced, strict=True) if count}
    return Balance(round(triads.sum() / 3), round(unbalanced.sum() / 3), network.contradictory, by_actor)
