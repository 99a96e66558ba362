"""All measures of a map: those of each wave, and what changed from one to the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.actors.connecting import (
    Brokerage,
    articulation_points,
    betweenness,
    brokerage,
    constraint,
    ranked,
    share_of_pairs,
)
from analysis.actors.network import Array, Network, built, labels
from analysis.actors.reports import Reports, summary
from analysis.actors.shifting import Shift, shifts
from analysis.actors.splitting import Balance, Communities, Outside, assortativity, balance, communities, outside
from analysis.actors.stability import Stability, stability
from analysis.actors.standing import eigenvector, in_degree, pagerank
from analysis.actors.waves import Change, changes

ByActor = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Split:
    """How one attribute splits a wave, and who brokers between its groups."""

    outside: Outside
    assortativity: float | None
    brokerage: Mapping[str, Brokerage]


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured in one wave. By actor: only those to whom a measure applies. `by` holds one Split an attribute
    that at least two groups have. `in_degree`, `pagerank`, `eigenvector`, `betweenness`, `constraint`,
    `articulation_points`, `brokerage` and `communities` are over the ties that are not against each other; the E-I
    index, the assortativity and the balance over all."""

    wave: int
    actors: int
    ties: int
    pairs: int
    directed: bool
    density: float | None
    positive: int
    negative: int
    disagreement: float
    betweenness: ByActor
    betweenness_share: ByActor
    constraint: ByActor
    articulation_points: tuple[str, ...]
    in_degree: ByActor
    pagerank: ByActor
    eigenvector: ByActor
    communities: Communities
    balance: Balance
    by: Mapping[str, Split]
    shifts: tuple[Shift, ...]
    connectors_without_a_reporter: Stability


def measures(reports: Reports, types: Collection[str] = ()) -> tuple[tuple[Measures, ...], tuple[Change, ...]]:
    """Of each wave, and from each to the next; of these types of ties, or of all."""
    reports = reports.of_types(types)
    summed = summary(reports.ties)
    waves = tuple(of_wave(reports, wave, built(reports, wave, summed)) for wave in reports.waves)
    return waves, tuple(changes(reports, summed))


def of_wave(reports: Reports, wave: int, network: Network) -> Measures:
    """The measures of one wave; `network` is what it and the reports make (analysis.actors.network)."""
    carrying = network.carrying
    n = len(network.ids)
    between = betweenness(carrying)
    possible = n * (n - 1) / (1 if network.is_directed else 2)
    return Measures(
        wave=wave,
        actors=n,
        ties=len(network.source),
        pairs=len(network.pairs),
        directed=network.is_directed,
        density=len(network.pairs) / possible if possible else None,
        positive=int((network.sign > 0).sum()),
        negative=int((network.sign < 0).sum()),
        disagreement=_disagreement(reports, wave),
        betweenness=_by_actor(network, between),
        betweenness_share=_by_actor(network, share_of_pairs(carrying, between)),
        constraint=_by_actor(network, constraint(carrying)),
        articulation_points=articulation_points(carrying),
        in_degree=_by_actor(network, in_degree(carrying)),
        pagerank=_by_actor(network, pagerank(carrying)),
        eigenvector=_by_actor(network, eigenvector(carrying)),
        communities=communities(network),
        balance=balance(network),
        by={name: _split(network, groups) for name, groups in _attributes(reports, network).items()},
        shifts=shifts(network),
        connectors_without_a_reporter=stability(_of(reports, wave), lambda some: _connectors(some, wave)),
    )


def _attributes(reports: Reports, network: Network) -> Mapping[str, Array]:
    names = sorted({name for actor in reports.actors for name in actor.groups})
    found = {name: labels(reports, network, name) for name in names}
    return {name: groups for name, groups in found.items() if len({*groups} - {""}) > 1}


def _split(network: Network, groups: Array) -> Split:
    brokers = zip(network.ids, brokerage(network.carrying, groups), strict=True)
    return Split(
        outside(network, groups),
        assortativity(network, groups),
        {name: counts for name, counts in brokers if counts.total},
    )


def _of(reports: Reports, wave: int) -> Reports:
    ties, attitudes = (rows[rows["wave"] == wave] for rows in (reports.ties, reports.attitudes))
    return Reports(reports.actors, ties, attitudes, reports.asked)


def _connectors(reports: Reports, wave: int) -> list[str]:
    carrying = built(reports, wave, summary(reports.ties)).carrying
    return [name for name, value in ranked(carrying.ids, betweenness(carrying)) if value > 0]


def _disagreement(reports: Reports, wave: int) -> float:
    """The share of ties with several reports on which these don't agree."""
    found = summary(reports.ties[reports.ties["wave"] == wave])
    several = found[found["reports"] > 1]
    return float((several["disagreement"] > 0).mean()) if len(several) else 0.0


def _by_actor(network: Network, values: Array) -> ByActor:
    known = ~np.isnan(values.astype(np.float64))
    return {name: value.item() for name, value, is_known in zip(network.ids, values, known, strict=True) if is_known}
