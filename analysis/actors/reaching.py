"""Who could be talked to about whom: the way to an actor who is against something, through somebody tied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.actors.network import Network
from analysis.actors.standing import pagerank

AGAINST = -0.5


@dataclass(frozen=True, slots=True)
class Reach:
    """`actor` is against it and has standing; `through` is tied to them, not against each other, and thinks better of
    it. `strength` of that tie, 0 to 1; both attitudes from -2 to 2."""

    actor: str
    attitude: float
    through: str
    other_attitude: float
    strength: float


def reach(network: Network, attitudes: Mapping[str, float | None], most: int = 5) -> tuple[Reach, ...]:
    """One way to each: through the one who thinks best of it, then by the strength of the tie. Those with most standing
    (PageRank) come first; whom nobody reaches is left out, and so is everybody whose attitude is not known."""
    standing = dict(zip(network.ids, pagerank(network.carrying).tolist(), strict=True))
    ways: dict[str, Reach] = {}
    for source, target, sign, strength in zip(
        network.source, network.target, network.sign, network.strength, strict=True
    ):
        if sign <= 0:
            continue
        for actor, other in ((source, target), (target, source)):
            one, through = network.ids[actor], network.ids[other]
            own, theirs = attitudes.get(one), attitudes.get(through)
            if own is None or theirs is None or own > AGAINST or theirs <= own + 1:
                continue
            way = Reach(one, own, through, theirs, float(strength))
            if one not in ways or _order(way) < _order(ways[one]):
                ways[one] = way
    return tuple(sorted(ways.values(), key=lambda way: (-standing[way.actor], way.actor))[:most])


def _order(way: Reach) -> tuple[float, float, str]:
    return -way.other_attitude, -way.strength, way.through
