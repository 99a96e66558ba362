"""The checker finds each kind of violation in histories that are made up, and nothing in one that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import REFUSED, SILENT, TAKEN, Got, History, Sent, violations

REPLIES = ("take part?", "Q1", "Q2 after 17", "Done after 23")


def person(name: str, start: float = 0.0) -> History:
    """Four messages, each acknowledged, each answered once and in order."""
    return History(
        tuple(Sent(name, text, start + place, start + place + 0.5) for place, text in enumerate(REPLIES)),
        tuple(Got(name, text, start + place + 0.6, start + place + 0.7, TAKEN) for place, text in enumerate(REPLIES)),
    )


def together(*histories: History) -> History:
    return History(
        tuple(sent for one in histories for sent in one.sent), tuple(got for one in histories for got in one.got)
    )


FINE = together(person("a"), person("b", 0.25))


def with_got(*got: Got, doubtful: frozenset[tuple[str, str]] = frozenset()) -> History:
    return History(FINE.sent, got, doubtful)


A = FINE.got[:4]
B = FINE.got[4:]
WRONG: dict[str, tuple[History, str]] = {
    "empty": (History((), ()), "nothing was seen: the history is empty"),
    "nobody got anything": (with_got(), "nothing was seen: the history is empty"),
    "acknowledged and lost": (with_got(*A[:3], *B), "a wrote, was told that it was taken, and got no 'Done after 23'"),
    "refused and never again": (
        with_got(*A[:3], replace(A[3], outcome=REFUSED), *B),
        "a wrote, was told that it was taken, and got no 'Done after 23'",
    ),
    "one effect twice": (
        with_got(*A[:3], Got("a", "Q3 after 17", 9, 9.1, TAKEN), A[3], *B),
        "a was sent what nothing they wrote leads to: 'Q3 after 17'",
    ),
    "somebody else's": (
        with_got(*A, *B, Got("b", "Q1 of a", 9, 9.1, TAKEN)),
        "b was sent what nothing they wrote leads to: 'Q1 of a'",
    ),
    "sent twice": (
        with_got(*A, replace(A[1], began=9, ended=9.1), *B),
        "a was sent 'Q1' twice, and the gateway does not say so, though the provider had said that it has it",
    ),
    "sent twice after a silence, and not said": (
        with_got(A[0], replace(A[1], outcome=SILENT), replace(A[1], began=1.8, ended=1.9), *A[2:], *B),
        "a was sent 'Q1' twice, and the gateway does not say so",
    ),
    "sent twice after a silence, and not marked": (
        with_got(
            A[0],
            replace(A[1], outcome=SILENT),
            replace(A[1], began=1.8, ended=1.9),
            *A[2:],
            *B,
            doubtful=frozenset({("a", "Q1")}),
        ),
        "a was sent 'Q1' twice, and was not told that it is the same again",
    ),
    "sent three times": (
        with_got(
            A[0],
            *(replace(A[1], began=1.7 + by, ended=1.75 + by, outcome=SILENT) for by in (0, 0.1, 0.2)),
            *A[2:],
            *B,
            doubtful=frozenset({("a", "Q1")}),
        ),
        "a was sent 'Q1' 3 times",
    ),
    "out of order": (
        with_got(A[0], replace(A[2], began=1, ended=1.1), replace(A[1], began=2, ended=2.1), A[3], *B),
        "a got replies [1, 3, 2, 4]",
    ),
    "two at once": (
        with_got(replace(A[0], ended=1.65), *A[1:], *B),
        "a was sent 'Q1' while 'take part?' was still being handed over",
    ),
}


def test_a_history_that_is_right_is_right() -> None:
    assert violations(FINE) == []


def test_what_is_allowed_is_allowed() -> None:
    """A message that nobody acknowledged, a refusal and the same again, a doubtful one twice or not at all."""
    never = replace(FINE.sent[3], acknowledged=None)
    unacknowledged = History((*FINE.sent[:3], never, *FINE.sent[4:]), (*A[:3], *B))
    refused_first = with_got(replace(A[0], began=0.5, ended=0.55, outcome=REFUSED), *A, *B)
    doubtful = frozenset({("a", "Q1")})
    twice = with_got(
        A[0],
        replace(A[1], ended=50, outcome=SILENT),
        replace(A[1], text="(again) Q1", began=1.8, ended=1.9),
        *A[2:],
        *B,
        doubtful=doubtful,
    )
    lost = with_got(A[0], *A[2:], *B, doubtful=doubtful)
    assert [violations(one) for one in (unacknowledged, refused_first, twice, lost)] == [[], [], [], []]


@pytest.mark.parametrize("name", WRONG)
def test_each_violation_is_found_and_named(name: str) -> None:
    history, sentence = WRONG[name]
    assert violations(history) == [sentence]
