"""Groups from one phone to the next: registered, looked at, joined by a number that works once, and spoken for."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from gateway.coordination import concerns, groups
from gateway.coordination.membership import TRIES
from gateway.store.group_tables import group_invitations, group_people
from surveys.flows.coordination.members import DAYS
from tests.gateway.coordination.conftest import Town

REGISTER = ("GROUP", "Mothers of Garuna", "2", "Garuna Town", "We cook for the camp.", "1", "yes")


def registered(town: Town, who: str = "amina") -> None:
    assert "moderator" in town.says(who, *REGISTER)
    town.approve()


def invited(town: Town, who: str = "amina", role: str = "1") -> str:
    """The number of a new invitation."""
    return re.findall(r"\d{8}", town.says(who, "INVITE", role))[0]


def people(town: Town) -> list[str]:
    with town.engine.begin() as connection:
        return sorted(connection.scalars(sa.select(group_people.c.role)))


def test_a_group_is_registered_once_a_moderator_let_it_out_and_its_people_come_in_by_a_number_each(town: Town) -> None:
    assert "speak for no group" in town.says("amina", "INVITE")
    town.says("amina", *REGISTER)
    (one,) = town.desk.waiting()
    assert (one.kind, one.words["name"], one.facts["kind"], one.facts["post"]) == (
        "group",
        "Mothers of Garuna",
        "women",
        "chair",
    )
    with town.engine.begin() as connection:
        assert groups.every(connection) == []
    town.desk.approve(one.id, one.words, "mod")
    ((_, told),) = town.notices_sent()
    assert "INVITE" in told
    assert "Mothers" not in told  # phones are shared
    assert "of that name" in town.says("noor", "GROUP", "mothers of GARUNA", "2", "Garuna Town", "SKIP", "4", "yes")

    number = invited(town)
    assert "Mothers of Garuna invites you, as member" in town.says("juma", f"MEMBER {number}")
    assert "You are in" in town.says("juma", "yes")
    assert "used already" in town.says("halima", f"MEMBER {number}")  # twice
    assert "already" in town.says("juma", f"MEMBER {number}")
    assert "speak for no group" in town.says("juma", "INVITE")
    late = invited(town)
    town.now += timedelta(days=DAYS, seconds=1)
    assert "too old" in town.says("halima", f"MEMBER {late}")
    speaks = invited(town, role="2")
    assert "speak for it" in town.says("juma", f"MEMBER {speaks}", "yes")
    assert people(town) == ["speaker", "speaker"]
    with town.engine.begin() as connection:
        stored = repr(connection.execute(sa.select(group_invitations)).all())
    assert not any(one in stored for one in (number, late, speaks))


def test_of_two_who_say_yes_to_one_number_one_is_in(town: Town) -> None:
    registered(town)
    number = invited(town)
    for who in ("juma", "halima"):
        assert "Come in?" in town.says(who, f"MEMBER {number}")
    assert "You are in" in town.says("juma", "yes")
    assert "used already" in town.says("halima", "yes")
    assert people(town) == ["member", "speaker"]


def test_numbers_can_not_be_tried_out(town: Town) -> None:
    registered(town)
    for _ in range(TRIES):
        assert "no such invitation" in town.says("juma", "MEMBER 10000000")
    assert "Too many tries" in town.says("juma", f"MEMBER {invited(town)}")


def test_a_speaker_says_from_a_phone_what_the_group_stands_behind(town: Town) -> None:
    registered(town)
    with town.engine.begin() as connection:
        code = concerns.lift(connection, "The bridge is closed", "en", "poll/why", "mod", town.now)
    assert "speak for no group" in town.says("juma", f"ENDORSE {code}")
    assert "no such number" in town.says("amina", "ENDORSE 11")
    assert f"Your group stands behind {code}: The bridge is closed." in town.says("amina", f"ENDORSE {code}")
    with town.engine.begin() as connection:
        assert groups.kinds_behind(connection, code) == [("women", 1)]
    assert "as before" in town.says("amina", f"ENDORSE {code}", "no")
    assert "any more" in town.says("amina", f"ENDORSE {code}", "yes")
    with town.engine.begin() as connection:
        assert groups.kinds_behind(connection, code) == []
    town.says("amina", "GROUP", "Traders of the North", "5", "Rusenda", "SKIP", "3", "yes")
    town.approve()
    assert "For which group?" in town.says("amina", f"ENDORSE {code}")
    assert "stands behind" in town.says("amina", "2")
    with town.engine.begin() as connection:
        assert groups.kinds_behind(connection, code) == [("business", 1)]


def test_who_is_in_a_group_reads_it_in_mine_by_number_leaves_it_and_is_forgotten(town: Town) -> None:
    registered(town)
    town.says("juma", f"MEMBER {invited(town)}", "yes")
    with town.engine.begin() as connection:
        (group,) = groups.every(connection)
    (number,) = re.findall(r"You joined: (\d{4,})\.", town.says("juma", "MINE"))
    assert "Mothers" not in town.says("juma", "MINE")
    assert "no such number" in town.says("juma", f"JOIN {number}")
    (link,) = re.findall(r"\d{6}", town.says("amina", "LINK"))
    town.says("juma", f"LINK {link}")  # they are one, who speaks for it
    assert people(town) == ["speaker"]
    assert "Mothers of Garuna" in town.says("juma", "LEAVE")
    assert f"You left {number}" in town.says("juma", "1")
    assert people(town) == []
    with town.engine.begin() as connection:
        assert groups.every(connection) == [group]  # it stays

    town.says("noor", "GROUP", "Elders of the lake", "6", "Rusenda", "SKIP", "2", "yes")
    town.approve()
    assert people(town) == ["speaker"]
    town.says("noor", "FORGET ME", "yes")
    assert people(town) == []
