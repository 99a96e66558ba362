"""ENDORSE <code>: a group's speaker says that it stands behind a concern; sent again, it steps back."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination import effects
from surveys.flows.coordination.effects import FindGroups, SeenConcern, StepBack
from surveys.flows.coordination.members import OfGroup
from surveys.flows.coordination.words import numbers, sentence, shortened
from surveys.flows.keyword import Moment
from surveys.model import Question


class Endorse(OfGroup):
    word = "endorse"
    codes: ClassVar[bool] = True
    sure: ClassVar[frozenset[str]] = frozenset({"back"})

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        code = "".join(numbers(text))
        return self._of(conversation, code) if code else self.ask(conversation, "code", moment)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "which":
            return self.which(conversation)
        if conversation.at == "code":
            return self.asks(conversation, "open")
        said = self.texts.say("endorse_back", conversation.language, code=str(conversation.answers["code"]))
        return self.asks(conversation, "yes-no", said)

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        answers = conversation.answers
        if at == "code":
            code = "".join(numbers(str(value)))
            return self._of(conversation, code) if code else self.again(conversation, "unknown_code", moment)
        if at == "which":
            return self.chosen(conversation, str(value), moment)
        if value != "yes":
            return self.say(conversation, "endorse_stays")
        return conversation.on(""), (StepBack(str(answers["code"]), str(answers["group"])),)

    def chosen(self, conversation: Conversation, group: str, moment: Moment) -> Step:
        code = str(conversation.answers["code"])
        return replace(conversation, answers={"code": code, "group": group}).on(""), (effects.Endorse(code, group),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        if isinstance(outcome.effect, FindGroups):
            return self.found(conversation, outcome.found, moment)
        if outcome.detail == "already":
            return self.ask(conversation, "back", moment)
        if not outcome.done:
            return self.say(conversation, "unknown_code")
        if isinstance(outcome.effect, StepBack):
            return self.say(conversation, "endorse_gone", code=outcome.effect.code)
        seen: SeenConcern = outcome.found
        return self.say(conversation, "endorse_thanks", code=seen.code, text=sentence(shortened(seen.text)))

    def _of(self, conversation: Conversation, code: str) -> Step:
        return replace(conversation, answers={"code": code}).on(""), (FindGroups(),)
