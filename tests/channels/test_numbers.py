"""Phone numbers as providers write them."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.adapter import Malformed
from channels.numbers import _read, _stays, e164


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("+254711555001", "", "+254711555001"),
        ("254711555001", "", "+254711555001"),
        ("00254711555001", "", "+254711555001"),
        ("00254711555001", "KE", "+254711555001"),  # not a national number that starts with 00
        ("254711555001", "KE", "+254711555001"),
        ("0711555001", "KE", "+254711555001"),
        ("+254 0711 555 001", "", "+254711555001"),  # the national zero kept by mistake
        ("+1 (415) 555-2671", "", "+14155552671"),
        ("+249\u00a091\u2011234\u20115678", "", "+249912345678"),
        ("+29020000", "", "+29020000"),  # Saint Helena's are among the shortest
        ("+254799999999", "", "+254799999999"),
    ],
)
def test_number(raw: str, region: str, number: str) -> None:
    assert e164(raw, region) == number
    assert e164(number, region) == number


@pytest.mark.parametrize("region", ["", "KE"])
@pytest.mark.parametrize(
    "raw",
    [
        "",
        "+",
        "22384",
        "+22384",
        "40404",
        "MPESA",
        "Safaricom1",
        "0",
        "00",
        "+999711555001",
        "+2547115550011234567890",
        "whatsapp:+254711555001",
        "+254711555001;ext=1",
        "+25471155500a",
        "٠٧١١٥٥٥٠٠١",
        "+254711\n555001x",
        "*384*5#",
    ],
)
def test_no_number(raw: str, region: str) -> None:
    """Short codes and senders with letters are nobody's phone."""
    with pytest.raises(Malformed) as caught:
        e164(raw, region)
    assert str(caught.value) == "The sender is not a phone number."
    assert caught.value.__context__ is None


def test_a_national_number_needs_a_region() -> None:
    with pytest.raises(Malformed):
        e164("0711555001")


@example("49000000000000000", "")
@given(
    st.text(max_size=25) | st.from_regex(r"[+0]{0,3}[0-9 ()-]{0,22}", fullmatch=True), st.sampled_from(["", "KE", "SD"])
)
def test_anything(raw: str, region: str) -> None:
    """What comes out is E.164, and stays what it is."""
    try:
        number = e164(raw, region)
    except Malformed:
        return
    assert number[0] == "+"
    assert number[1:].isdigit()
    assert number[1:].isascii()
    assert len(number) <= 16


CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@given(st.sampled_from([*CODES, *range(1, 1000, 7)]), st.from_regex(r"[0-9]{3,14}", fullmatch=True))
def test_the_short_way_gives_what_the_library_gives(code: int, national: str) -> None:
    number = f"+{code}{national}"
    if _stays(number):
        assert _read(number, "") == _read(number, "KE") == number


def test_the_short_way_is_taken_wherever_people_are() -> None:
    """In most countries, with the library's own example of a mobile number there."""
    numbers = [
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if (example := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
    ]
    short = [number for number in numbers if _stays(number)]
    assert len(short) > 0.8 * len(numbers) > 150
    assert [_read(number, "") for number in short] == short
