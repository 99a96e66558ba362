"""Dialogues as they read: each file in this folder is what people send and what they see, over the whole way in.

Folders in it hold dialogues about polls of their own, in `surveys` beside them. How a file is written:
docs/focal-point/testing-a-poll.md. Write the `in` lines and run with BARAZA_DIALOGUES=write to have the `out` lines
filled in; then read them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from channels.adapter import Channel, Medium
from gateway.authoring.dialogues import filled, plain, read_dialogues, seen
from gateway.authoring.player import rehearsal
from gateway.catalogues import load_catalogues
from gateway.polls import read_polls
from surveys.flows.results import Released
from tests.dialogues.scenes import SCENES

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config"
FILES = sorted([*HERE.glob("*.yaml"), *HERE.glob("*/*.yaml")])
CODES = ("priorities", "wells", "home", "camp", "views", "lake_actors")
CHANNELS = {
    "sms": Channel("sms", "phone", Medium.SMS),
    "chat": Channel("chat", "phone", Medium.CHAT),
    "telegram": Channel("telegram", "telegram", Medium.CHAT),
    "ussd": Channel("ussd", "phone", Medium.USSD, sender="*384#", start="ussd_pulse"),
    "menu": Channel("menu", "phone", Medium.USSD, sender="*390#", start="MENU"),
    **{
        f"ussd-{name}": Channel(f"ussd-{name}", "phone", Medium.USSD, sender=f"*{code}#", start=name)
        for code, name in enumerate(CODES, start=385)
    },
}
OUT = Released(("PEACE", "AMANI"), {"en": "Priorities for the talks"}, {"en": "412 people: ceasefire first."}, True)


def test_there_are_dialogues() -> None:
    assert len(FILES) >= 14
    assert {file.stem for file in FILES if file.parent.name == "languages"} == set(load_catalogues().languages)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_dialogue(file: Path) -> None:
    """A folder of dialogues with a folder `surveys` speaks of those polls, the others of the sample polls."""
    surveys, _, problems = read_polls(file.parent if (file.parent / "surveys").is_dir() else CONFIG)
    assert not problems
    source = file.read_text(encoding="utf-8")
    dialogues = read_dialogues(source, file.name, CHANNELS)
    scene = SCENES.get(file.parent.name)
    with rehearsal(surveys, load_catalogues(), CHANNELS, [OUT], scene.parts if scene else ()) as phones:
        if scene:
            scene.prepare(phones.engine, phones.vault)
        if os.environ.get("BARAZA_DIALOGUES") == "write":
            file.write_text(filled(phones, dialogues, source), encoding="utf-8")
            return
        checked = 0
        for dialogue, line, got in seen(phones, dialogues):
            if line.out is not None:
                told = f"{dialogue.name}, line {line.out_line}"
                assert (told, plain(got)) == (told, plain(line.out))
                checked += 1
    assert checked > len(dialogues)
