"""Options in a person's order of preference."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Draft, Value
from surveys.match import Miss
from surveys.model import Question
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.types.base import SKIPPED, Answer, More, Scene, Understood, Wrong
from surveys.types.closed import Closed


class Ranking(Closed):
    """The ids in the order of their ranks: "3 1 2", labels, or buttons one after another.

    `maximum` is how many must be ranked, all where it is not said; then the last one needs no asking. The draft is what
    was ranked so far. Numbers stay the same while some are taken.
    """

    takes: ClassVar[str] = "ranking"

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.most = min(int(question.maximum or len(self.ids)), len(self.ids))

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        plain, language = super().prompt(scene), scene.language
        numbers = [str(number) for number in range(1, len(self.ids) + 1)]
        example = " ".join(
            [*numbers[2:3], *numbers[:2], *numbers[3:]][: self.most] if len(numbers) > 2 else numbers[::-1]
        )
        usual = "hint_ranking" if self.most == len(self.ids) else "hint_ranking_some"
        hint = plain.hint or self.texts.say(usual, language, maximum=self.most, example=example)
        ranked = _ranked(draft)
        if not ranked:
            return replace(plain, hint=hint)
        left = [option for option, name in zip(plain.options, [*self.ids, ""], strict=False) if name not in ranked]
        told = ", ".join(f"{rank}. {self.show(name, language)}" for rank, name in enumerate(ranked, 1))
        return replace(plain, text=f"{plain.text}\n{told}", options=tuple(left), hint=hint)

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        found = self.options.ordered(text)
        if found is Miss.UNKNOWN:
            return Wrong("wrong_options", {"last": self.options.count})
        if isinstance(found, Miss):
            return self.wrong(found)
        if len(self.ids) in found:  # "skip", and not "1 and skip"
            return SKIPPED if len(found) == 1 else self.wrong(Miss.UNCLEAR)
        named = [self.ids[index] for index in found]
        if len(named) > self.most:
            return Wrong("too_many", {"maximum": self.most})
        # Who sends the whole order again means it anew.
        return self.placed(named if len(named) == self.most else [*_ranked(draft), *named])

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        if key not in self.keys:
            return None
        index = int(key) - 1
        if index == len(self.ids):
            return SKIPPED
        ranked = _ranked(draft)
        placed = self.placed([*ranked, self.ids[index]])
        return None if isinstance(placed, Wrong) else placed  # an old button of what is ranked already

    def placed(self, ranked: list[str]) -> Answer | More | Wrong:
        if len(set(ranked)) < len(ranked):
            return Wrong("rank_twice", {})
        if self.most == len(self.ids) == len(ranked) + 1:
            ranked = [*ranked, *(name for name in self.ids if name not in ranked)]
        if len(ranked) > self.most:
            return Wrong("too_many", {"maximum": self.most})
        return Answer(ranked) if len(ranked) == self.most else More(ranked)

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        if not isinstance(value, list) or len(value) != self.most:
            return None
        once = all(name in self.ids and value.count(name) == 1 for name in value)
        return Answer(value) if once else None

    def settle(self, draft: Draft) -> Value:
        """The first ranks are an answer, too."""
        return _ranked(draft) or None

    def show(self, value: Value, language: str) -> str:
        labels = {choice.id: choice.label[language] for choice in self.choices}
        return ", ".join(labels.get(name, name) for name in (value if isinstance(value, list) else [str(value)]))


def _ranked(draft: Draft) -> list[str]:
    return draft if isinstance(draft, list) else []
