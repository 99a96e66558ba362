"""From what a text says to the dates it can mean, and from a date to a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from surveys.dates.calendars import CALENDARS, GREGORIAN
from surveys.dates.readings import TWO_DIGITS, Reading, readings
from surveys.dates.words import ago, locale_of, month_names, tokens_of

WIDTHS: Mapping[str, int] = {"year": 4, "month": 7, "day": 10}
"""The characters of a value, by how exact it is, from coarse to fine."""

RELATIVE: Mapping[str, tuple[str, int]] = {
    "today": ("day", 0),
    "yesterday": ("day", -1),
    "before_yesterday": ("day", -2),
    "tomorrow": ("day", 1),
    "this_month": ("month", 0),
    "last_month": ("month", -1),
    "this_year": ("year", 0),
    "last_year": ("year", -1),
}
"""Meanings of the catalogue's words: the unit, and how many of it from today."""

_EARLIEST, _LATEST = 130, 30
"""Years before and after today beyond which nobody dates anything."""
_TWO_DIGITS_AHEAD = 9
"""A year of two digits is the last such year, up to this many years ahead."""


def read(
    text: str,
    today: date,
    *,
    precision: str = "day",
    calendar: str = GREGORIAN,
    day_first: bool | None = True,
    ahead: bool = False,
    words: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """The dates that a text can mean: one where it is clear, several to choose between, none where it is no date.

    `day_first` says what 3/5 is, None where that can't be told. `ahead` says that days to come are asked about: then a
    day without its year may be the last one or the next, else it is the last. `words` are phrases, normalised, with
    what they mean, a key of RELATIVE.
    """
    tokens = tokens_of(text)
    near = RELATIVE.get((words or {}).get(" ".join(tokens), "")) or ago().get(tokens)
    if near is not None:
        unit, count = near
        return (_moved(today, unit, count, calendar)[: WIDTHS[precision]],) if WIDTHS[unit] >= WIDTHS[precision] else ()
    asked = _Asked(today, precision, calendar, ahead)
    found, weekday = readings(tokens, precision, day_first, CALENDARS[calendar].months)
    return tuple(dict.fromkeys(value for reading in found for value in asked.values(reading, weekday)))


def written(value: str, language: str, calendar: str = GREGORIAN) -> str:
    """A value as people of this language write it: "3 May 2024", "May 2024", "2024".

    A coarse value in another calendar is the month or year there that holds most of it.
    """
    parts = [int(part) for part in value.split("-")]
    year, month, day = (*parts, *(3, 22)[len(parts) - 1 :])[:3] if calendar != GREGORIAN else (*parts, 1, 1)[:3]
    year, month, day = CALENDARS[calendar].parts(date(year, month, day))
    shown = [str(day), month_names(calendar, language)[month - 1], str(year)]
    return " ".join(shown[3 - len(parts) :])


def day_first(language: str) -> bool:
    """Whether a language, or a region of it, writes the day before the month. English without a region does."""
    locale = locale_of(language)
    if locale is None or (locale.language == "en" and locale.territory is None):
        return True
    pattern = str(locale.date_formats["short"].pattern)
    return pattern.index("d") < pattern.index("M")


def _moved(today: date, unit: str, count: int, calendar: str) -> str:
    """The day so many days away, or the month or year so many of them away."""
    if unit == "day":
        return (today + timedelta(days=count)).isoformat()
    year, month, _ = CALENDARS[calendar].parts(today)
    if unit == "year":
        return _coarse(year + count, None, calendar)
    years, months = divmod(month - 1 + count, CALENDARS[calendar].months)
    return _coarse(year + years, months + 1, calendar)


def _coarse(year: int, month: int | None, name: str) -> str:
    """A month or a year of a calendar as a value."""
    calendar = CALENDARS[name]
    length = calendar.length(year, month) if month else int(calendar.mean)
    middle = date.fromordinal(calendar.ordinal(year, month or 1, 1) + length // 2)
    return middle.isoformat()[: WIDTHS["month" if month else "year"]]


class _Asked:
    """What a question asks for, and when: it makes dates of readings."""

    def __init__(self, today: date, precision: str, calendar: str, ahead: bool) -> None:
        self.today = today
        self.width = WIDTHS[precision]
        self.calendar = calendar
        self.ahead = ahead

    def values(self, reading: Reading, weekday: int | None) -> list[str]:
        """What a reading amounts to: in its own calendar, else in the poll's, else in the Gregorian one."""
        own = reading.calendar or self.calendar
        found = list(self.in_calendar(own, reading, weekday))
        if reading.calendar or own == GREGORIAN or reading.year is None or reading.year < 0:
            return found
        # Where the poll's calendar gives a day to come, or none, the Gregorian one may have been meant.
        late = any(int(value[:4]) > self.today.year + 1 for value in found)
        return [*found, *self.in_calendar(GREGORIAN, reading, weekday)] if late or not found else found

    def in_calendar(self, name: str, reading: Reading, weekday: int | None) -> Iterator[str]:
        said = "day" if reading.day is not None else "month" if reading.month is not None else "year"
        if WIDTHS[said] < self.width:
            return
        calendar = CALENDARS[name]
        this_year = calendar.parts(self.today)[0]
        for year in self.years(reading, name):
            if not max(1, this_year - _EARLIEST) <= year <= this_year + _LATEST:
                continue
            if reading.day is None:
                if reading.month is None or 1 <= reading.month <= calendar.months:
                    yield _coarse(year, reading.month, name)[: self.width]
                continue
            day = calendar.day(year, reading.month or 0, reading.day)
            if day and (weekday is None or day.weekday() == weekday):
                yield day.isoformat()[: self.width]

    def years(self, reading: Reading, name: str) -> list[int]:
        """The year that was written, the last that ends in these two digits, or those around today where none was."""
        year, month, day = CALENDARS[name].parts(self.today)
        if reading.year is None:
            return self.around(replace(reading, year=year), name, (month, day))
        if reading.year >= 0:
            return [reading.year]
        latest = year + _TWO_DIGITS_AHEAD
        return [latest - (latest - (reading.year - TWO_DIGITS)) % 100]

    def around(self, reading: Reading, name: str, now: tuple[int, int]) -> list[int]:
        """The last year in which there was such a day or month, and the next where days to come are asked about."""
        year = reading.year or 1
        said = reading.month or 0, reading.day or 0
        is_past = said <= (now[0], now[1] if reading.day is not None else 0)
        there = [
            each
            for each in range(year - 8, year + 9)  # leap days come each fourth year, and once in eight
            if reading.day is None or CALENDARS[name].day(each, *said)
        ]
        past = [each for each in there if each < year or (each == year and is_past)][-1:]
        coming = [each for each in there if each > year or (each == year and not is_past)][:1]
        return [*past, *coming] if self.ahead else past
