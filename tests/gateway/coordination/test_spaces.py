"""Closed spaces: invitations that work once, news that names nothing, and nobody outside who can tell of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.accounts import users
from gateway.coordination.spaces import TRIES, VALID, SpaceError, Spaces
from gateway.retention_settings import Retention
from gateway.store.group_tables import space_posts, spaces
from gateway.store.retention import purge
from gateway.store.schema import audit
from gateway.store.schema import users as accounts
from tests.gateway.coordination.conftest import Town


class Rooms:
    """Three users, of whom amina has a space."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.spaces = Spaces(town.engine, town.vault, town.notices, town.clock)
        self.ids: dict[str, int] = {}
        with town.engine.begin() as connection:
            for name in ("amina", "brian", "noor"):
                users.add(connection, name, (), "test", town.now)
                self.ids[name] = connection.scalar(sa.select(accounts.c.id).where(accounts.c.name == name)) or 0
            self.space = self.spaces.make(connection, "Elders of both sides", {self.ids["amina"]: "en"})

    def brian_comes_in(self) -> None:
        self.spaces.take(self.ids["brian"], self.spaces.invite(self.ids["amina"], self.space), "en")


@pytest.fixture
def rooms(town: Town) -> Rooms:
    return Rooms(town)


def test_an_invitation_works_once_and_until_it_expires(rooms: Rooms) -> None:
    token = rooms.spaces.invite(rooms.ids["amina"], rooms.space)
    assert rooms.spaces.take(rooms.ids["brian"], token, "en") == rooms.space
    with pytest.raises(SpaceError, match="invitation"):
        rooms.spaces.take(rooms.ids["noor"], token, "en")
    late = rooms.spaces.invite(rooms.ids["amina"], rooms.space)
    rooms.town.now += VALID + timedelta(seconds=1)
    with pytest.raises(SpaceError, match="invitation"):
        rooms.spaces.take(rooms.ids["noor"], late, "en")
    assert rooms.spaces.of(rooms.ids["noor"]) == []


def test_who_is_not_in_it_is_told_what_is_told_of_none(rooms: Rooms) -> None:
    rooms.spaces.post(rooms.ids["amina"], rooms.space, "Here is the draft", "draft.pdf", b"%PDF")
    _, posts, _ = rooms.spaces.open(rooms.ids["amina"], rooms.space)
    outside = rooms.ids["noor"]
    for space in (rooms.space, "no-such-space"):
        for act in (
            lambda space=space: rooms.spaces.open(outside, space),
            lambda space=space: rooms.spaces.post(outside, space, "hello"),
            lambda space=space: rooms.spaces.invite(outside, space),
            lambda space=space: rooms.spaces.leave(outside, space),
            lambda space=space: rooms.spaces.document(outside, space, posts[0].id),
            lambda space=space: rooms.spaces.tell_on(outside, space, "123456"),
        ):
            with pytest.raises(SpaceError, match="none"):
                act()
    rooms.brian_comes_in()
    with pytest.raises(SpaceError, match="none"):
        rooms.spaces.invite(rooms.ids["brian"], rooms.space)  # no steward


def test_what_is_said_lies_sealed_and_is_read_by_members(rooms: Rooms) -> None:
    rooms.brian_comes_in()
    rooms.spaces.post(rooms.ids["amina"], rooms.space, "We could meet at the school", "list.txt", b"names")
    space, posts, members = rooms.spaces.open(rooms.ids["brian"], rooms.space)
    assert (space.name, members) == ("Elders of both sides", ["amina", "brian"])
    assert [(one.by, one.text, one.document) for one in posts] == [("amina", "We could meet at the school", "list.txt")]
    assert rooms.spaces.document(rooms.ids["brian"], rooms.space, posts[0].id) == ("list.txt", b"names")
    with rooms.town.engine.begin() as connection:
        stored = repr([connection.execute(sa.select(table)).all() for table in (spaces, space_posts)])
    assert not any(word in stored for word in ("school", "Elders", "list.txt", "names"))
    with pytest.raises(SpaceError, match="words"):
        rooms.spaces.post(rooms.ids["brian"], rooms.space, "  ")
    with pytest.raises(SpaceError, match="large"):
        rooms.spaces.post(rooms.ids["brian"], rooms.space, "", "big", b"x" * (5 * 1024 * 1024 + 1))


def test_news_on_a_phone_name_nothing_and_come_once_until_they_looked(rooms: Rooms) -> None:
    town = rooms.town
    rooms.brian_comes_in()
    said = town.says("brian's phone", "LINK")
    code = next(word for word in said.split() if word.isdigit() and len(word) == 6)
    with pytest.raises(SpaceError, match="code"):
        rooms.spaces.tell_on(rooms.ids["brian"], rooms.space, "000000")
    rooms.spaces.tell_on(rooms.ids["brian"], rooms.space, code)
    for _ in range(3):
        rooms.spaces.post(rooms.ids["amina"], rooms.space, "The Elders meet on Monday")
        town.now += timedelta(hours=2)
    ((_, told),) = town.notices_sent()
    assert not any(word in told for word in ("Elders", "Monday", "amina", "space"))
    rooms.spaces.open(rooms.ids["brian"], rooms.space)
    rooms.spaces.post(rooms.ids["amina"], rooms.space, "And on Tuesday")
    assert len(town.notices_sent()) == 2
    rooms.spaces.post(rooms.ids["brian"], rooms.space, "Good")  # nobody is told of their own
    assert len(town.notices_sent()) == 2


def test_codes_can_not_be_tried_out_and_a_document_s_name_fits_a_header(rooms: Rooms) -> None:
    amina, space = rooms.ids["amina"], rooms.space
    (code,) = re.findall(r"\d{6}", rooms.town.says("somebody's phone", "LINK"))
    for _ in range(TRIES):
        with pytest.raises(SpaceError, match="code"):
            rooms.spaces.tell_on(amina, space, "000000")
    with pytest.raises(SpaceError, match="code"):
        rooms.spaces.tell_on(amina, space, code)
    rooms.spaces.post(amina, space, "", "list\r\nX-Other: 1\0.txt", b"names")
    _, posts, _ = rooms.spaces.open(amina, space)
    assert posts[0].document == "listX-Other: 1.txt"


def test_forget_me_takes_what_a_member_said_there_and_the_end_date_what_all_said(rooms: Rooms) -> None:
    town, amina, brian = rooms.town, rooms.ids["amina"], rooms.ids["brian"]
    rooms.brian_comes_in()
    (code,) = re.findall(r"\d{6}", town.says("brian's phone", "LINK"))
    rooms.spaces.tell_on(brian, rooms.space, code)
    rooms.spaces.post(brian, rooms.space, "My cousin knows the way", "map.txt", b"names")
    rooms.spaces.post(amina, rooms.space, "Thank you")
    town.says("brian's phone", "FORGET ME", "yes")
    _, posts, members = rooms.spaces.open(amina, rooms.space)
    assert [one.text for one in posts] == ["Thank you"]
    assert members == ["amina", "brian"]

    keep = Retention()
    later = town.now + timedelta(days=keep.space_days + 1)
    assert purge(town.engine, keep, later)["space_posts"] == 1
    with town.engine.begin() as connection:
        told = list(connection.scalars(sa.select(audit.c.subject).where(audit.c.what == "purge")))
    assert told  # of what is no secret
    assert not any("space" in one for one in told)
