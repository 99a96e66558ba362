"""Lists of people: taken in with errors by row, exported by pseudonym, forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.broadcasts import roster
from gateway.broadcasts.errors import BroadcastError
from gateway.store.schema import addresses, audit, memberships, outbox, people, profiles
from surveys.problem import SurveyError
from tests.gateway.broadcasts.conftest import World

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = roster.Rules("KE", ("KE", "UG"), ("en", "sw"), {"lakeside": "Africa/Kampala"})
GOOD = """number,language,place,groups
0711000001,sw,lakeside,traders; elders
+254 711 000 002,,,
254711000001,en,hills,youth
"""
BAD = """number,language,place,groups
0711000001,sw,,
not a number,sw,,
+4915123456789,en,,
0711000003,xx,,
0711000004,sw,,traders,more
"""


@pytest.fixture
def take(world: World, tmp_path: Path) -> object:
    def taking(source: str, **how: bool) -> roster.Taken:
        path = tmp_path / "people.csv"
        path.write_text(source, encoding="utf-8")
        note = "op", "at the market, February 2026"
        return roster.take(world.engine, world.vault, path, RULES, "sms", now=NOW, note=note, **how)

    return taking


def test_a_list_is_taken_in_and_what_is_known_stays(world: World, take: object) -> None:
    assert take(GOOD) == roster.Taken(3, 2, 1)  # type: ignore[operator]
    assert take(GOOD) == roster.Taken(3, 0, 3)  # type: ignore[operator]
    with world.engine.connect() as connection:
        assert roster.counts(connection) == {
            "people": 2,
            "stopped": 0,
            "languages": {"": 1, "sw": 1},
            "channels": {"sms": 2},
            "places": {"lakeside": 1},
            "groups": {"elders": 1, "traders": 1, "youth": 1},
        }
        zone = connection.scalar(sa.select(profiles.c.value).where(profiles.c.fact == "zone"))
        said = connection.scalars(sa.select(audit.c.subject).where(audit.c.what == "people import")).all()
    assert zone == "Africa/Kampala"
    assert said[0] == "3 rows: at the market, February 2026"


def test_mistakes_are_told_by_row_without_any_number_and_nobody_is_taken_in(world: World, take: object) -> None:
    with pytest.raises(SurveyError) as refused:
        take(BAD)  # type: ignore[operator]
    told = [f"{problem.line}: {problem.message}" for problem in refused.value.problems]
    assert told == [
        "3: number: this is no phone number; write it with its country code, such as +254 and nine digits",
        "4: number: it is of DE, and settings.yaml lets nobody there be written to; see `countries`",
        "5: language: there is no 'xx' here; there is en, sw",
        "6: row: it has more cells than there are columns; put a text with a comma into quotes",
    ]
    with world.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(people)) == 0
    assert take(BAD, skip=True) == roster.Taken(1, 1, 0)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("phone,language\n", "there is no column 'phone'"),
        ("language\nsw\n", "the column `number` is missing"),
        ("", "the column `number` is missing"),
    ],
)
def test_a_file_that_is_no_list_is_refused(take: object, source: str, says: str) -> None:
    with pytest.raises(SurveyError, match=says):
        take(source)  # type: ignore[operator]


def test_numbers_leave_only_where_they_are_asked_for_and_that_is_written_down(world: World, take: object) -> None:
    take(GOOD + '0711000009,sw,,"=cmd()"\n')  # type: ignore[operator]
    plain = list(roster.listed(world.engine, world.vault, "op", NOW))
    assert not any("+254" in value for row in plain for value in row.values())
    assert {row["groups"] for row in plain} == {"", "elders;traders;youth", "'=cmd()"}
    opened = list(roster.listed(world.engine, world.vault, "op", NOW, "youth", numbers=True))
    assert [row["number"] for row in opened] == ["+254711000001"]
    with world.engine.connect() as connection:
        noted = connection.execute(sa.select(audit.c.what, audit.c.subject).order_by(audit.c.id)).all()
    assert [tuple(row) for row in noted[-2:]] == [
        ("people export", "everybody"),
        ("people export with numbers", "youth"),
    ]


def test_forgetting_takes_the_address_the_groups_and_what_waits(world: World, take: object) -> None:
    world.open()
    take(GOOD)  # type: ignore[operator]
    world.start("name: invite\npoll: water\n")
    world.sending().run()
    find = roster.of_number(world.vault, "+254711000001")
    roster.forget(world.engine, world.vault, find, NOW, "op")
    assert len(world.deliver()) == 1
    with world.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(memberships)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(profiles)) == 0
        sealed = connection.scalars(sa.select(addresses.c.sealed_address)).all()
        waiting = connection.scalar(sa.select(sa.func.count()).where(outbox.c.error == "forgotten"))
    assert sorted(map(bool, sealed)) == [False, True]
    assert waiting == 1
    with pytest.raises(BroadcastError, match="Nobody"):
        roster.forget(world.engine, world.vault, find, NOW, "op")
