"""FORGET ME: address and own words go, counts stay; asked once more, because it can't be undone."""

from __future__ import annotations

from surveys.flow import Conversation, Facts, Forget
from surveys.flows.brief import Brief, Step


class ForgetMe(Brief):
    word = "forget"

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        return conversation.at == "forget"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        return self.yes_no(conversation, "forget", "forget_ask")

    def heard(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        if self.is_yes(text):
            return self.say(conversation, "forgotten", Forget())
        return self.say(conversation, "not_forgotten")
