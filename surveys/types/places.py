"""A place, as people name it or as their phone tells it, found in a gazetteer."""

from __future__ import annotations

from typing import ClassVar

from surveys.flow import Draft, Location, Value
from surveys.gazetteer import Found, Gazetteer
from surveys.gazetteer import Place as Known
from surveys.model import Question
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.types.base import Answer, Answering, More, Scene, Understood, Wrong
from surveys.types.candidates import Candidates


class Place(Candidates):
    """A place's id. Where somebody stands is never kept, only the place that it was taken for.

    What is near to several is asked back with what each lies in, and with a last option for none of them: then the
    draft is empty, and the question asks for what the place lies in, too.
    """

    steady: ClassVar[bool] = False  # only some channels carry a location
    needs: ClassVar[frozenset[str]] = frozenset({"carries"})

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.gazetteer = question.gazetteer or Gazetteer("", ())
        self.level = question.level
        fitting = [place for place in self.gazetteer if not self.level or place.level == self.level]
        # The smallest places are the likeliest to be asked for, and have the most around them.
        self.sample = max(fitting, key=lambda place: len(self.gazetteer.around(place)), default=None)

    def asked(self, scene: Scene, *, again: bool = False) -> Prompt:
        question, language = self.question, scene.language
        usual = self.texts.say("place_again" if again else "hint_place", language, example=self.example(language))
        hint = self.hinted(language, usual)
        if "location" in scene.facts.get("carries", ()):
            hint = f"{hint}\n{self.texts.say('hint_place_share', language)}"
        return Prompt(question.text[language], language, (), hint, question.id, "place")

    def example(self, language: str) -> str:
        """A name, and what it lies in."""
        if self.sample is None:
            return "-"
        return ", ".join(place.name(language) for place in (self.sample, *self.gazetteer.around(self.sample)[:1]))

    def take(self, event: Answering, scene: Scene, draft: Draft = None) -> Understood:
        if isinstance(event, Location):
            found = self.gazetteer.near(event.latitude, event.longitude, self.level)
            return self.understood(found, "place_far")
        return super().take(event, scene, draft)

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        return self.chosen(text, scene, draft) or self.understood(self.gazetteer.find(text, self.level), "wrong_place")

    def understood(self, found: Found, otherwise: str) -> Understood:
        if isinstance(found, Known):
            return Answer(found.id)
        return More([place.id for place in found]) if found else Wrong(otherwise, {})

    def none_of_them(self, scene: Scene) -> str:
        return self.texts.say("none_of_these", scene.language)

    def none_chosen(self, scene: Scene) -> Understood:
        return More([])

    def candidates(self, draft: Draft) -> list[str]:
        """Without those that are no longer in the gazetteer."""
        return [name for name in super().candidates(draft) if self.gazetteer.get(name)]

    def labelled(self, values: list[str], language: str) -> tuple[str, ...]:
        places = [place for place in map(self.gazetteer.get, values) if place]
        return self.gazetteer.labels(places, language)

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        place = self.gazetteer.get(value) if isinstance(value, str) else None
        return Answer(value) if place is not None and self.level in ("", place.level) else None

    def show(self, value: Value, language: str) -> str:
        place = self.gazetteer.get(str(value))
        return place.name(language) if place else str(value)
