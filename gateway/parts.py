"""The parts of the gateway that bring keyword flows, put together where the settings have them."""

from __future__ import annotations

from channels.adapter import DIRECT
from gateway.coordination import part as coordination
from gateway.gazetteers import read_gazetteers
from gateway.part import Part
from gateway.settings import Settings, SettingsError
from surveys.texts import Texts


def parts(settings: Settings, texts: Texts) -> tuple[Part, ...]:
    """Those that the settings have. Raises SettingsError where one can't be what they say."""
    here = settings.coordination
    if not here.gazetteer:
        return ()
    gazetteers, problems = read_gazetteers(settings.config)
    gazetteer = gazetteers.get(here.gazetteer)
    if gazetteer is None:
        why = next((str(one) for one in problems), f"there is no gazetteers/{here.gazetteer}.csv")
        raise SettingsError(f"settings.yaml: `coordination.gazetteer` can't be used: {why}")
    return (coordination.part(texts, gazetteer, here.timezone, pushing(settings)),)


def pushing(settings: Settings) -> frozenset[str]:
    """The channels over which people can be told something that they did not ask for."""
    return frozenset(name for name, channel in settings.channels.items() if channel.medium not in DIRECT)
