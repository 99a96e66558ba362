"""The housekeeper deletes what is due without being asked, and ends when it is told to."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from gateway.housekeeping import Housekeeper
from gateway.retention_settings import Retention
from gateway.store.schema import inbounds
from tests.conftest import Clock, until


def test_what_is_due_goes_and_what_is_not_stays(sqlite_engine: sa.Engine, clock: Clock) -> None:
    rows = [
        {
            "channel": "sms",
            "provider_id": name,
            "sealed_content": b"sealed",
            "received_at": clock() - timedelta(days=age),
        }
        for name, age in (("old", 30), ("fresh", 1))
    ]
    with sqlite_engine.begin() as connection:
        connection.execute(sa.insert(inbounds), rows)
    housekeeper = Housekeeper(sqlite_engine, Retention(), clock, every=0.05)
    housekeeper.start()

    def kept() -> list[str]:
        with sqlite_engine.connect() as connection:
            sealed = inbounds.c.sealed_content.is_not(None)
            return list(connection.scalars(sa.select(inbounds.c.provider_id).where(sealed)))

    until(lambda: kept() == ["fresh"])
    housekeeper.stop()
