"""A picture or a voice message, on channels that carry it."""

from __future__ import annotations

from typing import ClassVar

from surveys.flow import Draft, Media, Say, Value
from surveys.prompt import Prompt
from surveys.types.base import Answer, Answering, Scene, Type, Understood, Wrong


class Attachment(Type):
    """The provider's reference to what was sent, which lies sealed like a person's own words.

    Where the channel can't carry it, one kind word is said and the poll goes on; so too where the person has gone over
    to such a channel since it was asked.
    """

    open: ClassVar[bool] = True
    steady: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"carries"})
    kind: ClassVar[str]

    def refusal(self, scene: Scene) -> str | None:
        return None if self.kind in scene.facts.get("carries", ()) else f"no_{self.kind}"

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        question, language = self.question, scene.language
        return Prompt(question.text[language], language, (), self.hinted(language), question.id, self.kind)

    def take(self, event: Answering, scene: Scene, draft: Draft = None) -> Understood:
        if isinstance(event, Media) and event.kind == self.kind:
            return Answer(event.reference)
        reason = self.refusal(scene)
        if reason is not None:
            return Answer(None, (Say(Prompt(self.texts.say(reason, scene.language), scene.language)),))
        if isinstance(event, Media):  # another kind of it, whose caption is no answer either
            return Wrong(f"wrong_{self.kind}", {})
        return super().take(event, scene, draft)

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        return Wrong(f"wrong_{self.kind}", {})

    def show(self, value: Value, language: str) -> str:
        return "…"  # a reference says nothing to a person


class Picture(Attachment):
    kind: ClassVar[str] = "picture"


class Voice(Attachment):
    kind: ClassVar[str] = "voice"
