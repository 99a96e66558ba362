"""Where what an actor says and what its constituency answers differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FOR, AGAINST = 0.5, -0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A group of people in a release: `names` that it goes by, how many answered, and the share of them who gave the
    answer that supports the issue, with its 95 % interval. All None where it is hidden."""

    label: str
    names: frozenset[str]
    n: int | None
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """An actor of the group's area or camp. `differs`: it is for the issue and the group is not, or the other way."""

    actor: str
    attitude: float | None
    differs: bool


@dataclass(frozen=True, slots=True)
class Constituency:
    asked: Asked
    speakers: tuple[Speaker, ...]


def constituencies(
    groups: Iterable[Asked], belongs: Mapping[str, frozenset[str]], attitudes: Mapping[str, float | None]
) -> tuple[Constituency, ...]:
    """`belongs`: the areas and camps of each actor, written as `Asked.names` are. A group is for something where its
    whole interval lies above a half, and not for it where it lies below; between the two nothing differs."""
    return tuple(
        Constituency(
            group,
            tuple(
                Speaker(actor, attitudes.get(actor), _differs(group, attitudes.get(actor)))
                for actor in sorted(belongs)
                if belongs[actor] & group.names
            ),
        )
        for group in groups
    )


def _differs(group: Asked, attitude: float | None) -> bool:
    if attitude is None or group.low is None or group.high is None:
        return False
    return (group.low > 0.5 and attitude <= AGAINST) or (group.high < 0.5 and attitude >= FOR)
