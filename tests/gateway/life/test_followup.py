"""Reminders and expiry: when, to whom, how often; and that two workers, or one that is killed, do it once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from channels.adapter import Status
from gateway import lifecycle
from gateway.ingest.followup import BATCH
from gateway.quiet import Quiet
from gateway.store import schema
from gateway.store.broadcast_tables import profiles
from gateway.store.poll_tables import dispositions
from tests.gateway.life.conftest import Life, written

REMIND = "reminders: {count: 2, after: 2h}\nexpires: 10h"


def test_the_open_question_is_asked_again_so_often_and_then_it_expires(life: Life) -> None:
    life.open(written(REMIND + "\npartial: 1"))
    life.answers("1", "yes")
    seen = []
    for _ in range(11):
        life.clock.advance(hours=1)
        life.follow_up().run()
        seen.append((len(life.reminders()), life.statuses()[0]))
    assert [number for number, _ in seen] == [0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]
    assert seen[-3:] == [(2, "active"), (2, "partial"), (2, "partial")]
    assert life.reminders()[0][:2] == ("sms", "water")
    assert life.counts() == {"partial": 1}
    why = life.rows(sa.select(dispositions.c.why).order_by(dispositions.c.id.desc()).limit(1))
    assert why == [("expired",)]
    assert life.answered() == ["region", "enough"]


def test_an_answer_puts_the_reminder_off_without_costing_anything(life: Life) -> None:
    life.open(written(REMIND))
    life.answers("1")
    life.clock.advance(hours=1, minutes=30)
    life.say("yes")
    life.clock.advance(minutes=40)
    life.follow_up().run()
    assert life.reminders() == []
    life.clock.advance(hours=1, minutes=20)
    life.follow_up().run()
    assert len(life.reminders()) == 1


def test_a_reminder_is_the_question_and_can_be_answered(life: Life) -> None:
    life.open(written(REMIND))
    life.answers("1")
    life.clock.advance(hours=3)
    life.follow_up().run()
    with life.engine.connect() as connection:
        sealed = connection.scalar(sa.select(schema.outbox.c.sealed_reply).where(schema.outbox.c.kind == "reminder"))
    assert "Is there enough water?" in life.vault.open_text(sealed or b"", "reply")
    assert "How many days" in life.say("yes")


def test_a_reminder_that_still_waits_is_called_off_when_the_person_writes(life: Life) -> None:
    life.open(written(REMIND))
    life.answers("1", who=1)
    life.answers("1", who=2)
    life.clock.advance(hours=3)
    life.follow_up().run()
    assert "How many days" in life.say("yes", who=1)
    table = schema.outbox.c
    waits = sa.select(table.status, table.error).where(table.kind == "reminder").order_by(table.status)
    assert life.rows(waits) == [(Status.QUEUED.value, None), (Status.FAILED.value, "not needed any more")]


@pytest.mark.parametrize("turn", ["STOP", "closed", "paused", "parked", "finished"])
def test_some_are_never_reminded(life: Life, turn: str) -> None:
    life.open(written(REMIND))
    life.answers("1")
    match turn:
        case "STOP":
            life.say("STOP")
        case "closed":
            life.does(lifecycle.close)
        case "paused":
            life.does(lifecycle.pause)
        case "parked":
            with life.engine.begin() as connection:
                connection.execute(sa.update(schema.conversations).values(status="parked"))
        case "finished":
            life.say("yes")
            life.say("3")
    for _ in range(4):
        life.clock.advance(hours=2)
        life.follow_up().run()
    assert life.reminders() == []


def test_who_only_dialled_is_not_reminded_and_who_wrote_before_is_on_what_they_wrote(life: Life) -> None:
    life.open(written(REMIND))
    life.dial("", who=1)
    life.dial("1", who=1)
    life.say("HELP", who=2)
    life.dial("", who=2)
    life.dial("1", who=2)
    life.clock.advance(hours=3)
    life.follow_up().run()
    assert [row[0] for row in life.reminders()] == ["sms"]
    life.clock.advance(hours=9)
    life.follow_up().run()
    assert life.counts() == {"break-off": 2}


def test_nobody_is_reminded_in_the_quiet_hours_of_their_region(life: Life) -> None:
    # On Cape Verde it is four hours earlier than in Nairobi.
    zones = "zones: [{region: south, zone: Atlantic/Cape_Verde}]"
    life.open(written(REMIND.replace("10h", "3d") + "\n" + zones))
    life.answers("1", who=1)
    life.answers("2", who=2)
    life.clock.now = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)  # 22:00 in Nairobi, 18:00 on Cape Verde
    follow = life.follow_up(Quiet(time(21), time(7), ZoneInfo("UTC")))
    follow.run()
    assert len(life.reminders()) == 1
    until = life.reminders()[0][3]
    assert until == life.clock() + timedelta(hours=1)
    life.clock.now = datetime(2026, 3, 3, 3, 59, tzinfo=UTC)  # 06:59 in Nairobi, night on Cape Verde
    follow.run()
    assert len(life.reminders()) == 1
    life.clock.now = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    follow.run()
    assert len(life.reminders()) == 2


def test_an_answer_is_no_fact_of_ours_whatever_its_question_is_called(life: Life) -> None:
    more = """  - {id: zone, type: one-of, text: Which zone?, purpose: to compare, profile: yes,
      options: [{id: zone1, label: One}, {id: zone2, label: Two}]}"""
    life.open(written(more=more))
    life.answers("1", "1", "3", "1")
    with life.engine.connect() as connection:
        facts = dict(connection.execute(sa.select(profiles.c.fact, profiles.c.value)).all())
    assert facts == {"region": "north", "~place": "north", "~zone": "Africa/Nairobi", "zone": "zone1"}


def test_two_workers_at_once_remind_and_expire_each_person_once(life: Life) -> None:
    life.open(written(REMIND))
    for who in range(40):
        life.answers("1", who=who)
    life.clock.advance(hours=3)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: life.follow_up().run(), range(4)))
    life.follow_up().run()
    assert len(life.reminders()) == 40
    life.clock.advance(hours=9)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: life.follow_up().run(), range(4)))
    life.follow_up().run()
    assert life.counts() == {"break-off": 40}
    ended = sa.select(sa.func.count()).select_from(dispositions).where(dispositions.c.after == "break-off")
    assert life.rows(ended) == [(40,)]


def test_one_that_is_killed_before_its_commit_has_done_nothing_and_the_next_does_it(life: Life) -> None:
    life.open(written(REMIND))
    life.answers("1")
    life.clock.advance(hours=3)

    class Killed(Exception):
        pass

    def die(_connection: object) -> None:
        raise Killed

    sa.event.listen(life.engine, "commit", die)
    with pytest.raises(Killed):
        life.follow_up().run()
    sa.event.remove(life.engine, "commit", die)
    assert life.reminders() == []
    assert life.follow_up().run() == 1
    assert len(life.reminders()) == 1


def test_one_conversation_that_can_not_be_read_does_not_hold_up_the_others(life: Life) -> None:
    life.open(written(REMIND))
    life.answers("1", who=1)
    life.answers("1", who=2)
    first = sa.select(sa.func.min(schema.conversations.c.id)).scalar_subquery()
    with life.engine.begin() as connection:
        spoilt = sa.update(schema.conversations).where(schema.conversations.c.id == first)
        connection.execute(spoilt.values(sealed_state=b"nothing that opens"))
    life.clock.advance(hours=3)
    assert life.follow_up().run() == 2
    assert len(life.reminders()) == 1
    assert life.follow_up().run() == 0


def test_what_cannot_be_read_holds_up_nobody_when_a_poll_has_ended(life: Life) -> None:
    life.open(written())
    for who in range(1, BATCH + 3):
        life.answers("1", who=who)
    first = sa.select(schema.conversations.c.id).order_by(schema.conversations.c.due_at, schema.conversations.c.id)
    spoilt = schema.conversations.c.id.in_([row for (row,) in life.rows(first.limit(BATCH))])
    with life.engine.begin() as connection:
        connection.execute(sa.update(schema.conversations).where(spoilt).values(sealed_state=b"spoilt"))
    life.does(lifecycle.close)
    assert life.follow_up().run() == BATCH + 2
    assert sorted(map(str, life.statuses())) == ["active"] * BATCH + ["break-off"] * 2
    assert life.follow_up().run() == 0


@pytest.mark.parametrize(("hours", "then"), [(20, "Deleted"), (30, "How many days")])
def test_a_yes_that_comes_long_after_forget_me_forgets_nobody(life: Life, hours: int, then: str) -> None:
    life.open(written())
    life.answers("1")
    life.say("FORGET ME")
    life.clock.advance(hours=hours)
    assert then in life.say("yes")
