"""The question types: what each asks for, how it reads an answer, and what it says to one it can't read.

A type is made once for each question of a loaded survey; a new type is one class here and one line in TYPES.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from surveys.flow import Value
from surveys.match import Miss, Options, normalise, number
from surveys.model import Choice, Question
from surveys.prompt import Option, Prompt
from surveys.texts import Texts


@dataclass(frozen=True, slots=True)
class Answer:
    """What was understood. `partial` says that more of the same question is wanted (a button of a many-of)."""

    value: Value
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What to say to somebody whose answer could not be read, as a key of the catalogue with its values."""

    key: str
    values: Mapping[str, object]


class Asked(Protocol):
    """One question of one survey, ready to be asked in each language and to read answers."""

    open: ClassVar[bool]

    def __init__(self, question: Question, texts: Texts) -> None: ...
    def prompt(self, language: str, so_far: Value = None) -> Prompt:
        """The question in this language; `so_far` is what buttons have chosen already."""
        ...

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        """What was typed means; a many-of adds it to what buttons have chosen."""
        ...

    def press(self, key: str, so_far: Value = None) -> Answer | None:
        """What a button means; None for one that this question never had."""
        ...


SKIPPED = Answer(None)


class Closed:
    """What questions with numbered options share: one-of, yes-no and many-of.

    A question that may be skipped gets one more numbered option that says so: on a keypad, a number is all there is.
    """

    open: ClassVar[bool] = False
    takes: ClassVar[str] = "option"

    def __init__(self, question: Question, texts: Texts) -> None:
        self.question = question
        self.texts = texts
        self.choices = self.offered()
        self.ids = [choice.id for choice in self.choices]
        labels = [set(choice.label.values()) for choice in self.choices]
        if not question.required:
            labels.append({*(texts.say("skip", language) for language in question.text), *texts.words("skip")})
        self.options = Options(labels, texts.words("not"), texts.words("and"))
        self.keys = frozenset(str(place) for place in range(1, self.options.count + 1))

    def offered(self) -> tuple[Choice, ...]:
        return self.question.options

    def prompt(self, language: str, so_far: Value = None) -> Prompt:
        question = self.question
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

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        found = self.options.one(text)
        return self.wrong(found) if isinstance(found, Miss) else self.value(found)

    def press(self, key: str, so_far: Value = None) -> Answer | None:
        return self.value(int(key) - 1) if key in self.keys else None


class OneOf(Closed):
    pass


class YesNo(Closed):
    """Yes and no have more words than their labels, in every language: the catalogues hold them."""

    def offered(self) -> tuple[Choice, ...]:
        return tuple(
            Choice(meaning, {language: self.texts.say(meaning, language) for language in self.question.text})
            for meaning in ("yes", "no")
        )

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        for meaning in ("yes", "no"):
            if self.texts.means(text, meaning):
                return Answer(meaning)
        return Closed.read(self, text)


class ManyOf(Closed):
    takes: ClassVar[str] = "options"

    def __init__(self, question: Question, texts: Texts) -> None:
        super().__init__(question, texts)
        self.most = int(question.maximum) if question.maximum else len(self.ids)
        self.done = frozenset(normalise(texts.say("done", language)) for language in question.text)

    def prompt(self, language: str, so_far: Value = None) -> Prompt:
        plain = Closed.prompt(self, language)
        hint = plain.hint or self.texts.say("hint_many", language)
        chosen = _chosen(so_far)
        if not chosen:
            return Prompt(plain.text, language, plain.options, hint, plain.ask, self.takes)
        labels = [choice.label[language] for choice in self.choices if choice.id in chosen]
        rest = [option for option, name in zip(plain.options, self.ids, strict=False) if name not in chosen]
        done = Option("done", self.texts.say("done", language))
        text = f"{plain.text}\n✓ {', '.join(labels)}"
        return Prompt(text, language, (*rest, done), hint, plain.ask, self.takes)

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        before = _chosen(so_far)
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

    def press(self, key: str, so_far: Value = None) -> Answer | None:
        """Buttons choose one at a time; the question is answered by "done", or when no more may be chosen."""
        chosen = _chosen(so_far)
        if key == "done":
            return Answer(self.ordered(chosen)) if chosen else None
        if key not in self.keys:
            return None
        index = int(key) - 1
        if index == len(self.ids):
            return SKIPPED
        ordered = self.ordered([*chosen, self.ids[index]])
        return Answer(ordered, partial=len(ordered) < self.most)

    def ordered(self, chosen: list[str]) -> list[str]:
        """Each once, in the options' order."""
        return [name for name in self.ids if name in chosen]


def _chosen(so_far: Value) -> list[str]:
    return so_far if isinstance(so_far, list) else []


_BOUNDS = {(True, True): "", (True, False): "_least", (False, True): "_most", (False, False): "_open"}
"""By whether a number has a minimum and a maximum: what the keys of its texts end in."""

UNBOUNDED = 999_999
"""The most that a number without bounds of its own may be: a telephone number is no answer, and numbers lie open."""


class Number:
    """A number within bounds, as people write it: "25", "25 years", digits of any script."""

    open: ClassVar[bool] = False

    def __init__(self, question: Question, texts: Texts) -> None:
        self.question = question
        self.texts = texts
        self.low, self.high = question.minimum, question.maximum
        self.bounds = {"minimum": _shown(self.low), "maximum": _shown(self.high)}
        self.kind = "number" + _BOUNDS[self.low is not None, self.high is not None]

    def hint(self, language: str) -> str:
        return self.texts.say(f"hint_{self.kind}", language, **self.bounds)

    def prompt(self, language: str, so_far: Value = None) -> Prompt:
        question = self.question
        hint = question.hint[language] if question.hint else self.hint(language)
        return Prompt(question.text[language], language, (), _skippable(self, hint, language), question.id, "number")

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        if not self.question.required and self.texts.means(text, "skip"):
            return SKIPPED
        found = number(text)
        if found is None or self.out_of_bounds(found) or (self.question.whole and not found.is_integer()):
            return Wrong(f"wrong_{self.kind}", self.bounds)
        return Answer(int(found) if found.is_integer() else found)

    def out_of_bounds(self, found: float) -> bool:
        low = -UNBOUNDED if self.low is None else self.low
        high = max(UNBOUNDED, low) if self.high is None else self.high
        return not low <= found <= high

    def press(self, key: str, so_far: Value = None) -> Answer | None:
        answer = self.read(key)
        return answer if isinstance(answer, Answer) else None


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

    def prompt(self, language: str, so_far: Value = None) -> Prompt:
        plain = Number.prompt(self, language)
        places = tuple(Option(str(n), str(n)) for n in range(int(self.low or 0), int(self.high or 0) + 1))
        return Prompt(plain.text, language, places, plain.hint, plain.ask, "number")

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        answer = Number.read(self, text)
        end = self.ends.one(text) if isinstance(answer, Wrong) and number(text) is None else Miss.UNKNOWN
        return answer if isinstance(end, Miss) else Answer(int((self.low, self.high)[end] or 0))


class Open:
    """A person's own words, kept as they were written."""

    open: ClassVar[bool] = True

    def __init__(self, question: Question, texts: Texts) -> None:
        self.question = question
        self.texts = texts

    def prompt(self, language: str, so_far: Value = None) -> Prompt:
        question = self.question
        hint = question.hint[language] if question.hint else ""
        return Prompt(question.text[language], language, (), _skippable(self, hint, language), question.id, "text")

    def read(self, text: str, so_far: Value = None) -> Answer | Wrong:
        if not text.strip():
            return Wrong("wrong_text", {})
        if not self.question.required and self.texts.means(text, "skip"):
            return SKIPPED
        return Answer(text)

    def press(self, key: str, so_far: Value = None) -> Answer | None:
        return None


class _HasQuestion(Protocol):
    question: Question
    texts: Texts


def _skippable(asked: _HasQuestion, hint: str, language: str) -> str:
    """The hint, and how to skip where that is allowed."""
    if asked.question.required:
        return hint
    skip = asked.texts.say("hint_skip", language, word=asked.texts.word("skip", language))
    return f"{hint}. {skip}" if hint else skip


def _shown(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.6f}".rstrip("0").rstrip(".")


TYPES: Mapping[str, type[Asked]] = {
    "yes-no": YesNo,
    "one-of": OneOf,
    "many-of": ManyOf,
    "scale": Scale,
    "number": Number,
    "open": Open,
}
