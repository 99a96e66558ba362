"""The settings of coordination: where people meet, and by which clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import Field

from gateway.setting_types import Strict, Zone


class Coordination(Strict):
    """Concerns and initiatives by keyword."""

    gazetteer: str = Field(
        default="", description="the places that people name, by the file in gazetteers/; empty: no coordination"
    )
    timezone: Zone = Field(
        default=ZoneInfo("UTC"), description="the clock by which people meet", examples=["Africa/Nairobi"]
    )
