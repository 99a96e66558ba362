"""What every question type is made of: what it is fed, what it makes of it, and what it may know of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from surveys.flow import Choice, Draft, Effect, Facts, Given, Location, Media, Text, Value
from surveys.model import Question
from surveys.prompt import Prompt
from surveys.texts import Texts

Answering = Text | Choice | Location | Media | Given
"""The events that may answer a question."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a type may know of the moment it asks or hears in. `now` is in the survey's zone, so that its date is today
    there. `facts` hold what the type named in `needs`."""

    language: str
    now: datetime
    seed: int
    answers: Mapping[str, Value]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Answer:
    """What was understood, with effects that go with it. A skipped question is answered with None."""

    value: Value
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class More:
    """The question is asked again with `draft` of its own, and no try is used up. `key`, if any, is said before."""

    draft: Draft
    key: str = ""
    values: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What to say to somebody whose answer could not be read, as a key of the catalogue with its values."""

    key: str
    values: Mapping[str, object]


Understood = Answer | More | Wrong

SKIPPED = Answer(None)

NOT_SO = Wrong("unclear", {})
"""To a stored value that the question could not have come to."""


class Asked(Protocol):
    """One question of one survey, ready to be asked in each language and to take answers.

    `open` says that answers are a person's own words, which lie encrypted. `steady` says that its first prompt
    depends on the language alone, and may be made once for everybody. `needs` are the facts it reads.
    """

    open: ClassVar[bool]
    steady: ClassVar[bool]
    needs: ClassVar[frozenset[str]]

    def __init__(self, question: Question, texts: Texts) -> None: ...

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        """The question in the scene's language; `draft` is what was understood already."""
        ...

    def take(self, event: Answering, scene: Scene, draft: Draft = None) -> Understood:
        """What this event means here. Total: any event, any draft."""
        ...

    def settle(self, draft: Draft) -> Value:
        """What a draft amounts to when no more comes."""
        ...

    def opening(self, scene: Scene, draft: Draft = None) -> Draft:
        """The draft that the question is asked with, at first and again: `draft`, unless it needs another."""
        ...

    def refusal(self, scene: Scene) -> str | None:
        """Why the question can't be asked here, as a key of the catalogue or "" for no word; None where it can.

        Only types that are not `steady` are asked for `opening` and `refusal`.
        """
        ...

    def show(self, value: Value, language: str) -> str:
        """An answer as a person reads it in a later text."""
        ...

    def told(self, value: Value, scene: Scene) -> str:
        """The same where it depends on who reads it, and on what channel."""
        ...


class Type:
    """What most types share: text and buttons are read, other events are kindly refused."""

    open: ClassVar[bool] = False
    steady: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, question: Question, texts: Texts) -> None:
        self.question = question
        self.texts = texts

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        raise NotImplementedError

    def take(self, event: Answering, scene: Scene, draft: Draft = None) -> Understood:
        match event:
            case Text(text):
                return SKIPPED if self.skips(text) else self.read(text, scene, draft)
            case Choice(_, key):
                return self.press(key, scene, draft) or More(draft)
            case Given(_, None):
                return NOT_SO if self.question.required else SKIPPED
            case Given(_, value):
                return self.admit(value, scene) or NOT_SO
            case Media(caption=caption) if caption and self.open:
                return self.read(caption, scene, draft)
            case _:
                return More(draft, "not_media")

    def skips(self, text: str) -> bool:
        return not self.question.required and self.texts.means(text, "skip")

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        """What was typed means."""
        raise NotImplementedError

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        """What a button means; None for one that this question never had."""
        return None

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        """A stored value that this question could have come to; None for any other."""
        return None

    def settle(self, draft: Draft) -> Value:
        return None

    def opening(self, scene: Scene, draft: Draft = None) -> Draft:
        return draft

    def refusal(self, scene: Scene) -> str | None:
        return None

    def show(self, value: Value, language: str) -> str:
        return ", ".join(value) if isinstance(value, list) else str(value)

    def told(self, value: Value, scene: Scene) -> str:
        return self.show(value, scene.language)

    def hinted(self, language: str, usual: str = "") -> str:
        """The author's hint or the usual one, and how to skip where that is allowed."""
        question = self.question
        hint = question.hint[language] if question.hint else usual
        if question.required:
            return hint
        skip = self.texts.say("hint_skip", language, word=self.texts.word("skip", language))
        return f"{hint}. {skip}" if hint else skip
