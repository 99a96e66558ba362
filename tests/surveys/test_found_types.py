"""Dates and places: what was found is taken, what may be two is asked back with numbers, and nothing else is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from surveys.engine import SurveyFlow
from surveys.flow import Choice, Conversation, Draft, Location, Media, Record, Start, Text, step
from surveys.model import Schedule
from surveys.types import TYPES
from surveys.types.base import SKIPPED, Answer, Asked, More, Scene, Understood, Wrong
from tests.surveys.samples import LANGUAGES, TAMANI, TEXTS, question, survey


def asked(kind: str, **changes: object) -> Asked:
    return TYPES[kind](question("q", kind, (*LANGUAGES, "en-US"), **changes), TEXTS)


def scene(language: str = "en", *carries: str) -> Scene:
    return Scene(language, datetime(2026, 11, 22, 12, tzinfo=UTC), 7, {}, {"carries": frozenset(carries)})


def heard(asked: Asked, text: str, draft: Draft = None, language: str = "en") -> Understood:
    return asked.take(Text(text), scene(language), draft)


def said(understood: Understood, language: str = "en") -> str:
    assert isinstance(understood, Wrong)
    return TEXTS.say(understood.key, language, **understood.values)


def options(asked: Asked, draft: Draft, language: str = "en") -> list[str]:
    return [f"{option.key} {option.label}" for option in asked.prompt(scene(language), draft).options]


# Dates ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "typed", "value"),
    [
        ({}, "3 May 2024", "2024-05-03"),
        ({}, "3/5/2024", "2024-05-03"),
        ({}, "jana", "2026-11-21"),
        ({}, "أول أمس", "2026-11-20"),
        ({}, "AUJOURD'HUI", "2026-11-22"),
        ({}, "SHEKARANJIYA", "2026-11-20"),
        ({}, "ትናንት", "2026-11-21"),
        ({}, "dorraad", "2026-11-20"),
        ({"precision": "month"}, "bishii hore", "2026-10"),
        ({"precision": "month"}, "5/2024", "2024-05"),
        ({"precision": "year"}, "mwaka jana", "2025"),
        ({"calendar": "ethiopian"}, "3/9/2016", "2024-05-11"),
        ({"calendar": "islamic"}, "12/9/1445", "2024-03-22"),
        # a day without a year: the last one, or the only one within the bounds
        ({}, "24 December", "2025-12-24"),
        ({"maximum": "2026-11-30"}, "24 December", "2025-12-24"),
        ({"minimum": "2026-12-01"}, "24 December", "2026-12-24"),
        ({"minimum": "2026-01-01", "maximum": "2027-01-31"}, "24 December", "2026-12-24"),
        ({"minimum": "2024-05-03", "maximum": "2024-05-03"}, "3 May 2024", "2024-05-03"),
        ({"minimum": "2024-05"}, "1 May 2024", "2024-05-01"),
        ({"precision": "month", "minimum": "2024-05-20"}, "May 2024", "2024-05"),
        ({"precision": "year", "maximum": "2024-05-20"}, "2024", "2024"),
    ],
)
def test_a_date(changes: dict[str, object], typed: str, value: str) -> None:
    assert heard(asked("date", **changes), typed) == Answer(value)


@pytest.mark.parametrize(("zone", "value"), [("UTC", "2026-11-21"), ("Africa/Nairobi", "2026-11-22")])
def test_yesterday_is_that_of_the_poll_s_zone(zone: str, value: str) -> None:
    of = replace(survey(question("q", "date", ("en",)), languages=("en",)), schedule=Schedule(zone))
    flow, late = SurveyFlow(of, TEXTS), datetime(2026, 11, 22, 22, tzinfo=UTC)
    conversation = Conversation(flow.id)
    for event in (Start(), Text("yes"), Text("yesterday")):
        conversation, effects = step(flow, conversation, event, late, {})
    assert effects[0] == Record("q", value)


def test_the_order_of_day_and_month_is_that_of_the_language() -> None:
    assert heard(asked("date"), "3/5/2024", language="en-US") == Answer("2024-03-05")
    assert asked("date").prompt(scene("en-US")).hint == "Day, month, year, like 12/25/2024"


@pytest.mark.parametrize(
    ("changes", "typed", "sentence"),
    [
        ({}, "soon", "Sorry, we did not understand this date."),
        ({}, "May 2024", "Sorry, we did not understand this date."),
        ({"minimum": "2024-05-04"}, "3 May 2024", "Please give 4 May 2024 or later."),
        ({"maximum": "2024-05-02"}, "3 May 2024", "Please give 2 May 2024 or earlier."),
        ({"minimum": "2020", "maximum": "2023-06"}, "3 May 2024", "Please give a date from 2020 to June 2023."),
        ({"precision": "month", "minimum": "2024-06-10"}, "May 2024", "Please give June 2024 or later."),
        ({"maximum": "2024-05-10", "calendar": "ethiopian"}, "3/9/2016", "Please give 2 Ginbot 2016 or earlier."),
    ],
)
def test_no_date(changes: dict[str, object], typed: str, sentence: str) -> None:
    assert said(heard(asked("date", **changes), typed)) == sentence


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({}, "Day, month, year, like 25/12/2024"),
        ({"precision": "month"}, "Month and year, like 12/2024"),
        ({"precision": "year", "calendar": "ethiopian"}, "The year, like 2016"),
        ({"calendar": "islamic", "required": False}, "Day, month, year, like 25/12/1445. SKIP to skip"),
    ],
)
def test_the_hint_of_a_date_shows_one(changes: dict[str, object], hint: str) -> None:
    assert asked("date", **changes).prompt(scene()).hint == hint


def test_two_dates_are_asked_back() -> None:
    date = asked("date", maximum="2027-12-31")
    two = heard(date, "3 May")
    assert two == More(["2026-05-03", "2027-05-03"])
    assert date.prompt(scene(), two.draft).text == "Which one do you mean?"
    assert options(date, two.draft) == ["1 3 May 2026", "2 3 May 2027"]
    assert options(date, two.draft, "ar") == ["1 3 مايو 2026", "2 3 مايو 2027"]
    assert heard(date, "2", two.draft) == Answer("2027-05-03")
    assert heard(date, "٢", two.draft) == Answer("2027-05-03")
    assert date.take(Choice("q", "1"), scene(), two.draft) == Answer("2026-05-03")
    assert date.take(Choice("q", "3"), scene(), two.draft) == two
    assert said(heard(date, "3", two.draft)).endswith("from 1 to 2.")
    assert heard(date, "4 May 2026", two.draft) == Answer("2026-05-04")  # written again
    assert date.settle(two.draft) is None
    assert date.show("2026-05-03", "sw") == "3 Mei 2026"


# Places ---------------------------------------------------------------------------------------------------------------


def test_a_place() -> None:
    place = asked("place")
    assert heard(place, "Zerika") == Answer("zerika")
    assert heard(place, "زريقا") == Answer("zerika")
    assert heard(place, "TM010304") == Answer("zerika")
    assert heard(place, "zerica") == Answer("zerika")
    assert heard(asked("place", level="district"), "Zerika") == Answer("halfeya")
    assert said(heard(place, "Berlin")) == "Sorry, we do not know this place. Please check the spelling."
    assert heard(asked("place", required=False), "ruka") == SKIPPED
    assert place.show("zerika", "ar") == "زريقا"
    assert place.show("gone", "en") == "gone"
    assert place.take(Media("picture", "x", "Zerika"), scene()) == More(None, "not_media")


def test_the_hint_of_a_place_names_one_and_offers_to_share_where_that_is_possible() -> None:
    assert asked("place").prompt(scene()).hint == "Write the name, or the name and the area: Garuna Town, Garuna"
    shared = asked("place", level="region").prompt(scene("en", "picture", "location")).hint
    assert shared == "Write the name, or the name and the area: North\nOr share your location"


def test_namesakes_are_asked_back_with_what_they_lie_in() -> None:
    place = asked("place")
    two = heard(place, "Kisima")
    assert two == More(["kisima", "kisima_pwaniju"])
    assert options(place, two.draft) == ["1 Kisima, Garuna", "2 Kisima, Pwani Juu", "3 None of these"]
    assert options(place, two.draft, "ar") == ["1 كسيما, قرونا", "2 كسيما, بواني جو", "3 لا شيء منها"]
    assert heard(place, "2", two.draft) == Answer("kisima_pwaniju")
    assert place.take(Choice("q", "1"), scene(), two.draft) == Answer("kisima")
    assert heard(place, "Kisima, Garuna", two.draft) == Answer("kisima")
    assert heard(place, "Zerika", two.draft) == Answer("zerika")
    assert said(heard(place, "4", two.draft)).endswith("from 1 to 3.")
    assert place.settle(two.draft) is None
    assert options(place, ["gone", "kisima"]) == ["1 Kisima, Garuna", "2 None of these"]


@pytest.mark.parametrize("no", ["3", "None of these", "none of these."])
def test_none_of_them_asks_for_more(no: str) -> None:
    place = asked("place")
    more = heard(place, no, ["kisima", "kisima_pwaniju"])
    assert more == More([])
    again = place.prompt(scene(), more.draft)
    assert (again.text, again.options) == ("q en", ())
    assert again.hint == "Please write the place and the area it lies in: Garuna Town, Garuna"
    assert heard(place, "Zerika", more.draft) == Answer("zerika")


def test_where_a_phone_says_it_is() -> None:
    zerika = TAMANI.get("zerika")
    assert zerika is not None
    at = Location(float(zerika.latitude or 0), float(zerika.longitude or 0))
    assert asked("place").take(at, scene()) == Answer("zerika")
    assert asked("place", level="region").take(at, scene()) == Answer("north")
    assert said(asked("place").take(Location(50, 10), scene())) == "We know no place near there. Please write its name."
    between = asked("place").take(Location(-0.905, 61.645), scene())
    assert between == More(["abu_seral", "garuna"])
    assert options(asked("place"), between.draft) == ["1 Abu Seral, Garuna", "2 Garuna, North", "3 None of these"]


def test_a_place_without_a_gazetteer_is_found_nowhere() -> None:
    place = asked("place", gazetteer=None)
    assert said(heard(place, "Zerika")).startswith("Sorry")
    assert place.prompt(scene()).hint.endswith("-")
    assert options(place, ["gone"]) == []
