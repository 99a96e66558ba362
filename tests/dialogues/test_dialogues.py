"""Dialogues as they read: each file in this folder is what people send and what they see, over the whole way in.

Folders in it hold dialogues about polls of their own, in `surveys` beside them.

A file is a list of dialogues: `dialogue` (its name), `channel` (sms, ussd or chat), and `lines`. A line is

    in: text          what a person types, or what a USSD caller types since the last screen ("" dials)
    press: ask:key    a button
    at: 1.5 30        where a phone says it is: degrees north and east
    attach: picture   a picture, or a voice
    out: text         what is shown; "" for nothing. A USSD screen ends with "(END)" where the session ends.
    as: name          who does it, "anna" unless told; each name is a telephone number
    via: channel      where, the dialogue's channel unless told
    hangup: yes       the USSD session breaks off

Write the `in` lines and run with BARAZA_DIALOGUES=write to have the `out` lines filled in; then read them.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from channels import render
from channels.adapter import Attached, Channel, Inbound, Located, Medium, Pressed, Session, Typed
from gateway.catalogues import load_catalogues
from gateway.ingest import handlers
from gateway.ingest.conversing import Rules, Taken
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.polls import read_polls
from gateway.statements.decks import propose, reader
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow
from surveys.flow import Propose
from surveys.flows.results import Released

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config"
FILES = sorted([*HERE.glob("*.yaml"), *HERE.glob("*/*.yaml")])
CHANNELS = {
    "sms": Channel("sms", "phone", Medium.SMS),
    "chat": Channel("chat", "phone", Medium.CHAT),
    "telegram": Channel("telegram", "telegram", Medium.CHAT),
    "ussd": Channel("ussd", "phone", Medium.USSD, sender="*384#", start="ussd_pulse"),
    "ussd-priorities": Channel("ussd-priorities", "phone", Medium.USSD, sender="*385#", start="priorities"),
    "ussd-wells": Channel("ussd-wells", "phone", Medium.USSD, sender="*386#", start="wells"),
    "ussd-home": Channel("ussd-home", "phone", Medium.USSD, sender="*387#", start="home"),
    "ussd-camp": Channel("ussd-camp", "phone", Medium.USSD, sender="*388#", start="camp"),
    "ussd-views": Channel("ussd-views", "phone", Medium.USSD, sender="*389#", start="views"),
}


def test_there_are_dialogues() -> None:
    assert len(FILES) >= 12
    assert {file.stem for file in FILES if file.parent.name == "languages"} == set(load_catalogues().languages)


@pytest.fixture
def people(sqlite_engine: sa.Engine, vault: Vault, clock: Callable[[], datetime], file: Path) -> Iterator[People]:
    """A folder of dialogues with a folder `surveys` speaks of those polls, the others of the sample polls."""
    opened, _, problems = read_polls(file.parent if (file.parent / "surveys").is_dir() else CONFIG)
    assert not problems
    texts = load_catalogues()
    flows = {survey.name: SurveyFlow(survey, texts) for survey in opened}
    out = Released(("PEACE", "AMANI"), {"en": "Priorities for the talks"}, {"en": "412 people: ceasefire first."}, True)
    readers = {**handlers.READERS, "released": lambda *_of: (out,), "statements": reader()}
    acts = {**handlers.HANDLERS, Propose: propose}
    rules = Rules(Router(flows, texts), texts, acts, readers, seed=count(1).__next__)  # the same draws each time
    intake = Intake(sqlite_engine, vault, lambda: rules, clock, lambda _channels: None)
    yield People(intake)
    intake.close()


class People:
    """Everybody in a dialogue, with their phones."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.messages = 0
        self.transcripts: dict[str, str | None] = {}
        self.sessions = 0

    def say(self, line: dict[str, Any], dialogue: dict[str, Any]) -> str:
        """What is shown to the person after this line."""
        who, channel = str(line.get("as", "anna")), CHANNELS[line.get("via", dialogue["channel"])]
        # A number of its own for each name, from a range that no network uses.
        number = f"+9990000{zlib.crc32(who.encode()) % 10_000:04d}"
        self.messages += 1
        if "press" in line:
            ask, _, key = str(line["press"]).partition(":")
            inbound = Inbound("tel", number, Pressed(ask, key), provider_id=str(self.messages))
        elif "at" in line:
            inbound = Inbound("tel", number, Located(*map(float, line["at"].split())), provider_id=str(self.messages))
        elif "attach" in line:
            inbound = Inbound("tel", number, Attached(line["attach"], "reference"), provider_id=str(self.messages))
        elif channel.medium is Medium.USSD:
            inbound = self._dial(who, number, channel, str(line["in"]))
        else:
            inbound = Inbound("tel", number, Typed(str(line["in"])), provider_id=str(self.messages))
        return shown(channel, self.intake.take(channel, [inbound])[0])

    def hang_up(self, who: str) -> None:
        self.transcripts[who] = None

    def _dial(self, who: str, number: str, channel: Channel, typed: str) -> Inbound:
        before = self.transcripts.get(who)
        if before is None:
            self.sessions += 1
        transcript = typed if not before else f"{before}*{typed}"
        self.transcripts[who] = transcript
        session = Session(f"session-{who}-{self.sessions}", channel.sender, transcript)
        return Inbound("tel", number, Typed(transcript), provider_id=f"{session.id}/{transcript}", session=session)


def shown(channel: Channel, taken: Taken) -> str:
    if channel.medium is Medium.USSD:
        return taken.screen + ("\n(END)" if taken.ends else "")
    if not taken.reply:
        return ""
    if channel.medium is Medium.SMS:
        return render.sms(taken.reply)
    parts = []
    for chat in render.chat(taken.reply):
        rows = "\n".join(" ".join(f"[{button.label}]" for button in row) for row in chat.buttons)
        parts.append(chat.text + (f"\n{rows}" if rows else ""))
    return "\n---\n".join(parts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_dialogue(file: Path, people: People) -> None:
    dialogues = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert dialogues, f"{file.name} holds no dialogue"
    for place, dialogue in enumerate(dialogues):
        told = []
        for line in dialogue["lines"]:
            if "out" in line:
                continue
            # Each dialogue has people of its own.
            line_as = {**line, "as": f"{line.get('as', 'anna')} {place}"}
            told.append(line)
            if "hangup" in line:
                people.hang_up(line_as["as"])
            else:
                told.append({"out": people.say(line_as, dialogue)})
        if os.environ.get("BARAZA_DIALOGUES") == "write":
            dialogue["lines"] = told
        else:
            expected = [dict(line) for line in dialogue["lines"]]
            assert readable(told) == readable(expected), dialogue["dialogue"]
    if os.environ.get("BARAZA_DIALOGUES") == "write":
        file.write_text(written(file, dialogues), encoding="utf-8")


def readable(lines: list[dict[str, Any]]) -> list[str]:
    return [f"{key}: {value}".rstrip() for line in lines for key, value in line.items()]


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def written(file: Path, dialogues: list[dict[str, Any]]) -> str:
    comments = "".join(line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if line[0] == "#")
    return comments + yaml.dump(dialogues, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=200)
