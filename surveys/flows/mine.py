"""MINE: what is held about the person."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.flow import Conversation, Facts
from surveys.flows.brief import Brief, Step


@dataclass(frozen=True, slots=True)
class Held:
    """How many answers, in how many polls. The fact `held`."""

    answers: int
    polls: int


class Mine(Brief):
    word = "mine"
    needs = frozenset({"held"})

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        held: Held = facts["held"]
        if not held.polls:
            return self.say(conversation, "mine_nothing")
        counted = {"answers": held.answers, "polls": held.polls}
        said = {
            name: self.texts.say(f"held_{name}", conversation.language, count=count) for name, count in counted.items()
        }
        return self.say(conversation, "mine", **said)
