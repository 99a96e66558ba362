"""MENU: what can be done by keyword, as a numbered list. On USSD it is where people begin."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.flow import Conversation, HandOver, Value
from surveys.flows.brief import Step
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question
from surveys.texts import MENU, Texts


class Menu(KeywordFlow):
    word = MENU

    def __init__(self, texts: Texts, flows: Sequence[KeywordFlow]) -> None:
        """`flows` are those that can be called; they are listed in the order that they ask for."""
        super().__init__(texts)
        self.flows = sorted((flow for flow in flows if flow.listed), key=lambda flow: flow.listed)

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        return self.ask(conversation, "ask", moment)

    def question(self, conversation: Conversation) -> Question:
        return self.offers(conversation, [(flow.word, flow.title(conversation.language)) for flow in self.flows])

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        return self.finish(conversation, HandOver(str(value)))
