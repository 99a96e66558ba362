"""CONCERN <text>: raise an issue. Others read it once a moderator has let it out."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import Raise
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.gazetteer import Gazetteer
from surveys.model import Question
from surveys.texts import Texts

SHORTEST, LONGEST = 8, 300
"""Letters of a concern: fewer say nothing, more are no longer read on a phone."""


class Concern(KeywordFlow):
    word = "concern"
    brief = False
    listed: ClassVar[int] = 2
    needs = frozenset({"carries", "home"})

    def __init__(self, texts: Texts, gazetteer: Gazetteer) -> None:
        super().__init__(texts)
        self.gazetteer = gazetteer

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        conversation = conversation.on("text")
        if not text:
            return self.ask(conversation, "text", moment)
        return self.answered(replace(conversation, answers={"text": text}), "text", text, moment)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "text":
            return self.asks(conversation, "open")
        return self.asks(conversation, "place", gazetteer=self.gazetteer, required=False)

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "text":
            if not SHORTEST <= len(str(value)) <= LONGEST:
                key = "concern_short" if len(str(value)) < SHORTEST else "too_long"
                return self.again(conversation, key, moment, maximum=LONGEST)
            if not moment.facts["home"]:
                return self.ask(conversation, "place", moment)
        place = conversation.answers.get("place") or moment.facts["home"]
        return conversation.on(""), (Raise(str(conversation.answers["text"]), str(place or "")),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        return self.say(conversation, "concern_thanks" if outcome.done else "many")
