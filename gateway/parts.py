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


def parts(settings: Settings, texts: Texts, gazetteers: Gazetteers, out: Sequence[Campaign] = ()) -> tuple[Part, ...]:
    """Those that the settings have; `out` are the campaigns of now. Raises SettingsError where one can't be what they
    say."""
    found: list[Part] = []
    here = settings.coordination
    if here.gazetteer:
        known, problems = gazetteers()
        gazetteer = known.get(here.gazetteer)
        if gazetteer is None:
            why = next((str(one) for one in problems), f"there is no gazetteers/{here.gazetteer}.csv")
            raise SettingsError(f"settings.yaml: `coordination.gazetteer` can't be used: {why}")
        found.append(coordination.part(texts, gazetteer, here.timezone, pushing(settings)))
    # Without a campaign it has no words; what waits before the desk can be decided all the same.
    found.append(campaigns.part(texts, out, gazetteers()[0] if out else {}, settings.public_base_url))
    return tuple(found)


def pushing(settings: Settings) -> frozenset[str]:
    """The channels over which people can be told something that they did not ask for."""
    return frozenset(name for name, channel in settings.channels.items() if channel.medium not in DIRECT)
