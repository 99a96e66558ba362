"""The demonstration's campaigns: those of the configuration are out, with whoever represents its places."""

from __future__ import annotations

from collections.abc import Mapping

from channels.numbers import Countries
from gateway import settings
from gateway.assembly import utc_now
from gateway.campaigns import representatives, shelf
from gateway.campaigns.definition import campaign_files
from gateway.campaigns.popolo import Rules, read_popolo
from gateway.gazetteers import read_gazetteers
from gateway.store.opening import open_store

BY = "demo"


def show(environment: Mapping[str, str]) -> None:
    """Put them out, and take the lists config/representatives/<gazetteer>.json in. Raises SurveyError, CampaignError
    and what opening the store raises."""
    here, now = settings.load(environment), utc_now()
    gazetteers, _ = read_gazetteers(here.config)
    store = open_store(here)
    with store.engine.begin() as connection:
        for path in campaign_files(here.config):
            campaign = shelf.read(here.config, path.stem)
            shelf.publish(connection, campaign, shelf.files_of(here.config, campaign), now, BY)
        for file in sorted((here.config / "representatives").glob("*.json")):
            if (places := gazetteers.get(file.stem)) is not None:
                rows = read_popolo(file.read_bytes(), str(file), Rules(places, here.country, Countries(here.countries)))
                given = representatives.List(rows, file.stem, here.languages[0], 0)
                representatives.take(connection, store.vault, given, now, BY)
    store.engine.dispose()
