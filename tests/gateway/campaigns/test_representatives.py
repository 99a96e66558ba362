"""Representatives from Popolo's JSON: every mistake at once, where it is; found by place, the nearest first."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from channels.numbers import Countries
from gateway.campaigns import representatives
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.popolo import Row, Rules, read_popolo
from gateway.gazetteers import read_gazetteers
from gateway.store.keys import Vault
from surveys.problem import SurveyError

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
TAMANI = read_gazetteers(CONFIG)[0]["tamani"]
RULES = Rules(TAMANI, "KE", Countries(("KE",)))
SAMPLE = json.loads((CONFIG / "representatives" / "tamani.json").read_text())


def read(data: Any) -> tuple[Row, ...]:
    return read_popolo(json.dumps(data).encode(), "list.json", RULES)


def refused(data: Any) -> str:
    with pytest.raises(SurveyError) as error:
        read(data)
    return str(error.value)


def test_the_sample_is_laid_out_by_membership() -> None:
    north, coast = read(SAMPLE)
    assert (north.name, north.post, north.organization) == ("Amina Sefu", "Member for the North", "Assembly of Tamani")
    assert (north.place, north.way) == ("north", "mail")
    assert coast.place == "coast"
    assert "@" not in repr(north)


def test_things_may_be_held_instead_of_named_and_a_phone_stands_in_for_a_mail_address() -> None:
    person = {"name": "Rashid Omar", "contact_details": [{"type": "cell", "value": "0700 000 001"}]}
    (row,) = read([{"person": person, "area": {"name": "Halfaya"}, "role": "Chief"}])
    assert (row.name, row.post, row.place, row.way, row.contact) == (
        "Rashid Omar", "Chief", "halfeya", "sms", "+254" + "700000001"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("memberships", 0, "person_id", "p9"), "memberships[0]: `person_id` names 'p9', which is none of `persons`"),
        (("memberships", 1, "post_id", "cost-1"), "memberships[1]: `post_id` names 'cost-1', which is none of `posts`"),
        (("memberships", 1, "id", "m1"), "memberships[1]: the id 'm1' is here twice"),
        (("persons", 0, "contact_details", []), "memberships[0]: there is no way to reach them"),
        (
            ("persons", 0, "contact_details", [{"type": "email", "value": "a@b\r\nBcc: c@d.e"}]),
            "its mail address is none",
        ),
        (("persons", 0, "contact_details", [{"type": "cell", "value": "12"}]), "its number is none"),
        (("persons", 0, "contact_details", [{"type": "cell", "value": "+44" + "7911123456"}]), "does not serve"),
        (("persons", 0, "name", ""), "memberships[0]: its person has no `name`"),
        (("areas", 0, {"id": "x", "name": "Atlantis"}), "memberships[0]: its area"),
        (("persons", 0, "contact_details", 5), "memberships[0]: there is no way to reach them"),
        (("memberships", "none"), "memberships: it must be a list"),
        (("memberships", []), "memberships: there is none"),
    ],
)
def test_every_mistake_says_where_it_is(change: tuple[Any, ...], says: str) -> None:
    *way, last, value = change
    data = deepcopy(SAMPLE)
    held = data
    for key in way:
        held = held[key]
    held[last] = value
    if last == 0 and isinstance(value, dict):
        data["posts"][0]["area_id"] = "x"
    assert says in refused(data)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{\n oops", "list.json:2:2: this is not JSON"),
        (b'{"a": "\xe9"}', "not JSON in UTF-8"),
        (b"3", "this is no Popolo"),
        (b"[" * 100_000, "not JSON"),
        (b"[" + b"1" * 5_000 + b"]", "longer than any can be"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(content: bytes, says: str) -> None:
    with pytest.raises(SurveyError, match=says.replace("[", r"\[")):
        read_popolo(content, "list.json", RULES)


def test_a_new_list_takes_the_place_of_the_old_and_the_nearest_come_first(engine: sa.Engine, vault: Vault) -> None:
    def row(code: str, place: str, name: str) -> Row:
        return Row(code, name, "Member", "Assembly", place, place, "mail", "a@b.example")

    def take(*rows: Row) -> representatives.Taken:
        with engine.begin() as connection:
            given = representatives.List(rows, "tamani", "en", 24)
            return representatives.take(connection, vault, given, NOW, "tests")

    def found(place: str) -> list[str]:
        with engine.connect() as connection:
            return [one.name for one in representatives.standing_for(connection, TAMANI, place)]

    assert take(row("a", "north", "Amina"), row("b", "garuna", "Bilal")) == representatives.Taken(2, 0, 0)
    assert found("garuna_town") == ["Bilal", "Amina"]
    assert found("halfeya") == ["Amina"]
    assert found("coast") == found("nowhere") == []
    assert take(row("b", "garuna", "Bilal"), row("c", "bandari", "Chiku")) == representatives.Taken(1, 1, 1)
    assert found("garuna_town") == ["Bilal"]
    assert found("coast") == ["Chiku"]  # of what lies in it
    given = representatives.List((row("c", "north", "Dalia"),), "other", "en", 24)
    with engine.begin() as connection, pytest.raises(CampaignError, match="'c' is that of a representative in the"):
        representatives.take(connection, vault, given, NOW, "tests")
    with engine.connect() as connection:
        sealed = connection.scalars(sa.text("SELECT sealed_contact FROM representatives")).all()
    assert len(sealed) == 3
    assert not any(b"a@b" in bytes(one) for one in sealed)
