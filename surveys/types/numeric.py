"""Questions answered with a number: free within bounds, or on a scale."""

from __future__ import annotations

from dataclasses import replace

from surveys.flow import Draft, Value
from surveys.match import Miss, Options, number
from surveys.model import Question
from surveys.prompt import Option, Prompt
from surveys.texts import Texts, shown
from surveys.types.base import Answer, More, Scene, Type, Understood, Wrong

_BOUNDS = {(True, True): "", (True, False): "_least", (False, True): "_most", (False, False): "_open"}
"""By whether a number has a minimum and a maximum: what the keys of its texts end in."""

UNBOUNDED = 999_999
"""The most that a number without bounds of its own may be: a telephone number is no answer, and numbers lie open."""


class Number(Type):
    """A number within bounds, as people write it: "25", "25 years", digits of any script, "five"."""

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.words = texts.numbers(question.text)
        self.low, self.high = _bound(question.minimum), _bound(question.maximum)
        bounds = {"minimum": self.low, "maximum": self.high}
        self.bounds = {name: bound for name, bound in bounds.items() if bound is not None}
        self.kind = "number" + _BOUNDS[self.low is not None, self.high is not None]

    def hint(self, language: str) -> str:
        hint, unit = self.texts.say(f"hint_{self.kind}", language, **self.bounds), self.question.unit
        return f"{hint} ({unit[language]})" if unit else hint

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        question, language = self.question, scene.language
        hint = self.hinted(language, self.hint(language))
        return Prompt(question.text[language], language, (), hint, question.id, "number")

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        found = number(text, self.words)
        if found is None or self.out_of_bounds(found) or (self.question.whole and not found.is_integer()):
            return Wrong(f"wrong_{self.kind}", self.bounds)
        return Answer(int(found) if found.is_integer() else found)

    def out_of_bounds(self, found: float) -> bool:
        low = -UNBOUNDED if self.low is None else self.low
        high = max(UNBOUNDED, low) if self.high is None else self.high
        return not low <= found <= high

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        answer = self.read(key, scene)
        return answer if isinstance(answer, Answer) else None

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or self.out_of_bounds(value):
            return None
        whole = float(value).is_integer()
        return None if self.question.whole and not whole else Answer(int(value) if whole else value)

    def show(self, value: Value, language: str) -> str:
        return shown(float(value), language) if isinstance(value, (int, float)) else ""


class Scale(Number):
    """A number from one end to the other; the labels of the ends are understood too."""

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.ends = Options([set(end.values()) for end in question.ends or ()], texts.words("not"))

    def hint(self, language: str) -> str:
        if not self.question.ends:
            return self.texts.say("hint_scale_plain", language, **self.bounds)
        low, high = (end[language] for end in self.question.ends)
        return self.texts.say("hint_scale", language, low=low, high=high, **self.bounds)

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        places = tuple(Option(str(n), str(n)) for n in range(int(self.low or 0), int(self.high or 0) + 1))
        return replace(super().prompt(scene), options=places)

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        answer = super().read(text, scene)
        end = self.ends.one(text) if isinstance(answer, Wrong) and number(text, self.words) is None else Miss.UNKNOWN
        return answer if isinstance(end, Miss) else Answer(int((self.low, self.high)[end] or 0))


def _bound(bound: float | str | None) -> float | None:
    return None if bound is None else float(bound)
