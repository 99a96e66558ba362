"""Phone numbers as providers write them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.adapter import Malformed
from channels.numbers import e164


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
