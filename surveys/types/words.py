"""Questions answered in a person's own words."""

from __future__ import annotations

from typing import ClassVar

from surveys.flow import Draft, Value
from surveys.prompt import Prompt
from surveys.types.base import Answer, Scene, Type, Understood, Wrong


class Open(Type):
    """A person's own words, kept as they were written."""

    open: ClassVar[bool] = True

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        question, language = self.question, scene.language
        return Prompt(question.text[language], language, (), self.hinted(language), question.id, "text")

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        return Answer(text) if text.strip() else Wrong("wrong_text", {})

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        understood = self.read(value, scene) if isinstance(value, str) else None
        return understood if isinstance(understood, Answer) else None
