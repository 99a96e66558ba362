"""NEAR <place>: the next initiatives there, as a numbered list; one that is chosen is offered to join."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from typing import ClassVar

from surveys.flow import Conversation, HandOver, Outcome, Text, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import FindNear, SeenInitiative
from surveys.flows.coordination.words import line, place_name
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.gazetteer import Gazetteer
from surveys.model import Question
from surveys.texts import Texts

PAGE = 4
"""Initiatives of one list."""

MORE = "more"


class Near(KeywordFlow):
    word = "near"
    listed: ClassVar[int] = 1
    needs = frozenset({"carries"})

    def __init__(self, texts: Texts, gazetteer: Gazetteer, zone: tzinfo) -> None:
        super().__init__(texts, zone)
        self.gazetteer = gazetteer

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        if not text:
            return self.ask(conversation, "place", moment)
        return self.heard_at(conversation.on("place"), Text(text), moment)

    def question(self, conversation: Conversation) -> Question:
        if conversation.at == "place":
            return self.asks(conversation, "place", gazetteer=self.gazetteer)
        codes, lines, page = (conversation.answers[name] for name in ("codes", "lines", "page"))
        assert isinstance(codes, list)
        assert isinstance(lines, list)
        assert isinstance(page, int)
        listed = list(zip(codes, lines, strict=True))[page : page + PAGE]
        if page + PAGE < len(codes):
            listed.append((MORE, self.texts.say("more", conversation.language)))
        return self.offers(conversation, listed, str(conversation.answers["title"]))

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        if at == "place":
            return conversation, (FindNear(str(value)),)
        if value != MORE:
            return self.finish(conversation, HandOver("join", str(value)))
        page = conversation.answers["page"]
        assert isinstance(page, int)
        turned = replace(conversation, answers={**conversation.answers, "page": page + PAGE})
        return self.ask(turned, "which", moment)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        found: tuple[SeenInitiative, ...] = outcome.found
        language = conversation.language
        place = place_name(self.gazetteer, str(conversation.answers["place"]), language)
        if not found:
            return self.say(conversation, "near_none", place=place)
        held: dict[str, Value] = {
            "codes": [one.code for one in found],
            "lines": [line(one, language, self.zone) for one in found],
            "page": 0,
            "title": self.texts.say("near_which", language, place=place),
        }
        return self.ask(replace(conversation, answers=held), "which", moment)
