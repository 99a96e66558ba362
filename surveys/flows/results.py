"""RESULTS: what people said, in the person's language, from what was released. Where nothing is out yet, whether they
want to be told once something is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from surveys.flow import Conversation, Facts, Say, WantResults
from surveys.flows.brief import Brief, Step
from surveys.match import Miss, Options
from surveys.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Released:
    """What is out about one survey. The fact `released` is a tuple of them, the one this person answered last first.

    `names` are what people call it: its keywords and titles. `texts` are by language.
    """

    names: tuple[str, ...]
    title: Mapping[str, str]
    texts: Mapping[str, str]
    answered: bool


class Results(Brief):
    word = "results"
    needs = frozenset({"released"})

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        return conversation.at == "want"

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        released: tuple[Released, ...] = facts["released"]
        if not released:
            return self.yes_no(conversation, "want", "results_want")
        if text:
            return self.heard(conversation, text, facts)
        if len(released) == 1 or (released[0].answered and not released[1].answered):
            return self._show(conversation, released[0])
        return self._ask(conversation, released)

    def heard(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        released: tuple[Released, ...] = facts["released"]
        if conversation.at == "want" and not released:
            if self.is_yes(text):
                return self.say(conversation, "results_wanted", WantResults())
            return self.say(conversation, "results_none")
        found = Options([one.names for one in released]).one(text)
        if not isinstance(found, Miss):
            return self._show(conversation, released[found])
        if not released or conversation.tries:
            return self.say(conversation, "results_none")
        return self._ask(replace(conversation, tries=1), released)

    def _ask(self, conversation: Conversation, released: tuple[Released, ...]) -> Step:
        titles = (one.title.get(conversation.language, one.names[0]) for one in released)
        return self.choose(conversation, "results", "results_which", titles)

    def _show(self, conversation: Conversation, one: Released) -> Step:
        language = conversation.language if conversation.language in one.texts else next(iter(one.texts))
        return self.finish(conversation, Say(Prompt(one.texts[language], language)))
