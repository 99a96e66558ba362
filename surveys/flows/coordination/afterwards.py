"""DONE <code> <number>: the organiser says how many came. RATE <code> <1-5>: who joined says how it was."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Effect, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import RateInitiative, ReportDone
from surveys.flows.coordination.words import numbers
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question

MOST = 100_000
STARS = 5


class Afterwards(KeywordFlow):
    """A code and a number, each of which is asked for where it is missing."""

    codes: ClassVar[bool] = True
    least: ClassVar[int]
    most: ClassVar[int]

    def effect(self, code: str, number: int) -> Effect:
        raise NotImplementedError

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code, *given = numbers(text) or [""]
        if not code:
            return self.ask(conversation, "code", moment)
        held = replace(conversation, answers={"code": code})
        if len(given) == 1 and len(given[0]) < 10 and self.least <= int(given[0]) <= self.most:
            return held, (self.effect(code, int(given[0])),)
        return self.ask(held, "number", moment)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "code":
            return self.asks(conversation, "open")
        return self.asks(conversation, "number", minimum=self.least, maximum=self.most)

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "number":
            return conversation, (self.effect(str(conversation.answers["code"]), int(float(str(value)))),)
        code = "".join(numbers(str(value)))
        if not code:
            return self.again(conversation, "unknown_code", moment)
        return self.ask(replace(conversation, answers={"code": code}), "number", moment)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        key = f"{self.word}_thanks" if outcome.done else {"early": "too_early"}.get(outcome.detail, "unknown_code")
        return self.say(conversation, key)


class Done(Afterwards):
    word = "done_it"
    least: ClassVar[int] = 0
    most: ClassVar[int] = MOST

    def effect(self, code: str, number: int) -> Effect:
        return ReportDone(code, number)


class Rate(Afterwards):
    word = "rate"
    least: ClassVar[int] = 1
    most: ClassVar[int] = STARS

    def effect(self, code: str, number: int) -> Effect:
        return RateInitiative(code, number)
