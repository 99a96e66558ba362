"""The parts of the gateway that bring keyword flows, put together where the settings have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from channels.adapter import DIRECT
from gateway.campaigns import part as campaigns
from gateway.campaigns.model import Campaign
from gateway.coordination import part as coordination
from gateway.part import Part
from gateway.settings import Settings, SettingsError
from surveys.gazetteer import Gazetteer
from surveys.problem import Problem
from surveys.texts import Texts

Gazetteers = Callable[[], tuple[Mapping[str, Gazetteer], Sequence[Problem]]]
"""Reads those of the configuration, and what is wrong with the others."""


def parts(
    settings: Settings, texts: Texts, places: Gazetteer, gazetteers: Gazetteers, out: Sequence[Campaign] = ()
) -> tuple[Part, ...]:
    """Those that the settings have; `places` are where people meet, `out` the campaigns of now."""
    found: list[Part] = []
    here = settings.coordination
    if here.gazetteer:
        found.append(coordination.part(texts, places, here.timezone, pushing(settings)))
    # Without a campaign it has no words; what waits before the desk can be decided all the same.
    found.append(campaigns.part(texts, out, gazetteers()[0] if out else {}, settings.public_base_url))
    return tuple(found)


def meeting_places(settings: Settings, gazetteers: Gazetteers) -> Gazetteer:
    """The places that people name where they come together; none where they don't. Raises SettingsError."""
    name = settings.coordination.gazetteer
    if not name:
        return Gazetteer("", ())
    known, problems = gazetteers()
    if name in known:
        return known[name]
    why = next((str(one) for one in problems), f"there is no gazetteers/{name}.csv")
    raise SettingsError(f"settings.yaml: `coordination.gazetteer` can't be used: {why}")


def pushing(settings: Settings) -> frozenset[str]:
    """The channels over which people can be told something that they did not ask for."""
    return frozenset(name for name, channel in settings.channels.items() if channel.medium not in DIRECT)
