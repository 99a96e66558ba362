"""Themes to begin with, and the language of an answer."""

from __future__ import annotations

import pytest

from analysis.themes import suggest
from analysis.tongue import Tongues

SAID = {
    "water": "clean water from the well|the well has no water|water for the village|a new well and water pump",
    "school": "open the school again|teachers for our school|the school has no teachers|school fees are too high",
    "land": "they took our land|give back the land|farm land for the herders|our land and our farms",
}


def texts() -> list[str]:
    return [f"{one} {place}" for place in range(6) for said in SAID.values() for one in said.split("|")]


def test_groups_are_what_people_speak_of() -> None:
    said = texts()
    themes = suggest(said, 3)
    assert len(themes) == 3
    assert sum(theme.size for theme in themes) == len(said)
    for theme in themes:
        (named,) = set(SAID) & set(theme.words)
        assert all(named in said[place] for place in theme.typical)
    assert suggest(said, 3) == themes


def test_what_many_wrote_alike_counts_as_often_as_it_was_written() -> None:
    said = texts() + ["the well has no water 0"] * 20
    assert max(suggest(said, 3), key=lambda theme: theme.size).size == 24 + 20


@pytest.mark.parametrize("said", [[], ["", " "], ["water"] * 100, ["water", "land"] * 5])
def test_few_different_texts_make_no_theme(said: list[str]) -> None:
    assert suggest(said) == []


@pytest.mark.parametrize(
    ("text", "chosen", "found"),
    [
        ("We want peace in our land and schools for children", "sw", "en"),
        ("Serikali yenye wawakilishi wa mikoa yote", "en", "sw"),
        ("أوقفوا", "en", "ar"),
        ("water", "sw", "sw"),  # too short to say that the person writes otherwise than they chose
        ("hospital", "sw", "sw"),
        ("ok", "ar", "ar"),
        ("", "sw", "sw"),
        ("We want peace in our land", "kcg", "kcg"),  # nothing is known of it, nothing is said against it
    ],
)
def test_the_language_of_an_answer(text: str, chosen: str, found: str) -> None:
    assert Tongues(("en", "sw", "ar", "kcg"))(text, chosen) == found


def test_with_one_language_there_is_nothing_to_tell() -> None:
    assert Tongues(("sw",))("We want peace", "sw") == "sw"
    assert Tongues(("xx", "yy"))("We want peace", "yy") == "yy"
