"""Opening, mending, pausing and closing a poll, and what people in the middle and newcomers see of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from channels.adapter import Status
from gateway import lifecycle
from gateway.lifecycle import LifecycleError
from gateway.results.rows import frames
from gateway.store import schema
from gateway.store.keys import Vault
from gateway.store.poll_tables import dispositions, polls
from tests.conftest import Clock
from tests.gateway.life.conftest import Life, living, written

OVER, LATER, SOON = "This poll is over", "This poll pauses", "has not begun yet"


def test_a_draft_can_not_be_answered_and_an_opened_poll_can(life: Life) -> None:
    life.notice()
    assert life.say("WATER") == ""
    done = life.open()
    assert (done.how, done.version, done.wave, done.status) == ("first", 1, 1, "open")
    assert life.answers("1", "yes", "3").startswith("Thank you")
    assert life.counts() == {"completed": 1}


def test_mended_words_are_a_fix_and_those_in_the_middle_go_on_with_them(life: Life) -> None:
    life.open(written(enough="Is there enuff water?"))
    assert "enuff" in life.answers("1")
    life.say("WATER", who=2)
    done = life.open()
    assert (done.how, done.version, done.middle) == ("fix", 1, 2)
    (change,) = done.changes
    assert (change.where, change.language) == ("enough, text", "en")
    assert (change.before, change.after) == ("Is there enuff water?", "Is there enough water?")
    assert "How many days" in life.say("yes")
    assert "Thank you" in life.say("3")
    assert [life.say(text, 2) for text in ("yes", "1")][-1].startswith("Is there enough")
    # One version: its answers stay together.
    assert len(life.rows(sa.select(schema.answers.c.survey).distinct())) == 1
    # And back again: the words are the first ones.
    assert life.open(written(enough="Is there enuff water?")).how == "fix"
    assert "enuff" in life.answers("1", who=3)


def test_who_is_in_the_middle_of_a_version_finishes_it(life: Life) -> None:
    life.open()
    assert life.answers("1").startswith("Is there enough")
    life.clock.advance(minutes=1)
    more = "  - {id: more, type: yes-no, text: Is it clean?, purpose: to know}"
    done = life.open(written(more=more))
    assert (done.how, done.version, done.middle) == ("version", 2, 1)
    life.say("yes")
    assert life.say("3").startswith("Thank you")
    assert life.answers("1", "yes", "3", who=2) == "Is it clean?"
    assert life.open().how == "again"
    assert life.say("yes", who=2).startswith("Thank you")
    assert life.answers("1", "yes", "3", who=3).startswith("Thank you")
    assert [poll.version for poll in life.polls.polls] == [1]


def test_new_times_are_settings_and_an_unchanged_file_is_said_to_be(life: Life) -> None:
    life.open()
    with pytest.raises(LifecycleError, match="has not changed"):
        life.open()
    done = life.open(written("expires: 5h"))
    assert (done.how, done.settings, done.version) == ("settings", ("expires",), 1)
    assert life.polls.polls[0].survey.schedule.expires.total_seconds() == 5 * 3600


def test_a_closed_poll_says_so_and_what_was_answered_stays(life: Life) -> None:
    life.open(written("partial: 1"))
    life.answers("1", "yes")
    life.answers("2", who=2)
    life.does(lifecycle.close)
    assert OVER in life.say("3")
    assert OVER in life.say("yes", who=2)
    assert OVER in life.say("WATER", who=3)
    assert life.statuses() == ["partial", "break-off"]
    assert life.counts() == {"partial": 1, "break-off": 1}
    assert life.answered() == ["region", "enough", "region"]
    with pytest.raises(LifecycleError, match="closed"):
        life.does(lifecycle.pause)


def test_those_who_never_write_again_are_ended_by_the_worker(life: Life) -> None:
    life.open()
    for who in range(30):
        life.answers("1", who=who)
    life.does(lifecycle.close)
    assert life.follow_up().run() == 30
    assert life.follow_up().run() == 0
    assert life.counts() == {"break-off": 30}


def test_a_pause_keeps_everybody_where_they_are(life: Life) -> None:
    life.open()
    life.answers("1")
    life.does(lifecycle.pause)
    assert LATER in life.say("yes")
    assert LATER in life.say("WATER", who=2)
    assert LATER in life.dial("", who=3)
    life.does(lifecycle.resume)
    assert "How many days" in life.say("yes")
    assert life.counts() == {"started": 1}


def test_nobody_gets_in_before_it_opens_or_after_it_closes_whenever_the_timer_comes(life: Life) -> None:
    now = life.clock()
    life.open(written("opens: 2026-03-02 13:00\ncloses: 2026-03-02 14:00"))  # Nairobi: 10:00 and 11:00 UTC
    assert (now.hour, SOON in life.say("WATER")) == (9, True)
    life.clock.advance(hours=1)
    assert life.answers("1").startswith("Is there")
    life.clock.advance(minutes=59, seconds=59)
    assert "How many" in life.say("yes")
    life.clock.advance(seconds=1)
    assert OVER in life.say("3")
    assert OVER in life.say("WATER", who=2)
    assert life.rows(sa.select(polls.c.status)) == [("open",)]
    life.fire()
    assert life.rows(sa.select(polls.c.status, polls.c.by)) == [("closed", "schedule")]
    life.fire()
    assert len(life.rows(sa.select(schema.audit.c.id).where(schema.audit.c.who == "schedule"))) == 1
    with pytest.raises(LifecycleError, match="later `closes`"):
        life.open(written("closes: 2026-03-02 14:00"))


def test_a_timer_of_an_earlier_closing_time_changes_nothing(life: Life) -> None:
    life.open(written("closes: 2026-03-02 14:00"))
    life.open(written("closes: 2026-03-02 16:00"))
    life.clock.advance(hours=3)
    life.fire()
    assert life.rows(sa.select(polls.c.status)) == [("open",)]
    assert "May we" in life.say("WATER")


def test_the_end_cancels_what_waits_and_a_pause_holds_what_nobody_asked_for(life: Life) -> None:
    life.open()
    life.say("WATER")  # the question that answers it waits in the outbox
    reply = schema.outbox.c
    person, address = life.rows(sa.select(reply.person, reply.address))[0]
    with life.engine.begin() as connection:
        values = {"person": person, "address": address, "channel": "sms", "kind": "broadcast", "sealed_reply": b"x"}
        times = dict.fromkeys(("due_at", "created_at", "updated_at"), life.clock())
        connection.execute(sa.insert(schema.outbox).values(**values, **times, poll="water"))
    life.does(lifecycle.pause)
    due = sa.select(reply.kind, reply.due_at).order_by(reply.id)
    assert life.rows(due) == [("reply", life.clock()), ("broadcast", lifecycle.HELD)]
    life.does(lifecycle.resume)
    assert life.rows(due)[1] == ("broadcast", life.clock())
    assert life.does(lifecycle.close) == 2
    assert life.rows(sa.select(reply.status, reply.error).distinct()) == [(Status.FAILED.value, lifecycle.ENDED)]


def test_every_act_is_written_down_with_who_did_it(life: Life) -> None:
    life.open()
    life.does(lifecycle.pause)
    life.does(lifecycle.close)
    audit = schema.audit.c
    done = life.rows(sa.select(audit.who, audit.what).order_by(audit.id))
    assert done == [("op", "survey open (first)"), ("op", "survey paused"), ("op", "survey closed")]


def test_waves_are_for_those_who_answered_before_or_for_those_who_did_not(life: Life) -> None:
    with pytest.raises(LifecycleError, match="never open"):
        life.open(invite="panel")
    life.open()
    life.answers("1", "yes", "3", who=1)
    life.answers("1", who=2)
    assert "You have answered" in life.say("WATER", who=1)
    with pytest.raises(LifecycleError, match="close this wave"):
        life.open(invite="panel")
    life.does(lifecycle.close)
    with pytest.raises(LifecycleError, match="--wave"):
        life.open()
    done = life.open(invite="panel")
    assert (done.how, done.wave) == ("wave", 2)
    # In the middle of the wave before: that one ends, and the new one is not for them.
    assert "those who answered the last one" in life.say("WATER", who=2)
    assert life.answers("1", "yes", "4", who=1).startswith("Thank you")
    assert "You have answered" in life.say("WATER", who=1)
    assert (life.counts(1), life.counts(2)) == ({"completed": 1, "break-off": 1}, {"completed": 1})
    life.does(lifecycle.close)
    assert life.open(invite="fresh").wave == 3
    assert "have not answered before" in life.say("WATER", who=1)
    assert life.answers("1", "yes", "4", who=2).startswith("Thank you")
    assert life.counts(3) == {"completed": 1}


def test_results_are_of_the_newest_wave(life: Life) -> None:
    life.open()
    life.answers("1", "yes", "3", who=1)
    life.answers("1", "yes", "3", who=2)
    life.does(lifecycle.close)
    life.open(invite="panel")
    life.answers("2", "no", "0", who=1)
    with life.engine.connect() as connection:
        found = frames(connection, life.vault, life.polls.polls[0].survey, {})
    assert len(found.conversations) == 1
    assert set(found.answers["choice"].dropna()) == {"south", "no"}


def test_two_addresses_of_one_person_have_one_disposition(life: Life) -> None:
    life.open()
    life.answers("1", "yes", "3", who=1)
    life.answers("1", who=2)
    code = life.say("LINK", who=1).rsplit(" ", 1)[-1]
    life.say(f"LINK {code}", who=2)
    assert life.counts() == {"completed": 1}
    why = life.rows(sa.select(dispositions.c.after, dispositions.c.why).order_by(dispositions.c.id))
    assert why[-1] == ("", "linked")
    assert "You have answered" in life.say("WATER", who=2)


def test_a_poll_may_let_people_answer_again(life: Life) -> None:
    life.open(written("one_answer: no"))
    for _ in range(2):
        assert life.answers("1", "yes", "3").startswith("Thank you")
    assert life.counts() == {"completed": 1}
    assert life.statuses() == ["completed", "completed"]


def test_an_answer_in_the_middle_asks_the_database_nothing_of_the_polls_life(
    sqlite_engine: sa.Engine, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    seen: list[str] = []
    sa.event.listen(sqlite_engine, "connect", lambda driver, _record: driver.set_trace_callback(seen.append))
    with living(sqlite_engine, vault, clock, tmp_path) as life:
        life.open(written("reminders: {count: 2, after: 2h}\ncloses: 2026-12-01 08:00"))
        life.answers("1")
        seen.clear()
        life.say("yes")
    touched = set(re.findall(r"(?:INTO|FROM|JOIN|UPDATE) (\w+)", "\n".join(seen)))
    assert "answers" in touched
    assert touched & {"respondents", "dispositions", "quota_cells", "quota_places", "polls", "timers"} == set()


def test_who_refused_may_change_their_mind(life: Life) -> None:
    life.open()
    life.say("WATER")
    life.say("no")
    assert life.counts() == {"refused": 1}
    assert life.answers("1", "yes", "3").startswith("Thank you")
    assert life.counts() == {"completed": 1}


def test_a_language_may_be_added_behind_the_others_only(life: Life) -> None:
    """Who was just asked which language answers with its number."""
    spoken = "languages: [en, sw]"
    life.open(written().replace("languages: [en]", spoken))
    assert life.say("WATER") == "LANGUAGE / LUGHA"
    assert life.open(written().replace("languages: [en]", "languages: [en, sw, ar]")).how == "fix"
    assert life.open(written().replace("languages: [en]", "fallback: en\nlanguages: [sw, en, ar]")).how == "version"
    life.say("1")
    assert life.rows(sa.select(schema.people.c.language)) == [("en",)]
