"""Forms are read as the standard library reads them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from channels.adapter import Malformed
from channels.body import FIELDS, pairs

PIECES = st.sampled_from(
    ["a", "text", "%", "%2", "%2B", "%C3", "%A9", "%zz", "%00", "&", "&&", "=", "+", ";", "é", "م"]
)


def library(body: bytes) -> list[tuple[str, str]] | None:
    try:
        found = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        return None
    return None if any("\0" in name + value for name, value in found) else found


def ours(body: bytes) -> list[tuple[str, str]] | None:
    try:
        return pairs(body)
    except Malformed:
        return None


@given(st.lists(PIECES, max_size=12).map(lambda pieces: "".join(pieces).encode()) | st.binary(max_size=30))
def test_a_form_is_what_the_library_reads_in_it(body: bytes) -> None:
    assert ours(body) == library(body)


def test_as_many_fields_as_the_library_counts() -> None:
    for fields in (FIELDS, FIELDS + 1):
        body = b"&".join([b"a=1"] * fields)
        assert ours(body) == library(body)
        assert (ours(body) is None) == (fields > FIELDS)
