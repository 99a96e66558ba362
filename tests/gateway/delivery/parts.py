"""Rows for the outbox, and an adapter that does as it is told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import sqlalchemy as sa

from channels.adapter import Capabilities, Channel, Medium, Outbound, Sent, Status
from gateway.store.keys import Vault
from gateway.store.replies import dumps
from gateway.store.schema import addresses, outbox, people
from surveys.prompt import Prompt
from tests.conftest import Clock

_numbers = count(1)


@dataclass
class Outbox:
    """Fills an outbox and reads it back."""

    engine: sa.Engine
    vault: Vault
    clock: Clock

    def person(self, *, stopped: bool = False, address: str = "") -> int:
        number = next(_numbers)
        now = self.clock()
        address = address or f"+2547{number:08}"
        with self.engine.begin() as connection:
            connection.execute(sa.insert(people).values(id=number, stopped=stopped, created_at=now, seen_at=now))
            connection.execute(
                sa.insert(addresses).values(
                    id=number,
                    person=number,
                    kind="tel",
                    hmac=self.vault.fingerprint("tel", address),
                    sealed_address=self.vault.seal(address, "address"),
                    channel="sms",
                )
            )
        return number

    def post(
        self, *texts: str, person: int = 0, kind: str = "reply", channel: str = "sms", **values: object
    ) -> list[int]:
        """One row for each text, to one person; a new one where none is named. Returns their ids."""
        person = person or self.person()
        now = self.clock()
        with self.engine.begin() as connection:
            return [
                connection.execute(
                    sa.insert(outbox)
                    .values(
                        {
                            "person": person,
                            "address": person,
                            "channel": channel,
                            "kind": kind,
                            "sealed_reply": self.vault.seal(dumps((Prompt(text, "en"),)), "reply"),
                            "due_at": now,
                            "created_at": now,
                            "updated_at": now,
                        }
                        | values
                    )
                    .returning(outbox.c.id)
                ).scalar_one()
                for text in texts or ["hello"]
            ]

    def row(self, number: int) -> sa.Row[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(outbox).where(outbox.c.id == number)).one()

    def status(self, number: int) -> Status:
        return Status(self.row(number).status)

    def statuses(self) -> list[Status]:
        with self.engine.connect() as connection:
            return [Status(status) for status in connection.scalars(sa.select(outbox.c.status).order_by(outbox.c.id))]


@dataclass
class Scripted:
    """An adapter whose sends end as `plan` says for their text: an error to raise, else they are taken."""

    plan: dict[str, Exception | list[Exception]] = field(default_factory=dict)
    sent: list[Outbound] = field(default_factory=list)
    channel: Channel = field(default_factory=lambda: Channel("sms", "scripted", Medium.SMS))
    segments: int = 1
    capabilities = Capabilities(frozenset(), frozenset({Medium.SMS}), False, True, "tel", ())
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, outbound: Outbound) -> Sent:
        text = outbound.reply[0].text
        with self._lock:
            self.sent.append(outbound)
            planned = self.plan.get(text)
            error = planned.pop(0) if isinstance(planned, list) and planned else planned
        if isinstance(error, Exception):
            raise error
        return Sent(f"provider-{outbound.id}", self.segments)

    @property
    def texts(self) -> list[str]:
        return [outbound.reply[0].text for outbound in self.sent]

    def verify(self, request: object) -> None: ...
    def parse(self, request: object) -> tuple[()]:
        return ()

    def respond(self, *_: object, **__: object) -> None: ...


@dataclass
class Asked(Scripted):
    """One whose provider can be asked: `finds` are its answers, one each time."""

    finds: list[Sent | Exception | None] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)

    def find(self, outbound: Outbound, since: datetime) -> tuple[Sent, ...]:
        self.since.append(since)
        answer = self.finds.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return (answer,) if answer else ()
