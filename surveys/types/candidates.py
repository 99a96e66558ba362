"""What questions share that may find several answers near: the person chooses one of them by number."""

from __future__ import annotations

from surveys.flow import Draft
from surveys.match import normalise
from surveys.prompt import Option, Prompt
from surveys.types.base import Answer, More, Scene, Type, Understood, Wrong


class Candidates(Type):
    """The draft is a list of the values that may be meant."""

    def candidates(self, draft: Draft) -> list[str]:
        return draft if isinstance(draft, list) else []

    def labelled(self, values: list[str], language: str) -> tuple[str, ...]:
        """What a person reads of each."""
        raise NotImplementedError

    def asked(self, scene: Scene, *, again: bool = False) -> Prompt:
        """The question, before anything was understood, or again after none of what was found was meant."""
        raise NotImplementedError

    def none_of_them(self, scene: Scene) -> str:
        """A last option that says so, or "" where writing again is all it takes."""
        return ""

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        values = self.candidates(draft)
        if not values:
            return self.asked(scene, again=draft is not None)
        language = scene.language
        labels = (*self.labelled(values, language), self.none_of_them(scene))
        options = tuple(Option(str(number), label) for number, label in enumerate(filter(None, labels), 1))
        return Prompt(self.texts.say("which_one", language), language, options, ask=self.question.id, takes="option")

    def chosen(self, typed: str, scene: Scene, draft: Draft) -> Understood | None:
        """What a number means where there is something to choose from."""
        values = self.candidates(draft)
        key = normalise(typed)
        place = int(key) if key.isdecimal() and len(key) < 3 else 0
        if 1 <= place <= len(values):
            return Answer(values[place - 1])
        none = self.none_of_them(scene)
        if values and none and (place == len(values) + 1 or key == normalise(none)):
            return self.none_chosen(scene)
        return Wrong("wrong_option", {"last": len(values) + bool(none)}) if values and place else None

    def none_chosen(self, scene: Scene) -> Understood:
        raise NotImplementedError

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        found = self.chosen(key, scene, draft)
        return None if isinstance(found, Wrong) else found

    def settle(self, draft: Draft) -> None:
        """Several that may be meant are no answer."""
