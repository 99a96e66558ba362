"""Every flow of coordination in three languages on each medium: no step is misunderstood or in another language, and
STOP in the middle stops. What the texts say stands in coordination/*.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from gateway.authoring.player import END, Rehearsal, rehearsal
from gateway.catalogues import load_catalogues
from gateway.polls import read_polls
from gateway.store.coordination_tables import supports
from gateway.store.schema import people, submissions
from tests.dialogues.scenes import SCENES, SPEAKERS
from tests.dialogues.test_dialogues import CHANNELS, CONFIG

TEXTS = load_catalogues()
SCENE = SCENES["coordination"]
FLOWS = {flow.word: flow for part in SCENE.parts for flow in part.flows}
MEDIA = ("sms", "menu", "telegram")
LANGUAGES = ("en", "sw", "ar")
SAID = "Kisima 17 (2026)"
"""Somebody's words, in letters that tell no language."""
CATALOGUES = Path(__file__).parents[2] / "surveys" / "catalogues"
BETWEEN = re.compile(r"\{[^}]*\}|\n")
WORD = re.compile(r"\[(\w+)\]")
MAIN: dict[str, tuple[str, ...]] = {
    "near": ("[near]", "Garuna Town", "1", "2"),
    "concern": ("[concern]", SAID, "[skip]"),
    "support": ("[support]", "1"),
    "join": ("[join]", "7210", "1", "1"),
    "leave": ("[join] 7210", "1", "2", "[leave]", "1"),
    "propose": ("[propose]", SAID, "17/6/2026", "14:00", "Rusenda", "[skip]", "[skip]", "[skip]", "2", "1"),
    "tell": ("[tell] 7210", SAID),
    "call_off": ("[call_off] 7210", "1"),
    "done_it": ("[done_it] 1509", "12"),
    "rate": ("[rate] 1509", "4"),
    "group": ("[group]", SAID, "2", "Garuna Town", "[skip]", "1", "1"),
    "invite": ("[member] [number]", "1", "[invite]", "1"),
    "member": ("[member] [number]", "1"),
    "endorse": ("[member] [number]", "1", "[endorse] 4821", "[endorse] 4821", "1"),
}
"""What somebody sends from the first word to the last; [word] is that word in their language, [number] one that lets
them into a group as its speaker."""
IN_MENU = MAIN | {
    "support": ("[support] 4821",),
    "join": ("[join] 7210", "1", "1"),
    "leave": ("[join] 7210", "1", "2", "[leave] 7210"),
}
"""In a USSD menu these words are heard with their numbers alone."""


class Walk:
    def __init__(self, phones: Rehearsal, medium: str, language: str) -> None:
        self.phones, self.medium, self.language = phones, medium, language
        self.who, self.ended = "", True
        self.numbers = iter(SPEAKERS)

    def begins(self, who: str, word: str) -> tuple[str, ...]:
        """Somebody new. Returns what they send."""
        self.who, self.ended = who, True
        return (IN_MENU if self.medium == "menu" else MAIN)[word]

    def send(self, text: str) -> str:
        """What is shown. On USSD the code is dialled first where no session is open."""
        if self.medium == "menu" and self.ended:
            self.phones.hang_up(self.who)
            self.phones.type(self.who, self.medium, "")
        text = text.replace("[number]", next(self.numbers)) if "[number]" in text else text
        text = WORD.sub(lambda found: TEXTS.word(found[1], self.language), text)
        shown = self.phones.type(self.who, self.medium, text)
        self.ended = END in shown
        return shown


@pytest.fixture(scope="module", params=MEDIA)
def medium(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=LANGUAGES)
def walk(request: pytest.FixtureRequest, medium: str) -> Iterator[Walk]:
    with rehearsal(read_polls(CONFIG)[0], TEXTS, CHANNELS, (), SCENE.parts) as phones:
        SCENE.prepare(phones.engine, phones.vault)
        yield Walk(phones, medium, request.param)


def pieces(language: str, prefixes: tuple[str, ...] = ("",), least: int = 4) -> set[str]:
    """What stands between the places of its texts, of those whose keys begin so."""
    found = set()
    for file in (CATALOGUES / f"{language}.yaml", CATALOGUES / "coordination" / f"{language}.yaml"):
        for key, text in yaml.safe_load(file.read_text())["texts"].items():
            if key.startswith(prefixes):
                found |= {piece.strip() for piece in BETWEEN.split(str(text))}
    return {piece for piece in found if len(piece) >= least}


OWN = {language: pieces(language) for language in LANGUAGES}
SORRY = {language: TEXTS.say("fallback", language).partition(".")[0] for language in LANGUAGES}
OTHERS = {
    language: {piece for other in LANGUAGES if other != language for piece in OWN[other] if len(piece) >= 12}
    for language in LANGUAGES
}


def test_every_flow_is_walked() -> None:
    assert MAIN.keys() == FLOWS.keys()


@pytest.mark.parametrize("word", MAIN)
def test_no_step_is_misunderstood_or_in_another_language(walk: Walk, word: str) -> None:
    for text in walk.begins(f"{word} to the end", word):
        shown = walk.send(text)
        said = (text, shown)
        assert any(piece in shown for piece in OWN[walk.language]), said
        assert not any(piece in shown for piece in OTHERS[walk.language]), said
        assert SORRY[walk.language] not in shown, said


@pytest.mark.parametrize("word", MAIN)
def test_stop_in_the_middle_stops_and_nothing_is_done(walk: Walk, word: str) -> None:
    *before, _last = walk.begins(f"{word} and stop", word)
    for text in before if word != "leave" else before[:2]:
        walk.send(text)
    held, stopped = counts(walk)
    shown = walk.send("[stop]")
    assert TEXTS.say("stopped", walk.language).partition("{")[0].strip() in shown
    assert counts(walk) == (held, stopped + 1)


def counts(walk: Walk) -> tuple[int, int]:
    """What was sent in or supported, and who stopped."""
    with walk.phones.engine.connect() as connection:
        rows = [
            connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in (submissions, supports)
        ]
        stopped = connection.scalar(sa.select(sa.func.count()).where(people.c.stopped)) or 0
    return sum(rows), stopped
