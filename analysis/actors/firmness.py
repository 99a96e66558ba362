"""How firm the findings of a wave are: each made again without single reporters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.actors.connecting import ranked
from analysis.actors.network import Network, built, labels
from analysis.actors.reports import Reports, summary
from analysis.actors.shifting import SUSCEPTIBILITY, shifts
from analysis.actors.splitting import balance, outside
from analysis.actors.stability import Stability, spread, stability
from analysis.actors.standing import pagerank

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Firmness:
    """Of those who have most standing, and of those who could shift most, how many stay. `unbalanced`: the share of
    unbalanced triads; `outside`: the E-I index by attribute; each from its lowest to its highest."""

    standing: Stability
    shifts: Stability
    unbalanced: Range | None
    outside: Mapping[str, Range]


def firmness(reports: Reports, wave: int, attributes: tuple[str, ...]) -> Firmness:
    """Of the reports of this wave alone."""
    ties = reports.ties[reports.ties["wave"] == wave]
    of_wave = Reports(reports.actors, ties, reports.attitudes[reports.attitudes["wave"] == wave], reports.asked)

    def over(take: Callable[[Network], list[str]]) -> Stability:
        return stability(of_wave, lambda some: take(_network(some, wave)))

    found = {name: spread(of_wave, lambda some, name=name: _index(some, wave, name)) for name in attributes}  # type: ignore[misc]  # bound at once
    return Firmness(
        over(lambda network: [name for name, value in ranked(network.ids, pagerank(network.carrying)) if value > 0]),
        over(lambda network: [one.actor for one in shifts(network, SUSCEPTIBILITY[1:2]) if one.most > 0]),
        spread(of_wave, lambda some: _unbalanced(_network(some, wave))),
        {name: reach for name, reach in found.items() if reach is not None},
    )


def _network(reports: Reports, wave: int) -> Network:
    return built(reports, wave, summary(reports.ties))


def _index(reports: Reports, wave: int, attribute: str) -> float | None:
    network = _network(reports, wave)
    return outside(network, labels(reports, network, attribute), permutations=1).index


def _unbalanced(network: Network) -> float | None:
    found = balance(network)
    return found.unbalanced / found.triads if found.triads else None
