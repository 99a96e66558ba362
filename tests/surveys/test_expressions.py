"""The language of `when`: what it means, where it is wrong, and that it never raises on answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.expressions import MAX_LENGTH, Expression, ExpressionError, check, parse
from surveys.model import Choice, Question


def question(name: str, kind: str, *options: str, **more: Any) -> Question:
    return Question(name, kind, {}, "", tuple(Choice(option, {}) for option in options), **more)


BEFORE = {
    asked.id: asked
    for asked in (
        question("region", "one-of", "north", "coast"),
        question("topics", "many-of", "land", "jobs"),
        question("trust", "scale", minimum=1, maximum=5),
        question("age", "number", minimum=15),
        question("height", "number", whole=False, maximum=3),
        question("hope", "yes-no"),
        question("own", "open"),
    )
}
ANSWERS = {"region": "north", "topics": ["land"], "trust": 3, "age": 40, "height": 1.5, "hope": "yes", "own": "peace"}


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("region == north", True),
        ("region != north", False),
        ("region != coast", True),
        ("region in (coast, north)", True),
        ("region in (coast)", False),
        ("topics includes land", True),
        ("topics includes jobs", False),
        ("hope == yes", True),
        ("trust < 3", False),
        ("trust <= 3", True),
        ("trust > 2", True),
        ("trust >= 4", False),
        ("trust in (1, 3)", True),
        ("height >= 1.5", True),
        ("age == ٤٠", True),
        ("answered(own)", True),
        ("not answered(own)", False),
        ("region == coast or trust == 3 and hope == yes", True),
        ("(region == coast or trust == 3) and hope == no", False),
        ("not region == coast and not hope == no", True),
        ("not (region == north and hope == yes)", False),
        ("  region==north\tand\n(trust>2)  ", True),
    ],
)
def test_holds(source: str, holds: bool) -> None:
    expression = parse(source)
    assert list(check(expression, BEFORE, frozenset())) == []
    assert expression(ANSWERS) is holds


@pytest.mark.parametrize("answers", [{}, dict.fromkeys(ANSWERS)])
@pytest.mark.parametrize(
    "source",
    ["region == north", "region != north", "region in (north)", "topics includes land", "trust < 9", "answered(own)"],
)
def test_a_missing_or_skipped_answer_makes_a_comparison_false(source: str, answers: dict[str, Any]) -> None:
    assert parse(source)(answers) is False
    assert parse(f"not {source}")(answers) is True


@pytest.mark.parametrize(
    ("source", "at", "said"),
    [
        ("region = north", 7, "write `==`"),
        ("region == 'north'", 10, "without quotes"),
        ("region == north && age > 20", 16, "write `and`"),
        ("age => 20", 4, "write `>=`"),
        ("region == north OR age > 20", 16, "write `or` in small letters"),
        ("", 0, "a question's id"),
        ("region", 6, "a comparison"),
        ("region ==", 9, "an option's id or a number"),
        ("region in north", 10, "`(`"),
        ("(age > 20", 9, "`)`"),
        ("age > 20)", 8, "`and` or `or`"),
        ("20 < 3x", 5, "`3` is not understood"),
        ("age > 20 < 30", 9, "`and` or `or`"),
        ("answered own", 9, "`(`"),
        ("age > 3x", 6, "`3` is not understood"),
        ("age > " + "9" * 30, 6, "too long"),
        ("not " * 30 + "age > 3", 80, "nested deeper"),
        ("(" * 30 + "age > 3" + ")" * 30, 20, "nested deeper"),
        ("a" * (MAX_LENGTH + 1), 0, "longer than"),
        ("age.__class__ == 3", 3, "`.` is not understood"),
    ],
)
def test_not_understood(source: str, at: int, said: str) -> None:
    with pytest.raises(ExpressionError, match=r".") as caught:
        parse(source)
    assert (caught.value.at, said in str(caught.value)) == (at, True), str(caught.value)


@pytest.mark.parametrize(
    ("source", "at", "message"),
    [
        ("regoin == north", 0, "question 'regoin' in `when` does not exist; did you mean 'region'?"),
        (
            "later == yes",
            0,
            "question 'later' in `when` is not asked before this one; move it up, or name an earlier one",
        ),
        ("region == nort", 10, "'region' has no option 'nort'; did you mean 'north'?"),
        ("region in (north, 3)", 18, "'region' has no option '3'; there is north, coast"),
        ("hope == maybe", 8, "'hope' has no option 'maybe'; there is yes, no"),
        ("region < north", 0, "`<` does not go with 'region', which is one-of; use `==`, `!=` or `in (...)`"),
        ("topics == land", 0, "`==` does not go with 'topics', which is many-of; use `includes`"),
        (
            "region includes north",
            0,
            "`includes` does not go with 'region', which is one-of; use `==`, `!=` or `in (...)`",
        ),
        ("own == peace", 0, "`==` does not go with 'own', which is open; use `answered(...)`"),
        ("trust > 5.5", 8, "'trust' is answered with whole numbers; 5.5 is none"),
        ("trust == 6", 9, "'trust' can't be 6: it is at least 1 and at most 5"),
        ("age > -1", 6, "'age' can't be -1: it is at least 15"),
        ("height > 3.5", 9, "'height' can't be 3.5: it is at most 3"),
        ("age == old", 7, "'age' is answered with a number, not with 'old'; write a number"),
    ],
)
def test_does_not_fit_the_questions(source: str, at: int, message: str) -> None:
    [error] = check(parse(source), BEFORE, frozenset({"later"}))
    assert (error.at, str(error)) == (at, message)


def test_all_that_does_not_fit_is_told() -> None:
    expression = parse("not (regoin == north or trust == 9) and answered(nobody) and region in (nort, coas)")
    assert [error.at for error in check(expression, BEFORE, frozenset())] == [5, 33, 49, 72, 78]


def test_what_is_unclear_is_not_held_against_the_condition() -> None:
    assert not list(check(parse("broken == x and broken < 3"), BEFORE, frozenset({"broken"}), {"broken"}))


NAMES = st.sampled_from([*BEFORE, "nobody"])
WORDS = st.sampled_from(["north", "land", "yes"])
LITERALS = WORDS | st.sampled_from(["3", "-1", "2.5", "2024-05"])
CONDITIONS = st.recursive(
    st.builds("{} {} {}".format, NAMES, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), LITERALS)
    | st.builds("{} includes {}".format, NAMES, WORDS)
    | st.builds("{} in ({}, {})".format, NAMES, LITERALS, LITERALS)
    | st.builds("answered({})".format, NAMES),
    lambda inner: (
        st.builds("not ({})".format, inner)
        | st.builds("({}) and ({})".format, inner, inner)
        | st.builds("({}) or ({})".format, inner, inner)
    ),
    max_leaves=6,
)
VALUES = st.none() | st.integers() | st.floats() | st.sampled_from(["north", "yes", "3"]) | st.lists(st.just("land"))


@given(CONDITIONS, st.dictionaries(NAMES, VALUES))
def test_any_condition_is_true_or_false_on_any_answers(source: str, answers: dict[str, Any]) -> None:
    expression = parse(source)
    assert isinstance(expression, Expression)
    assert expression(answers) is (not parse(f"not ({source})")(answers))


@given(st.text(alphabet="abz_ 1.-=<>!&|(),\"'{$٣é\n", max_size=40) | st.text(max_size=40))
def test_any_text_is_understood_or_refused_inside_of_it(source: str) -> None:
    try:
        parse(source)
    except ExpressionError as error:
        at = error.at
    else:
        at = 0
    assert 0 <= at <= len(source)
