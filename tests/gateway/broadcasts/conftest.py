"""A gateway with a poll, people who can be written to, and a worker that brings broadcasts forward and sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Medium, Outbound
from gateway.broadcasts import life as word
from gateway.broadcasts.audience import roads
from gateway.broadcasts.definition import load_broadcast
from gateway.broadcasts.known import known_by, started_one
from gateway.broadcasts.model import Broadcast, Known, Shown
from gateway.broadcasts.saying import sayings
from gateway.broadcasts.sending import Means, Sending
from gateway.delivery.delivery import Delivery
from gateway.delivery.settings import DeliverySettings
from gateway.quiet import Quiet
from gateway.store import dispositions, ids
from gateway.store.broadcast_tables import PLACE, ZONE
from gateway.store.keys import Vault
from gateway.store.schema import addresses, memberships, outbox, people, profiles
from tests.conftest import Clock
from tests.gateway.delivery.parts import Scripted
from tests.gateway.life.conftest import SMS, TEXTS, USSD, Life

CHAT = Channel("chat", "phone", Medium.CHAT)
CHANNELS = {"sms": SMS, "ussd": USSD, "chat": CHAT}
BRIDGE = Shown(
    ("en", "sw"),
    {"en": "The Forum", "sw": "Jukwaa"},
    "bridgenews",
    {"closed": {"en": "It is closed. Write: WRITE", "sw": "Limefungwa. Andika: ANDIKA"}},
)
QUIET = Quiet(time(21), time(7), ZoneInfo("UTC"))


class World(Life):
    """A Life with broadcasts: what an operator says of them, and the worker."""

    adapter = Scripted()
    quiet: Quiet | None = None
    chunk = 3
    campaigns: Mapping[str, Shown] = {"bridge": BRIDGE}
    sent: list[Outbound]

    def people(
        self,
        *who: int,
        language: str = "en",
        channel: str = "sms",
        groups: tuple[str, ...] = (),
        place: str = "",
        zone: str = "",
    ) -> list[int]:
        """People of these numbers who agreed to be written to, and never wrote."""
        now, made = self.clock(), []
        with self.engine.begin() as connection:
            for number in who:
                person, address = ids.pseudonym(), f"+99900000{number:04d}"
                connection.execute(
                    sa.insert(people).values(id=person, language=language, stopped=False, created_at=now, seen_at=now)
                )
                connection.execute(
                    sa.insert(addresses).values(
                        id=ids.rising(),
                        person=person,
                        kind="tel",
                        hmac=self.vault.fingerprint("tel", address),
                        sealed_address=self.vault.seal(address, "address"),
                        channel=channel,
                    )
                )
                for name in groups:
                    connection.execute(sa.insert(memberships).values(person=person, name=name, joined_at=now))
                for fact, value in {PLACE: place, ZONE: zone}.items():
                    if value:
                        connection.execute(sa.insert(profiles).values(person=person, fact=fact, value=value))
                made.append(person)
        return made

    def known(self) -> Known:
        return known_by(self.polls, CHANNELS, self.engine, self.campaigns)

    def written(self, source: str) -> Broadcast:
        return load_broadcast(source, "test", self.known())

    def start(self, source: str, results: dict[str, str] | None = None) -> None:
        broadcast = self.written(source)
        survey = self.polls.named(broadcast.poll) if broadcast.poll else None
        said = sayings(broadcast, TEXTS, survey, results or {})
        word.start(self.engine, self.vault, broadcast, said, self.clock(), "op")

    def sending(self, **changes: object) -> Sending:
        """A worker process's. Chunks are small, so that several are needed."""
        means = Means(
            engine=self.engine,
            load=lambda source, name: started_one(
                source, name, known_by(self.polls, CHANNELS, self.engine, self.campaigns)
            ),
            polls=lambda: {poll.survey.name: poll for poll in self.polls.polls},
            roads=lambda ussd_by: roads(CHANNELS, ussd_by),
            rates={"sms": 1.0},
            quiet=self.quiet,
            clock=self.clock,
            wake=lambda _: None,
            chunk=self.chunk,
        )
        return Sending(replace(means, **changes))  # type: ignore[arg-type]

    def deliver(self) -> list[str]:
        """Send what may go out now; the numbers that got something of a broadcast."""
        before = len(self.adapter.sent)
        settings = DeliverySettings(quiet=self.quiet)
        Delivery(self.engine, self.vault, {"sms": self.adapter}, settings=settings, clock=self.clock).drain()
        with self.engine.connect() as connection:
            ours = set(connection.scalars(sa.select(outbox.c.id).where(outbox.c.broadcast.is_not(None))))
        sent = [outbound for outbound in self.adapter.sent[before:] if outbound.id in ours]
        self.sent += sent
        return sorted(outbound.address[-2:].lstrip("0") for outbound in sent)

    def work(self) -> list[str]:
        """Queue, send, and write down what became of it."""
        sending = self.sending()
        sending.run()
        sent = self.deliver()
        sending.run()
        return sent

    def progress(self, name: str = "invite") -> word.Progress:
        with self.engine.connect() as connection:
            return word.progress(connection, name)[0]

    def queued(self) -> list[int]:
        """The people who have a row of a broadcast."""
        with self.engine.connect() as connection:
            return list(connection.scalars(sa.select(outbox.c.person).where(outbox.c.broadcast.is_not(None))))

    def became(self, wave: int = 1) -> dict[str, int]:
        with self.engine.connect() as connection:
            return dispositions.counts(connection).get(("water", wave), {})


@pytest.fixture
def world(engine: sa.Engine, vault: Vault, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(engine, vault, clock)
    made.adapter, made.sent = Scripted(), []
    made.engine_config = tmp_path_factory.mktemp("config")  # type: ignore[assignment]
    made.intake = made.intake_of_a_process()
    yield made
    made.intake.close()
