"""A date, as people write it, in the calendar of the poll."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from surveys import dates
from surveys.flow import Draft, Value
from surveys.model import Question
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.types.base import Answer, More, Scene, Understood, Wrong
from surveys.types.candidates import Candidates

_EXAMPLE_YEARS = {"gregorian": 2024, "ethiopian": 2016, "islamic": 1445}


class Date(Candidates):
    """A day, a month or a year. A text that can be two dates is asked back, with both to choose from."""

    _WORDS: ClassVar[tuple[str, ...]] = tuple(dates.RELATIVE)

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.words = {phrase: meaning for meaning in self._WORDS for phrase in texts.words(meaning)}
        self.earliest, self.latest = (str(one or "") for one in (question.minimum, question.maximum))

    def asked(self, scene: Scene, *, again: bool = False) -> Prompt:
        question, language = self.question, scene.language
        usual = self.texts.say(f"hint_date_{question.precision}", language, example=self.example(language))
        return Prompt(question.text[language], language, (), self.hinted(language, usual), question.id, "date")

    def example(self, language: str) -> str:
        year = _EXAMPLE_YEARS[self.question.calendar]
        day = "25/12" if dates.day_first(language) else "12/25"
        return {"day": f"{day}/{year}", "month": f"12/{year}", "year": str(year)}[self.question.precision]

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        return self.chosen(text, scene, draft) or self.dated(text, scene)

    def dated(self, text: str, scene: Scene) -> Understood:
        question, today = self.question, scene.now.date()
        found = dates.read(
            text,
            today,
            precision=question.precision,
            calendar=question.calendar,
            day_first=dates.day_first(scene.language),
            ahead=max(self.earliest, self.latest) > today.isoformat(),
            words=self.words,
        )
        fitting = [value for value in found if self.fits(value)]
        if len(fitting) > 1:
            return More(fitting)
        if fitting:
            return Answer(fitting[0])
        return self.out_of_bounds(scene.language) if found else Wrong("wrong_date", {})

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        width = dates.WIDTHS[self.question.precision]
        return Answer(value) if isinstance(value, str) and len(value) == width and self.exists(value) else None

    def exists(self, value: str) -> bool:
        whole = value + "0001-01-01"[len(value) :]
        try:
            return date.fromisoformat(whole).isoformat() == whole and self.fits(value)
        except ValueError:
            return False

    def fits(self, value: str) -> bool:
        """Whether it lies within the bounds, compared as far as both are exact."""
        first, last = self.earliest[: len(value)], self.latest[: len(value)]
        return value[: len(first)] >= first and (not last or value[: len(last)] <= last)

    def out_of_bounds(self, language: str) -> Wrong:
        bounds = {"minimum": self.earliest, "maximum": self.latest}
        width = dates.WIDTHS[self.question.precision]
        shown = {name: self.show(bound[:width], language) for name, bound in bounds.items() if bound}
        ending = "between" if len(shown) == 2 else "least" if "minimum" in shown else "most"
        return Wrong(f"wrong_date_{ending}", shown)

    def labelled(self, values: list[str], language: str) -> tuple[str, ...]:
        return tuple(self.show(value, language) for value in values)

    def show(self, value: Value, language: str) -> str:
        return dates.written(str(value), language, self.question.calendar)
