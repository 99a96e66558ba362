"""The words of dates, in every language of the gateway: months, days of the week, eras, and what adds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta

from surveys.dates.calendars import CALENDARS, ETHIOPIAN, GREGORIAN, ISLAMIC, MONTHS, SPELLINGS
from surveys.match import Miss, closest, normalise

Tokens = tuple[str, ...]
Month = tuple[str, int]
"""A calendar and the number of a month in it."""

_LONGEST = 100
_LOCALES = ("en", "fr", "ar", "ar_SY", "ar_DZ", "ar_MA", "sw", "ha", "am", "so")
_AGO: tuple[tuple[Literal["day", "month", "year"], int, int], ...] = (
    ("day", 60, 1),
    ("month", 24, 30),
    ("year", 40, 365),
)
"""A unit, up to how many of it ago is understood, and how many days one is written with."""
_EDGES = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")

_ERAS = {
    GREGORIAN: ("ad", "ce", "gc", "g.c.", "م", "ميلادي", "እ.ኤ.አ", "እኤአ"),
    ETHIOPIAN: ("ec", "e.c.", "ዓ.ም", "ዓ/ም", "ዓም"),
    ISLAMIC: ("ah", "a.h.", "هـ", "ه", "هجري"),
}
_EMPTY = (
    *("st", "nd", "rd", "th", "er", "of", "the", "on", "in", "since", "le", "du", "de", "en", "depuis"),
    *("tarehe", "mwezi", "wa", "mwaka", "ya", "ga", "watan", "shekarar", "في", "من", "يوم", "شهر", "سنة", "عام"),
    *("ቀን", "ኛ", "ወር", "በ", "bisha", "sanadka", "taariikhda"),
)
"""Words that stand in dates and add nothing."""


Meaning = frozenset[Month] | int | str
"""Of a word or several: the months it can name, a day of the week from Monday, an era's calendar, or "" for nothing."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What words mean, by their tokens. `misspelt` are the names of months that are one word, as matched, with the
    position of the month in ALL_MONTHS."""

    phrases: Mapping[Tokens, Meaning]
    misspelt: Mapping[str, int]

    def read(self, rest: Tokens) -> tuple[int, Meaning] | None:
        """How many tokens at the head mean something, and what; the longest counts."""
        for length in range(4, 0, -1):
            if rest[:length] in self.phrases:
                return length, self.phrases[rest[:length]]
        near = closest(rest[0], self.misspelt, slack=1)
        return None if isinstance(near, Miss) else (1, frozenset({ALL_MONTHS[near]}))


ALL_MONTHS: tuple[Month, ...] = tuple(
    (name, month) for name, calendar in CALENDARS.items() for month in range(1, calendar.months + 1)
)


def tokens_of(text: str) -> Tokens:
    """Words and numbers, as matched, each apart: "3May" is two."""
    return tuple(_EDGES.sub(" ", normalise(text[:_LONGEST])).split())


def locale_of(language: str) -> Locale | None:
    """What CLDR knows of a language, or None."""
    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return None


def month_names(calendar: str, language: str) -> tuple[str, ...]:
    if calendar != GREGORIAN:
        names = MONTHS[calendar]
        return names.get(language, names["en"])
    locale = locale_of(language) or Locale("en")
    return tuple(locale.months["format"]["wide"][month] for month in range(1, 13))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    months: dict[Tokens, set[Month]] = {}
    for word, month in (*_gregorian_months(), *_other_months()):
        months.setdefault(tokens_of(word), set()).add(month)
    phrases: dict[Tokens, Meaning] = {tokens_of(word): "" for word in _EMPTY}
    phrases |= _weekdays()
    phrases |= {tokens_of(word): calendar for calendar, words in _ERAS.items() for word in words}
    phrases |= {tokens: frozenset(meant) for tokens, meant in months.items()}
    misspelt = {
        tokens[0]: ALL_MONTHS.index(next(iter(meant)))
        for tokens, meant in months.items()
        if len(tokens) == 1 and len(meant) == 1
    }
    return Vocabulary(phrases, misspelt)


def _in_cldr(field: Literal["months", "days"]) -> Iterator[tuple[str, int]]:
    for name in _LOCALES:
        for widths in getattr(Locale.parse(name), field).values():
            for width in ("wide", "abbreviated"):
                yield from ((word, number) for number, word in widths.get(width, {}).items())


def _gregorian_months() -> Iterator[tuple[str, Month]]:
    return ((word, (GREGORIAN, month)) for word, month in _in_cldr("months"))


def _other_months() -> Iterator[tuple[str, Month]]:
    for calendar, by_language in MONTHS.items():
        for names in by_language.values():
            yield from ((word, (calendar, month)) for month, word in enumerate(names, 1))
        for month, spellings in enumerate(SPELLINGS[calendar], 1):
            yield from ((word, (calendar, month)) for word in spellings)


def _weekdays() -> dict[Tokens, Meaning]:
    """Those that are the same day in every language that has the word."""
    days: dict[Tokens, set[int]] = {}
    for word, day in _in_cldr("days"):
        days.setdefault(tokens_of(word), set()).add(day)
    return {tokens: meant.pop() for tokens, meant in days.items() if len(meant) == 1}


@lru_cache(maxsize=1)
def ago() -> Mapping[Tokens, tuple[str, int]]:
    """ "3 days ago", in every language, as CLDR writes it: the unit, and how many of it from today."""
    return {
        tokens_of(
            format_timedelta(
                timedelta(days=-count * days), granularity=unit, threshold=1e9, add_direction=True, locale=name
            )
        ): (unit, -count)
        for name in dict.fromkeys(name.partition("_")[0] for name in _LOCALES)
        for unit, most, days in _AGO
        for count in range(1, most + 1)
    }
