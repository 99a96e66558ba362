"""STOP: nothing is pushed to this person any more. Confirmed once."""

from __future__ import annotations

from surveys.flow import Conversation, Facts, Stop
from surveys.flows.brief import Brief, Step


class Leave(Brief):
    word = "stop"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        return self.say(conversation, "stopped", Stop())
