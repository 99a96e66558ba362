"""What names somebody goes, however it is written; what people say stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.redaction import SHOWN, redact

NAMES = ("Amina Wanjiku", "José", "محمد علي", "Ng")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call +254 712 345 678 now", "Call [number] now"),
        ("0712-345-678, or (0712) 345678.", "[number], or [number]."),
        ("my id is 12345678", "my id is [number]"),
        ("اتصل ٠٧١٢٣٤٥٦٧٨", "اتصل [number]"),  # Arabic digits
        ("फोन ९८७६५ ४३२१०", "फोन [number]"),  # Devanagari
        ("０７１２３４５６７８", "[number]"),  # full width
        ("07\u200b12\u200b345\u200b678", "[number]"),  # with what can't be seen between
        ("0.7.1.2.3.4.5", "[number]"),
        ("write to a.b+c@example.org please", "write to [mail] please"),
        ("amina (at) example (dot) org", "[mail]"),
        ("ask @water_now and ＠بلال", "ask [handle] and [handle]"),
        ("see https://example.org/a?b=1, www.x.net and bit.ly/abc", "see [link] [link] and [link]"),
        ("Amina said so; amina wanjiku's well; WANJIKU", "[name] said so; [name]'s well; [name]"),
        ("Jose and JOSÉ and Jose\u0301", "[name] and [name] and [name]"),
        ("قال مُحَمَّد علي", "قال [name]"),  # with vowel marks
        ("Ng asked for wells, long ago", "[name] asked for wells, long ago"),
        # What stays.
        ("We need 3 wells, 120 bags and peace by 2027", "We need 3 wells, 120 bags and peace by 2027"),
        ("since 1998-2003, and 2011/12", "since 1998-2003, and 2011/12"),
        ("Aminata and Josephine", "Aminata and Josephine"),
        ("Water.Food is short.we wait at home", "Water.Food is short.we wait at home"),
        ("المياه أولا", "المياه أولا"),
    ],
)
def test_what_names_somebody_is_taken_out(text: str, expected: str) -> None:
    assert redact(text, NAMES).text == expected


def test_how_many_were_taken_out_is_counted() -> None:
    found = redact("Amina: 0712345678, a@b.org, @abc, http://x.org", NAMES)
    assert found.counts == dict.fromkeys(SHOWN, 1)


@given(
    st.text(alphabet=st.characters(exclude_categories=("Nd", "Nl", "No", "Cs"))),
    st.integers(10**8, 10**12),
    st.sampled_from([" ", "-", ".", "", "\u200b", " / "]),
)
@settings(max_examples=100, deadline=None)
def test_no_long_number_is_left(text: str, number: int, between: str) -> None:
    found = redact(f"{text} {between.join(str(number))} {text}").text
    assert not any(sign.isdigit() for sign in found)


@given(st.text(alphabet="@.1 -+a/w", max_size=2_000))
@settings(max_examples=50, deadline=2_000)
def test_no_text_takes_long(text: str) -> None:
    redact(text, NAMES)
