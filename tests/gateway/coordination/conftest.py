"""A place where people coordinate: phones, a desk, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.authoring.player import Phones
from gateway.catalogues import load_catalogues
from gateway.coordination import part as coordination
from gateway.delivery.sweeper import fire_timers
from gateway.gazetteers import read_gazetteers
from gateway.ingest import handlers
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.moderation.desk import Desk
from gateway.notices import Notices
from gateway.part import joined
from gateway.store import replies, schema
from gateway.store.keys import Vault

CONFIG = Path(__file__).parents[3] / "config"
ZONE = ZoneInfo("Africa/Nairobi")
GAZETTEER = read_gazetteers(CONFIG)[0]["tamani"]
TEXTS = load_catalogues()
START = datetime(2026, 6, 15, 6, tzinfo=UTC)
CHANNELS = {
    "sms": Channel("sms", "phone", Medium.SMS),
    "menu": Channel("menu", "phone", Medium.USSD, sender="*390#", start="MENU"),
}


class Town:
    """`now` is what every clock shows."""

    def __init__(self, engine: sa.Engine, vault: Vault) -> None:
        self.engine, self.vault, self.now = engine, vault, START
        self.part = coordination.part(TEXTS, GAZETTEER, ZONE, ["sms"])
        readers = {**handlers.READERS, **self.part.readers, "joined": joined([self.part])}
        router = Router({}, TEXTS, keyed=self.part.flows)
        rules = Rules(router, TEXTS, {**handlers.HANDLERS, **self.part.handlers}, readers)
        self.intake = Intake(engine, vault, lambda: rules, self.clock, lambda _channels: None)
        self.phones = Phones(self.intake, CHANNELS)
        self.notices = Notices(vault, TEXTS, {"sms"})
        self.desk = Desk(engine, self.notices, self.part.kinds, self.clock, lambda _channels: None)

    def clock(self) -> datetime:
        return self.now

    def says(self, who: str, *texts: str) -> str:
        """What is shown to `who` after the last of these SMS."""
        shown = ""
        for text in texts:
            self.now += timedelta(seconds=1)
            shown = self.phones.type(who, "sms", text)
        return shown

    def fire(self) -> None:
        """Everything that is due by now."""
        fire_timers(self.engine, self.part.timers(self.notices), self.now)

    def notices_sent(self) -> list[tuple[int, str]]:
        """What people were told that they did not ask for, by pseudonym, in order."""
        outbox = schema.outbox.c
        with self.engine.begin() as connection:
            chosen = sa.select(outbox.person, outbox.sealed_reply).where(outbox.kind == "notice").order_by(outbox.id)
            rows = connection.execute(chosen).all()
        return [
            (row.person, prompt.text)
            for row in rows
            if row.sealed_reply  # not of who was forgotten
            for prompt in replies.loads(self.vault.open(row.sealed_reply, "reply"))
        ]

    def approve(self, *by: str) -> None:
        """Let out the oldest that waits, as it came."""
        (one, *_) = self.desk.waiting()
        for name in by or ("amina",):
            self.desk.approve(one.id, one.words, name)

    def scalar(self, query: sa.Select[tuple[int]]) -> int:
        with self.engine.begin() as connection:
            return connection.scalar(query) or 0


@pytest.fixture
def town(engine: sa.Engine, vault: Vault) -> Iterator[Town]:
    town = Town(engine, vault)
    yield town
    town.intake.close()
