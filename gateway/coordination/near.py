"""Which places count as near another: what it lies in or what lies in it, and what is within a day's way of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from surveys.gazetteer import Gazetteer, Place, kilometres

NEAR_KM = 50.0


@lru_cache(maxsize=1000)
def places_near(gazetteer: Gazetteer, to: str) -> tuple[str, ...]:
    """The ids of the places that are near the one with this id, itself among them."""
    nearness = Nearness(gazetteer, to)
    return tuple({to: None} | {one.id: None for one in gazetteer if nearness.holds(one.id)})


@dataclass(frozen=True)
class Nearness:
    """Nearness to the place with this id."""

    gazetteer: Gazetteer
    to: str

    def holds(self, other: str) -> bool:
        """Whether the place with this id is near."""
        here, there = self._here, self.gazetteer.get(other)
        if here is None or there is None:
            return self.to == other
        if here.id in self._chain(there) or there.id in self._chain(here):
            return True
        if here.latitude is None or here.longitude is None or there.latitude is None or there.longitude is None:
            return bool(here.parent) and here.parent == there.parent
        return kilometres(here.latitude, here.longitude, there.latitude, there.longitude) <= NEAR_KM

    @cached_property
    def _here(self) -> Place | None:
        return self.gazetteer.get(self.to)

    def _chain(self, place: Place) -> set[str]:
        return {place.id, *(one.id for one in self.gazetteer.around(place))}
