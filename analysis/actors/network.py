"""The ties of one wave as a network, ready for measures."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import igraph
import numpy as np
import pandas as pd
from scipy import sparse

from analysis.actors.reports import PRESENT, Reports, summary

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Network:
    """The ties that are present in one wave among the actors who were asked about in it.

    `ids` in order. `source`, `target` are places in `ids`, `sign` -1, 0 or 1, `strength` 0 to 1, `directed` bool: one
    element a tie; a pair may be tied in several ways.
    """

    ids: tuple[str, ...]
    source: Array
    target: Array
    sign: Array
    strength: Array
    directed: Array

    @property
    def is_directed(self) -> bool:
        """Whether any tie has a direction; the others then go both ways."""
        return bool(self.directed.any())

    def only(self, chosen: Array) -> Network:
        """With these ties only (bool, one a tie)."""
        return Network(
            self.ids,
            self.source[chosen],
            self.target[chosen],
            self.sign[chosen],
            self.strength[chosen],
            self.directed[chosen],
        )

    def of(self, members: Collection[str]) -> Network:
        """Among these actors only."""
        kept = [place for place, name in enumerate(self.ids) if name in members]
        number = np.full(len(self.ids), -1)
        number[kept] = np.arange(len(kept))
        found = self.only((number[self.source] >= 0) & (number[self.target] >= 0))
        ids = tuple(self.ids[place] for place in kept)
        ends = number[found.source], number[found.target]
        return Network(ids, *ends, found.sign, found.strength, found.directed)

    @property
    def carrying(self) -> Network:
        """The ties over which something passes: all but those against each other."""
        return self.only(self.sign >= 0)

    @cached_property
    def pairs(self) -> Array:
        """int64 (pairs, 2): each tied pair once, as (source, target). Without directions the smaller place is first;
        with them, what goes both ways is there both ways."""
        pairs = np.column_stack([self.source, self.target]).astype(np.int64)
        back = pairs[~self.directed][:, ::-1]
        pairs = np.concatenate([pairs, back]) if self.is_directed else np.sort(pairs, axis=1)
        return np.unique(pairs, axis=0) if len(pairs) else pairs.reshape(0, 2)

    @property
    def once(self) -> Array:
        """int64 (pairs, 2): as `pairs`, but what goes both ways is there once."""
        pairs = np.column_stack([self.source, self.target]).astype(np.int64)
        pairs[~self.directed] = np.sort(pairs[~self.directed], axis=1)
        return np.unique(pairs, axis=0) if len(pairs) else pairs.reshape(0, 2)

    @cached_property
    def graph(self) -> igraph.Graph:
        return igraph.Graph(n=len(self.ids), edges=self.pairs.tolist(), directed=self.is_directed)

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """float64 (n, n), 1 where a tie goes from row to column; symmetric without directions."""
        n = len(self.ids)
        pairs = self.pairs
        if not self.is_directed:
            pairs = np.concatenate([pairs, pairs[:, ::-1]])
        return sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))

    @cached_property
    def signs(self) -> sparse.csr_array:
        """float64 (n, n), symmetric: -1 or 1 where the ties of a pair, whatever their direction, agree in sign. Pairs
        with ties of both signs, or of none, are left out: `contradictory` counts the first."""
        return self._signs[0]

    @property
    def contradictory(self) -> int:
        """Pairs that are tied with and against each other at once."""
        return self._signs[1]

    @cached_property
    def _signs(self) -> tuple[sparse.csr_array, int]:
        n = len(self.ids)
        low, high = np.minimum(self.source, self.target), np.maximum(self.source, self.target)

        def tied(sign: int) -> sparse.csr_array:
            chosen = self.sign == sign
            shape = (np.ones(int(chosen.sum())), (low[chosen], high[chosen]))
            found = sparse.csr_array(shape, shape=(n, n))
            found.data[:] = 1.0
            return found

        against, together = tied(-1), tied(1)
        both = against.multiply(together)
        half = sparse.csr_array((together - both) - (against - both))
        half.eliminate_zeros()
        return sparse.csr_array(half + half.T), int(both.sum())


def network(reports: Reports, wave: int, types: Collection[str] = ()) -> Network:
    """The network of one wave: of these types of ties, or of all. Ties to actors who were not asked about in it are
    known from the other side, and count; an actor whom nobody was asked about and nobody is tied to is not in it."""
    ties = reports.ties
    chosen = ties[(ties["wave"] == wave) & (ties["type"].isin(list(types)) if types else True)]
    return built(reports, wave, summary(chosen))


def built(reports: Reports, wave: int, summed: pd.DataFrame) -> Network:
    """The network of one wave out of its summary."""
    rows = summed[(summed["wave"] == wave) & (summed["state"] == PRESENT)]
    members = reports.was_asked(wave) | {*rows["source"], *rows["target"]}
    ids = tuple(actor.id for actor in reports.actors if actor.id in members)
    place = {name: number for number, name in enumerate(ids)}
    return Network(
        ids,
        rows["source"].map(place).to_numpy(dtype=np.int64),
        rows["target"].map(place).to_numpy(dtype=np.int64),
        rows["sign"].to_numpy(dtype=np.int64),
        rows["strength"].to_numpy(dtype=np.float64),
        rows["directed"].to_numpy(dtype=bool),
    )


def seed() -> None:
    """Same network, same answer: igraph draws from Python's generator unless it is given one."""
    igraph.set_random_number_generator(random.Random(20))  # noqa: S311 - no secret


def labels(reports: Reports, network: Network, attribute: str) -> Array:
    """str (n,): what each actor of the network counts to by this attribute, "" where it is not known."""
    groups = {actor.id: actor.groups.get(attribute, "") for actor in reports.actors}
    return np.array([groups[name] for name in network.ids], dtype=object)
