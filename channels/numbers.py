"""Phone numbers as E.164, so that one person is one address on every channel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import phonenumbers

from channels.adapter import Malformed

_SEPARATORS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_NUMBER = re.compile(r"\+?[0-9]{7,19}")
"""Fewer digits are a short code: the shortest subscriber number with its country code has seven."""

LONGEST = 16
"""A plus and fifteen digits (ITU-T E.164, 6.2.1)."""


def e164(raw: str, region: str = "") -> str:
    """`+254711000001` from that, `254711000001`, `00254711000001` and, where `region` says "KE", `0711000001`.

    Raises Malformed for short codes and alphanumeric senders. A number that is possible is taken even where the
    library knows of no such range: operators open new ones before it hears of them.
    """
    number = _SEPARATORS.sub("", raw)
    # Taken off first: the library reads 00 as the start of a national number.
    if number.startswith("00"):
        number = "+" + number[2:]
    if not _NUMBER.fullmatch(number):
        raise Malformed("The sender is not a phone number.")
    # Without a plus a number is national where a region is set and it begins with 0, else it lacks its plus.
    if not number.startswith("+") and not (region and number.startswith("0")):
        number = "+" + number
    return number if _stays(number) else _read(number, region)


class Countries:
    """The countries that numbers may be of: two letters of ISO 3166 each.

    Most calling codes are one country's. Where one is several countries', as +1 is, the library says which it is.
    """

    def __init__(self, regions: Iterable[str]) -> None:
        self._regions = frozenset(regions)
        self._whole: dict[str, bool | None] = {}

    def __contains__(self, number: object) -> bool:
        """Whether this number, in E.164, is of one of them."""
        number = str(number)
        code = next((number[1:end] for end in (2, 3, 4) if _country(number[1:end] or "0") is not None), "")
        if code not in self._whole:
            there = set(phonenumbers.region_codes_for_country_code(int(code or "0")))
            self._whole[code] = True if there and there <= self._regions else None if there & self._regions else False
        whole = self._whole[code]
        return _region(number) in self._regions if whole is None else whole


def _region(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _read(number: str, region: str) -> str:
    try:
        parsed = phonenumbers.parse(number, region or None)
        possible = phonenumbers.is_possible_number(parsed)
    except phonenumbers.NumberParseException:
        possible = False
    # The library thinks some national numbers possible that are longer than E.164 has room for.
    formatted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else ""
    if not 0 < len(formatted) <= LONGEST:
        raise Malformed("The sender is not a phone number.")
    return formatted


# A hook spends more time in the library than on anything else that it reads. Most numbers come whole, and what the
# library then looks at depends on the country alone.


@dataclass(frozen=True, slots=True)
class _Country:
    lengths: frozenset[int]  # of a national number
    prefix: re.Pattern[str] | None  # what the library may take off or rewrite


@cache
def _country(code: str) -> _Country | None:
    """What the library goes by under this calling code, one to three digits; None where there is no such code."""
    region = phonenumbers.region_code_for_country_code(int(code))
    known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if known is None or known.general_desc is None:
        return None
    prefix = known.national_prefix_for_parsing
    return _Country(frozenset(known.general_desc.possible_length), re.compile(prefix) if prefix else None)


def _stays(number: str) -> bool:
    """Whether the library would surely give this number back as it is: plus, code, and a national number without a
    prefix and of a usual length."""
    if number[0] != "+" or number[1] == "0" or len(number) > LONGEST:
        return False
    for end in (2, 3, 4):  # no calling code begins with another one
        country = _country(number[1:end])
        if country is not None:
            national = number[end:]
            plain = len(national) in country.lengths and national[0] != "0"
            return plain and not (country.prefix and country.prefix.match(national))
    return False
