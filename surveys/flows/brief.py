"""What flows share that interrupt for a message or two and then let what they parked go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from surveys.flow import (
    Ask,
    Choice,
    Conversation,
    Effect,
    Event,
    Facts,
    Finish,
    Given,
    Location,
    Media,
    Outcome,
    Resume,
    Say,
    Start,
    Text,
    Timeout,
)
from surveys.match import normalise
from surveys.prompt import Option, Prompt
from surveys.texts import Texts

Step = tuple[Conversation, tuple[Effect, ...]]


class Brief:
    """A flow that says one thing, unless its `start` asks something and `heard` takes the answer.

    Subclasses set `word`, the meaning of the word that calls them, and `start`. Anything that does not answer what is
    asked now begins it anew.
    """

    word: str
    brief = True
    needs: frozenset[str] = frozenset()

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    @property
    def id(self) -> str:
        return f"flow:{self.word}"

    def title(self, language: str) -> str:
        return self.texts.word(self.word, language)

    def awaits_yes_no(self, conversation: Conversation) -> bool:
        return False

    def start(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        raise NotImplementedError

    def heard(self, conversation: Conversation, text: str, facts: Facts) -> Step:
        """An answer to what `start` asked."""
        return self.finish(conversation)

    def became(self, conversation: Conversation, outcome: Outcome) -> Step:
        """What became of an effect that can be refused."""
        return conversation, ()

    def step(self, conversation: Conversation, event: Event, now: datetime, facts: Facts) -> Step:
        match event:
            case Start(language, text):
                return self.start(replace(conversation, language=language or conversation.language), text, facts)
            case Text(text) if conversation.at:
                return self.heard(conversation, text, facts)
            case Choice(ask, key) if ask and ask == conversation.at:
                return self.heard(conversation, key, facts)
            case Text() | Choice() | Media() | Location() | Given() | Resume():
                return self.start(conversation, "", facts)
            case Outcome():
                return self.became(conversation, event)
            case Timeout():
                return self.finish(conversation)

    # Pieces ----------------------------------------------------------------------------------------------------

    def prompt(self, key: str, conversation: Conversation, /, **values: object) -> Prompt:
        language = conversation.language or self.texts.languages[0]
        return Prompt(self.texts.say(key, language, **values), language)

    def words(self, conversation: Conversation) -> dict[str, str]:
        """The words that people send, in this language, for the places in a text that name them."""
        names = ("stop", "start", "help", "language", "mine", "forget", "link", "results", *self.texts.called)
        return {name: self.texts.word(name, conversation.language) for name in names}

    def finish(self, conversation: Conversation, *effects: Effect, outcome: str = "completed") -> Step:
        return replace(conversation, at="", outcome=outcome), (*effects, Finish(outcome))

    def say(self, conversation: Conversation, key: str, /, *before: Effect, **values: object) -> Step:
        """The last word of a flow."""
        said = Say(self.prompt(key, conversation, **self.words(conversation) | values))
        return self.finish(conversation, *before, said)

    def choose(self, conversation: Conversation, at: str, key: str, labels: Iterable[str]) -> Step:
        """Ask which of these; wrong answers so far stay counted."""
        options = tuple(Option(str(place), label) for place, label in enumerate(labels, 1))
        asked = replace(self.prompt(key, conversation), options=options, ask=at, takes="option")
        return replace(conversation, at=at), (Ask(asked),)

    def yes_no(self, conversation: Conversation, at: str, key: str) -> Step:
        labels = (self.texts.say(meaning, conversation.language) for meaning in ("yes", "no"))
        return self.choose(conversation, at, key, labels)

    def is_yes(self, text: str) -> bool | None:
        """True or False for a yes or a no, by word or by number; None for anything else."""
        if normalise(text) == "1" or self.texts.means(text, "yes"):
            return True
        return False if normalise(text) == "2" or self.texts.means(text, "no") else None
