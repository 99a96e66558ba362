"""GROUP: register a group, one question at a time. Who registers it speaks for it."""

from __future__ import annotations

from typing import ClassVar

from surveys.flow import Conversation, Outcome, Value
from surveys.flows.brief import Step
from surveys.flows.coordination.effects import RegisterGroup
from surveys.flows.coordination.words import place_name, shortened
from surveys.flows.keyword import KeywordFlow, Moment
from surveys.gazetteer import Gazetteer
from surveys.model import Question
from surveys.texts import Texts

KINDS = ("civil-society", "women", "youth", "faith", "business", "other")
POSTS = ("chair", "secretary", "spokesperson", "member")
"""What the person who registers a group is in it, as moderators read it."""

ORDER = ("name", "kind", "place", "about", "post", "sure")
SHORTEST, LONGEST, MOST_ABOUT = 3, 80, 160


class Register(KeywordFlow):
    word = "group"
    brief = False
    listed: ClassVar[int] = 6
    sure: ClassVar[frozenset[str]] = frozenset({"sure"})
    needs = frozenset({"carries"})

    def __init__(self, texts: Texts, gazetteer: Gazetteer) -> None:
        super().__init__(texts)
        self.gazetteer = gazetteer

    def begin(self, conversation: Conversation, text: str, moment: Moment) -> Step:
        return self.ask(conversation, ORDER[0], moment)

    def question(self, conversation: Conversation) -> Question:
        at, language = conversation.at, conversation.language
        if at == "kind":
            return self.offers(conversation, [(one, self.texts.say(f"kind_{one}", language)) for one in KINDS])
        if at == "place":
            return self.asks(conversation, "place", gazetteer=self.gazetteer)
        if at == "post":
            return self.offers(conversation, [(one, self.texts.say(f"post_{one}", language)) for one in POSTS])
        if at == "sure":
            return self.asks(conversation, "yes-no", self._summary(conversation))
        return self.asks(conversation, "open", required=at != "about")

    def answered(self, conversation: Conversation, at: str, value: Value, moment: Moment) -> Step:
        said = str(value or "")
        if at == "name" and len(said) < SHORTEST:
            return self.again(conversation, "group_short", moment)
        longest = {"name": LONGEST, "about": MOST_ABOUT}.get(at)
        if longest and len(said) > longest:
            return self.again(conversation, "too_long", moment, maximum=longest)
        if at != "sure":
            return self.ask(conversation, ORDER[ORDER.index(at) + 1], moment)
        if value != "yes":
            return self.say(conversation, "group_not")
        name, kind, place, about, post = (str(conversation.answers.get(one) or "") for one in ORDER[:-1])
        return conversation, (RegisterGroup(name, kind, place, about, post),)

    def came(self, conversation: Conversation, outcome: Outcome, moment: Moment) -> Step:
        key = "group_thanks" if outcome.done else {"taken": "group_taken"}.get(outcome.detail, "many")
        return self.say(conversation, key)

    def _summary(self, conversation: Conversation) -> str:
        answers, language = conversation.answers, conversation.language
        kind = self.texts.say(f"kind_{answers['kind']}", language)
        place = place_name(self.gazetteer, str(answers["place"]), language)
        return self.texts.say("group_sure", language, name=shortened(str(answers["name"])), kind=kind, place=place)
