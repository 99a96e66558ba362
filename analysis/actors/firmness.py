"""How firm the findings of a wave are: each made again without single reporters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.actors.connecting import ranked
from analysis.actors.moving import share_moved, views
from analysis.actors.network import Network, built, labels
from analysis.actors.reaching import reach
from analysis.actors.reports import Reports, attitudes, summary
from analysis.actors.sharing import connectors
from analysis.actors.shifting import SUSCEPTIBILITY, shifts
from analysis.actors.splitting import balance, outside
from analysis.actors.stability import Stability, spread, stability
from analysis.actors.standing import pagerank
from analysis.actors.waves import change

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Firmness:
    """Of those who have most standing, of those who could shift most, and of the ways to those who are against an
    issue, how many stay. `unbalanced`: the share of unbalanced triads; `outside`: the E-I index by attribute; each from
    its lowest to its highest."""

    standing: Stability
    shifts: Stability
    reach: Stability
    unbalanced: Range | None
    outside: Mapping[str, Range]


def firmness(reports: Reports, wave: int, attributes: tuple[str, ...], issue: str = "") -> Firmness:
    """Of the reports of this wave alone."""
    of_wave = _of(reports, wave)

    def over(take: Callable[[Network], list[str]]) -> Stability:
        return stability(of_wave, lambda some: take(_network(some, wave)))

    def ways(some: Reports) -> list[str]:
        told = views(attitudes(some.attitudes), wave)
        held = {actor: level for (actor, about), level in told.items() if about == issue}
        return [f"{way.actor} {way.through}" for way in reach(_network(some, wave), held)]

    found = {name: spread(of_wave, lambda some, name=name: _index(some, wave, name)) for name in attributes}  # type: ignore[misc]  # bound at once
    return Firmness(
        over(lambda network: [name for name, value in ranked(network.ids, pagerank(network.carrying)) if value > 0]),
        over(lambda network: [one.actor for one in shifts(network, SUSCEPTIBILITY[1:2]) if one.most > 0]),
        stability(of_wave, ways),
        spread(of_wave, lambda some: _unbalanced(_network(some, wave))),
        {name: reach for name, reach in found.items() if reach is not None},
    )


@dataclass(frozen=True, slots=True)
class Changing:
    """What a change comes to with one reporter left out, from its lowest to its highest: Jaccard's share of ties, and
    the share of attitudes that moved."""

    jaccard: Range | None
    moved: Range | None


def changing(reports: Reports, before: int, after: int) -> Changing:
    """Between two waves."""
    both = _of(reports, before, after)

    def moved(some: Reports) -> float | None:
        told = attitudes(some.attitudes)
        return share_moved(views(told, before), views(told, after))

    return Changing(spread(both, lambda some: change(some, before, after).jaccard), spread(both, moved))


def between_camps(reports: Reports, wave: int, by: str, one: str, other: str) -> Stability:
    """Of those who lie between two camps, how many stay."""

    def lie(some: Reports) -> list[str]:
        network = _network(some, wave)
        return [name for name, _ in connectors(network, labels(some, network, by), one, other)]

    return stability(_of(reports, wave), lie)


def _of(reports: Reports, *waves: int) -> Reports:
    ties, said = (rows[rows["wave"].isin(waves)] for rows in (reports.ties, reports.attitudes))
    return Reports(reports.actors, ties, said, reports.asked)


def _network(reports: Reports, wave: int) -> Network:
    return built(reports, wave, summary(reports.ties))


def _index(reports: Reports, wave: int, attribute: str) -> float | None:
    network = _network(reports, wave)
    return outside(network, labels(reports, network, attribute), permutations=1).index


def _unbalanced(network: Network) -> float | None:
    found = balance(network)
    return found.unbalanced / found.triads if found.triads else None
