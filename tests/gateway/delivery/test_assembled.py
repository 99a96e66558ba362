"""Delivery as a worker process puts it together, and a provider that can be asked: a server on 127.0.0.1."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from channels.adapter import Status
from gateway import settings
from gateway.assembly import Assembly, assemble
from gateway.delivery.watching import numbered, send_again
from gateway.store import schema
from gateway.store.replies import dumps
from surveys.prompt import Prompt
from tests.conftest import Clock
from tests.gateway.delivery.parts import Outbox
from tests.loopback.providers import Twilio
from tests.loopback.server import Cut, Taken
from tests.opening import open_all

CONFIG = Path(__file__).parents[3] / "config"
NUMBER, ASKED = "+254711550001", "Is there water?"


@dataclass
class Worker:
    assembly: Assembly
    box: Outbox
    provider: Twilio

    def lost(self) -> int:
        """A question that the provider took, though its answer was cut off."""
        (number,) = self.box.post(ASKED, person=self.box.person(address=NUMBER))
        self.provider.will(Cut())
        self.assembly.delivery().drain()
        assert self.box.status(number) is Status.QUEUED
        return number

    def took(self, provider_id: str, text: str = ASKED) -> None:
        self.provider.taken.append(Taken(NUMBER, text, provider_id, {"To": NUMBER, "Body": text}))

    def goes_on(self) -> None:
        self.box.clock.advance(minutes=5)
        self.assembly.delivery().drain()


@pytest.fixture
def worker(tmp_path: Path, sqlite_url: str, wrapping_key: str) -> Iterator[Worker]:
    clock = Clock(datetime(2026, 11, 22, 19, 0, tzinfo=UTC))  # when the provider made all of its messages
    shutil.copytree(CONFIG, tmp_path / "config")
    open_all(sqlite_url, tmp_path / "config")
    with Twilio() as provider:
        channels = {"sms": {"adapter": "twilio", "medium": "sms", "sender": "+15005550006", "base_url": provider.url}}
        (tmp_path / "config" / "channels.yaml").write_text(yaml.safe_dump({"channels": channels}), encoding="utf-8")
        environ = {
            "BARAZA_CONFIG": str(tmp_path / "config"),
            "BARAZA_KEYS": wrapping_key,
            "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
            "DATABASE_URL": sqlite_url,
            "PUBLIC_BASE_URL": "http://localhost",
            "BARAZA_WEB_SIGNING": "a-signing-key-of-these-tests",
            "BARAZA_SMS_ACCOUNT_SID": Twilio.SID,
            "BARAZA_SMS_AUTH_TOKEN": Twilio.TOKEN,
        }
        assembly = assemble(settings.load(environ), clock=clock, wake=lambda _: None)
        yield Worker(assembly, Outbox(assembly.engine, assembly.vault, clock), provider)
        assembly.close()


def test_the_worker_asks_the_provider_before_it_sends_again(worker: Worker) -> None:
    number = worker.lost()
    worker.took("SM-lost")
    worker.goes_on()
    assert len(worker.provider.taken) == 1
    assert (worker.box.status(number), worker.box.row(number).provider_id) == (Status.SENT, "SM-lost")


def test_a_repeat_says_so_in_the_language_of_its_question_and_is_found_by_what_it_said(worker: Worker) -> None:
    reply = (Prompt("Kuna maji?", "sw"), Prompt("Tuma namba", "sw"))
    sealed = worker.box.vault.seal(dumps(reply), "reply")
    (number,) = worker.box.post(person=worker.box.person(address=NUMBER), sealed_reply=sealed)
    worker.provider.will(Cut(), Cut())
    for _ in range(2):
        worker.goes_on()
    assert worker.box.status(number) is Status.UNKNOWN
    worker.took("SM-second", "(tena) Kuna maji?\nTuma namba")
    with worker.box.engine.begin() as connection:
        send_again(connection, "olga", worker.box.clock(), *numbered([number]))
    worker.goes_on()
    assert (worker.box.status(number), worker.box.row(number).provider_id) == (Status.SENT, "SM-second")


def test_an_earlier_question_of_the_same_words_is_not_taken_for_it(worker: Worker) -> None:
    worker.took("SM-earlier")
    number = worker.lost()
    (earlier,) = worker.box.post(ASKED)
    with worker.box.engine.begin() as connection:
        sent = {"provider_id": "SM-earlier", "status": Status.SENT.value}
        connection.execute(sa.update(schema.outbox).where(schema.outbox.c.id == earlier).values(sent))
    worker.goes_on()
    assert [taken.id for taken in worker.provider.taken[1:]] == [worker.box.row(number).provider_id]
    assert worker.provider.taken[1].text == f"(again) {ASKED}"
    assert worker.box.status(number) is Status.SENT
