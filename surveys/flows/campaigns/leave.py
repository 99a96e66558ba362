"""STOP with the name of a topic: that one is left, and nothing else."""

from __future__ import annotations

from surveys.flow import Conversation, Facts, Outcome
from surveys.flows.brief import Brief, Step
from surveys.flows.campaigns.effects import LeaveTopic
from surveys.texts import Texts


class Leave(Brief):
    """Called by the router for the topic that it is made for."""

    def __init__(self, texts: Texts, topic: str) -> None:
        super().__init__(texts)
        self.topic = topic
        self.word = f"leave-{topic}"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        return conversation, (LeaveTopic(self.topic),)

    def became(self, conversation: Conversation, outcome: Outcome) -> Step:
        key = "news_left" if outcome.done else "news_not_in"
        return self.say(conversation, key, topic=self.topic.upper())
