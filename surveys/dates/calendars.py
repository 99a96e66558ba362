"""The calendars that polls write dates in, as arithmetic on days, and the names of their months.

The Ethiopian calendar has 13 months and a leap year each fourth. Its years are those of the Incarnation era (Amete
Mihret). The Islamic one is the tabular civil calendar: 30-year cycles with 11 leap years (2, 5, 7, 10, 13, 16, 18, 21,
24, 26, 29), counted from Friday, 16 July 622 (Julian); where the sighting of the moon decides, it is a day or two off.
Formulas: Reingold and Dershowitz, Calendrical Calculations.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Calendar:
    """`ordinal` is the day of a date, counted like date.toordinal; `length` the days of a month. Both take any year
    from 1 and months that exist. `mean` is how many days a year has, on average."""

    months: int
    ordinal: Callable[[int, int, int], int]
    length: Callable[[int, int], int]
    mean: float

    def day(self, year: int, month: int, day: int) -> date | None:
        """The day that this is, or None where there is none."""
        if not (1 <= year <= 9999 and 1 <= month <= self.months and 1 <= day <= self.length(year, month)):
            return None
        ordinal = self.ordinal(year, month, day)
        return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None

    def parts(self, day: date) -> tuple[int, int, int]:
        """Year, month and day of a day. Before the calendar began they are those of its first day."""
        ordinal = max(day.toordinal(), self.ordinal(1, 1, 1))
        year = max(1, int((ordinal - self.ordinal(1, 1, 1)) / self.mean))
        while self.ordinal(year + 1, 1, 1) <= ordinal:
            year += 1
        month = self.months
        while self.ordinal(year, month, 1) > ordinal:
            month -= 1
        return year, month, ordinal - self.ordinal(year, month, 1) + 1


def _gregorian(year: int, month: int, day: int) -> int:
    before = year - 1
    days = 365 * before + before // 4 - before // 100 + before // 400
    return days + sum(monthrange(year, earlier)[1] for earlier in range(1, month)) + day


def _ethiopian(year: int, month: int, day: int) -> int:
    return 2795 + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day


def _islamic(year: int, month: int, day: int) -> int:
    return 227_014 + 354 * (year - 1) + (3 + 11 * year) // 30 + 29 * (month - 1) + month // 2 + day


def _ethiopian_length(year: int, month: int) -> int:
    return 30 if month < 13 else 6 if year % 4 == 3 else 5


def _islamic_length(year: int, month: int) -> int:
    return 30 if month % 2 == 1 or (month == 12 and (11 * year + 14) % 30 < 11) else 29


GREGORIAN, ETHIOPIAN, ISLAMIC = "gregorian", "ethiopian", "islamic"

CALENDARS: Mapping[str, Calendar] = {
    GREGORIAN: Calendar(12, _gregorian, lambda year, month: monthrange(year, month)[1], 365.2425),
    ETHIOPIAN: Calendar(13, _ethiopian, _ethiopian_length, 365.25),
    ISLAMIC: Calendar(12, _islamic, _islamic_length, 354 + 11 / 30),
}

MONTHS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    ETHIOPIAN: {
        "en": (
            *("Meskerem", "Tikimt", "Hidar", "Tahsas", "Tir", "Yekatit", "Megabit"),
            *("Miyazya", "Ginbot", "Sene", "Hamle", "Nehase", "Pagume"),
        ),
        "am": (
            *("መስከረም", "ጥቅምት", "ኅዳር", "ታኅሣሥ", "ጥር", "የካቲት", "መጋቢት"),
            *("ሚያዝያ", "ግንቦት", "ሰኔ", "ሐምሌ", "ነሐሴ", "ጳጉሜን"),
        ),
    },
    ISLAMIC: {
        "en": (
            *("Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Thani", "Jumada al-Ula", "Jumada al-Akhira"),
            *("Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah"),
        ),
        "ar": (
            *("محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة"),
            *("رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة"),
        ),
    },
}
"""How months are written, by calendar and language; English where a language has none. CLDR has the Gregorian ones."""

SPELLINGS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    ETHIOPIAN: (
        ("Mäskäräm", "Maskaram"),
        ("Tekemt", "Teqemt", "Tiqimt"),
        ("Hedar",),
        ("Tahisas", "Tahesas", "ታህሳስ"),
        ("Ter", "Tirr"),
        ("Yakatit",),
        ("Magabit",),
        ("Miazia", "Miyazia", "Miazya", "ሚያዚያ"),
        ("Genbot",),
        ("Sane", "Senie"),
        ("Hamlie",),
        ("Nehasie", "Nahase"),
        ("Pagumen", "Pagumiene", "ጳጉሜ", "ጷግሜን", "ጷግሜ"),
    ),
    ISLAMIC: (
        ("Moharram", "Al-Muharram", "المحرم"),
        ("Saphar", "صفر الخير"),
        ("Rabi I", "Rabi 1", "Rabi ul Awwal", "Rabiul Awwal", "Rabii al Awwal", "Rabi al Awal"),
        ("Rabi II", "Rabi 2", "Rabi ath-Thani", "Rabi al-Akhir", "Rabiul Akhir", "ربيع الثاني"),
        ("Jumada I", "Jumada 1", "Jumada al-Awwal", "Jumadal Ula", "جمادى الأول"),
        ("Jumada II", "Jumada 2", "Jumada al-Thani", "Jumada ath-Thaniya", "جمادى الثانية", "جمادى الآخر"),
        ("Rejab",),
        ("Shaaban", "Shaban", "Chaabane"),
        ("Ramadhan", "Ramazan", "Ramadani", "Ramadaan"),
        ("Shawal", "Chawwal"),
        ("Dhul Qadah", "Dhul Qida", "Dhu al-Qida", "Zul Qaada", "Dhulqaada", "ذي القعدة"),
        ("Dhul Hijjah", "Dhul Hijja", "Zul Hijja", "Dhulhijja", "ذي الحجة"),
    ),
}
"""Other ways in which people write them, by calendar and month."""
