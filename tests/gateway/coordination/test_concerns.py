"""Concerns: supported once by each person, merged with both numbers alive, counted in bands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from gateway.coordination import concerns, groups, site
from gateway.store.broadcast_tables import PLACE
from gateway.store.coordination_tables import supports
from gateway.store.database import connect
from gateway.store.keys import Vault
from gateway.store.schema import profiles
from tests.gateway.coordination.conftest import Town


def raised(town: Town, who: str, text: str) -> str:
    """A concern that a moderator let out. Returns its code."""
    town.says(who, f"CONCERN {text}", "SKIP")
    town.approve()
    with town.engine.begin() as connection:
        return next(one.code for one in site.concerns_shown(connection) if text in one.texts.values())


def support(town: Town, code: str) -> int:
    with town.engine.begin() as connection:
        row = concerns.standing(connection, code)
        assert row is not None
        return int(row.support)


def test_each_person_supports_once_and_linked_addresses_are_one_person(town: Town) -> None:
    code = raised(town, "amina", "The bridge is closed")
    assert support(town, code) == 1  # who raised it
    for who in ("juma", "juma", "halima"):
        town.says(who, f"SUPPORT {code}")
    assert support(town, code) == 3
    said = town.says("juma", "LINK")
    link = next(word for word in said.split() if word.isdigit() and len(word) == 6)
    town.says("halima", f"LINK {link}")
    assert support(town, code) == 2
    assert "already" in town.says("halima", f"SUPPORT {code}")
    town.says("juma", f"LEAVE {code}")
    assert support(town, code) == 1


def test_merged_concerns_have_the_support_of_both_and_both_numbers(town: Town) -> None:
    one = raised(town, "amina", "The bridge at Tunza is closed since May")
    other = raised(town, "brian", "bridge closed at Tunza")
    raised(town, "noor", "Teachers are not paid")
    for who in ("juma", "brian"):
        town.says(who, f"SUPPORT {one}")
    town.says("halima", f"SUPPORT {other}")
    with town.engine.begin() as connection:
        (pair,) = concerns.suggested(connection)
        assert {pair.one, pair.other} == {one, other}
        groups.register(connection, groups.Group(0, "Traders", "business", {}, "", ()), "mod", town.now)
        (traders,) = groups.every(connection)
        assert groups.stand_behind(connection, traders.id, other, town.now)
        assert concerns.merge(connection, other, one, "mod", town.now)
        assert groups.kinds_behind(connection, one) == [("business", 1)]
        assert not concerns.merge(connection, other, one, "mod", town.now)
        assert concerns.suggested(connection) == []
    assert support(town, one) == support(town, other) == 4  # amina, brian, juma, halima
    assert f"You support {one}" in town.says("musa", f"SUPPORT {other}")


def test_support_that_comes_while_concerns_are_merged_counts(postgres_url: str, vault: Vault) -> None:
    engine = connect(postgres_url)
    town = Town(engine, vault)
    with engine.begin() as connection:
        one, other = (concerns.lift(connection, text, "en", "a/b", "mod", town.now) for text in ("Wells", "Water"))
    with engine.begin() as connection, ThreadPoolExecutor(1) as threads:
        assert concerns.merge(connection, other, one, "mod", town.now)
        said = threads.submit(town.says, "musa", f"SUPPORT {other}")
        with engine.connect() as watching:
            while not watching.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                assert not said.done(), said.result()
        connection.commit()
        assert f"You support {one}" in said.result()
    assert support(town, one) == 1
    town.intake.close()
    engine.dispose()


def test_support_is_shown_in_bands_and_by_place_in_bands_only(town: Town) -> None:
    code = raised(town, "amina", "The bridge is closed")
    for number in range(12):
        town.says(f"person {number}", f"SUPPORT {code}")
    with town.engine.begin() as connection:
        people = list(connection.scalars(sa.select(supports.c.person).order_by(supports.c.person)))
        homes = ["rusenda"] * 11 + ["gebi"]
        rows = [{"person": one, "fact": PLACE, "value": home} for one, home in zip(people, homes, strict=False)]
        connection.execute(sa.insert(profiles), rows)
        shown = site.concern_shown(connection, code)
    assert shown is not None
    assert (shown.support, shown.places) == (13, (("rusenda", 10),))
    assert [site.band(count) for count in (0, 9, 10, 19, 20, 99, 100)] == [0, 0, 10, 10, 20, 50, 100]


def test_a_concern_is_lifted_from_an_answer_and_told_what_came_of_it(town: Town) -> None:
    with town.engine.begin() as connection:
        code = concerns.lift(connection, "No clinic has medicine", "en", "priorities/why", "mod", town.now)
        assert concerns.came_of(connection, code, {"en": "Two clinics were supplied."}, "mod", town.now)
        (one,) = site.concerns_shown(connection)
    assert (one.code, one.support, one.outcome) == (code, 0, {"en": "Two clinics were supplied."})
    assert "No clinic" in town.says("juma", f"SUPPORT {code}")


def test_what_waits_or_was_refused_is_seen_by_nobody(town: Town) -> None:
    town.says("amina", "CONCERN My neighbour Fatuma hides guns", "SKIP")
    with town.engine.begin() as connection:
        assert site.concerns_shown(connection) == []
    (one,) = town.desk.waiting()
    town.desk.refuse(one.id, "It names somebody.", "mod")
    with town.engine.begin() as connection:
        assert site.concerns_shown(connection) == []
    assert "no concerns" in town.says("juma", "SUPPORT")
