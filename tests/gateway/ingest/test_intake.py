"""The way in, on SQLite and on PostgreSQL: once each, in order, on disk before it is answered, and nothing readable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from channels.adapter import Inbound, Located, OptOut, Typed
from gateway.ingest.intake import MUCH, Intake, NotTaken
from gateway.ingest.metrics import INBOUNDS
from gateway.ingest.rules import Rules, Taken
from gateway.store import replies, schema
from gateway.store.database import connect
from gateway.store.keys import Vault
from surveys.flow import Conversation, Effect, Event, Facts
from tests.gateway.ingest.conftest import CHAT, SMS, Gateway, number


def test_the_same_webhook_twice_has_one_effect(gateway: Gateway) -> None:
    first = gateway.send("PEACE", provider_id="a")
    again = gateway.send("PEACE", provider_id="a")
    assert "Take part?" in first
    assert again == ""
    assert gateway.count(schema.conversations) == gateway.count(schema.outbox) == gateway.count(schema.inbounds) == 1


def test_the_same_webhook_twice_in_one_batch(gateway: Gateway) -> None:
    inbound = Inbound("tel", number(1), Typed("PEACE"), provider_id="a")
    before = INBOUNDS.labels(SMS.name)._value.get()
    taken = gateway.intake.take(SMS, [inbound, inbound])
    assert INBOUNDS.labels(SMS.name)._value.get() == before + 2
    assert [one.repeated for one in taken] == [False, True]
    assert gateway.count(schema.outbox) == 1


def test_without_an_id_two_genuine_answers_are_two_and_a_repeat_is_one(gateway: Gateway) -> None:
    gateway.send("PEACE")
    bare = Inbound("tel", number(1), Typed("1"))
    gateway.intake.take(SMS, [bare])  # consent
    gateway.intake.take(SMS, [bare])  # region
    assert gateway.count(schema.answers) == 1
    assert gateway.count(schema.consents) == 1


def test_without_an_id_the_providers_time_tells_messages_apart(gateway: Gateway, clock: Callable[[], datetime]) -> None:
    gateway.send("PEACE")
    bare = Inbound("tel", number(1), Typed("1"), claimed_at=clock())
    taken = [gateway.intake.take(SMS, [bare])[0] for _ in range(3)]
    assert [one.repeated for one in taken] == [False, True, True]
    assert gateway.count(schema.consents) == 1
    assert gateway.count(schema.answers) == 0


def test_many_people_at_once(gateway: Gateway) -> None:
    def person(who: int) -> list[str]:
        return [gateway.send(text, who, provider_id=f"{who}/{text}") for text in ("PULSE", "yes", "north", "safer")]

    with ThreadPoolExecutor(16) as threads:
        said = list(threads.map(person, range(40)))
    assert all(replies[-1].startswith("Thank you") for replies in said)
    assert gateway.count(schema.people) == 40
    assert gateway.count(schema.answers) == 80
    assert gateway.count(schema.conversations, schema.conversations.c.status == "completed") == 40
    assert gateway.count(schema.outbox) == 160


def test_two_messages_of_one_person_at_once_are_taken_one_after_the_other(gateway: Gateway) -> None:
    gateway.send("PEACE")
    gateway.send("yes")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: gateway.send("1", provider_id=f"x{n}"), range(4)))
    assert gateway.rows(sa.select(schema.answers.c.question).order_by(schema.answers.c.id)) == [
        ("region",),
        ("age",),
        ("gender",),
        ("safety",),
    ]


def test_two_processes_meet_the_same_stranger_at_once(
    gateway: Gateway, vault: Vault, clock: Callable[[], datetime]
) -> None:
    others = [Intake(gateway.engine, vault, lambda: gateway.rules, clock, lambda _: None) for _ in range(4)]
    ready = threading.Barrier(len(others))

    def send(place: int) -> None:
        ready.wait()
        others[place].take(SMS, [Inbound("tel", number(7), Typed("PULSE"), provider_id=f"p{place}")])

    with ThreadPoolExecutor(len(others)) as threads:
        list(threads.map(send, range(len(others))))
    for other in others:
        other.close()
    assert gateway.count(schema.people) == gateway.count(schema.addresses) == 1
    assert gateway.count(schema.conversations) == 1
    assert gateway.count(schema.inbounds) == 4


class Poisoned:
    """A flow with a bug that one text brings out."""

    def __init__(self, flow: object) -> None:
        self._flow = flow

    def __getattr__(self, name: str) -> object:
        return getattr(self._flow, name)

    def step(
        self, conversation: Conversation, event: Event, now: datetime, facts: Facts
    ) -> tuple[Conversation, tuple[Effect, ...]]:
        if getattr(event, "text", "") == "poison":
            raise RuntimeError("poison and +99900000001")
        return self._flow.step(conversation, event, now, facts)  # type: ignore[attr-defined,no-any-return]


def test_a_poisoned_message_is_set_aside_and_its_neighbours_go_on(
    gateway: Gateway, capfd: pytest.CaptureFixture[str]
) -> None:
    router = gateway.rules.router
    for who in range(3):
        gateway.send("PULSE", who)
    flows = {name: Poisoned(flow) for name, flow in router.flows.items()}
    poisoned = type(router).__new__(type(router))
    poisoned.__dict__.update(router.__dict__, flows=flows)
    gateway.rules = replace(gateway.rules, router=poisoned)
    inbounds = [
        Inbound("tel", number(who), Typed("poison" if who == 1 else "yes"), provider_id=f"p{who}") for who in range(3)
    ]
    taken = gateway.intake.take(SMS, inbounds)
    assert [bool(one.reply) for one in taken] == [True, False, True]
    assert gateway.rows(
        sa.select(schema.inbounds.c.provider_id, schema.inbounds.c.error).where(schema.inbounds.c.error.is_not(None))
    ) == [("p1", "RuntimeError")]
    assert gateway.count(schema.consents) == 2
    assert "poison and" not in "".join(capfd.readouterr())


def test_a_database_that_is_held_by_somebody_else_takes_nothing_and_says_so(
    sqlite_engine: sa.Engine, vault: Vault, rules: object, clock: Callable[[], datetime]
) -> None:
    gateway = Gateway(sqlite_engine, vault, rules, clock)  # type: ignore[arg-type]
    with sqlite_engine.begin() as holder:
        holder.execute(sa.select(schema.people))
        with pytest.raises(NotTaken, match="not ready"):
            gateway.send("PEACE", provider_id="a")
    assert gateway.count(schema.people) == 0
    assert "Take part?" in gateway.send("PEACE", provider_id="a")
    gateway.intake.close()


def test_what_was_sent_is_kept_to_the_letter_and_sealed(gateway: Gateway) -> None:
    odd = "  =cmd()|' A\u202e\u200b ﬁ Ａ １ 🕊️\n\tالسلام {title} %s {0.__class__} +99900000042 "
    gateway.send(odd, provider_id="odd")
    sealed = gateway.rows(sa.select(schema.inbounds.c.sealed_content))[0][0]
    assert isinstance(sealed, bytes)
    assert gateway.vault.open_text(sealed, "inbound") == odd
    assert b"99900000042" not in sealed


def test_where_somebody_stands_is_not_kept(gateway: Gateway) -> None:
    gateway.intake.take(SMS, [Inbound("tel", number(7), Located(12.0512345, 24.8712345), provider_id="at")])
    sealed = gateway.rows(sa.select(schema.inbounds.c.sealed_content))[0][0]
    assert gateway.vault.open_text(sealed, "inbound") == "[location]"


def test_an_open_answer_is_kept_to_the_letter_and_no_number_lies_readable(gateway: Gateway) -> None:
    for text in ("PEACE", "1", "1", "1", "1", "3", "1", "1", "5", "1"):
        gateway.send(text)
    words = "call me on +99900009999, {sender} *384#"
    assert gateway.send(words).startswith("Thank you")
    sealed, value = gateway.rows(
        sa.select(schema.answers.c.sealed_text, schema.answers.c.value).order_by(schema.answers.c.id.desc()).limit(1)
    )[0]
    assert isinstance(sealed, bytes)
    assert gateway.vault.open_text(sealed, "answer") == words
    assert value is None
    for table in schema.metadata.sorted_tables:
        for row in gateway.rows(sa.select(table)):
            assert "9990000" not in repr([value for value in row if not isinstance(value, int)]), table.name


def test_the_outbox_holds_the_reply_and_its_channel_is_woken_once_a_batch(gateway: Gateway) -> None:
    said = gateway.send("PEACE", channel=CHAT)
    assert gateway.woken == ["chat"]
    sealed = gateway.rows(sa.select(schema.outbox.c.sealed_reply))[0][0]
    assert isinstance(sealed, bytes)
    assert replies.loads(gateway.vault.open_text(sealed, "reply"))[0].text == said


def test_an_opt_out_at_the_provider_stops_and_is_not_confirmed(gateway: Gateway) -> None:
    gateway.send("PEACE")
    gateway.intake.take(SMS, [OptOut("tel", number(1), provider_id="out")])
    assert gateway.rows(sa.select(schema.people.c.stopped)) == [(True,)]
    assert gateway.count(schema.outbox) == 1
    assert "come back" in gateway.send("PEACE")


def test_strangers_and_known_people_are_told_the_same_of_a_keyword(gateway: Gateway) -> None:
    gateway.send("PULSE", who=1)
    assert gateway.send("PEACE", who=2) == gateway.send("PEACE", who=3)


def test_what_waits_in_an_event_loop_is_taken_too(gateway: Gateway) -> None:
    async def both() -> list[list[Taken]]:
        inbounds = [Inbound("tel", number(who), Typed("PULSE"), provider_id=f"soon{who}") for who in range(20)]
        return await asyncio.gather(*(gateway.intake.take_soon(SMS, [inbound]) for inbound in inbounds))

    taken = asyncio.run(both())
    assert all("Take part?" in one.reply[0].text for (one,) in taken)
    assert gateway.count(schema.conversations) == 20


def test_whoever_waits_too_long_is_told_that_it_was_not_taken(
    sqlite_engine: sa.Engine, vault: Vault, rules: Rules, clock: Callable[[], datetime]
) -> None:
    """The provider sends it again, and the second one is known by its id."""
    gateway = Gateway(sqlite_engine, vault, rules, clock)
    gateway.intake.patience = 0.2
    inbound = Inbound("tel", number(1), Typed("PULSE"), provider_id="late")
    with sqlite_engine.begin() as holder:
        holder.execute(sa.select(schema.people))
        with pytest.raises(NotTaken, match="in time"):
            gateway.intake.take(SMS, [inbound])
        with pytest.raises(NotTaken, match="in time"):
            asyncio.run(gateway.intake.take_soon(SMS, [inbound]))
    gateway.intake.patience = 8
    gateway.intake.take(SMS, [inbound])
    assert gateway.count(schema.conversations) == 1
    gateway.intake.close()


def test_the_log_is_taken_over_once_there_is_much_in_it(
    sqlite_engine: sa.Engine, vault: Vault, rules: Rules, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    gateway = Gateway(sqlite_engine, vault, rules, clock)
    inbound = Inbound("tel", number(1), Typed("PEACE"), provider_id="a")

    def taken_over() -> int:
        """How many inbounds the database holds without the log that lies beside it."""
        gateway.intake.take_over_log()
        alone = tmp_path / "alone.db"
        alone.write_bytes(Path(str(sqlite_engine.url.database)).read_bytes())
        with connect(f"sqlite:///{alone}").connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(schema.inbounds)) or 0

    for _ in range(MUCH - 1):
        gateway.intake.take(SMS, [inbound])
    assert taken_over() == 0
    gateway.intake.take(SMS, [inbound])
    assert taken_over() == 1
    gateway.intake.close()
