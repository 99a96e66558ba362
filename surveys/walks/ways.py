"""Which answers to a question are worth trying: those that the rest of the poll tells apart, or one drawn at random.

Every one is typed as a participant would type it. What a question does not take after all is left out by the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from surveys import dates
from surveys.draws import drawn_arm
from surveys.flow import Media, Text
from surveys.gazetteer import Place
from surveys.model import Question
from surveys.prompt import Prompt
from surveys.texts import Texts
from surveys.walks.heed import Marks

LONG_ANSWER = 200
"""Characters of an answer in a person's own words on the longest way."""

SHORT_ANSWER = 40
"""The same on a typical way; on the shortest one it is one word."""

FEW = 12
"""Up to so many whole numbers are all tried."""

MOST_MARKED = 4
"""Of so many options that conditions name, every combination is tried."""

UNBOUNDED = 100
"""Where a number has no maximum, a random walk draws from as many numbers."""

SOME_DAY = "2026-05-14"
"""The date that is answered where any would do."""

MOST_PLACES = 300
"""Of a gazetteer's places, so many are looked at for one that is not clear."""

Way = Text | Media


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, and what the rest of the poll makes of the answer. `question` is None before the first one."""

    question: Question
    prompt: Prompt
    texts: Texts
    marks: Marks | None

    @property
    def language(self) -> str:
        return self.prompt.language

    def key(self, name: str) -> str:
        """What is typed for an option, "" for one that is not offered."""
        labels = {option.id: option.label[self.language] for option in self.question.options}
        return next((option.key for option in self.prompt.options if option.label == labels.get(name)), "")

    @property
    def skip(self) -> tuple[Text, ...]:
        """How to skip, where that is allowed and is no numbered option."""
        listed = self.prompt.options or self.question.required
        return () if listed else (Text(self.texts.word("skip", self.language)),)


@dataclass(frozen=True, slots=True)
class Ways:
    """`complete`: no other answer would lead anywhere else. `likely` draws one of all possible answers for a seed."""

    telling: tuple[Way, ...]
    complete: bool
    likely: Callable[[int], Way]


def ways(asking: Asking) -> Ways:
    return KINDS.get(asking.question.type, _listed)(asking)


# By type ------------------------------------------------------------------------------------------------------------


def _drawn(asking: Asking, of: Sequence[Way]) -> Callable[[int], Way]:
    return lambda seed: drawn_arm(of, seed, f"walk {asking.question.id}")


def _listed(asking: Asking) -> Ways:
    """Any one of the options, where there are any; else words of one's own."""
    every = tuple(Text(option.key) for option in asking.prompt.options) + asking.skip
    if not asking.prompt.options:
        return _words(asking)
    return Ways(every if asking.marks else every[:1], complete=True, likely=_drawn(asking, every))


def _words(asking: Asking) -> Ways:
    name = asking.texts.name(asking.language)
    short, usual, long = name, _filled(name, SHORT_ANSWER), _filled(name, LONG_ANSWER)
    return Ways((Text(short), Text(long), *asking.skip), complete=True, likely=lambda _seed: Text(usual))


def _filled(word: str, length: int) -> str:
    return " ".join([word] * (length // len(word) + 1))[:length].strip()


def _several(asking: Asking) -> Ways:
    """Combinations: of the options that conditions name, all; others fill up, where their number or names matter."""
    question, marks = asking.question, asking.marks
    offered = {option.id: key for option in question.options if (key := asking.key(option.id))}
    most = min(int(question.maximum) if question.maximum else len(offered), len(offered))
    skip = () if question.required else (Text(asking.prompt.options[-1].key),)
    likely = _any_several(asking, tuple(offered.values()), most)
    if marks is None:
        return Ways((Text(next(iter(offered.values()))),), complete=True, likely=likely)
    named = [name for name in offered if name in marks.constants]
    labels = {option.id: len(option.label[asking.language]) for option in question.options}
    others = sorted((name for name in offered if name not in marks.constants), key=labels.__getitem__)
    found: dict[tuple[str, ...], Text] = {}
    for chosen in _subsets(named, most):
        for filling in _fillings(others, most - len(chosen), few=bool(chosen), count=marks.counted or marks.shown):
            names = tuple(name for name in offered if name in {*chosen, *filling})
            found[names] = Text(" ".join(offered[name] for name in names))
    complete = len(named) <= MOST_MARKED and not marks.shown
    return Ways((*found.values(), *skip), complete, likely)


def _subsets(named: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    sizes = range(min(len(named), most) + 1)
    if len(named) > MOST_MARKED:
        sizes_tried: Iterable[int] = (0, 1, sizes[-1])
    else:
        sizes_tried = sizes
    for size in sizes_tried:
        yield from combinations(named, size)


def _fillings(others: Sequence[str], room: int, *, few: bool, count: bool) -> Iterator[Sequence[str]]:
    """Other options beside those chosen: none (where something is chosen), the shortest, or 1 to all of the longest."""
    if few:
        yield ()
    elif others:
        yield others[:1]
    if count:
        for size in range(1, min(room, len(others)) + 1):
            yield others[len(others) - size :]


def _any_several(asking: Asking, keys: Sequence[str], most: int) -> Callable[[int], Way]:
    def likely(seed: int) -> Way:
        name = f"walk {asking.question.id}"
        chosen = [key for key in keys if drawn_arm((True, False), seed, f"{name} {key}")][:most]
        return Text(" ".join(chosen or [drawn_arm(keys, seed, name)]))

    return likely


def _ranked(asking: Asking) -> Ways:
    """Each option once in the first place, the others after it as they are listed."""
    question = asking.question
    keys = [option.key for option in asking.prompt.options][: None if question.required else -1]
    most = int(question.maximum) if question.maximum else len(keys)
    orders = [Text(" ".join([key, *(other for other in keys if other != key)][:most])) for key in keys]
    skip = () if question.required else (Text(asking.prompt.options[-1].key),)
    complete = asking.marks is None or not (asking.marks.shown or asking.marks.vague)
    telling = (*orders, *skip) if asking.marks else tuple(orders[:1])
    return Ways(telling, complete, _drawn(asking, (*orders, *skip)))


def _number(asking: Asking) -> Ways:
    """The numbers on both sides of each constant, and the bounds."""
    question, marks = asking.question, asking.marks
    low = float(question.minimum) if question.minimum is not None else 0.0
    high = float(question.maximum) if question.maximum is not None else max(low, 0) + UNBOUNDED
    whole = question.whole or question.type == "scale"
    every = range(round(low), round(high) + 1) if whole else [low + (high - low) * part / 20 for part in range(21)]

    def typed(numbers: Iterable[float]) -> tuple[Text, ...]:
        return tuple(Text(f"{number:g}" if number < 1e6 else str(int(number))) for number in numbers)

    def likely(seed: int) -> Way:
        return typed([drawn_arm(every, seed, f"walk {question.id}")])[0]

    if marks is None:
        return Ways(typed([low]), complete=True, likely=likely)
    if whole and len(every) <= FEW:
        return Ways((*typed(every), *asking.skip), complete=True, likely=likely)
    step = 1.0 if whole else 0.01
    held = {
        number for one in marks.constants if isinstance(one, int | float) for number in (one - step, one, one + step)
    }
    numbers = sorted({low, high, *(number for number in held if low <= number <= high)})
    return Ways((*typed(numbers), *asking.skip), not marks.vague, likely)


def _date(asking: Asking) -> Ways:
    """The days on both sides of each constant and bound, and one more."""
    question, marks = asking.question, asking.marks
    if asking.prompt.options:  # which of several it is
        return _only(Text(asking.prompt.options[0].key))
    bounds = [bound for bound in (question.minimum, question.maximum) if isinstance(bound, str)]
    days = [day for value in (*_held(marks), *bounds) for day in _around(value)]
    width = {"year": 4, "month": 7}.get(question.precision, 10)
    values = dict.fromkeys(day.isoformat()[:width] for day in days)
    written = [Text(dates.written(value, asking.language, question.calendar)) for value in values]
    usual = Text(dates.written((bounds[0] if bounds else SOME_DAY)[:width], asking.language, question.calendar))
    telling = (usual, *written, *asking.skip) if marks else (usual, *written)
    return Ways(telling, marks is None or not marks.vague, lambda _seed: usual)


def _held(marks: Marks | None) -> list[str]:
    return sorted(one for one in (marks.constants if marks else ()) if isinstance(one, str))


def _around(value: str) -> Iterator[date]:
    first = date.fromisoformat(value + "-01-01"[len(value) - 10 :] if len(value) < 10 else value)
    yield from (first - timedelta(days=1), first)
    if len(value) < 10:
        after = date(first.year + 1, 1, 1) if len(value) == 4 else (first + timedelta(days=31)).replace(day=1)
        yield from (after - timedelta(days=1), after)
    else:
        yield first + timedelta(days=1)


def _place(asking: Asking) -> Ways:
    """The places that conditions name, the first that they don't, and one of those that have to be chosen from several.

    Of those, the first is chosen. Of a large gazetteer, no more than MOST_PLACES are looked at for one.
    """
    gazetteer, language, level = asking.question.gazetteer, asking.language, asking.question.level
    if asking.prompt.options or gazetteer is None:
        return _only(Text(asking.prompt.options[0].key if asking.prompt.options else "-"))
    constants = asking.marks.constants if asking.marks else set()
    fitting = [place for place in gazetteer if not level or place.level == level]
    named = [place for place in fitting if place.id in constants]
    clear: list[Place] = []
    unclear: list[Place] = []
    for place in (place for place in fitting[:MOST_PLACES] if place.id not in constants):
        (clear if gazetteer.find(place.name(language), level) == place else unclear).append(place)
        if clear and unclear:
            break
    telling = tuple(Text(place.name(language)) for place in (*named, *clear[:1], *unclear[:1])) + asking.skip
    complete = bool(unclear) or len(fitting) <= MOST_PLACES
    every = [Text(place.name(language)) for place in fitting]
    return Ways(telling, complete and not (asking.marks and asking.marks.shown), _drawn(asking, every or telling))


def _only(way: Way) -> Ways:
    return Ways((way,), complete=True, likely=lambda _seed: way)


def _media(asking: Asking) -> Ways:
    taken: tuple[Way, ...] = (Media(asking.question.type, "picture"), *asking.skip)
    return Ways(taken, complete=True, likely=_drawn(asking, taken))


KINDS: Mapping[str, Callable[[Asking], Ways]] = {
    "many-of": _several,
    "ranking": _ranked,
    "scale": _number,
    "number": _number,
    "date": _date,
    "place": _place,
    "open": _words,
    "proposal": _words,
    "picture": _media,
    "voice": _media,
}
"""The rest (yes-no, one-of, phone-consent, statement ...) is answered with one of the options."""
