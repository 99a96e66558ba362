"""Registered groups stand behind concerns, find others whose concerns overlap, and say something together."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from gateway.accounts import users
from gateway.coordination import concerns, groups, provisions
from gateway.coordination.spaces import Spaces
from gateway.store.coordination_tables import initiatives
from gateway.store.schema import users as accounts
from surveys.flows.coordination.members import SPEAKER
from surveys.problem import SurveyError
from tests.gateway.coordination.conftest import Town
from tests.gateway.coordination.test_initiatives import propose


def user(connection: sa.Connection, town: Town, name: str) -> int:
    users.add(connection, name, (), "test", town.now)
    return connection.scalar(sa.select(accounts.c.id).where(accounts.c.name == name)) or 0


def test_a_coalition_is_public_once_two_groups_confirmed_and_a_moderator_let_it_out(town: Town) -> None:
    spaces = Spaces(town.engine, town.vault, town.notices, town.clock)
    with town.engine.begin() as connection:
        speakers = {}
        for name, kind in (("Mothers of Garuna", "women"), ("Lake Youth", "youth"), ("Traders", "business")):
            assert groups.register(
                connection, groups.Group(0, name, kind, {"en": "Who we are"}, "", ()), "mod", town.now
            )
            speakers[name] = user(connection, town, name.split()[0].lower())
        assert not groups.register(connection, groups.Group(0, "Traders", "other", {}, "", ()), "mod", town.now)
        ids = {one.name: one.id for one in groups.every(connection)}
        for name, row in ids.items():
            assert groups.appoint(connection, row, name.split()[0].lower(), SPEAKER, "mod", town.now)
        assert not groups.appoint(connection, ids["Traders"], "nobody", SPEAKER, "mod", town.now)
        assert groups.speaks_for(connection, speakers["Traders"]) == [ids["Traders"]]

        shared = concerns.lift(connection, "The bridge is closed", "en", "poll/why", "mod", town.now)
        other = concerns.lift(connection, "Teachers are not paid", "en", "poll/why", "mod", town.now)
        for name, code in (("Mothers of Garuna", shared), ("Lake Youth", shared), ("Lake Youth", other)):
            assert groups.stand_behind(connection, ids[name], code, town.now)
        assert not groups.stand_behind(connection, ids["Traders"], "9", town.now)
        (found,) = groups.suggested(groups.every(connection), ids["Mothers of Garuna"])
        assert (found[0].name, found[1]) == ("Lake Youth", 0.5)
        assert groups.kinds_behind(connection, shared) == [("women", 1), ("youth", 1)]

        what = groups.Proposal("Open the bridge", "We ask both sides to open it.", "en", shared, (ids["Lake Youth"],))
        row = groups.propose(
            connection, spaces, ids["Mothers of Garuna"], speakers["Mothers of Garuna"], what, town.now
        )
        stranger = groups.Voice(ids["Traders"], speakers["Traders"], "en")
        assert not groups.confirm(connection, spaces, row, stranger, town.now)  # nobody asked them
    assert town.desk.waiting() == []
    with town.engine.begin() as connection:
        voice = groups.Voice(ids["Lake Youth"], speakers["Lake Youth"], "en")
        assert groups.confirm(connection, spaces, row, voice, town.now)
        assert not groups.confirm(connection, spaces, row, voice, town.now)
        assert groups.public_coalitions(connection) == []
    assert [len(spaces.of(speakers[name])) for name in speakers] == [1, 1, 0]
    town.approve()
    with town.engine.begin() as connection:
        (shown,) = groups.public_coalitions(connection)
    assert (shown.name, shown.groups, shown.concern) == ("Open the bridge", ("Lake Youth", "Mothers of Garuna"), shared)


@pytest.mark.parametrize(
    ("file", "source", "says"),
    [
        ("a.yaml", "number: 1", "must be a list"),
        ("a.yaml", "- number: '1'\n", "has no text"),
        ("a.yaml", "- number: '1'\n  text_en: x\n- number: '1'\n  text_en: y\n", "stands here twice"),
        ("a.csv", "number,text_en,status\n1,Release,soon\n", "must be one of"),
        ("a.csv", "number,text_en\n,Release\n", "`number` is missing"),
        ("a.csv", "number,text_en\n", "no provision in it"),
    ],
)
def test_a_list_of_provisions_that_is_wrong_says_where(file: str, source: str, says: str) -> None:
    with pytest.raises(SurveyError, match=says):
        provisions.read_provisions(source.encode(), file)


def test_provisions_are_taken_in_and_show_what_carries_them_out(town: Town) -> None:
    table = "number,text_en,text_ar,status\n1,Roads are opened,تفتح الطرق,begun\n2,Prisoners are released,,\n"
    found = provisions.read_provisions(table.encode(), "agreement.csv")
    first = "- number: '1'\n  text_en: Roads are opened\n  text_ar: تفتح الطرق\n  status: begun\n"
    written = f"{first}- number: '2'\n  text_en: Prisoners are released\n"
    assert provisions.read_provisions(written.encode(), "agreement.yaml") == found
    code = propose(town, where="SKIP")
    town.approve()
    with town.engine.begin() as connection:
        provisions.take_in(connection, found, "mira", town.now)
        provisions.take_in(connection, found, "mira", town.now)
        assert provisions.attach(connection, "1", code, "mira", town.now)
        assert not provisions.attach(connection, "9", code, "mira", town.now)
        assert not provisions.mark(connection, "2", "soon", "mira", town.now)
        assert provisions.mark(connection, "2", "done", "mira", town.now)
        connection.execute(sa.update(initiatives).values(status="closed"))
        roads, prisoners = provisions.progress(connection)
    assert (roads.provision.number, roads.provision.status, roads.initiatives, roads.done) == ("1", "begun", (code,), 1)
    assert (prisoners.provision.status, prisoners.initiatives) == ("done", ())
