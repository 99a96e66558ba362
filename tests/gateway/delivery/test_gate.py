"""What is asked at the moment of sending: countries, and WhatsApp's day. The provider is a server on 127.0.0.1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import pytest
import sqlalchemy as sa

from channels.adapter import Adapter, Channel, Medium, Outbound, Permanent, Retryable
from channels.numbers import Countries
from channels.twilio import Twilio
from gateway.delivery.gate import Gate, Terms
from gateway.store.broadcast_tables import broadcasts
from gateway.store.schema import addresses, inbounds, outbox, people
from surveys.prompt import Prompt
from tests.conftest import Clock
from tests.loopback import providers

NUMBER = "+254711550001"
SID = "HX00000000000000000000000000000001"
REPLY = (Prompt("Is there\nwater?", "en"),)


@dataclass
class Here:
    engine: sa.Engine
    clock: Clock
    provider: providers.Twilio

    def gate(self, medium: Medium = Medium.CHAT, **templates: str) -> Gate:
        secrets = {"account_sid": (providers.Twilio.SID,), "auth_token": (providers.Twilio.TOKEN,)}
        channel = Channel("wa", "twilio", medium, "+254711082999", self.provider.url, secrets=secrets)
        adapter = cast("Adapter", Twilio(channel))
        return Gate(adapter, self.engine, Terms(Countries(["KE"]), templates), self.clock)

    def heard(self, at: datetime, channel: str = "wa") -> None:
        with self.engine.begin() as connection:
            row = {"channel": channel, "provider_id": str(at), "address": 1, "received_at": at}
            connection.execute(sa.insert(inbounds).values(row))

    def put(self, row: int = 1, **more: object) -> None:
        now = self.clock()
        times = {"due_at": now, "created_at": now, "updated_at": now}
        with self.engine.begin() as connection:
            values = {"id": row, "person": 1, "address": 1, "channel": "wa", "kind": "reminder", "sealed_reply": b""}
            connection.execute(sa.insert(outbox).values(**values, **times, **more))


@pytest.fixture
def here(engine: sa.Engine, clock: Clock) -> Iterator[Here]:
    with engine.begin() as connection:
        connection.execute(sa.insert(people).values(id=1, created_at=clock(), seen_at=clock()))
        connection.execute(
            sa.insert(addresses).values(id=1, person=1, kind="tel", hmac=b"1", sealed_address=b"", channel="wa")
        )
    with providers.Twilio() as provider:
        yield Here(engine, clock, provider)


def test_nothing_goes_to_a_country_that_is_not_named(here: Here) -> None:
    sms = here.gate(Medium.SMS)
    with pytest.raises(Permanent, match="no country") as refused:
        sms.send(Outbound(1, "+256711550001", REPLY))
    assert refused.value.code == "country"
    assert here.provider.heard == 0
    sms.send(Outbound(1, NUMBER, REPLY))
    assert here.provider.taken[0].address == NUMBER


def test_free_words_go_out_for_a_day_after_the_person_wrote(here: Here) -> None:
    here.put(poll="water")
    here.heard(here.clock() - timedelta(hours=23))
    here.gate().send(Outbound(1, NUMBER, REPLY))
    assert here.provider.taken[0].text == "Is there\nwater?"


@pytest.mark.parametrize("hours", [23.95, 24.5, 500])
def test_later_nothing_is_tried_without_a_template(here: Here, hours: float) -> None:
    here.put(poll="water")
    here.heard(here.clock() - timedelta(hours=hours))
    here.heard(here.clock(), "another-channel")
    with pytest.raises(Permanent, match="template") as refused:
        here.gate(other=SID).send(Outbound(1, NUMBER, REPLY))
    assert refused.value.code == "template"
    assert here.provider.heard == 0


def test_who_never_wrote_there_gets_the_template_of_the_broadcast_or_of_the_poll(here: Here) -> None:
    started = {"source": "", "status": "running", "seed": "", "drawn_to": 0, "people": 1, "portion": 0, "by": "amina"}
    with here.engine.begin() as connection:
        connection.execute(sa.insert(broadcasts).values(id=5, name="invitation", started_at=here.clock(), **started))
    here.put(1, broadcast=5, poll="water")
    here.put(2, poll="water")
    gate = here.gate(invitation=SID, water=SID[:-1] + "2")
    for row in (1, 2):
        gate.send(Outbound(row, NUMBER, REPLY))
    assert [taken.fields["ContentSid"][-1] for taken in here.provider.taken] == ["1", "2"]
    assert [taken.text for taken in here.provider.taken] == ["Is there water?"] * 2


def test_where_the_database_can_not_be_asked_it_waits(here: Here) -> None:
    gate = here.gate(water=SID)
    with pytest.raises(Retryable):
        gate.send(Outbound(99, NUMBER, REPLY))  # as a row that can't be read
    assert here.provider.heard == 0
