"""START: the only way back after STOP."""

from __future__ import annotations

from surveys.flow import Conversation, Facts, Welcome
from surveys.flows.brief import Brief, Step


class Come(Brief):
    word = "start"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        return self.say(conversation, "started", Welcome())
