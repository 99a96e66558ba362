"""CALLOFF <code>: the organiser says that it does not take place. Everybody who joined is told."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import CallOffInitiative
from surveys.flows.coordination.words import numbers
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question


class CallOff(KeywordFlow):
    word = "call_off"
    codes: ClassVar[bool] = True
    sure: ClassVar[frozenset[str]] = frozenset({"sure"})

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code = "".join(numbers(text))
        return self._confirm(conversation, code, moment) if code else self.ask(conversation, "code", moment)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "code":
            return self.asks(conversation, "open")
        said = self.texts.say("call_off_sure", conversation.language, code=str(conversation.answers["code"]))
        return self.asks(conversation, "yes-no", said)

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "code":
            code = "".join(numbers(str(value)))
            if not code:
                return self.again(conversation, "unknown_code", moment)
            return self._confirm(conversation, code, moment)
        if value != "yes":
            return self.say(conversation, "call_off_not")
        return conversation, (CallOffInitiative(str(conversation.answers["code"])),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        key = "call_off_thanks" if outcome.done else {"over": "join_over"}.get(outcome.detail, "unknown_code")
        return self.say(conversation, key, code=str(conversation.answers["code"]))

    def _confirm(self, conversation: Conversation, code: str, moment: Moment) -> Step:
        return self.ask(replace(conversation, answers={"code": code}), "sure", moment)
