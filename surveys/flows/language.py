"""LANGUAGE: choose another one, in the middle of a poll too."""

from __future__ import annotations

from dataclasses import replace

from surveys.flow import Conversation, Facts, SetLanguage
from surveys.flows.brief import Brief, Step
from surveys.match import Miss, Options
from surveys.model import Survey
from surveys.texts import Texts


class Language(Brief):
    word = "language"

    def __init__(self, texts: Texts, surveys: tuple[Survey, ...]) -> None:
        super().__init__(texts)
        spoken = dict.fromkeys(language for survey in surveys for language in survey.languages)
        self.languages = tuple(language for language in spoken or texts.languages if language in texts.languages)
        self.options = Options([{texts.name(language), language} for language in self.languages])

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        if text:
            return self.heard(conversation, text, facts)
        return self._ask(conversation)

    def _ask(self, conversation: Conversation, tries: int = 0) -> Step:
        names = map(self.texts.name, self.languages)
        return self.choose(replace(conversation, tries=tries), "language", "choose_language", names)

    def heard(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        found = self.options.one(text)
        if not isinstance(found, Miss):
            language = self.languages[found]
            return self.say(replace(conversation, language=language), "language_set", SetLanguage(language))
        if conversation.tries < 2:
            return self._ask(conversation, conversation.tries + 1)
        return self.finish(conversation)
