"""MINE: what is held about the person."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.flow import Conversation, Facts, Say
from surveys.flows.brief import Brief, Step
from surveys.prompt import Prompt

PLAIN, WIDE = 300, 134
"""Letters of two segments: of an alphabet that SMS has itself, less some that count twice, and of any other."""


@dataclass(frozen=True, slots=True)
class Held:
    """How many answers, in how many polls that were answered or agreed to; the names of groups; how many facts by which
    people are chosen. `known`: their address was held before this message. The fact `held`."""

    answers: int
    polls: int
    groups: tuple[str, ...] = ()
    facts: int = 0
    known: bool = True


class Mine(Brief):
    word = "mine"
    needs = frozenset({"held", "joined"})

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        held: Held = facts["held"]
        joined: tuple[str, ...] = facts["joined"]
        if not (held.known or held.polls or held.groups or held.facts or joined):
            return self.say(conversation, "mine_nothing")
        counted = {"answers": held.answers, "polls": held.polls}
        said = {
            name: self.texts.say(f"held_{name}", conversation.language, count=count) for name, count in counted.items()
        }
        language = conversation.language or self.texts.languages[0]
        text = self.texts.say("mine", language, **said, forget=self.texts.word("forget", language))
        if held.groups or held.facts:
            text = f"{text} {self._more(language, held, len(text))}"
        if joined:
            text = f"{text} {self.texts.say('mine_joined', language, joined=', '.join(joined))}"
        return self.finish(conversation, Say(Prompt(text, language)))

    def _more(self, language: str, held: Held, used: int) -> str:
        """What they joined, by name: as many as two segments hold, and how many more."""

        def said(groups: str) -> str:
            return self.texts.say("mine_more", language, groups=groups, facts=held.facts)

        text = said("-")
        for many in range(len(held.groups) + 1):
            left_out = len(held.groups) - many
            named = ", ".join((*held.groups[:many], *([f"+{left_out}"] if left_out else [])))
            longer = said(named or "-")
            room = WIDE if any(ord(letter) > 255 for letter in longer) else PLAIN
            if many and used + 1 + len(longer) > room:
                break
            text = longer
        return text
