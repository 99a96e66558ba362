"""Questions with numbered options: one of them, yes or no, several."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from surveys.flow import Consent, Draft, Value
from surveys.match import Miss, Options, normalise
from surveys.model import Choice, Question
from surveys.prompt import Option, Prompt
from surveys.texts import Texts
from surveys.types.base import SKIPPED, Answer, Answering, More, Scene, Type, Understood, Wrong


class Closed(Type):
    """What questions with numbered options share: one-of, yes-no and many-of.

    A question that may be skipped gets one more numbered option that says so: on a keypad, a number is all there is.
    """

    takes: ClassVar[str] = "option"

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.choices = self.offered()
        self.ids = [choice.id for choice in self.choices]
        labels = [set(choice.label.values()) for choice in self.choices]
        if not question.required:
            labels.append({*(texts.say("skip", language) for language in question.text), *texts.words("skip")})
        self.options = Options(labels, texts.words("not"), texts.words("and"), texts.places(question.text))
        self.keys = frozenset(str(place) for place in range(1, self.options.count + 1))

    def offered(self) -> tuple[Choice, ...]:
        return self.question.options

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        question, language = self.question, scene.language
        options = [Option(str(place), choice.label[language]) for place, choice in enumerate(self.choices, 1)]
        if not question.required:
            options.append(Option(str(len(options) + 1), self.texts.say("skip", language)))
        return Prompt(
            text=question.text[language],
            language=language,
            options=tuple(options),
            hint=question.hint[language] if question.hint else "",
            ask=question.id,
            takes=self.takes,
        )

    def value(self, index: int) -> Answer:
        return Answer(self.ids[index]) if index < len(self.ids) else SKIPPED

    def wrong(self, miss: Miss) -> Wrong:
        if miss is Miss.UNCLEAR:
            return Wrong("unclear", {})
        return Wrong("wrong_option", {"last": self.options.count})

    def skips(self, text: str) -> bool:
        return False  # one of the options says so

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        found = self.options.one(text)
        return self.wrong(found) if isinstance(found, Miss) else self.value(found)

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        return self.value(int(key) - 1) if key in self.keys else None

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        return Answer(value) if value in self.ids else None

    def show(self, value: Value, language: str) -> str:
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(choice.label[language] for choice in self.choices if choice.id in chosen)


class OneOf(Closed):
    pass


class YesNo(Closed):
    """Yes and no have more words than their labels, in every language: the catalogues hold them."""

    def offered(self) -> tuple[Choice, ...]:
        return tuple(
            Choice(meaning, {language: self.texts.say(meaning, language) for language in self.question.text})
            for meaning in ("yes", "no")
        )

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        for meaning in ("yes", "no"):
            if self.texts.means(text, meaning):
                return Answer(meaning)
        return super().read(text, scene, draft)


class PhoneConsent(YesNo):
    """Whether we may call. A consent of its own is recorded beside the answer, with the version of what was asked."""

    def take(self, event: Answering, scene: Scene, draft: Draft = None) -> Understood:
        understood = super().take(event, scene, draft)
        if not isinstance(understood, Answer) or understood.value is None:
            return understood
        version = f"{self.question.id}/{self.question.version}"
        return replace(understood, effects=(Consent(version, understood.value == "yes"),))


class ManyOf(Closed):
    takes: ClassVar[str] = "options"

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.most = min(int(question.maximum or len(self.ids)), len(self.ids))
        self.done = frozenset(normalise(texts.say("done", language)) for language in question.text)

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        plain = super().prompt(scene)
        hint = plain.hint or self.texts.say("hint_many", scene.language)
        chosen = _chosen(draft)
        if not chosen:
            return replace(plain, hint=hint)
        rest = [option for option, name in zip(plain.options, self.ids, strict=False) if name not in chosen]
        done = Option("done", self.texts.say("done", scene.language))
        text = f"{plain.text}\n✓ {self.show(chosen, scene.language)}"
        return replace(plain, text=text, options=(*rest, done), hint=hint)

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        before = _chosen(draft)
        if before and normalise(text) in self.done:
            return Answer(self.ordered(before))
        found = self.options.many(text)
        if found is Miss.UNKNOWN:
            return Wrong("wrong_options", {"last": self.options.count})
        if isinstance(found, Miss):
            return self.wrong(found)
        if len(self.ids) in found:  # "skip", and not "1 and skip"
            return SKIPPED if len(found) == 1 else self.wrong(Miss.UNCLEAR)
        chosen = self.ordered([*before, *(self.ids[index] for index in found)])
        if len(chosen) > self.most:
            return Wrong("too_many", {"maximum": self.most})
        return Answer(chosen)

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        """Buttons choose one at a time; the question is answered by "done", or when no more may be chosen."""
        chosen = _chosen(draft)
        if key == "done":
            return Answer(self.ordered(chosen)) if chosen else None
        if key not in self.keys:
            return None
        index = int(key) - 1
        if index == len(self.ids):
            return SKIPPED
        ordered = self.ordered([*chosen, self.ids[index]])
        return More(ordered) if len(ordered) < self.most else Answer(ordered)

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        if not isinstance(value, list) or not 1 <= len(value) <= self.most:
            return None
        return Answer(value) if self.ordered(value) == value else None

    def settle(self, draft: Draft) -> Value:
        """What buttons chose is not lost."""
        return self.ordered(_chosen(draft)) or None

    def ordered(self, chosen: list[str]) -> list[str]:
        """Each once, in the options' order."""
        return [name for name in self.ids if name in chosen]


def _chosen(draft: Draft) -> list[str]:
    return draft if isinstance(draft, list) else []
