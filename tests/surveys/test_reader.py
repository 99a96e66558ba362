"""YAML as it is written: strings stay strings, places are right, and what could surprise or harm is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.problem import Problem, SurveyError
from surveys.reader import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_PARTS, MAX_TEXT, Place, read


def refused(source: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(SurveyError) as caught:
        read(source, "poll.yaml")
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return caught.value.problems


@pytest.mark.parametrize(
    "written", ["no", "yes", "on", "1:20", "0123", "0x1f", "1e3", "~", "null", "2026-11-22", ".inf"]
)
def test_scalars_stay_as_written(written: str) -> None:
    assert read(f"a: {written}\nb: [{written}]\n{written}: c\n", "f").data == {
        "a": written,
        "b": [written],
        written: "c",
    }


def test_places_count_from_one() -> None:
    document = read('# poll\nname: "sample"\nlist:\n  - one\n  - {k: two}\nfold: >\n  a\n  b\n', "f")
    assert document.values["name",] == Place(2, 7, 1)
    assert document.keys["list",] == Place(3, 1, 0)
    assert document.values["list", 0] == Place(4, 5, 0)
    assert document.values["list", 1, "k"] == Place(5, 9, 0)
    assert document.values["fold",].inner is None
    assert document.data == {"name": "sample", "list": ["one", {"k": "two"}], "fold": "a b\n"}


def test_a_problem_stands_at_the_text_or_at_what_holds_it() -> None:
    document = read('a: "text"\nb: [x]\n', "f")
    assert str(document.problem(("a",), "wrong", offset=2)) == "f:1:7: wrong"
    assert str(document.problem(("b", 0, "missing"), "wrong")) == "f:2:5: wrong"
    assert str(document.problem(("b",), "wrong", key=True)) == "f:2:1: wrong"


def test_text_is_composed_so_that_two_spellings_of_a_letter_are_one() -> None:
    assert read("a: Cafe\u0301", "f").data == {"a": "Café"}


def test_windows_line_ends_and_byte_order_mark_are_read() -> None:
    assert read(b"\xef\xbb\xbfa: b\r\nc: d\r\n", "f").data == {"a": "b", "c": "d"}


def test_every_key_that_is_there_twice_is_told() -> None:
    assert [(p.line, p.column) for p in refused("a: 1\nb: 2\na: 3\nb: {c: 1, c: 2}\n")] == [(3, 1), (4, 1), (4, 11)]


def test_aliases_and_tags_are_told_once_each() -> None:
    messages = [problem.message for problem in refused("a: &x [1]\nb: [*x, *x]\nc: !!int 3\n")]
    assert len(messages) == 3
    assert all("not read" in message for message in messages)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "is empty"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("x" * (MAX_BYTES + 1), "larger than 1 MiB"),
        (b"\xff" * (MAX_BYTES + 1), "larger than 1 MiB"),
        (b"a: \xc3", "not UTF-8"),
        ("a: b\ud800", "U+D800"),
        ("a: \x00", "U+0000"),
        ('a: "\\u2028"', "U+2028"),
        ('a: "x\\ty"', "a tab"),
        ("[" * 100_000, "nested deeper"),
        ("- " * 50_000, "nested deeper"),
        ("{a: " * 50_000, "nested deeper"),
        ("[" + "a," * (MAX_PARTS + 1) + "]", "in one list or map"),
        ("[" + ("[" + "a," * MAX_PARTS + "],") * (MAX_NODES // MAX_PARTS) + "]", f"more than {MAX_NODES} parts"),
        ("a: " + "x" * (MAX_TEXT + 1), "characters"),
        ("a: 1\n" * 2_000, "is here twice"),
        ('"": x', "a key is missing"),
        ("*a : x", "a key must be a word"),
        ("{[a]: b}", "a key must be a word"),
        ("%YAML 9.9\n---\na: b", "this is not YAML"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_refused(source: str | bytes, said: str) -> None:
    assert said in refused(source)[-1].message


def test_depth_is_counted_in_open_maps_and_lists() -> None:
    read("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f")
    assert "nested deeper" in refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[0].message


def reads_or_refuses(source: str | bytes) -> bool:
    """Nothing else is raised, and a refusal says why."""
    try:
        read(source, "f")
    except SurveyError as error:
        return bool(error.problems and str(error))
    return True


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!'\"|>#%@`,? \n\t\u0661س\ud800"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert reads_or_refuses(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    assert reads_or_refuses(source)
