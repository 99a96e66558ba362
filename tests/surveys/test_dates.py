"""Dates in three calendars and seven languages: as people write them, as they are shown, and what is asked back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.dates import RELATIVE, day_first, read, written
from surveys.dates.calendars import CALENDARS, MONTHS, SPELLINGS

TODAY = date(2026, 11, 22)  # a Sunday; 13 Hidar 2019 in Ethiopia, 11 Jumada II 1448
WORDS = {"today": "today", "jana": "yesterday", "last year": "last_year", "this month": "this_month"}
LANGUAGES = ("en", "fr", "ar", "sw", "ha", "am", "so")


# Calendars ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calendar", "parts", "day"),
    [
        # Enkutatash, the Ethiopian new year: 11 September, and 12 before a Gregorian leap year
        ("ethiopian", (2000, 1, 1), date(2007, 9, 12)),
        ("ethiopian", (2015, 1, 1), date(2022, 9, 11)),
        ("ethiopian", (2016, 1, 1), date(2023, 9, 12)),
        ("ethiopian", (2017, 1, 1), date(2024, 9, 11)),
        ("ethiopian", (2015, 13, 6), date(2023, 9, 11)),  # the sixth day of Pagume, each fourth year
        ("ethiopian", (2016, 4, 29), date(2024, 1, 8)),
        ("ethiopian", (1888, 6, 23), date(1896, 3, 1)),  # the battle of Adwa
        ("ethiopian", (1, 1, 1), date(8, 8, 27)),
        # the Islamic civil calendar, and the Julian 16 July 622
        ("islamic", (1, 1, 1), date(622, 7, 19)),
        ("islamic", (1421, 1, 1), date(2000, 4, 6)),
        ("islamic", (1445, 1, 1), date(2023, 7, 19)),
        ("islamic", (1445, 9, 1), date(2024, 3, 11)),
        ("islamic", (1445, 12, 30), date(2024, 7, 7)),  # 1445 is a leap year
        ("islamic", (1446, 1, 1), date(2024, 7, 8)),
        ("gregorian", (2024, 2, 29), date(2024, 2, 29)),
        ("gregorian", (1900, 3, 1), date(1900, 3, 1)),
    ],
)
def test_known_days(calendar: str, parts: tuple[int, int, int], day: date) -> None:
    assert CALENDARS[calendar].day(*parts) == day
    assert CALENDARS[calendar].parts(day) == parts


@pytest.mark.parametrize(
    ("calendar", "parts"),
    [
        ("ethiopian", (2016, 13, 6)),
        ("ethiopian", (2016, 14, 1)),
        ("ethiopian", (2016, 1, 31)),
        ("islamic", (1446, 12, 30)),
        ("islamic", (1445, 2, 30)),
        ("gregorian", (2023, 2, 29)),
        ("gregorian", (2023, 0, 1)),
        ("gregorian", (2023, 1, 0)),
        ("gregorian", (0, 1, 1)),
        ("ethiopian", (9999, 13, 5)),
    ],
)
def test_days_that_never_were(calendar: str, parts: tuple[int, int, int]) -> None:
    assert CALENDARS[calendar].day(*parts) is None


def test_leap_years_of_a_cycle() -> None:
    islamic, ethiopian = CALENDARS["islamic"], CALENDARS["ethiopian"]
    assert [year for year in range(1, 31) if islamic.length(year, 12) == 30] == [
        2,
        5,
        7,
        10,
        13,
        16,
        18,
        21,
        24,
        26,
        29,
    ]
    assert [year for year in range(2000, 2012) if ethiopian.length(year, 13) == 6] == [2003, 2007, 2011]


@given(st.sampled_from(list(CALENDARS)), st.dates(date(700, 1, 1)))
def test_every_day_has_one_date_in_each_calendar(name: str, day: date) -> None:
    calendar = CALENDARS[name]
    parts = calendar.parts(day)
    assert calendar.day(*parts) == day
    tomorrow = calendar.parts(min(day + timedelta(days=1), date.max)) if day < date.max else parts
    year, month, of_month = parts
    assert day == date.max or tomorrow in {(year, month, of_month + 1), (year, month + 1, 1), (year + 1, 1, 1)}


def test_each_month_has_a_name_and_other_spellings() -> None:
    for name, by_language in MONTHS.items():
        assert {len(names) for names in by_language.values()} == {CALENDARS[name].months} == {len(SPELLINGS[name])}


# Reading ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 May 2024", "2024-05-03"),
        ("3may2024", "2024-05-03"),
        ("May 3, 2024", "2024-05-03"),
        ("the 3rd of May, 2024", "2024-05-03"),
        ("2024 May 3", "2024-05-03"),
        ("3 may 24", "2024-05-03"),
        ("Friday 3 May 2024", "2024-05-03"),
        ("3/5/2024", "2024-05-03"),
        ("3.5.24", "2024-05-03"),
        ("03-05-2024", "2024-05-03"),
        ("2024-05-03", "2024-05-03"),
        ("2024/5/3", "2024-05-03"),
        ("03052024", "2024-05-03"),
        ("030524", "2024-05-03"),
        ("20240503", "2024-05-03"),
        ("13/5/2024", "2024-05-13"),
        ("5/13/2024", "2024-05-13"),  # can be nothing else
        ("٣/٥/٢٠٢٤", "2024-05-03"),
        ("३-५-२०२४", "2024-05-03"),
        ("３／５／２０２４", "2024-05-03"),
        # the last such day
        ("3 May", "2026-05-03"),
        ("22 November", "2026-11-22"),
        ("23 November", "2025-11-23"),
        ("3/12", "2025-12-03"),
        ("29 February", "2024-02-29"),
        # two digits: up to nine years ahead
        ("1/1/35", "2035-01-01"),
        ("1/1/36", "1936-01-01"),
        ("31/12/99", "1999-12-31"),
        # days near today
        ("today", "2026-11-22"),
        ("JANA", "2026-11-21"),
        ("3 days ago", "2026-11-19"),
        ("il y a 3 jours", "2026-11-19"),
        ("قبل 3 أيام", "2026-11-19"),
        ("قبل ٣ أيام", "2026-11-19"),
        ("siku 3 zilizopita", "2026-11-19"),
        ("ከ3 ቀናት በፊት", "2026-11-19"),
        # months by name, in each language
        ("1er août 2023", "2023-08-01"),
        ("3 Mei 2024", "2024-05-03"),
        ("tarehe 3 Mei 2024", "2024-05-03"),
        ("3 Mayu, 2024", "2024-05-03"),
        ("3 مايو 2024", "2024-05-03"),
        ("٣ أيار ٢٠٢٤", "2024-05-03"),
        ("3 ماي 2024", "2024-05-03"),
        ("15 كانون الثاني 2024", "2024-01-15"),
        ("3 ሜይ 2024", "2024-05-03"),
        ("3 Febuary 2024", "2024-02-03"),
        ("3 Setember 2024", "2024-09-03"),
        # the names of other calendars' months say so
        ("3 ግንቦት 2016", "2024-05-11"),
        ("3 Ginbot 2016", "2024-05-11"),
        ("ግንቦት 3 ቀን 2016 ዓ.ም", "2024-05-11"),
        ("፫ ግንቦት ፳፻፲፮", "2024-05-11"),
        ("6 Pagume 2015", "2023-09-11"),
        ("12 رمضان 1445", "2024-03-22"),
        ("12 Ramadan 1445", "2024-03-22"),
        ("1 Rabi al-Thani 1445", "2023-10-16"),
        ("12 رمضان ١٤٤٥ هـ", "2024-03-22"),
    ],
)
def test_a_day_is_read(text: str, value: str) -> None:
    assert read(text, TODAY, words=WORDS) == (value,)


@pytest.mark.parametrize(
    "text",
    [
        *("", "?", "soon", "May", "May 2024", "2024", "5", "99", "31/2/2024", "32 May 2024", "0/5/2024", "3 May June"),
        *("3 May 1850", "3 May 2099", "1 2 3 4", "3 May 4 5", "last year", "this month", "Tuesday 3 May 2024"),
        *("last week", "a long time ago", "200 days ago", "1" * 90, "3 May 2024 we fled", "\ud800", "31/13/2024"),
    ],
)
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert read(text, TODAY, words=WORDS) == ()


@pytest.mark.parametrize(
    ("text", "precision", "values"),
    [
        ("May 2024", "month", ("2024-05",)),
        ("2024 May", "month", ("2024-05",)),
        ("5/2024", "month", ("2024-05",)),
        ("052024", "month", ("2024-05",)),
        ("202405", "month", ("2024-05",)),
        ("2024-05", "month", ("2024-05",)),
        ("3 May 2024", "month", ("2024-05",)),
        ("yesterday", "month", ()),
        ("jana", "month", ("2026-11",)),
        ("this month", "month", ("2026-11",)),
        ("11 months ago", "month", ("2025-12",)),
        ("May", "month", ("2026-05",)),
        ("December", "month", ("2025-12",)),
        ("November", "month", ("2026-11",)),
        ("May 24", "month", ("2024-05",)),
        ("24 May", "month", ("2024-05", "2026-05")),
        ("5/24", "month", ("2024-05",)),
        ("5/06", "month", ("2006-05", "2026-06")),
        ("2024", "month", ()),
        ("13/2024", "month", ()),
        ("2024", "year", ("2024",)),
        ("98", "year", ("1998",)),
        ("May 2024", "year", ("2024",)),
        ("3/5/24", "year", ("2024",)),
        ("last year", "year", ("2025",)),
        ("il y a 2 ans", "year", ("2024",)),
        ("jana", "year", ("2026",)),
        ("5", "year", ()),
        ("20245", "year", ()),
        ("1066", "year", ()),
    ],
)
def test_as_exact_as_was_asked(text: str, precision: str, values: tuple[str, ...]) -> None:
    assert read(text, TODAY, precision=precision, words=WORDS) == values


@pytest.mark.parametrize(
    ("text", "calendar", "values"),
    [
        ("3/9/2016", "ethiopian", ("2024-05-11",)),
        ("2016-09-03", "ethiopian", ("2024-05-11",)),
        ("3 May 2024", "ethiopian", ("2024-05-03",)),
        ("6/13/2015", "ethiopian", ("2023-09-11",)),
        ("3/9", "ethiopian", ("2026-05-11",)),
        ("3/9/16", "ethiopian", ("2024-05-11",)),
        ("15/3/2026", "ethiopian", ("2033-11-24", "2026-03-15")),  # to come in Ethiopia, or Gregorian
        ("31/3/2016", "ethiopian", ("2016-03-31",)),  # no month of Ethiopia has 31 days
        ("12/9/1445", "islamic", ("2024-03-22",)),
        ("22/3/2024", "islamic", ("2024-03-22",)),  # five centuries ahead
        ("22/3/2024 م", "islamic", ("2024-03-22",)),
    ],
)
def test_numbers_are_read_in_the_calendar_of_the_poll(text: str, calendar: str, values: tuple[str, ...]) -> None:
    assert read(text, TODAY, calendar=calendar) == values


@pytest.mark.parametrize(
    ("text", "first", "values"),
    [
        ("3/5/2024", True, ("2024-05-03",)),
        ("3/5/2024", False, ("2024-03-05",)),
        ("3/5/2024", None, ("2024-05-03", "2024-03-05")),
        ("5/5/2024", None, ("2024-05-05",)),
        ("13/5/2024", None, ("2024-05-13",)),
        ("3052024", None, ()),
        ("2024-05-03", False, ("2024-05-03",)),
    ],
)
def test_the_order_of_day_and_month_is_the_language_s_or_asked_about(
    text: str, first: bool | None, values: tuple[str, ...]
) -> None:
    assert read(text, TODAY, day_first=first) == values


@pytest.mark.parametrize(
    ("language", "first"),
    [*((language, True) for language in LANGUAGES), ("en-US", False), ("en-GB", True), ("fa", False), ("xx", True)],
)
def test_the_order_of_day_and_month_by_language(language: str, first: bool) -> None:
    assert day_first(language) is first


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3 May", ("2026-05-03", "2027-05-03")),
        ("22 November", ("2026-11-22", "2027-11-22")),
        ("24 December", ("2025-12-24", "2026-12-24")),
        ("29 February", ("2024-02-29", "2028-02-29")),
        ("24 December 2026", ("2026-12-24",)),
    ],
)
def test_where_days_to_come_are_asked_about_a_day_without_a_year_has_two(text: str, values: tuple[str, ...]) -> None:
    assert read(text, TODAY, ahead=True) == values


@given(st.text(max_size=30) | st.text("0123456789/- ٣", max_size=12), st.sampled_from(list(CALENDARS)), st.data())
def test_whatever_is_typed_gives_dates_or_none(text: str, calendar: str, data: st.DataObject) -> None:
    precision, width = data.draw(st.sampled_from([("day", 10), ("month", 7), ("year", 4)]))
    first = data.draw(st.sampled_from([True, False, None]))
    for value in read(text, TODAY, precision=precision, calendar=calendar, day_first=first, words=WORDS):
        assert len(value) == width
        assert date.fromisoformat(f"{value}-01-01"[:10])
        assert written(value, "en", calendar)


# Written ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "language", "calendar", "text"),
    [
        ("2024-05-03", "en", "gregorian", "3 May 2024"),
        ("2024-05-03", "fr", "gregorian", "3 mai 2024"),
        ("2024-05-03", "ar", "gregorian", "3 مايو 2024"),
        ("2024-05-03", "sw", "gregorian", "3 Mei 2024"),
        ("2024-05-03", "en-US", "gregorian", "3 May 2024"),
        ("2024-05-03", "xx", "gregorian", "3 May 2024"),
        ("2024-05", "fr", "gregorian", "mai 2024"),
        ("2024", "am", "gregorian", "2024"),
        ("2024-05-11", "am", "ethiopian", "3 ግንቦት 2016"),
        ("2024-05-11", "sw", "ethiopian", "3 Ginbot 2016"),
        ("2024-05", "am", "ethiopian", "ግንቦት 2016"),
        ("2024", "am", "ethiopian", "2016"),
        ("2024-03-22", "ar", "islamic", "12 رمضان 1445"),
        ("2024-03-22", "so", "islamic", "12 Ramadan 1445"),
    ],
)
def test_a_value_is_shown_in_the_calendar_of_the_poll(value: str, language: str, calendar: str, text: str) -> None:
    assert written(value, language, calendar) == text


DAYS = st.dates(date(1930, 1, 1), TODAY)


@given(DAYS, st.sampled_from(LANGUAGES), st.sampled_from(list(CALENDARS)))
def test_what_is_shown_is_understood(day: date, language: str, calendar: str) -> None:
    value = day.isoformat()
    shown = written(value, language, calendar)
    assert read(shown, TODAY, calendar=calendar) == (value,)
    assert read(shown.swapcase(), TODAY, calendar=calendar) == (value,)
    year, month, of_month = CALENDARS[calendar].parts(day)
    assert value in read(f"{of_month}/{month}/{year}", TODAY, calendar=calendar)
    assert value in read(f"{year}-{month:02}-{of_month:02}", TODAY, calendar=calendar)
    assert value in read(f"{of_month:02}{month:02}{year}", TODAY, calendar=calendar)


@given(DAYS, st.sampled_from(LANGUAGES), st.sampled_from(["gregorian", "ethiopian"]))
def test_coarse_dates_come_back_too(day: date, language: str, calendar: str) -> None:
    """Not in the Islamic calendar: its months are shorter, so that one of ours can hold the middle of two."""
    for precision, value in (("month", day.isoformat()[:7]), ("year", day.isoformat()[:4])):
        assert read(written(value, language, calendar), TODAY, precision=precision, calendar=calendar) == (value,)


def test_words_for_days_near_today_have_units_and_counts() -> None:
    assert {unit for unit, _ in RELATIVE.values()} == {"day", "month", "year"}
