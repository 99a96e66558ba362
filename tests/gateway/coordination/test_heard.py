"""What concerns and initiatives say to mediators: in bands, by home and kind of group, with what came of it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from analysis.raised import Carried
from analysis.render import agenda as forms
from analysis.render.language import languages
from gateway.coordination import concerns, groups
from gateway.coordination.heard import heard
from gateway.store import ids
from gateway.store.broadcast_tables import PLACE
from gateway.store.coordination_tables import initiatives, participations, supports
from gateway.store.group_tables import group_people
from gateway.store.schema import people, profiles
from tests.gateway.coordination.conftest import GAZETTEER, START, Town


def somebody(connection: sa.Connection) -> int:
    person = ids.rising()
    connection.execute(sa.insert(people).values(id=person, created_at=START, seen_at=START))
    return person


def lifted(town: Town, connection: sa.Connection, text: str, homes: list[str]) -> str:
    """A concern with so many supporters, who live there."""
    code = concerns.lift(connection, text, "en", "poll/why", "mod", town.now)
    row = concerns.standing(connection, code)
    for home in homes:
        person = somebody(connection)
        connection.execute(sa.insert(supports).values(concern=row.id, person=person, at=START))
        connection.execute(sa.insert(profiles).values(person=person, fact=PLACE, value=home))
    return code


def held(connection: sa.Connection, concern: str, attended: int | None, stars: list[int]) -> None:
    """An initiative that serves a concern; without `attended` it is to come."""
    row = ids.rising()
    served = concerns.standing(connection, concern).id if concern else None
    values = {
        "id": row,
        "code": str(row)[-9:],
        "language": "en",
        "languages": ["en"],
        "gathering": False,
        "starts_at": START + timedelta(days=1 if attended is None else -1),
        "place": "rusenda",
        "named": False,
        "concern": served,
        "status": "public" if attended is None else "closed",
        "made_at": START,
        "attended": attended,
    }
    connection.execute(sa.insert(initiatives).values(values))
    for star in stars:
        person = somebody(connection)
        own = {"initiative": row, "person": person, "state": "joined", "language": "en", "at": START, "rating": star}
        connection.execute(sa.insert(participations).values(own))


def test_support_and_outcomes_are_told_in_bands_and_what_is_small_is_not(town: Town) -> None:
    with town.engine.begin() as connection:
        few = lifted(town, connection, "Wells are dry", ["gebi"] * 9)
        many = lifted(town, connection, "The bridge is closed", ["rusenda"] * 14 + ["gebi"] * 9)
        for name, kind in (("Amani", "women"), ("Tumaini", "women"), ("Soko", "business")):
            groups.register(connection, groups.Group(0, name, kind, {"en": name}, "", ()), "mod", town.now)
        for one in groups.every(connection):
            groups.stand_behind(connection, one.id, many, town.now)
        (amani, *_) = groups.every(connection)
        backing = sa.select(supports.c.person).where(supports.c.concern == concerns.standing(connection, many).id)
        inside = [
            {"group": amani.id, "person": one, "role": "member", "at": START} for one in connection.scalars(backing)
        ]
        connection.execute(sa.insert(group_people), inside[:12])
        concerns.came_of(connection, many, {"en": "A ferry runs."}, "mod", town.now)
        held(connection, many, 25, [4] * 9 + [5])
        held(connection, many, 8, [1])  # one rating alone is told by no mean
        held(connection, many, None, [])
        held(connection, "", 3, [])
        found = heard(connection, GAZETTEER, town.now)
    assert found is not None
    first, second = found.concerns
    assert (first.code, first.support, second.code, second.support) == (many, 20, few, 0)
    assert [n for _, n in first.places] == [10]
    assert second.places == ()
    assert first.groups == (("women", 2), ("business", 1))
    assert (first.people, second.people) == ((("women", 10),), ())
    assert first.carried == Carried(planned=1, done=2, attended=20, rating=4.1)
    assert found.beside == Carried(done=1)

    for language in languages():
        assert f'<section id="concerns" lang="{language}"' in forms.section(found, language)
    told = str(forms.section(found, "en"))
    for line in (
        f"<p>{many}: The bridge is closed</p>",
        "Supported by at least 20 people.",
        "Supported by fewer than 10 people.",
        "By home: Rusenda, at least 10. Places with fewer than 10 are left out.",
        "Registered groups behind it: women: 2; business: 1.",
        "Supporters who are in a registered group, by its kind: women, at least 10.",
        "Initiatives planned: 1; done: 2.",
        "at least 20.",
        "Rated 4.1 of 5",
        "What came of it: A ferry runs.",
        "Initiatives for something else",
        "fewer than 10.</li>",
    ):
        assert line in told
    assert "gebi" not in told.lower()
    assert " 23" not in told


def test_those_too_few_to_tell_stand_in_no_order(town: Town) -> None:
    with town.engine.begin() as connection:
        assert heard(connection, GAZETTEER, town.now) is None
        codes = [lifted(town, connection, f"Concern {n}", ["gebi"] * n) for n in range(1, 7)]
        found = heard(connection, GAZETTEER, town.now)
    assert found is not None
    assert [one.code for one in found.concerns] == sorted(codes)
