"""Broadcasts from the operator's word to the phone, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from channels.adapter import Permanent
from gateway import lifecycle
from gateway.broadcasts import life as word
from gateway.broadcasts import roster
from gateway.broadcasts.audience import draw
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.known import known_by, started_one
from gateway.broadcasts.model import Broadcast
from gateway.delivery.outbox import lease
from gateway.store.broadcast_tables import broadcasts, recipients
from gateway.store.poll_tables import dispositions
from gateway.store.schema import memberships, outbox
from tests.gateway.broadcasts.conftest import BRIDGE, CHANNELS, QUIET, World
from tests.gateway.life.conftest import SMS, USSD, written

INVITE = "name: invite\npoll: water\n"
MESSAGE = "name: note\nlanguages: [en]\nsender: The water committee\nmessage: The well is open again.\n"


def test_people_are_invited_and_answer_with_one_word(world: World) -> None:
    world.open()
    world.people(1, 2, 3, 4)
    world.start(INVITE)
    assert world.work() == ["1", "2", "3", "4"]
    assert {outbound.reply[-1].text for outbound in world.sent} == {"May we ask you three things?"}
    assert world.became() == {"contacted": 4}
    assert world.say("yes", 1) == "Where do you live?"
    assert world.say("2", 2) == "Thank you for telling us. We ask nothing more."
    assert "May we ask you three things?" in world.say("Who are you?", 3)
    assert world.became() == {"contacted": 1, "started": 2, "refused": 1}
    assert world.progress().status == "done"


def test_a_keyword_begins_it_too_and_a_later_broadcast_asks_nobody_twice(world: World) -> None:
    world.open()
    world.people(1, 2)
    world.say("WATER", 2)
    world.start(INVITE)
    assert world.work() == ["1"]
    assert "May we ask you three things?" in world.say("WATER", 1)
    world.people(3)
    world.start("name: again\npoll: water\n")
    assert world.work() == ["3"]
    world.start("name: reminder\npoll: water\nagain: yes\n")
    assert world.work() == ["3"]
    assert world.became() == {"contacted": 1, "started": 2}


def test_who_sends_stop_or_begins_while_it_is_queued_is_not_written_to(world: World) -> None:
    world.open()
    world.people(1, 2, 3)
    world.start(INVITE)
    world.sending().run()
    world.say("STOP", 1)
    world.say("WATER", 2)
    assert world.deliver() == ["3"]
    assert world.progress().reasons == {"stopped": 1, "they have begun by themselves": 1}


def test_a_process_that_dies_between_any_two_chunks_doubles_nothing_and_leaves_nobody_out(world: World) -> None:
    class Killed(Exception):
        pass

    world.open()
    everybody = world.people(*range(1, 12))
    world.start(INVITE)
    for survives in range(12):
        steps = iter(range(survives + 1))

        def clock(steps: Iterator[int] = steps) -> object:
            if next(steps, None) is None:
                raise Killed  # in the middle: what was begun is rolled back
            return world.clock.now

        with suppress(Killed):
            world.sending(clock=clock).run()
    world.sending().run()
    assert sorted(world.queued()) == sorted(everybody)
    assert world.progress().queued == len(everybody)


def test_what_was_put_in_is_rolled_back_with_its_cursor(world: World) -> None:
    """The commit itself fails, as when the process dies in it: on both databases the chunk is as if it had not been."""
    world.open()
    everybody = world.people(*range(1, 8))
    world.start(INVITE)
    lost = iter(range(3))

    @sa.event.listens_for(world.engine, "commit")
    def dies(_connection: object) -> None:
        if next(lost, None) is not None:
            raise ConnectionError

    for _ in range(3):
        with pytest.raises(ConnectionError):
            world.sending().run()
    sa.event.remove(world.engine, "commit", dies)
    world.sending().run()
    assert sorted(world.queued()) == sorted(everybody)


def test_the_same_seed_draws_the_same_people_by_cell(world: World) -> None:
    world.open()
    north = world.people(*range(1, 10), place="north")
    south = world.people(*range(10, 30), place="south")
    world.people(30)
    sample = "sample: {each: 4, by: [place], seed: lot 7}\naudience: {places: [north, south]}\n"
    world.start(INVITE + sample)
    world.sending().run()
    drawn = set(world.queued())

    def first(some: list[int]) -> set[int]:
        return set(sorted(some, key=lambda person: draw("lot 7", person))[:4])

    assert drawn == first(north) | first(south)
    assert world.progress().people == 8


def test_portions_wait_for_a_word(world: World) -> None:
    world.open()
    world.people(*range(1, 8))
    world.start(INVITE + "portions: [2, 3]\n")
    assert len(world.work()) == 2
    assert world.work() == []
    assert world.progress().status == "waiting"
    word.resume(world.engine, "invite", world.clock(), "op")
    assert len(world.work()) == 3
    word.resume(world.engine, "invite", world.clock(), "op")
    assert len(world.work()) == 2
    assert world.progress().status == "done"


def test_portions_go_on_by_themselves_where_the_file_says_so(world: World) -> None:
    world.open()
    world.people(*range(1, 8))
    world.start(INVITE + "portions: [2]\nportion_after: 2h\n")
    assert len(world.work()) == 2
    world.clock.advance(hours=1)
    assert world.work() == []
    world.clock.advance(hours=1)
    assert len(world.work()) == 5


def test_pause_and_cancel_hold_for_what_is_queued(world: World) -> None:
    world.open()
    world.people(*range(1, 6))
    world.start(INVITE)
    world.sending().run()
    word.pause(world.engine, "invite", world.clock(), "op")
    assert world.deliver() == []
    lifecycle.pause(world.engine, "water", world.clock(), "op")
    lifecycle.resume(world.engine, "water", world.clock(), "op")  # lets go what it held, and not what we hold
    assert world.deliver() == []
    word.resume(world.engine, "invite", world.clock(), "op")
    assert len(world.deliver()) == 5
    world.start("name: note\nlanguages: [en]\nsender: We\nmessage: Hello.\n")
    world.sending().run()
    assert word.cancel(world.engine, "note", world.clock(), "op") == 5
    assert world.work() == []
    assert world.progress("note").reasons == {"the broadcast was cancelled": 5}
    with pytest.raises(BroadcastError, match="is cancelled"):
        word.resume(world.engine, "note", world.clock(), "op")
    with pytest.raises(BroadcastError, match="each is sent once"):
        world.start(INVITE)


def test_what_is_leased_is_looked_at_again(world: World) -> None:
    """Rows that a pause could not see yet: the lease reads how the broadcast stands."""
    world.open()
    world.people(1)
    world.start(INVITE)
    world.sending().run()
    word.pause(world.engine, "invite", world.clock(), "op")
    with world.engine.begin() as connection:
        connection.execute(sa.update(outbox).values(due_at=world.clock()))
    assert world.deliver() == []
    word.cancel(world.engine, "invite", world.clock(), "op")
    with world.engine.begin() as connection:
        connection.execute(sa.update(outbox).values(due_at=world.clock(), status=0))
    assert world.deliver() == []


def test_nobody_is_woken_at_night_by_the_clock_of_where_they_live(world: World) -> None:
    zones = "zones: [{region: south, zone: Asia/Tokyo}]"
    world.quiet = QUIET
    world.open(written(zones))
    world.people(1, place="north", zone="Africa/Nairobi")
    world.people(2, place="south", zone="Asia/Tokyo")  # 9:00 UTC is 18:00 there
    world.start(INVITE)
    world.clock.advance(hours=4)  # 22:00 there
    assert world.work() == ["1"]
    world.clock.advance(hours=5)  # 18:00 UTC: 21:00 in Nairobi, 3:00 in Tokyo
    assert world.work() == []
    world.clock.advance(hours=13)  # 7:00 UTC
    assert world.work() == ["2"]


def test_a_reply_waits_for_no_broadcast(world: World) -> None:
    world.open()
    _, person, _ = world.people(1, 2, 3)
    world.start(MESSAGE)
    world.sending().run()
    world.say("WATER", 2)
    with world.engine.begin() as connection:
        (first,) = lease(connection, "sms", "worker", world.clock(), 1, 60)
    assert (first.kind, first.person) == ("reply", person)


def test_only_what_the_channel_sends_soon_is_queued(world: World) -> None:
    world.open()
    world.people(*range(1, 12))
    world.start(INVITE)
    sending = world.sending(ahead=0.0, chunk=50)
    sending.run()
    assert len(world.queued()) == 11  # few enough for the slowest channel


def test_the_ledger_says_what_became_of_each(world: World) -> None:
    world.open()
    world.people(1, 2)
    world.adapter.plan["May we ask you three things?"] = [Permanent("no such number")]
    world.start(INVITE)
    world.work()
    world.sending().run()
    assert world.became() == {"contacted": 1, "failed": 1}
    world.does(lifecycle.close)
    world.sending().run()
    assert world.became() == {"failed": 1, "unresponsive": 1}
    moves = world.rows(sa.select(dispositions.c.after, dispositions.c.why).order_by(dispositions.c.id))
    assert ("registered", "to be asked") in moves
    assert ("failed", "not delivered") in moves


def test_a_wave_of_a_panel_is_told_to_the_panel(world: World) -> None:
    world.open()
    world.people(1, 2, 3)
    world.answers("1", "yes", "3", who=1)
    world.say("WATER", 2)
    world.does(lifecycle.close)
    world.open(invite="panel")
    world.start(INVITE)
    assert world.work() == ["1"]
    assert world.say("yes", 1) == "Where do you live?"
    assert world.became(2) == {"started": 1}


def test_results_go_to_those_who_answered_with_how_to_leave(world: World) -> None:
    world.open()
    world.people(1, 2)
    world.answers("1", "yes", "3", who=1)
    world.start("name: told\nresults: water\n", {"en": "3 of 4 have enough water."})
    assert world.work() == ["1"]
    assert world.sent[-1].reply[0].text == "3 of 4 have enough water.\nTo leave, send only STOP."


def test_first_contact_by_a_message_says_who_writes_and_that_sms_is_not_secret(world: World) -> None:
    world.open()
    world.people(1)
    world.say("WATER", 2)
    world.start(MESSAGE)
    world.work()
    first, known = (outbound.reply[0].text for outbound in sorted(world.sent, key=lambda one: one.address))
    assert first.splitlines() == [
        "The water committee: The well is open again.",
        "To leave, send only STOP.",
        "SMS is not secret: others may read it.",
    ]
    assert known.splitlines() == first.splitlines()[:2]


def test_what_it_refers_to_may_go_while_it_runs_and_one_that_cannot_be_read_stops_no_other(world: World) -> None:
    world.open()
    world.people(1, language="en")
    world.people(2, channel="ussd")
    said = "audience: {channels: [sms, ussd]}\nsample: {each: 5, by: [language]}\nussd_by: sms\n"
    world.start("name: broken\nlanguages: [en]\nsender: We\nmessage: Hello.\n")
    world.start(INVITE + said)
    with world.engine.begin() as connection:
        broken = sa.update(broadcasts).where(broadcasts.c.name == "broken")
        connection.execute(broken.values(source="name: broken\nkey: ["))
    fewer = {"ussd": USSD, "other": replace(SMS, name="other")}
    with capture_logs() as logs:
        sending = world.sending(
            load=lambda source, name: started_one(source, name, known_by(world.polls, fewer, world.engine))
        )
        sending.run()
        sending.run()
    assert len(world.queued()) == 2
    assert [line["broadcast"] for line in logs if line["event"] == "broadcast can't be read"] == ["broken"]


def test_a_piece_of_a_campaign_reaches_those_who_are_in_its_topic_when_it_is_their_turn(world: World) -> None:
    world.people(1)
    left, stays = world.people(2, 3, groups=("bridgenews",))
    piece = f"campaign: bridge\npiece: closed\nbegins: {world.clock.now + timedelta(hours=1):%Y-%m-%d %H:%M}\n"
    world.start(f"name: closed\n{piece}")
    sending = world.sending()
    sending.run()
    with world.engine.begin() as connection:
        connection.execute(sa.delete(memberships).where(memberships.c.person == left))
    world.clock.advance(hours=2)
    world.campaigns = {}  # taken back
    sending.run()
    assert world.queued() == []
    world.campaigns = {"bridge": BRIDGE}
    sending.run()
    assert world.queued() == [stays]


def test_a_language_that_the_poll_gets_later_is_not_looked_for_among_the_frozen_texts(world: World) -> None:
    world.open()
    world.people(1, language="sw")
    world.start(INVITE)
    known = known_by(world.polls, CHANNELS, world.engine)

    def load(source: str, name: str) -> Broadcast:
        return replace(started_one(source, name, known), languages=("sw", "en"))

    world.sending(load=load).run()
    assert len(world.queued()) == 1


@pytest.mark.parametrize("how", ["done", "cancelled"])
def test_facts_of_people_in_its_list_go_with_them_and_with_its_end(world: World, how: str) -> None:
    def cells() -> list[object]:
        return sorted(cell for (cell,) in world.rows(sa.select(recipients.c.cell)))

    world.open()
    leaving, _ = world.people(1, 2, place="north")
    world.start(INVITE + "sample: {each: 4, by: [place]}\n")
    world.sending().run()
    assert cells() == ["north", "north"]
    roster.forget(world.engine, world.vault, roster.of_pseudonym(leaving), world.clock(), "op")
    assert cells() == ["", "north"]
    if how == "done":
        world.work()
    else:
        word.cancel(world.engine, "invite", world.clock(), "op")
    assert world.progress().status == how
    assert cells() == ["", ""]
