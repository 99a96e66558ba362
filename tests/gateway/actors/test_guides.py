"""Interviews that fill the map: who may hold them, what they read, and what comes of them; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.accounts import users
from gateway.accounts.roles import Role
from gateway.actors.clearance import EVERYTHING, Viewer
from gateway.actors.reading import PURPOSE, known_actors
from gateway.store import schema
from gateway.store.actor_tables import actor_statements
from gateway.store.database import connect
from gateway.store.guide_tables import actor_sources
from gateway.store.keys import Vault
from tests.gateway.actors.conftest import Maps
from tests.gateway.actors.guides import Field

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
        assert b"Lake Council" not in b"".join(connection.scalars(sa.select(schema.conversations.c.sealed_state)))


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
