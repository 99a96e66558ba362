"""Phone numbers as E.164, so that one person is one address on every channel."""

from __future__ import annotations

import re

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
