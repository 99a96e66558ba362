"""TELL <code> <text>: the organiser's message to those who joined. They get it once a moderator has let it out."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import TellJoined
from surveys.flows.coordination.words import numbers
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question

LONGEST = 120
"""Letters: two segments in every script."""


class Tell(KeywordFlow):
    word = "tell"
    codes: ClassVar[bool] = True

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        first, _, said = text.partition(" ")
        code = "".join(numbers(first))
        if not code:
            return self.ask(conversation, "code", moment)
        held = replace(conversation, answers={"code": code})
        return self._told(held, said.strip(), moment) if said.strip() else self.ask(held, "text", moment)

    def question(self, conversation: Conversation) -> Question:
        return self.asks(conversation, "open")

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "text":
            return self._told(conversation, str(value), moment)
        code = "".join(numbers(str(value)))
        if not code:
            return self.again(conversation, "unknown_code", moment)
        return self.ask(replace(conversation, answers={"code": code}), "text", moment)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        key = (
            "tell_thanks" if outcome.done else {"many": "many", "over": "join_over"}.get(outcome.detail, "unknown_code")
        )
        return self.say(conversation, key)

    def _told(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        if len(text) > LONGEST:
            return self.again(conversation.on("text"), "too_long", moment, maximum=LONGEST)
        return conversation, (TellJoined(str(conversation.answers["code"]), text),)
