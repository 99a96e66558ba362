"""Arithmetic, dates, functions, words and computed values: what they come to, and where they don't fit."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.expressions import (
    Domain,
    ExpressionError,
    any_of,
    check,
    domain,
    from_json,
    kind_of,
    negated,
    parse,
    parse_value,
    renamed,
    resolve,
    spread,
    to_json,
)
from surveys.expressions.tree import MAX_NUMBER
from surveys.model import Choice, Question
from tests.surveys.language import ANSWERS, COMES_TO, HOLDS, NAMES, condition, value


@pytest.mark.parametrize(("source", "holds"), HOLDS)
def test_holds(source: str, holds: bool) -> None:
    assert list(check(parse(source), NAMES)) == []
    expression = condition(source)
    assert expression(ANSWERS) is holds
    assert from_json(json.loads(json.dumps(to_json(expression))))(ANSWERS) is holds


@pytest.mark.parametrize(("source", "result"), COMES_TO)
def test_comes_to(source: str, result: Any) -> None:
    assert list(check(parse_value(source), NAMES, key="value")) == []
    expression = value(source)
    found = expression.value(ANSWERS)
    assert (found, type(found)) == (result, type(result))
    assert from_json(json.loads(json.dumps(to_json(expression)))).value(ANSWERS) == result
    assert expression(ANSWERS) is False  # a value holds nowhere


@pytest.mark.parametrize(
    ("source", "at", "said"),
    [
        ("adults + 1", 10, "a comparison such as"),
        ("adults + > 3", 9, "a question's id or a number, not `>`"),
        ("adults + (region == north) > 3", 10, "a condition has no value of its own"),
        ("(region == north) == yes", 1, "a condition has no value of its own"),
        ("count(needs, order) > 1", 11, "`)`, not `,`"),
        ("count(2) > 1", 6, "a question's id, not `2`"),
        ("coutn(needs) > 1", 0, "there is no `coutn(...)`; did you mean 'count'?"),
        ("if(region, 1, 2) > 1", 9, "a comparison such as `==`, `in` or `includes` after 'region'"),
        ("if(region == north, 1) > 1", 21, "`,`, not `)`"),
        ("round(height, 1) > 1", 14, "`round` takes one number"),
        ("since > 2024-02-30", 8, "there is no day 2024-02-30; write year-month-day, such as 2024-05-31"),
        ("since > 2024-13", 8, "there is no month 2024-13"),
        ("count(needs) includes water", 13, "before `includes` stands a question's id"),
        ("needs includes 3", 15, "after `includes` stands an option's id"),
        ("adults - - - 1 > 3", 11, "a question's id or a number"),
        ("adults × 2 > 3", 7, "write `*`"),
        ("adults" + " + 1" * 51 + " > 3", 207, "more than 50 terms in a row"),
        ("if(" * 21 + "a", 60, "nested deeper than 20 levels"),
    ],
)
def test_not_understood(source: str, at: int, said: str) -> None:
    with pytest.raises(ExpressionError, match=r".") as caught:
        parse(source)
    assert (caught.value.at, said in str(caught.value)) == (at, True), str(caught.value)


def test_a_value_is_no_condition() -> None:
    with pytest.raises(ExpressionError, match="a value is a number or a word, not a condition") as caught:
        parse_value("adults > 3")
    assert caught.value.at == 0
    with pytest.raises(ExpressionError, match=r"`&` is not understood in `value`"):
        parse_value("adults & 3")
    with pytest.raises(ExpressionError, match=r"and the expression ends; for example `adults \+ 1`"):
        parse_value("adults +")


@pytest.mark.parametrize(
    ("source", "at", "message"),
    [
        ("region + 1 > 2", 0, "`+` takes numbers, and 'region' is one-of; name a number"),
        ("needs * 2 > 2", 0, "`*` takes numbers, and 'needs' is many-of; use `count(needs)`"),
        ("sum(adults, own) > 2", 12, "`sum` takes numbers, and 'own' is open; name a number"),
        (
            "count(adults) > 2",
            6,
            "`count(...)` goes with many-of and ranking, and 'adults' is number; name another question",
        ),
        ("first(needs) == water", 6, "`first(...)` goes with ranking, and 'needs' is many-of; name another question"),
        ("first(order) == wtaer", 16, "'first(order)' has no option 'wtaer'; did you mean 'water'?"),
        ("order == water", 0, "`==` does not go with 'order', which is ranking; use `first(...)` or `includes`"),
        ("count(needs) > 4", 15, "'count(needs)' can't be 4: it is at least 0 and at most 3"),
        ("count(needs) == water", 16, "'count(needs)' is answered with a number, not with 'water'; write a number"),
        ("adults > region", 9, "'adults' is number and 'region' one-of; compare what is of one kind"),
        ("since > adults", 8, "'since' is date and 'adults' number; compare what is of one kind"),
        ("hope == region", 8, "'hope' and 'region' have no option in common; compare it with an option's id"),
        ("adults > chlidren", 9, "'adults' is answered with a number, not with 'chlidren'; write a number"),
        (
            "adults > later",
            9,
            "question 'later' in `when` is not asked before this one; move it up, or name an earlier one",
        ),
        ("since > 40", 8, "'since' is answered with a date, not with '40'; write year-month-day, such as 2024-05-31"),
        (
            "since == north",
            9,
            "'since' is answered with a date, not with 'north'; write year-month-day, such as 2024-05-31",
        ),
        ("until == 2024-05-12", 9, "'until' is known to the month only; write 2024-05"),
        ("until > 2031", 8, "'until' can't be 2031: it is at least 2020-01-01 and at most 2030-12-31"),
        ("adults > 2024-05", 9, "'adults' is answered with a number, not with '2024-05'; write a number"),
        ("town == jubaa", 8, "'town' has no place 'jubaa'; did you mean 'juba'?"),
        ("town > juba", 0, "`>` does not go with 'town', which is place; use `==`, `!=` or `in (...)`"),
        ("band == odl", 8, "'band' has no word 'odl'; did you mean 'old'?"),
        ("band > 3", 0, "`>` does not go with 'band', which is a word; use `==`, `!=` or `in (...)`"),
        ("frame == wra", 9, "'frame' has no option 'wra'; did you mean 'war'?"),
        ("answered(hello)", 9, "'hello' can't be used here: it is note; name another question"),
        ("views == water", 0, "'views' can't be used here: it is statements; name another question"),
        ("if(adults > 3, 1, few) == 1", 18, "`if` gives number or a word; let '1' and 'few' be of one kind"),
        ("30 < adults + regoin", 14, "question 'regoin' in `when` does not exist; did you mean 'region'?"),
        ("40 < adults", 0, "'adults' can't be 40: it is at least 0 and at most 30"),
    ],
)
def test_does_not_fit(source: str, at: int, message: str) -> None:
    [error] = check(parse(source), NAMES, frozenset({"later"}))
    assert (error.at, str(error)) == (at, message)


@pytest.mark.parametrize("source", ["needs", "since", "own"])
def test_a_computed_value_is_a_number_or_a_word(source: str) -> None:
    [error] = check(parse_value(source), NAMES, key="value")
    kind = NAMES[source].type
    assert str(error) == f"a computed value is a number or a word, and '{source}' is {kind}; use another"


def test_what_a_value_can_be_follows_from_its_expression() -> None:
    assert kind_of(parse_value("adults + 1"), NAMES).kind == "number"
    assert kind_of(parse_value("if(adults > 3, adults, 0)"), NAMES).kind == "number"
    assert kind_of(parse_value("if(adults > 3, many, region)"), NAMES).ids == ("many", "north", "coast")
    assert kind_of(parse_value("region"), NAMES).ids == ("north", "coast")


def test_a_word_is_an_option_before_it_is_a_question() -> None:
    names = {**NAMES, "north": Domain("option", "one-of", ("a", "b")), "limit": NAMES["adults"]}
    assert resolve(parse("region == north"), names)({"region": "north", "north": "a"})
    assert resolve(parse("adults < limit"), names)({"adults": 3, "limit": 4})


def test_questions_and_their_types() -> None:
    question = Question("own", "one-of", {}, "", (Choice("a", {}), Choice("b", {})))
    assert domain(question).ids == ("a", "b")
    assert domain(Question("arm", "arm", {}, arms=("x", "y"))).ids == ("x", "y")
    assert domain(Question("ok", "phone-consent", {})).ids == ("yes", "no")
    assert domain(Question("said", "note", {})).kind == "nothing"


def test_names_change_and_nothing_else() -> None:
    expression = renamed(condition("count(needs) > 1 and region == north"), {"needs": "needs.2", "north": "x"})
    assert expression.names == {"needs.2", "region"}
    assert str(expression) == "count(needs) > 1 and region == north"
    several = spread(parse_value("sum(age) + max(age, 3)"), {"age": ("age.1", "age.2")})
    assert several.value({"age.1": 4, "age.2": None}) == 8
    assert any_of(parse("adults > 3"), parse("adults < 1"))({"adults": 0})
    assert negated(negated(parse("adults > 3"))) == parse("adults > 3")


# Whatever is written, and whatever is answered

NUMBERS = st.recursive(
    st.sampled_from(["adults", "children", "height", "total", "count(needs)", "2", "0", "-1.5", "999999999999999"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(["sum", "min", "max"]), inner, inner)
        | st.builds("round({})".format, inner)
        | st.builds("if({} > {}, {}, {})".format, inner, inner, inner, inner)
        | st.builds("-({})".format, inner)
    ),
    max_leaves=8,
)
ATOMS = st.builds("{} {} {}".format, NUMBERS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), NUMBERS) | (
    st.sampled_from([source for source, _ in HOLDS])
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.builds("not ({})".format, inner)
        | st.builds("({}) and ({})".format, inner, inner)
        | st.builds("({}) or ({})".format, inner, inner)
    ),
    max_leaves=4,
)
GIVEN = st.dictionaries(
    st.sampled_from(sorted(NAMES)),
    st.none()
    | st.integers()
    | st.floats()
    | st.sampled_from(["north", "2024-05", "", "x"])
    | st.lists(st.sampled_from(["water", "roads"])),
)


@given(NUMBERS, GIVEN)
def test_a_value_is_a_number_within_bounds_or_nothing(source: str, answers: dict[str, Any]) -> None:
    expression = value(source)
    found = expression.value(answers)
    assert found is None or isinstance(found, str) or -MAX_NUMBER <= found <= MAX_NUMBER
    assert from_json(to_json(expression)) == expression
    assert from_json(to_json(expression)).value(answers) == found


@given(CONDITIONS, GIVEN)
def test_a_condition_is_true_or_false_and_the_same_wherever_it_went(source: str, answers: dict[str, Any]) -> None:
    expression = condition(source)
    holds = expression(answers)
    assert holds is (not negated(expression)(answers))
    again = condition(str(expression))
    assert again == expression
    for copy in (again, from_json(json.loads(json.dumps(to_json(expression)))), deepcopy(expression)):
        assert copy == expression
        assert copy(answers) is holds


@pytest.mark.parametrize(
    "data", [None, [], ["get"], ["==", 1], ["in", ["get", "a"], ["get", "b"]], ["answered", "a"], {}]
)
def test_other_json_is_no_expression(data: Any) -> None:
    with pytest.raises(ValueError, match="this is no"):
        from_json(data)
