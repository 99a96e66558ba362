"""A gateway with the sample campaign out and its representatives taken in, and phones to write with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from channels.adapter import Attached, Channel, Inbound, Medium, Typed
from channels.numbers import Countries
from gateway.campaigns import part as campaigns
from gateway.campaigns import representatives, shelf
from gateway.campaigns.definition import load_campaign
from gateway.campaigns.popolo import Rules as Popolo
from gateway.campaigns.popolo import read_popolo
from gateway.catalogues import load_catalogues
from gateway.gazetteers import read_gazetteers
from gateway.ingest import handlers
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.moderation.desk import Desk
from gateway.notices import Notices
from gateway.part import Part, joined, own_words, topics
from gateway.store import replies
from gateway.store.keys import Vault
from gateway.store.schema import outbox

CONFIG = Path(__file__).parents[3] / "config"
TEXTS = load_catalogues()
PLACES = read_gazetteers(CONFIG)[0]
BRIDGE = load_campaign((CONFIG / "campaigns" / "bridge.yaml").read_bytes(), "bridge")
BASE = "https://polls.example.org"
SMS = Channel("sms", "phone", Medium.SMS)


@dataclass
class Town:
    """People write by SMS; time stands still until somebody moves it."""

    engine: sa.Engine
    vault: Vault
    now: datetime = datetime(2026, 5, 1, 9, tzinfo=UTC)
    intake: Intake = field(init=False)
    part: Part = field(init=False)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.part = part = campaigns.part(TEXTS, [BRIDGE], PLACES, BASE)
        readers = {**handlers.READERS, **part.readers, "joined": joined([part])}
        router = Router({}, TEXTS, keyed=part.flows, own=own_words([part]), topics=topics([part]))
        rules = Rules(router, TEXTS, {**handlers.HANDLERS, **part.handlers}, readers)
        self.intake = Intake(self.engine, self.vault, lambda: rules, lambda: self.now, lambda _channels: None)

    def say(self, person: int, *texts: str) -> str:
        """Write these, one after the other. Returns the last reply."""
        reply: tuple[Any, ...] = ()
        for text in texts:
            inbound = Inbound("tel", f"+25470000{person:04}", Typed(text), provider_id=str(next(self.ids)))
            reply = self.intake.take(SMS, [inbound])[0].reply
            self.now += timedelta(seconds=1)
        return " ".join(prompt.text for prompt in reply)

    def attach(self, person: int, reference: str, caption: str = "") -> None:
        """Send a picture."""
        attached = Attached("picture", reference, caption)
        inbound = Inbound("tel", f"+25470000{person:04}", attached, provider_id=str(next(self.ids)))
        self.intake.take(SMS, [inbound])

    @property
    def notices(self) -> Notices:
        return Notices(self.vault, TEXTS, {"sms"})

    @property
    def desk(self) -> Desk:
        return Desk(self.engine, self.notices, self.part.kinds, lambda: self.now, lambda _: None)

    def told(self) -> list[str]:
        """What people were told by itself, in order."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(outbox).where(outbox.c.kind == "notice").order_by(outbox.c.id)).all()
        return [replies.loads(self.vault.open(row.sealed_reply, "reply"))[0].text for row in rows]

    def all(self, table: sa.Table) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all())


Make = Callable[..., Town]


@pytest.fixture
def town(engine: sa.Engine, vault: Vault) -> Iterator[Town]:
    made = Town(engine, vault)
    file = CONFIG / "representatives" / "tamani.json"
    rows = read_popolo(file.read_bytes(), str(file), Popolo(PLACES["tamani"], "KE", Countries(("KE",))))
    with engine.begin() as connection:
        shelf.publish(connection, BRIDGE, {}, made.now, "tests")
        representatives.take(connection, vault, representatives.List(rows, "tamani", "en", 0), made.now, "tests")
    yield made
    made.intake.close()
