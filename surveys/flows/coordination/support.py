"""SUPPORT <code>: stand behind a concern, once. Without a code, those with most support are listed to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import BAND, FindConcerns, SeenConcern, SupportConcern
from surveys.flows.coordination.words import numbers, sentence, shortened
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.model import Question

REFUSED = {"unknown": "unknown_code", "phone": "support_phone"}


class Support(KeywordFlow):
    word = "support"
    codes: ClassVar[bool] = True
    listed: ClassVar[int] = 3

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code = "".join(numbers(text))
        return conversation.on(""), (SupportConcern(code) if code else FindConcerns(),)

    def question(self, conversation: Conversation) -> Question:
        codes, texts = conversation.answers["codes"], conversation.answers["texts"]
        assert isinstance(codes, list)
        assert isinstance(texts, list)
        return self.offers(conversation, zip(codes, texts, strict=True))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        return conversation.on(""), (SupportConcern(str(value)),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if isinstance(outcome.effect, FindConcerns):
            found: tuple[SeenConcern, ...] = outcome.found
            if not found:
                return self.say(conversation, "support_none")
            listed = {"codes": [one.code for one in found], "texts": [shortened(one.text) for one in found]}
            return self.ask(replace(conversation, answers=listed), "which", moment)
        if outcome.detail in REFUSED:
            return self.say(conversation, REFUSED[outcome.detail])
        seen: SeenConcern = outcome.found
        said = {
            "text": sentence(shortened(seen.text)),
            "code": seen.code,
            "count": self.band(conversation, seen.support),
        }
        return self.say(conversation, "support_thanks" if outcome.done else "support_already", **said)

    def band(self, conversation: Conversation, support: int) -> str:
        return str(support) if support else self.texts.say("fewer", conversation.language, number=BAND)
