"""Initiatives from the first word to the last: proposed, looked at by two, joined, reminded, reported, rated."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from gateway.coordination import site
from gateway.coordination.near import Nearness, places_near
from gateway.coordination.running import wanted
from gateway.store.coordination_tables import initiatives, participations, task_takers
from gateway.store.moderation_tables import submissions
from gateway.store.schema import outbox
from surveys.flows.coordination.words import hour
from tests.gateway.coordination.conftest import GAZETTEER, Town

WHERE = "Behind the mosque, at the big tree"


def newest(town: Town) -> str:
    """The code of what was proposed last."""
    with town.engine.begin() as connection:
        return str(connection.scalar(sa.select(initiatives.c.code).order_by(initiatives.c.id.desc()).limit(1)))


def propose(town: Town, who: str = "oduya", most: str = "SKIP", where: str = WHERE) -> str:
    """Proposed for Wednesday the 17th, two in the afternoon there. Returns its code."""
    said = town.says(
        who, "PROPOSE", "Mend the road to the bridge", "17/6/2026", "14:00", "Rusenda", where, most, "SKIP", "no", "yes"
    )
    assert "Moderators" in said
    return newest(town)


def test_a_gathering_is_public_once_two_have_looked_at_it(town: Town) -> None:
    code = propose(town)
    assert "no such number" in town.says("juma", f"JOIN {code}")
    town.approve("amina")
    assert "no such number" in town.says("juma", f"JOIN {code}")
    town.approve("brian")
    assert "Join?" in town.says("juma", f"JOIN {code}")
    ((_, told),) = town.notices_sent()
    assert f"JOIN {code}" in told
    assert f"TELL {code}" in told


def test_what_is_no_gathering_takes_one_moderator_and_its_place_is_the_town(town: Town) -> None:
    code = propose(town, where="SKIP")
    town.approve("amina")
    assert "Where: Rusenda" in town.says("juma", f"JOIN {code}", "yes")


def test_the_reason_of_a_refusal_is_sent_back(town: Town) -> None:
    code = propose(town)
    (one,) = town.desk.waiting()
    town.desk.refuse(one.id, "That road is mined.", "amina")
    ((_, told),) = town.notices_sent()
    assert "That road is mined." in told
    assert "no such number" in town.says("juma", f"JOIN {code}")


def test_who_waits_gets_the_place_that_is_given_back(town: Town) -> None:
    code = propose(town, most="2")
    town.approve("amina", "brian")
    for who in ("juma", "halima"):
        assert "You are in" in town.says(who, f"JOIN {code}", "yes")
    assert "waiting list" in town.says("noor", f"JOIN {code}", "yes")
    assert "waiting list" in town.says("musa", f"JOIN {code}", "yes")
    before = len(town.notices_sent())
    town.says("juma", f"LEAVE {code}")
    ((_, told),) = town.notices_sent()[before:]
    assert "A place is free" in told
    assert "You are in already" in town.says("noor", f"JOIN {code}")
    assert "wait for a place" in town.says("musa", f"JOIN {code}")


def test_reminders_go_the_evening_before_and_shortly_before_by_the_clock_there_and_name_nothing(town: Town) -> None:
    code = propose(town)
    town.approve("amina", "brian")
    assert WHERE not in town.says("juma", f"JOIN {code}", "yes")  # the exact place is told late
    before = len(town.notices_sent())
    town.now = datetime(2026, 6, 16, 13, 59, tzinfo=UTC)  # 16:59 there
    town.fire()
    assert len(town.notices_sent()) == before
    town.now = datetime(2026, 6, 16, 14, 0, tzinfo=UTC)
    town.fire()
    town.fire()
    ((_, told),) = town.notices_sent()[before:]
    assert (code in told, WHERE in told, "14:00" in told, "road" in told) == (True, True, True, False)
    town.now = datetime(2026, 6, 17, 9, 0, tzinfo=UTC)
    town.fire()
    ((_, soon),) = town.notices_sent()[before + 1 :]
    assert (code in soon, WHERE in soon) == (True, True)


def test_who_left_or_sent_stop_is_not_reminded(town: Town) -> None:
    code = propose(town)
    town.approve("amina", "brian")
    for who in ("juma", "halima"):
        town.says(who, f"JOIN {code}", "yes")
    town.says("juma", f"LEAVE {code}")
    town.says("halima", "STOP")
    before = len(town.notices_sent())
    town.now = datetime(2026, 6, 16, 14, 0, tzinfo=UTC)
    town.fire()
    assert len(town.notices_sent()) == before


def test_afterwards_the_organiser_says_how_many_came_and_who_joined_how_it_was(town: Town) -> None:
    code = propose(town)
    town.approve("amina", "brian")
    town.says("juma", f"JOIN {code}", "yes")
    assert "not begun" in town.says("oduya", f"DONE {code} 30")
    town.now = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
    before = len(town.notices_sent())
    town.fire()
    asked = [told for _, told in town.notices_sent()[before:]]
    assert sorted(f"{word} {code}" in told for told in asked for word in ("DONE", "RATE")) == [False, False, True, True]
    assert "no such number" in town.says("juma", f"DONE {code} 400")
    assert "written down" in town.says("oduya", f"DONE {code} 30")
    assert "Thank you" in town.says("juma", f"RATE {code} 4")
    assert "no such number" in town.says("halima", f"RATE {code} 1")
    assert town.scalar(sa.select(initiatives.c.attended)) == 30
    assert town.scalar(sa.select(participations.c.rating)) == 4
    assert "over" in town.says("halima", f"JOIN {code}")


def test_an_organisers_message_passes_a_moderator_and_shows_no_number(town: Town) -> None:
    code = propose(town)
    town.approve("amina", "brian")
    for who in ("juma", "halima"):
        town.says(who, f"JOIN {code}", "yes")
    assert "no such number" in town.says("juma", f"TELL {code} Come to my shop")
    before = len(town.notices_sent())
    assert "moderator" in town.says("oduya", f"TELL {code} Bring water and a hat")
    assert len(town.notices_sent()) == before
    town.approve()
    told = town.notices_sent()[before:]
    assert [text for _, text in told] == [f"{code}: Bring water and a hat"] * 2
    for _ in range(2):
        town.says("oduya", f"TELL {code} Bring water")
    assert "a lot" in town.says("oduya", f"TELL {code} Bring water")  # three a day


def test_five_hundred_proposals_from_one_number_are_five(town: Town) -> None:
    for _ in range(5):
        propose(town)
    said = ""
    for _ in range(495):
        said = town.says("oduya", "CONCERN There is no water in our street", "SKIP")
    assert "a lot" in said
    assert town.scalar(sa.select(sa.func.count()).select_from(submissions)) == 5


def test_forgetting_takes_what_somebody_joined_and_calls_their_own_off(town: Town) -> None:
    code = propose(town)
    town.approve("amina", "brian")
    town.says("juma", f"JOIN {code}", "yes")
    assert code in town.says("juma", "MINE")
    town.says("juma", "FORGET ME", "yes")
    assert town.scalar(sa.select(sa.func.count()).select_from(participations)) == 0
    town.says("halima", f"JOIN {code}", "yes")
    waiting = propose(town)
    town.says("oduya", "FORGET ME", "yes")
    with town.engine.begin() as connection:
        rows = connection.execute(sa.select(initiatives).order_by(initiatives.c.id)).all()
        assert site.initiative(connection, waiting, town.now) is None  # nobody looked at it
        shown = site.initiative(connection, code, town.now)
    assert [(row.status, row.person, row.sealed_where) for row in rows] == [
        ("closed", None, None),
        ("refused", None, None),
    ]
    assert shown is not None
    assert shown.called_off
    before = len(town.notices_sent())
    town.fire()
    town.fire()
    assert [text for _, text in town.notices_sent()[before:]] == [f"{code} is called off."]  # to halima
    assert "is over" in town.says("noor", f"JOIN {code}")


def test_a_task_is_taken_on_by_as_many_as_it_wants(town: Town) -> None:
    said = town.says(
        "oduya",
        "PROPOSE",
        "Mend the road to the bridge",
        "17/6/2026",
        "14:00",
        "Rusenda",
        WHERE,
        "SKIP",
        "1 driver",
        "no",
        "yes",
    )
    assert "Moderators" in said
    code = newest(town)
    town.approve("amina", "brian")
    offered = [town.says(who, f"JOIN {code}", "yes") for who in ("juma", "halima")]
    assert all("driver (1)" in text for text in offered)
    assert "counts on you" in town.says("juma", "1")
    assert "Others have" in town.says("halima", "1")
    assert "driver" not in town.says("noor", f"JOIN {code}", "yes")
    town.says("juma", f"LEAVE {code}")
    assert town.scalar(sa.select(sa.func.count()).select_from(task_takers)) == 0
    assert "driver (1)" in town.says("musa", f"JOIN {code}", "yes")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14:30", "14:30"),
        ("14h30", "14:30"),
        ("1430", "14:30"),
        ("2 pm", "14:00"),
        ("12am", "00:00"),
        ("9", "09:00"),
        ("١٤:٣٠", "14:30"),
        ("25:00", None),
        ("noon", None),
        ("14:75", None),
        ("", None),
    ],
)
def test_a_time_of_day_is_read_as_people_write_it(written: str, read: str | None) -> None:
    found = hour(written)
    assert (found and found.isoformat("minutes")) == read


def test_needs_are_read_as_an_organiser_writes_them() -> None:
    assert wanted("5 shovels, 1 driver; tea،  ") == [("shovels", 5), ("driver", 1), ("tea", 1)]
    assert wanted("") == []


def test_what_is_near_lies_in_it_around_it_or_within_a_days_way() -> None:
    near = Nearness(GAZETTEER, "kisima")
    assert [
        place for place in ("kisima", "garuna", "north", "abu_seral", "kisima_pwaniju", "rusenda") if near.holds(place)
    ] == [
        "kisima",
        "garuna",
        "north",
        "abu_seral",
    ]
    assert not near.holds("nowhere")
    assert set(places_near(GAZETTEER, near.to)) == {one.id for one in GAZETTEER if near.holds(one.id)}
    assert places_near(GAZETTEER, "nowhere") == ("nowhere",)


def test_nobody_is_reminded_of_what_was_called_off_or_lost_its_organiser(town: Town) -> None:
    called_off, lost = propose(town), propose(town, who="amani")
    town.approve("amina", "brian")
    town.approve("amina", "brian")
    for code in (called_off, lost):
        town.says("juma", f"JOIN {code}", "yes")
    assert "is called off" in town.says("oduya", f"CALLOFF {called_off}", "yes")
    town.says("amani", "FORGET ME", "yes")
    town.fire()
    notices = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind == "notice")
    before = town.scalar(notices)
    for now in (datetime(2026, 6, 16, 14, 0, tzinfo=UTC), datetime(2026, 6, 18, 12, 0, tzinfo=UTC)):
        town.now = now
        town.fire()
    assert town.scalar(notices) == before


def test_who_joined_or_waits_is_told_that_it_is_called_off_once_and_by_its_organiser_alone(town: Town) -> None:
    code = propose(town, most="2")
    town.approve("amina", "brian")
    for who in ("juma", "halima", "noor"):  # noor waits
        town.says(who, f"JOIN {code}", "yes")
    assert "no such number" in town.says("juma", f"CALLOFF {code}", "yes")
    assert "It takes place" in town.says("oduya", f"CALLOFF {code}", "no")
    assert [text for _, text in town.notices_sent() if "called off" in text] == []
    for answer in ("Those who joined are told", "is over"):
        assert answer in town.says("oduya", "CALLOFF", code, "yes")
        assert [text for _, text in town.notices_sent()][-3:] == [f"{code} is called off."] * 3
    assert "is over" in town.says("juma", f"JOIN {code}")
    with town.engine.begin() as connection:
        shown = site.initiative(connection, code, town.now)
        assert shown is not None
        assert (shown.over, shown.called_off) == (True, True)
        assert site.upcoming(connection, GAZETTEER, town.now) == []


def test_a_number_that_is_none_is_asked_for_again(town: Town) -> None:
    code = propose(town)
    town.approve("amina", "brian")
    town.says("juma", f"JOIN {code}", "yes")
    town.now = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
    assert "How many people came?" in town.says("oduya", f"DONE {code} 00005000000000000000000000")
    assert "How was it?" in town.says("juma", f"RATE {code} 0000000019999999999")


def test_who_links_a_phone_keeps_the_place_that_it_had_and_of_two_gives_one_to_who_waits(town: Town) -> None:
    code = propose(town, most="2")
    town.approve("amina", "brian")
    for who in ("juma", "halima", "noor", "musa"):
        town.says(who, f"JOIN {code}", "yes")
    for one, other in (("noor", "juma"), ("halima", "juma")):
        before = len(town.notices_sent())
        (number,) = re.findall(r"\d{6}", town.says(one, "LINK"))
        town.says(other, f"LINK {number}")
        town.fire()
        told = [text for _, text in town.notices_sent()[before:]]
        assert "You are in already" in town.says(one, f"JOIN {code}")
        assert ["A place is free" in text for text in told] == ([] if one == "noor" else [True])
    assert "You are in already" in town.says("musa", f"JOIN {code}")


def test_the_place_of_who_is_forgotten_goes_to_who_waits_longest(town: Town) -> None:
    code = propose(town, most="2")
    town.approve("amina", "brian")
    for who in ("juma", "halima", "noor", "musa"):
        town.says(who, f"JOIN {code}", "yes")
    before = len(town.notices_sent())
    for who in ("juma", "halima"):
        town.says(who, "FORGET ME", "yes")
    town.fire()
    assert ["A place is free" in text for _, text in town.notices_sent()[before:]] == [True, True]
    for who in ("noor", "musa"):
        assert "You are in already" in town.says(who, f"JOIN {code}")
    assert "waiting list" in town.says("amani", f"JOIN {code}", "yes")
