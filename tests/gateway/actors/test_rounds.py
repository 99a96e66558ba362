"""Rounds of interviews: told to those who hold the guide, in few words, and waves in their order; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.actors.rounds import AGAIN, Caller
from gateway.catalogues import load_catalogues
from gateway.lifecycle import ROUND, LifecycleError, close, open_poll
from gateway.polls import load_polls
from gateway.store import replies, schema
from tests.conftest import Clock
from tests.gateway.actors.conftest import Maps
from tests.gateway.actors.guides import CHAT, ROOT, Field

NODES = "id,name\nLAK,Lake Council\nKAR,Karu Front\nOFF,Governor's Office\n"
BEFORE = "wave,source,target,reporter\n1,LAK,KAR,fatuma\n1,KAR,OFF,otto\n"
CHANNELS = {CHAT.name: CHAT, "sms": Channel("sms", "phone", Medium.SMS)}


@pytest.fixture
def field(maps: Maps) -> Field:
    maps.take(nodes=NODES, ties=BEFORE)
    return Field(maps.engine, maps.vault, maps.clock)


def fire(field: Field, subject: str) -> list[str]:
    """Fire one timer; gives what waits in the outbox now, by channel."""
    polls = load_polls(ROOT / "config", field.engine)
    with field.engine.begin() as connection:
        Caller(field.vault, load_catalogues(), CHANNELS).tell(connection, polls, subject, field.clock())
        rows = connection.execute(sa.select(schema.outbox).order_by(schema.outbox.c.id)).all()
    texts = [replies.loads(field.vault.open_text(row.sealed_reply, "reply"))[0].text for row in rows]
    return [f"{row.channel}: {text}" for row, text in zip(rows, texts, strict=True)]


def subjects(field: Field) -> list[str]:
    with field.engine.connect() as connection:
        query = sa.select(schema.timers.c.subject).where(schema.timers.c.kind == ROUND)
        return list(connection.scalars(query.order_by(schema.timers.c.due_at)))


def test_a_wave_tells_who_holds_the_guide_and_names_nothing(field: Field) -> None:
    assert subjects(field) == ["lake_actors 1 1"]
    said = fire(field, "lake_actors 1 1")
    due = "Interviews still to hold in this round: 2. Sign in to see which."
    assert said == [f"chat: {due}", f"chat: {due}"]
    assert not any(word in str(said) for word in ("Lake", "Karu", "LAKEMAP", "actor"))
    assert subjects(field) == ["lake_actors 1 1", "lake_actors 1 2"]


def test_again_only_those_for_whom_something_is_due(maps: Maps, field: Field, clock: Clock) -> None:
    maps.take(ties="wave,source,target,reporter\n2,LAK,KAR,fatuma\n")
    clock.advance(days=AGAIN / timedelta(days=1))
    assert field.due("fatuma") == []
    assert sorted(field.due("otto")) == ["Governor's Office", "Karu Front"]
    assert len(fire(field, "lake_actors 1 2")) == 1


def test_a_wave_that_is_over_tells_nobody(field: Field) -> None:
    close(field.engine, field.survey.name, field.clock(), "tests")
    assert fire(field, "lake_actors 1 1") == []


def test_each_wave_of_the_guide_is_the_next_of_the_map(maps: Maps, field: Field) -> None:
    """Who was not asked about again stays not asked: nothing is taken over."""
    field.interview("1", "lake council", "karu front", "No more", "1", "1", "1", "6", "6", "SKIP")
    close(field.engine, field.survey.name, field.clock(), "tests")
    open_poll(field.engine, field.survey, field.clock(), "tests", invite="everybody")
    field.load()
    field.interview("1", "karu front", "lake council", "No more", "2", "1", "1", "6", "6", "SKIP")
    read = maps.read()
    assert read.waves == (1, 2, 3)
    assert {wave: sorted(asked) for wave, asked in read.asked.items()} == {2: ["LAK"], 3: ["KAR"]}


def test_a_wave_out_of_its_order_is_not_opened(maps: Maps) -> None:
    maps.take(nodes=NODES, ties="wave,source,target\n1,LAK,KAR\n5,LAK,KAR\n")
    with pytest.raises(LifecycleError, match=r"wave 2 of the map, .* put `wave: 6` into its `guide`"):
        Field(maps.engine, maps.vault, maps.clock)
