"""A guide, somebody who may hold it, and the whole way in for the tests of interviews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from channels.adapter import Channel, Inbound, Medium, Session, Typed
from gateway.accounts import users
from gateway.accounts.roles import Grant, Role
from gateway.actors import guides
from gateway.actors.interviewers import reach
from gateway.catalogues import load_catalogues
from gateway.ingest import handlers
from gateway.ingest.doors import Doors
from gateway.ingest.intake import Intake
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.lifecycle import open_poll
from gateway.polls import load_polls
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow
from surveys.load import load_survey

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
USSD = Channel("ussd", "phone", Medium.USSD, sender="*384#")
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

    def interview(self, *said: str, who: str = "fatuma") -> str:
        """The whole way through; gives what was said at the end."""
        shown = ""
        for text in ("LAKEMAP", "yes", *said):
            shown = self.say(text, who)
        return shown
