"""A guide, somebody who may hold it, and the whole way in for the tests of interviews."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from channels.adapter import Channel, Inbound, Medium, Session, Typed
from gateway.accounts import users
from gateway.accounts.roles import Grant, Role
from gateway.actors import guides, rounds
from gateway.actors.clearance import EVERYTHING
from gateway.actors.interviewers import reach
from gateway.actors.known import known_actors
from gateway.catalogues import load_catalogues
from gateway.ingest import handlers
from gateway.ingest.doors import Doors
from gateway.ingest.intake import Intake
from gateway.ingest.interviews import Interviews, Sender
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.lifecycle import open_poll
from gateway.polls import load_polls
from gateway.store.envelopes import public_key
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow
from surveys.load import load_survey
from surveys.portable_survey import portable_cast
from tests.gateway.ingest.sealing import sealed_to

ROOT = Path(__file__).parents[3]

GUIDE = (ROOT / "tests" / "dialogues" / "guides" / "surveys" / "lake_actors.yaml").read_text(encoding="utf-8")
POLL = """
name: wells
languages: [en]
title: Wells
sender: Forum
keywords: [WELLS]
consent: {version: "1", text: Will you answer?}
thanks: Thank you
questions: [{id: own, type: open, text: What is wrong?, purpose: p}]
"""
CHAT = Channel("chat", "telegram", Medium.CHAT)
USSD = Channel("ussd", "phone", Medium.USSD, sender="*384#", start="lake_actors")
CHATS = {"fatuma": "1001", "otto": "1002"}


class Field:
    """Focal points with chats. `fatuma` and `otto` may hold the guide; whoever else writes is a stranger."""

    def __init__(
        self, engine: sa.Engine, vault: Vault, clock: Callable[[], datetime], *, with_guide: bool = True
    ) -> None:
        self.engine, self.vault, self.clock = engine, vault, clock
        self.survey = load_survey(GUIDE, "guide.yaml")
        for source in (GUIDE, POLL) if with_guide else (POLL,):
            open_poll(engine, load_survey(source, "poll.yaml"), clock(), "tests")
        with engine.begin() as connection:
            for name, chat in CHATS.items():
                users.add(connection, name, [Grant(Role.FOCAL_POINT, self.survey.name)], "tests", clock())
                reach(connection, vault, name, "telegram", chat, CHAT.name, clock())
        self.load()
        self.intake = Intake(engine, vault, lambda: self.rules, clock, lambda _: None)
        self._sent = 0

    def load(self) -> None:
        texts, polls = load_catalogues(), load_polls(ROOT / "config", self.engine)
        flows = {survey.name: SurveyFlow(survey, texts) for survey in (*polls.opened, *polls.guides)}
        self.rules = Rules(
            Router(flows, texts),
            texts,
            handlers.HANDLERS,
            {**handlers.READERS, "actors": guides.cast_of},
            seed=lambda: 1,
            doors=Doors({poll.survey.name: poll for poll in polls.polls}),
            reward=lambda unit, visitor, held, _channel: guides.finished(unit, visitor, held) or (),
            may_interview=guides.may_interview,
        )

    def say(self, text: str, who: str = "fatuma", channel: Channel = CHAT) -> str:
        """What is shown after this was sent, with its options and its hint."""
        self._sent += 1
        sent = f"m{self._sent}"
        if channel.medium is Medium.USSD:
            session = Session(f"s-{who}", channel.sender, text)
            inbound = Inbound("tel", who, Typed(text), sent, session=session)
            return self.intake.take(channel, [inbound])[0].screen
        inbound = Inbound("telegram", CHATS.get(who, who), Typed(text), sent)
        taken = self.intake.take(channel, [inbound])[0]
        return "\n".join(
            "\n".join([one.text, *(f"{option.key} {option.label}" for option in one.options), one.hint]).strip()
            for one in taken.reply
        )

    def copy(self, engine: sa.Engine) -> Field:
        """The same over another store."""
        return Field(engine, self.vault, self.clock)

    def reach(self, user: str, kind: str, address: str) -> None:
        with self.engine.begin() as connection:
            reach(connection, self.vault, user, kind, address, "", self.clock())

    def fetched(self, user: str) -> object:
        """The actors that the polling app of this user fetches."""
        assert self.survey.guide is not None
        with self.engine.connect() as connection:
            return portable_cast(guides.read_cast(connection, self.vault, user, self.survey.guide, 2))

    def due(self, user: str) -> list[str]:
        assert self.survey.guide is not None
        with self.engine.connect() as connection:
            found = rounds.due(connection, self.vault, user, self.survey.guide, 1)
        return [one.profile.name for one in found]

    def send(
        self,
        given: Sequence[tuple[str, Any]],
        *,
        interviewer: str = "fatuma",
        sender: str = "",
        codes: bool = True,
    ) -> list[str]:
        """An interview that the polling app held; files' ids stand for codes. What became of it."""
        with self.engine.begin() as connection:
            key = public_key(connection, self.vault, self.clock())
            known = known_actors(connection, self.vault, EVERYTHING, "main").values()
        by_ref = {one.profile.ref: one.code for one in known} if codes else {}
        content = {
            "format": 1,
            "id": str(uuid.uuid4()),
            "survey": self.survey.name,
            "hash": self.survey.hash,
            "wave": 1,
            "language": "en",
            "seed": 1,
            "consent": "yes",
            "end": "",
            "interviewer": interviewer,
            "given": [
                (
                    name,
                    by_ref.get(value, value)
                    if name.startswith(("who", "partners")) and isinstance(value, str)
                    else value,
                )
                for name, value in given
            ],
        }
        envelope = sealed_to(key, content["id"], content)
        taking = Interviews(self.engine, self.vault, lambda: self.rules, self.clock, "KE")
        by = Sender(sender or interviewer, lambda _: True, is_user=True)
        return [one.status for one in taking.take([envelope], by)]

    def interview(self, *said: str, who: str = "fatuma") -> str:
        """The whole way through; gives what was said at the end."""
        shown = ""
        for text in ("LAKEMAP", "yes", *said):
            shown = self.say(text, who)
        return shown
