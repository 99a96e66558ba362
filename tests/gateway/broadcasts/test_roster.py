"""Lists of people: taken in with errors by row, exported by pseudonym, forgotten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from channels.adapter import Inbound, Typed
from gateway.broadcasts import roster
from gateway.broadcasts.errors import BroadcastError
from gateway.delivery import watching
from gateway.store.broadcast_tables import ZONE, recipients
from gateway.store.keys import add_hmac_key, load_key_file, parse_wrapping_keys
from gateway.store.poll_tables import quota_cells
from gateway.store.schema import addresses, audit, conversations, forgotten, memberships, outbox, people, profiles
from surveys.problem import SurveyError
from tests.gateway.broadcasts.conftest import World
from tests.gateway.life.conftest import SMS, written

Take = Callable[..., roster.Taken]

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
def take(world: World, tmp_path: Path) -> Take:
    def taking(source: str, **how: bool) -> roster.Taken:
        path = tmp_path / "people.csv"
        path.write_text(source, encoding="utf-8")
        note = "op", "at the market, February 2026"
        return roster.take(world.engine, world.vault, path, RULES, "sms", now=NOW, note=note, **how)

    return taking


def test_a_list_is_taken_in_and_what_is_known_stays(world: World, take: Take) -> None:
    assert take(GOOD) == roster.Taken(3, 2, 1)
    assert take(GOOD) == roster.Taken(3, 0, 3)
    with world.engine.connect() as connection:
        assert roster.counts(connection) == {
            "people": 2,
            "stopped": 0,
            "languages": {"": 1, "sw": 1},
            "channels": {"sms": 2},
            "places": {"lakeside": 1},
            "groups": {"elders": 1, "traders": 1, "youth": 1},
        }
        zone = connection.scalar(sa.select(profiles.c.value).where(profiles.c.fact == ZONE))
        said = connection.scalars(sa.select(audit.c.subject).where(audit.c.what == "people import")).all()
    assert zone == "Africa/Kampala"
    assert said[0] == "3 rows: at the market, February 2026"


def test_mistakes_are_told_by_row_without_any_number_and_nobody_is_taken_in(world: World, take: Take) -> None:
    with pytest.raises(SurveyError) as refused:
        take(BAD)
    told = [f"{problem.line}: {problem.message}" for problem in refused.value.problems]
    assert told == [
        "3: number: this is no phone number; write it with its country code, such as +254 and nine digits",
        "4: number: it is of DE, and settings.yaml lets nobody there be written to; see `countries`",
        "5: language: there is no 'xx' here; there is en, sw",
        "6: row: it has more cells than there are columns; put a text with a comma into quotes",
    ]
    with world.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(people)) == 0
    assert take(BAD, skip=True) == roster.Taken(1, 1, 0)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("phone,language\n", "there is no column 'phone'"),
        ("language\nsw\n", "the column `number` is missing"),
        ("", "the column `number` is missing"),
    ],
)
def test_a_file_that_is_no_list_is_refused(take: Take, source: str, says: str) -> None:
    with pytest.raises(SurveyError, match=says):
        take(source)


def test_numbers_leave_only_where_they_are_asked_for_and_that_is_written_down(world: World, take: Take) -> None:
    take(GOOD + '0711000009,sw,,"=cmd()"\n')
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


def test_forgetting_takes_the_address_the_groups_and_what_waits(world: World, take: Take) -> None:
    world.open()
    take(GOOD)
    world.start("name: invite\npoll: water\n")
    world.sending().run()
    with world.engine.begin() as connection:
        connection.execute(sa.update(recipients).values(cell="lakeside"))
    find = roster.of_number(world.vault, "+254711000001")
    roster.forget(world.engine, world.vault, find, NOW, "op")
    assert len(world.deliver()) == 1
    with world.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(memberships)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(profiles)) == 0
        assert sorted(connection.scalars(sa.select(recipients.c.cell))) == ["", "lakeside"]
        sealed = connection.scalars(sa.select(addresses.c.sealed_address)).all()
        waiting = connection.scalar(sa.select(sa.func.count()).where(outbox.c.error == "forgotten"))
    assert sorted(map(bool, sealed)) == [False, True]
    assert waiting == 1
    with pytest.raises(BroadcastError, match="Nobody"):
        roster.forget(world.engine, world.vault, find, NOW, "op")


def test_who_was_forgotten_comes_back_by_no_list_and_only_by_writing(
    world: World, take: Take, tmp_path: Path, key_file: Path, wrapping_key: str
) -> None:
    rotated = Path(shutil.copy(key_file, tmp_path))
    wrapping = parse_wrapping_keys(wrapping_key)
    add_hmac_key(rotated, wrapping)
    world.open()
    take(GOOD)
    roster.forget(world.engine, world.vault, roster.of_number(world.vault, "+254711000001"), NOW, "op")
    assert take(GOOD) == roster.Taken(3, 0, 1, 2)  # two rows are of that number
    again = tmp_path / "again.csv"
    again.write_text(GOOD, encoding="utf-8")
    note = "op", "once more"
    vault = load_key_file(rotated, wrapping)
    assert roster.take(world.engine, vault, again, RULES, "sms", now=NOW, note=note) == roster.Taken(3, 0, 1, 2)
    world.start("name: invite\npoll: water\n")
    assert len(world.work()) == 1
    taken = world.intake.take(SMS, [Inbound("tel", "+254711000001", Typed("WATER"), provider_id="anew")])  # type: ignore[union-attr]
    assert "three things" in taken[0].reply[0].text
    assert world.rows(sa.select(forgotten)) == []
    assert take(GOOD) == roster.Taken(3, 0, 3)


def test_the_end_of_forgetting_that_a_provider_repeats_makes_nobody(world: World) -> None:
    world.open()
    world.say("WATER")
    world.say("FORGET ME")
    deleted = Inbound("tel", "+999000000001", Typed("yes"), provider_id="last")
    for _ in range(2):
        world.intake.take(SMS, [deleted])  # type: ignore[union-attr]
    assert [stopped for (stopped,) in world.rows(sa.select(people.c.stopped))] == [True]
    assert len(world.rows(sa.select(forgotten))) == 1


@pytest.mark.parametrize("themselves", [True, False])
def test_forgetting_gives_places_back_and_says_what_became_of_them_whoever_does_it(
    world: World, *, themselves: bool
) -> None:
    quotas = "quotas:\n  - {id: north, when: region == north, limit: 1}"
    world.open(written(quotas=quotas))
    world.answers("1")
    assert world.rows(sa.select(quota_cells.c.taken)) == [(1,)]
    if themselves:
        world.say("FORGET ME")
        world.say("yes")
    else:
        find = roster.of_number(world.vault, "+999000000001")
        roster.forget(world.engine, world.vault, find, world.clock(), "op")
        with world.engine.connect() as connection:
            assert watching.reasons(connection, world.clock()) == []
    assert world.rows(sa.select(quota_cells.c.taken)) == [(0,)]
    assert world.became() == {"break-off": 1}
    assert "active" not in world.statuses()
    assert world.rows(sa.select(conversations.c.due_at).where(conversations.c.due_at.is_not(None))) == []
