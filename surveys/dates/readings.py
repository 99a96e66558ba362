"""Every way to understand the words and numbers of a date, before it is asked what day that would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from surveys.dates.words import Month, Tokens, vocabulary


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a text; what was not said is None. No calendar: numbers only. A year below nought is one
    of which the last two digits were written, less a thousand."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    calendar: str = ""


TWO_DIGITS = -1000


@dataclass(frozen=True, slots=True)
class _Number:
    value: int
    width: int

    @property
    def is_year(self) -> bool:
        return self.width == 4 or self.value > 31


@dataclass(slots=True)
class _Parts:
    """What was found in a text. `leading` numbers stood before the month's name."""

    numbers: list[_Number]
    months: frozenset[Month] = frozenset()
    leading: int = 0
    weekday: int | None = None
    era: str = ""


Orders = Callable[[int, int, int | None], Iterator[Reading]]
"""The readings of two numbers that are a day and a month, with the year."""


def readings(tokens: Tokens, precision: str, first: bool | None, months: int) -> tuple[tuple[Reading, ...], int | None]:
    """The ways to understand a text, and the day of the week that was said, if any; no way where it is no date.

    `first` says whether the day stands before the month, None where that can't be told; `months` how many there are.
    """
    parts = _parts(tokens)
    if parts is None:
        return (), None
    if not parts.months:
        numeric = dict.fromkeys(_numeric(parts.numbers, precision, partial(_ordered, first, months)))
        return tuple(replace(reading, calendar=parts.era) for reading in numeric), parts.weekday
    named = tuple(_named(parts.numbers, parts.leading, precision))
    return tuple(
        replace(reading, calendar=calendar, month=month)
        for calendar, month in sorted(parts.months)
        for reading in named
    ), parts.weekday


def _parts(tokens: Tokens) -> _Parts | None:
    """The parts of a date, or None where a word is no part of one."""
    known = vocabulary()
    parts = _Parts([])
    while tokens:
        length = 1
        if tokens[0].isdecimal():
            parts.numbers.append(_Number(int(tokens[0][:18]), len(tokens[0])))
        else:
            match known.read(tokens):
                case length, frozenset() as months if not parts.months:
                    parts.months, parts.leading = months, len(parts.numbers)
                case length, int(weekday):
                    parts.weekday = weekday
                case length, str(era):
                    parts.era = era or parts.era
                case _:
                    return None
        tokens = tokens[length:]
    return parts


def _named(numbers: list[_Number], leading: int, precision: str) -> Iterator[Reading]:
    """The numbers beside a month's name; `leading` stood before it."""
    match numbers:
        case []:
            yield Reading()
        case [one] if one.is_year:
            yield Reading(_year(one))
        case [one]:
            if precision != "day" and one.width == 2:
                yield Reading(_year(one))
            if precision == "day" or leading:
                yield Reading(day=one.value)
        case [one, other] if one.width == 4:
            yield Reading(one.value, day=other.value)
        case [one, other]:
            yield Reading(_year(other), day=one.value)


def _year(number: _Number) -> int:
    return number.value if number.width > 2 else TWO_DIGITS + number.value


def _numeric(numbers: list[_Number], precision: str, ordered: Orders) -> Iterator[Reading]:
    match numbers:
        case [one]:
            yield from _run(one, precision, ordered)
        case [one, other] if one.width == 4:
            yield Reading(one.value, other.value)
        case [one, other] if other.width == 4:
            yield Reading(other.value, one.value)
        case [one, other]:
            if precision != "day" and other.width == 2:
                yield Reading(_year(other), one.value)
            if precision == "day" or other.value <= 12:
                yield from ordered(one.value, other.value, None)
        case [one, two, three] if one.width == 4:
            yield Reading(one.value, two.value, three.value)
        case [one, two, three] if three.width in (2, 4):
            yield from ordered(one.value, two.value, _year(three))


def _run(number: _Number, precision: str, ordered: Orders) -> Iterator[Reading]:
    """One number: a year, or all parts without anything between, as keypads without a slash give them."""
    digits = f"{number.value:0{number.width}}"
    one, two, three = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:] or 0)
    if number.width == 8:
        yield from ordered(one, two, three)
        yield Reading(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    elif number.width == 6 and precision == "day":
        yield from ordered(one, two, TWO_DIGITS + three)
    elif number.width == 6:
        yield Reading(int(digits[2:]), one)
        yield Reading(int(digits[:4]), three)
    elif number.width == 4 or (number.width == 2 and precision == "year"):
        yield Reading(_year(number))


def _ordered(first: bool | None, months: int, one: int, two: int, year: int | None) -> Iterator[Reading]:
    """Day and month, or month and day. The less usual order stands only where the other can be no date."""
    day_first, month_first = Reading(year, two, one), Reading(year, one, two)
    if first is None:
        yield from (day_first, month_first)
        return
    usual, other = (day_first, month_first) if first else (month_first, day_first)
    yield other if (usual.month or 0) > months else usual
