"""HELP: what this is, how to begin, and how to leave."""

from __future__ import annotations

from surveys.flow import Conversation, Facts
from surveys.flows.brief import Brief, Step
from surveys.model import Survey
from surveys.texts import MENU, Texts


class Help(Brief):
    word = "help"

    def __init__(self, texts: Texts, surveys: tuple[Survey, ...], *, menu: bool) -> None:
        """`menu`: there are keyword flows, and MENU lists them."""
        super().__init__(texts)
        self.surveys = surveys
        self.menu = menu

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        keywords = [
            survey.keywords.get(conversation.language) or next(iter(survey.keywords.values()), ())
            for survey in self.surveys
        ]
        called = [self.texts.word(MENU, conversation.language)] if self.menu else []
        listed = ", ".join([*(several[0] for several in keywords if several), *called])
        return self.say(conversation, "help", keywords=listed)
