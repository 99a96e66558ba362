"""Answers that were understood elsewhere: what a question could have come to is taken, everything else refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.engine import SurveyFlow
from surveys.flow import Choice, Consent, Conversation, Given, Propose, Record, Start, Timeout, Value, step
from surveys.load import load_survey
from tests.surveys.samples import TAMANI, TEXTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACTS: dict[str, object] = {"carries": frozenset(), "statements": {}}
PLACE = next(iter(TAMANI))

POLL = """
name: kinds
languages: [en]
title: Kinds
sender: Forum
keywords: [KINDS]
consent: {{version: "1", text: Join?}}
thanks: Thanks
questions:
  - {{id: it, text: It?, purpose: p, required: {required}, {kind}}}
"""
OPTIONS = "options: [{id: a, label: One}, {id: b, label: Two}, {id: c, label: Three}]"
KINDS: dict[str, tuple[str, list[Value], list[Any]]] = {
    "one-of": (f"type: one-of, {OPTIONS}", ["a", "c"], ["1", "One", "d", "", ["a"], 1]),
    "yes-no": ("type: yes-no", ["yes", "no"], ["y", 1, ["yes"]]),
    "many-of": (
        f"type: many-of, maximum: 2, {OPTIONS}",
        [["a"], ["a", "c"]],
        [[], ["c", "a"], ["a", "a"], "a", ["a", "b", "c"], [["a"]]],
    ),
    "ranking": (
        f"type: ranking, {OPTIONS}",
        [["c", "a", "b"]],
        [["c", "a"], ["a", "a", "b"], "abc", [["a"], "b", "c"]],
    ),
    "scale": ("type: scale, minimum: 1, maximum: 5", [1, 5], [0, 6, 2.5, "3", [3], True]),
    "number": ("type: number", [0, -3, 999_999], [1_000_000, 2.5, float("nan"), float("inf"), 10**400, "5"]),
    "decimal": ("type: number, whole: no, minimum: 0", [2.5, 2], [-0.5, "2.5"]),
    "date": (
        'type: date, minimum: "2020-01-01"',
        ["2024-02-29"],
        ["2023-02-29", "2019-12-31", "2024-02", "20240229", "2024-W01-1", "29/2/2024", 5],
    ),
    "month": ("type: date, precision: month", ["2024-02"], ["2024", "2024-13", "2024-02-29"]),
    "place": ("type: place, gazetteer: tamani", [PLACE.id], ["nowhere", PLACE.names[""] + "!", ["x"], 3]),
    "open": ("type: open", ["words", " x "], ["  ", "", 5, ["words"]]),
    "phone-consent": ('type: phone-consent, version: "1"', ["yes", "no"], ["maybe"]),
}


def asked(kind: str, required: str = "yes") -> tuple[SurveyFlow, Conversation]:
    source = POLL.format(kind=kind, required=required)
    flow = SurveyFlow(load_survey(source, "kinds.yaml", {"tamani": TAMANI}), TEXTS)
    conversation, _ = step(flow, Conversation(flow.id), Start("en"), NOW, FACTS)
    conversation, _ = step(flow, conversation, Choice("consent", "1"), NOW, FACTS)
    assert conversation.at == "it"
    return flow, conversation


@pytest.mark.parametrize(("kind", "taken", "refused"), KINDS.values(), ids=KINDS)
def test_what_could_have_been_stored_is_taken_as_it_is(kind: str, taken: list[Value], refused: list[Any]) -> None:
    flow, conversation = asked(kind)
    for value in taken:
        after, effects = step(flow, conversation, Given("it", value), NOW, FACTS)
        assert [effect.value for effect in effects if isinstance(effect, Record)] == [value]
        assert after.outcome == "completed"
    for value in [*refused, None]:
        after, effects = step(flow, conversation, Given("it", value), NOW, FACTS)
        assert after.at == "it", value
        assert not any(isinstance(effect, Record) for effect in effects)


def test_what_may_be_skipped_may_be_given_as_nothing() -> None:
    flow, conversation = asked("type: number", "no")
    _, effects = step(flow, conversation, Given("it", None), NOW, FACTS)
    assert Record("it", None, state="skipped") in effects


def test_a_consent_to_calls_goes_with_its_answer() -> None:
    flow, conversation = asked('type: phone-consent, version: "2"')
    assert Consent("it/2", True) in step(flow, conversation, Given("it", "yes"), NOW, FACTS)[1]


def test_an_answer_to_another_question_changes_nothing() -> None:
    flow, conversation = asked("type: open")
    assert step(flow, conversation, Given("other", "words"), NOW, FACTS) == (conversation, ())
    begun, _ = step(flow, Conversation(flow.id), Start("en"), NOW, FACTS)
    assert step(flow, begun, Given("consent", "yes"), NOW, FACTS) == (begun, ())
    assert step(flow, Conversation(flow.id), Given("it", "words"), NOW, FACTS)[0].answers == {}


def test_votes_and_own_statements() -> None:
    views = "type: statements, show: 2, own: yes, statements: [{id: x, text: X}, {id: y, text: Y}]"
    source = POLL.format(kind=views, required="yes").replace(", required: yes", "")
    flow = SurveyFlow(load_survey(source, "kinds.yaml"), TEXTS)
    conversation, _ = step(flow, Conversation(flow.id), Start("en"), NOW, FACTS)
    conversation, _ = step(flow, conversation, Choice("consent", "1"), NOW, FACTS)
    for wrong in (["z", "agree"], ["x", "maybe"], ["x"], "x", [["x"], "agree"]):
        assert step(flow, conversation, Given("it.1", wrong), NOW, FACTS)[0].at == "it.1"  # type: ignore[arg-type]
    assert step(flow, conversation, Given("it.1", None), NOW, FACTS)[0].at == "it.2"  # none was left where it was asked
    conversation, _ = step(flow, conversation, Given("it.1", ["y", "agree"]), NOW, FACTS)
    assert step(flow, conversation, Given("it.2", ["y", "pass"]), NOW, FACTS)[0].at == "it.2"
    conversation, _ = step(flow, conversation, Given("it.2", ["x", "pass"]), NOW, FACTS)
    assert step(flow, conversation, Given("it.own", "x" * 141), NOW, FACTS)[0].at == "it.own"
    conversation, effects = step(flow, conversation, Given("it.own", "More wells"), NOW, FACTS)
    assert Propose("it", "More wells") in effects
    assert conversation.outcome == "completed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(KINDS)), JSON)
def test_no_value_raises(kind: str, value: Any) -> None:
    flow, conversation = asked(KINDS[kind][0])
    after, _ = step(flow, conversation, Given("it", value), NOW, FACTS)
    assert after.outcome == "completed" or after.at == "it"
    assert step(flow, after, Timeout(), NOW, FACTS)[0].outcome
