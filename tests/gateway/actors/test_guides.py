"""Interviews that fill the map: who may hold them, what they read, and what comes of them; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.accounts import users
from gateway.accounts.roles import Role
from gateway.actors.clearance import EVERYTHING, Viewer
from gateway.actors.known import PURPOSE, known_actors
from gateway.actors.merging import merge
from gateway.actors.names import Asked
from gateway.ingest.interviews import ASIDE, TAKEN
from gateway.store import schema
from gateway.store.actor_tables import actor_statements
from gateway.store.database import connect
from gateway.store.guide_tables import actor_sources
from gateway.store.keys import Vault
from tests.gateway.actors.conftest import Maps
from tests.gateway.actors.guides import USSD, Field

NODES = """id,name,kind,clearance,reporter,aliases
LAK,Lake Council,organisation,team,,Council of the Lakes
KAR,Karu Front,group,team,,
"""
HIDDEN = "HID,Lake Traders,group,mediators,mira,\n"
SAID = (
    *("2", "12", "Herders and elders", "Two young men"),
    *("council of the lakes", "karu front", "Boat Owners", "1", "1", "No more"),
    *("conflict", "1", "3", "4"),
    *("2", "2", "1 3", "Access to water", "3"),
)
"""A group of twelve on the Lake Council: a weak conflict with the Front, no tie with the new Boat Owners, rather for
the land law, with arms and legitimacy, in need of water."""


@pytest.fixture
def field(maps: Maps) -> Field:
    maps.take(nodes=NODES)
    return Field(maps.engine, maps.vault, maps.clock)


@pytest.fixture
def without(tmp_path: Path, vault: Vault, clock: Callable[[], datetime]) -> Iterator[Field]:
    """A gateway in which no guide was ever opened."""
    engine = connect(f"sqlite:///{tmp_path / 'without.db'}")
    schema.metadata.create_all(engine)
    yield Field(engine, vault, clock, with_guide=False)
    engine.dispose()


def rows(maps: Maps) -> list[tuple[object, ...]]:
    """Every statement with names for actors, without when and in which interview it was made."""
    with maps.engine.connect() as connection:
        known = known_actors(connection, maps.vault, EVERYTHING, "main")
        found = connection.execute(sa.select(actor_statements)).all()
    names = {None: "", **{row: one.profile.name for row, one in known.items()}}
    text = maps.vault.open_text
    values = [
        (
            *(row.wave, row.kind, names[row.actor], names[row.other], row.about, row.state, row.sign, row.strength),
            *(row.directed, row.attitude, text(row.sealed_text, PURPOSE) if row.sealed_text else "", row.confidence),
            *(row.reporter, row.clearance),
        )
        for row in found
    ]
    return sorted(values, key=str)


def test_a_finished_guide_is_in_the_map(maps: Maps, field: Field) -> None:
    assert field.interview(*SAID) == "Thank you. It is in the map."
    found = maps.read()
    assert [actor.id for actor in found.actors] == ["Boat Owners", "KAR", "LAK"]
    ties = {(row.source, row.target, row.type): row for row in found.ties.itertuples()}
    assert ties["KAR", "LAK", "conflict"].strength == 0.25
    assert (ties["KAR", "LAK", "conflict"].sign, ties["KAR", "LAK", "conflict"].confidence) == (-1, 0.9)
    absent = {key for key, row in ties.items() if row.state == "absent"}
    assert absent == {
        ("Boat Owners", "LAK", "alliance"),
        ("Boat Owners", "LAK", "conflict"),
        ("LAK", "Boat Owners", "command"),
    }
    assert found.attitudes[["wave", "actor", "issue", "attitude", "confidence"]].to_numpy().tolist() == [
        [2, "LAK", "land", 1.0, 0.6]
    ]
    assert [(said.kind, said.about, said.text) for said in maps.words(Viewer("fatuma", team=True))] == [
        ("need", "", "Access to water"),
        ("power", "arms", ""),
        ("power", "legitimacy", ""),
    ]
    assert found.asked == {2: frozenset({"LAK"})}
    assert "Access to water" not in str(maps.words(Viewer("otto", team=True)))


def test_an_interview_keeps_its_source_with_size_composition_and_dissent(maps: Maps, field: Field) -> None:
    field.interview(*SAID)
    with maps.engine.connect() as connection:
        source = connection.execute(sa.select(actor_sources)).one()
        said = connection.scalars(sa.select(actor_statements.c.interview).distinct()).all()
    assert (source.kind, source.size, source.reporter, source.wave) == ("group", 12, "fatuma", 2)
    assert maps.vault.open_text(source.sealed_composition, "actor") == "Herders and elders"
    assert maps.vault.open_text(source.sealed_dissent, "actor") == "Two young men"
    assert said == [source.interview]


def test_nothing_of_an_interview_lies_among_answers(maps: Maps, field: Field) -> None:
    field.interview(*SAID)
    with maps.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.answers)) == 0
        states = connection.scalars(sa.select(schema.conversations.c.sealed_state))
        kept = "".join(maps.vault.open_text(state, "conversation") for state in states)
    assert "lake_actors" in kept
    assert not any(word in kept for word in ("Boat", "Access", "conflict"))


def test_whom_somebody_merged_in_the_middle_of_an_interview_is_still_meant(maps: Maps, field: Field) -> None:
    maps.take(Asked(apart=frozenset({"Lake Councl"})), nodes="id,name\nLC2,Lake Councl\n")
    for text in ("LAKEMAP", "yes", "1", "lake councl", "karu front", "No more"):
        field.say(text)
    one, other = code_of(maps, "LAK"), code_of(maps, "LC2")
    with maps.engine.begin() as connection:
        merge(connection, maps.vault, EVERYTHING, "main", one, other, maps.clock())
    assert [field.say(text) for text in ("1", "1", "1", "6", "6", "SKIP")][-1] == "Thank you. It is in the map."
    assert [(row.source, row.target) for row in maps.read().ties.itertuples()] == [("KAR", "LAK")]


def test_unknown_is_kept_apart_from_no_tie(maps: Maps, field: Field) -> None:
    field.interview("1", "lak", "1", "karu front", "No more", "5", "6", "6", "SKIP")
    states = {row[4]: row[5] for row in rows(maps) if row[1] == "tie"}
    assert states == {"alliance": "unknown", "conflict": "unknown", "command": "unknown"}
    assert {row[5] for row in rows(maps) if row[1] == "attitude"} == {"unknown"}


@pytest.mark.parametrize("text", ["LAKEMAP", "lakemap", "LAKEMAP please", "LAKEMAPP", "lakemp"])
def test_a_stranger_is_told_what_they_are_told_of_any_word(field: Field, text: str, without: Field) -> None:
    field.say("HELP", "stranger")
    there = [field.say(text, "stranger"), field.say(text, "new"), field.say("HELP", "stranger")]
    without.say("HELP", "stranger")
    assert there == [without.say(text, "stranger"), without.say(text, "new"), without.say("HELP", "stranger")]


def test_whom_the_guide_is_taken_from_is_told_nothing_more(maps: Maps, field: Field) -> None:
    field.interview("1")
    with maps.engine.begin() as connection:
        users.revoke(connection, "fatuma", Role.FOCAL_POINT, [], "tests", maps.clock())
    assert "Who is it about?" not in field.say("lake council")
    assert "Read aloud" not in field.say("LAKEMAP")
    assert rows(maps) == []


def test_what_is_hidden_is_to_its_reader_as_if_it_never_existed(maps: Maps, clock: Callable[[], datetime]) -> None:
    """A hidden actor of the same name, searched for and then named as new, changes no reply and no code."""
    maps.take(nodes=NODES + HIDDEN)
    field = Field(maps.engine, maps.vault, clock)
    said = ("1", "lake", "3", "Lake Traders", "1", "1", "karu front", "No more", "1", "1", "1", "6", "6", "SKIP")
    shown = [field.say(text) for text in ("LAKEMAP", "yes", *said, "LAKEMAP", "yes", "1", "traders")]
    assert shown[-1].splitlines()[1:] == ["1 Lake Traders", "2 New: traders", "3 None of these"]
    assert "HID" not in str(shown)
    assert len([one for one in maps.read().actors if one.name == "Lake Traders"]) == 2


TABLES = {
    "nodes": "id,name,kind,wave,reporter\nLAK,Lake Council,organisation,2,fatuma\nBoat Owners,,group,,fatuma\n",
    "ties": """wave,source,target,type,strength,confidence,state,reporter
2,LAK,KAR,conflict,weak,high,,fatuma
2,LAK,Boat Owners,alliance,,,absent,fatuma
2,LAK,Boat Owners,conflict,,,absent,fatuma
2,LAK,Boat Owners,command,,,absent,fatuma
""",
    "attitudes": "wave,actor,issue,attitude,confidence,reporter\n2,LAK,land,rather supports,medium,fatuma\n",
    "statements": """wave,actor,kind,about,text,confidence,clearance,reporter
2,LAK,power,arms,,high,team,fatuma
2,LAK,power,legitimacy,,high,team,fatuma
2,LAK,need,,Access to water,high,own,fatuma
""",
    "sessions": """interview,wave,kind,size,composition,dissent,reporter
s1,2,group,12,Herders and elders,Two young men,fatuma
""",
}
"""What SAID says, as tables. Where a guide asks nothing of how sure it is, it says nothing."""

GIVEN: tuple[tuple[str, Any], ...] = (
    *(("talk.kind", "group"), ("talk.size", 12), ("talk.composition", "Herders and elders")),
    *(("talk.dissent", "Two young men"), ("who", "LAK"), ("partners.1", "KAR")),
    *(("partners.2", ["Boat Owners", "group", ""]), ("partners.3", None)),
    *(("bond.1", "conflict"), ("bond.1.strength", "weak"), ("bond.1.confidence", "high"), ("bond.2", "none")),
    *(("land", "rather_supports"), ("land.confidence", "medium"), ("might", ["arms", "legitimacy"])),
    *(("need", "Access to water"), ("need.confidence", "high")),
)
"""The same as the polling app gives it; codes stand for those who are known."""


def sources(maps: Maps) -> list[tuple[object, ...]]:
    text = maps.vault.open_text
    with maps.engine.connect() as connection:
        return [
            (row.wave, row.kind, row.size, text(row.sealed_composition, PURPOSE), text(row.sealed_dissent, PURPOSE))
            for row in connection.execute(sa.select(actor_sources))
        ]


def test_a_chat_a_table_and_the_app_make_the_same_map(maps: Maps, field: Field, others: list[Maps]) -> None:
    by_table, by_app = others
    field.interview(*SAID)
    by_table.take(nodes=NODES)
    by_table.take(**TABLES)
    by_app.take(nodes=NODES)
    assert field.copy(by_app.engine).send(GIVEN) == [TAKEN]
    made = [(rows(one), sources(one), known_names(one)) for one in (maps, by_table, by_app)]
    assert made[0] == made[1] == made[2]
    assert len(made[0][0]) == 9


def known_names(maps: Maps) -> list[tuple[str, str]]:
    with maps.engine.connect() as connection:
        known = known_actors(connection, maps.vault, EVERYTHING, "main").values()
        return [(one.profile.name, one.kind) for one in known]


@pytest.fixture
def others(tmp_path: Path, vault: Vault, clock: Callable[[], datetime]) -> Iterator[list[Maps]]:
    """Two more stores, under the same keys."""
    engines = [connect(f"sqlite:///{tmp_path / name}.db") for name in ("one", "other")]
    for engine in engines:
        schema.metadata.create_all(engine)
    yield [Maps(engine, vault, clock) for engine in engines]
    for engine in engines:
        engine.dispose()


def test_the_app_gives_only_ones_own_guides_and_what_they_can_say(maps: Maps, field: Field) -> None:
    assert field.send(GIVEN, interviewer="otto", sender="fatuma") == [ASIDE]
    assert field.send(GIVEN, interviewer="mira", sender="mira") == [ASIDE]
    nobody = tuple((name, "ZZZZZ" if name == "who" else value) for name, value in GIVEN)
    assert field.send(nobody, codes=False) == [ASIDE]
    assert rows(maps) == []
    assert field.send(GIVEN) == [TAKEN]


def test_last_time_is_ones_own_word_and_only_where_names_may_be_read(maps: Maps, field: Field) -> None:
    maps.take(
        attitudes="wave,actor,issue,attitude,reporter\n1,LAK,land,opposes,fatuma\n1,LAK,land,supports,otto\n",
        ties="wave,source,target,type,reporter\n1,KAR,LAK,alliance,fatuma\n",
    )
    said = ("LAKEMAP", "yes", "1", "lake council", "karu front", "No more")
    shown = [field.say(text) for text in said][-1]
    assert "Last time you said: Alliance" in shown
    assert "Last time you said: Opposes" in [field.say(text) for text in ("1", "1", "1")][-1]
    shown = "".join(field.say(text, "otto") for text in (*said, "1", "1", "1"))
    assert "Last time you said: Supports" in shown
    assert "Opposes" not in shown.split("Last time")[1].splitlines()[0]


@pytest.mark.parametrize("level", ["mediators,mira,", "own,mira,", "named,mira,otto"])
def test_what_is_hidden_changes_nothing_that_a_reader_gets(level: str, others: list[Maps]) -> None:
    """Every reply in a chat and over USSD, and what the app fetches, beside a store where it never existed."""
    with_it, _ = others
    header = "id,name,kind,clearance,reporter,readers\n"
    for one in others:
        one.take(nodes=NODES)
    hidden_ties = f"wave,source,target,clearance,reporter,readers\n1,HID,LAK,team,mira,\n2,LAK,KAR,{level}\n"
    with_it.take(nodes=f"{header}HID,Lake Traders,group,{level}\n", ties=hidden_ties)
    shown = []
    for one in others:
        field = Field(one.engine, one.vault, one.clock)
        said = (
            "lake",
            "3",
            "traders",
            "Lake Traders",
            "1",
            "1",
            "karu front",
            "No more",
            "1",
            "1",
            "1",
            "6",
            "6",
            "SKIP",
        )
        chat = [field.say(text) for text in ("LAKEMAP", "yes", "1", *said, "LAKEMAP", "yes", "1", "lake")]
        field.reach("fatuma", "tel", "fatuma")
        hidden = code_of(with_it, "HID")
        phone = ["", "1", "1", hidden, f"{hidden[:4]}B"]
        screens = [field.say("*".join(phone[1:length]), channel=USSD) for length in range(1, len(phone) + 1)]
        shown.append((chat, screens, field.fetched("fatuma"), field.due("fatuma")))
    assert shown[0] == shown[1]
    assert "There is no such code" in shown[0][1][3]


def code_of(maps: Maps, ref: str) -> str:
    with maps.engine.connect() as connection:
        known = known_actors(connection, maps.vault, EVERYTHING, "main").values()
        return next(one.code for one in known if one.profile.ref == ref)
