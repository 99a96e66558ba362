"""Expressions of forms, and what they say in a poll; and the way back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.expressions import parse, parse_value
from surveys.xlsform import conditions
from surveys.xlsform.bounds import Bounds, bounds
from surveys.xlsform.fields import Field
from surveys.xlsform.report import Unfit
from surveys.xlsform.said import Known, said
from surveys.xlsform.written import written

FIELDS = {
    "age": Field("age", "number", always=True),
    "km": Field("km", "number"),
    "region": Field("region", "one-of", {"north": "north", "1": "o1", "2": "o2", "3": "o3"}),
    "likert": Field("likert", "one-of", {"1": "o1", "2": "o2", "3": "o3"}, always=True),
    "other_region": Field("other_region", "one-of", {"north": "north", "1": "o1", "2": "o2", "3": "o3"}),
    "needs": Field("needs", "many-of", {"water": "water", "food": "food"}),
    "order": Field("order", "ranking", {"water": "water", "food": "food"}),
    "ok": Field("ok", "yes-no", {"1": "yes", "0": "no"}, always=True),
    "why": Field("why", "open"),
    "since": Field("since", "date"),
    "band": Field("band", "value", {"low": "low", "high": "high"}),
}


def known(name: str) -> Field:
    if name not in FIELDS:
        raise Unfit(f"there is no row '{name}'", "check the name")
    return FIELDS[name]


HOLDS: Mapping[str, str | bool] = {
    "${age} >= 18": "age >= 18",
    "18 <= ${age}": "age >= 18",
    "${age}>'18'": "age > 18",
    "${age} != 3": "age != 3",
    "${km} != 3": "not (km == 3)",
    "${ok} = '1'": "ok == yes",
    "${ok}='0' or ${age} = 5": "ok == no or age == 5",
    "${region} = 'north'": "region == north",
    "${region} != 'north'": "not (region == north)",
    "${ok} != '1'": "ok != yes",
    "selected(${region}, '1')": "region == o1",
    "selected(${needs}, 'water') and not(selected(${needs}, 'food'))": (
        "needs includes water and not (needs includes food)"
    ),
    "${needs} = 'water'": "count(needs) == 1 and needs includes water",
    "${needs} != ''": "answered(needs)",
    "${why} = ''": "not answered(why)",
    "string-length(${why}) > 0": "answered(why)",
    "string-length(${why})=0": "not answered(why)",
    "not(${why} != '')": "not answered(why)",
    "${why}": "answered(why)",
    "${likert} >= 2": "likert in (o2, o3)",
    "${likert} > '2'": "likert == o3",
    "${region} = '1' or ${region} = '2' or ${age} > 3": "region in (o1, o2) or age > 3",
    "(${age} > 1 or ${age} < 0) and ${ok} = '1'": "(age > 1 or age < 0) and ok == yes",
    "${age} > ${km} + 2 * 3": "age > km + 2 * 3",
    "(${age} + ${km}) div 2 > 3": "(age + km) / 2 > 3",
    "${age} - (${km} - 1) > 0": "age - (km - 1) > 0",
    "count-selected(${needs}) >= 2": "count(needs) >= 2",
    "count-selected(${needs}) < 2": "not answered(needs) or count(needs) < 2",
    "${region} = ${other_region}": "region == other_region",
    "${since} > date('2020-01-31')": "since > 2020-01-31",
    "${since} <= '2020-01-31'": "since <= 2020-01-31",
    "${band} = 'low'": "band == low",
    "coalesce(${km}, 0) > 5": "if(answered(km), km, 0) > 5",
    "${likert} + 1 > 2": "if(likert == o1, 1, if(likert == o2, 2, 3)) + 1 > 2",
    "if(${age} > 3, ${ok} = '1', ${ok} = '0')": "age > 3 and ok == yes or not (age > 3) and ok == no",
    "(${ok} = '1') = true()": "ok == yes",
    "true()": True,
    "true() and ${age} > 3": "age > 3",
    "false() or not(false())": True,
    "${age} > -1": "age > -1",
    " ${ age } >= 18 ": "age >= 18",
}


@pytest.mark.parametrize("source", HOLDS)
def test_a_condition_in_the_polls_words(source: str) -> None:
    found = conditions.condition(source, known)
    assert (found if isinstance(found, bool) else written(found)) == HOLDS[source]
    if not isinstance(found, bool):
        assert written(parse(written(found)).tree) == HOLDS[source]


VALUES = {
    "${age} * 2": "age * 2",
    "if(${age} > 18, 'Grown up', 'child')": "if(age > 18, grown_up, child)",
    "if(selected(${needs}, 'water'), 1, 0) + ${age}": "if(needs includes water, 1, 0) + age",
    "(${ok} = '1') + (${age} > 5)": "if(ok == yes, 1, 0) + if(age > 5, 1, 0)",
    "round(${age} div 3)": "round(age / 3)",
    "max(${age}, ${km}, 3)": "max(age, km, 3)",
    "selected-at(${order}, 0)": "first(order)",
    "number('3.50')": "3.5",
    "once(${age})": "age",
    "-${age}": "0 - age",
}


@pytest.mark.parametrize("source", VALUES)
def test_a_calculation_in_the_polls_words(source: str) -> None:
    found = written(conditions.value(source, known))
    assert found == VALUES[source]
    assert written(parse_value(found, "value").tree) == found


UNFIT = {
    "${gone} = 1": "there is no row 'gone'",
    "${region} = 'nroth'": "'region' has no choice 'nroth'",
    "${since} > today()": "looks at the clock",
    "${why} = 'yes'": "can't be compared with 'yes'",
    "regex(${why}, 'a+')": "against a pattern",
    "pulldata('a', 'b', 'c', 'd') = 1": "looks into other rows or files",
    "../age > 3": "`/` in an expression is not understood",
    "/data/age > 3": "`/` in an expression is not understood",
    "${age} >": "breaks off",
    "(${age} > 3": "bracket is not closed",
    "${age} > 3)": "breaks off before `)`",
    "${age} AND 3": "`AND` is not understood",
    "${age} mod 2 = 0": "rest of a division",
    "age > 3": "this can't be computed",
    "'x": "`'` in an expression is not understood",
    "${needs} > 3": "can't be compared",
    "": "breaks off",
    "(" * 50 + "1" + ")" * 50: "nested deeper",
    " and ".join(["${age} > 1"] * 100): "more than 60 terms",
    "x" * 5000: "longer than 4000",
}


@pytest.mark.parametrize("source", UNFIT)
def test_what_cannot_be_said_is_refused_with_its_mend(source: str) -> None:
    with pytest.raises(Unfit) as refused:
        conditions.condition(source, known)
    assert UNFIT[source] in str(refused.value)
    assert refused.value.mend


@given(
    st.lists(
        st.sampled_from(
            [
                "${age}",
                "${needs}",
                "${x}",
                "'a'",
                "3",
                "=",
                "<",
                " and ",
                " or ",
                "not(",
                "(",
                ")",
                "selected(",
                ",",
                "+",
                "-",
                ".",
                "..",
                "if(",
                "true()",
                "coalesce(",
                " div ",
            ]
        ),
        max_size=12,
    )
)
def test_any_expression_is_said_or_refused(parts: list[str]) -> None:
    for read in (conditions.condition, conditions.value):
        try:
            found = read("".join(parts), known)
        except Unfit as unfit:
            assert unfit.mend  # noqa: PT017 - most of them are refused, some are not
            continue
        if not isinstance(found, bool):
            assert written(found)


NAMES = {
    "age": Known("number", always=True),
    "km": Known("number"),
    "region": Known("one-of", ("north", "coast")),
    "first": Known("one-of", ("land", "water"), always=True),
    "ok": Known("yes-no", ("yes", "no"), always=True),
    "needs": Known("many-of", ("water", "food")),
    "order": Known("ranking", ("water", "food")),
    "since": Known("date"),
    "band": Known("value", ("low", "high")),
}
BACK = {
    "age >= 18 and km < 3": "${age} >= 18 and ${km} < 3",
    "km != 3": "${km} != 3 and ${km} != ''",
    "age != 3": "${age} != 3",
    "not (km == 3)": "not(${km} = 3)",
    "region == north or ok == no": "${region} = 'north' or ${ok} = 'no'",
    "region in (north, coast)": "${region} = 'north' or ${region} = 'coast'",
    "region in (north, coast) and age > 3": "(${region} = 'north' or ${region} = 'coast') and ${age} > 3",
    "first != land": "${first} != 'land'",
    "needs includes water": "selected(${needs}, 'water')",
    "answered(km)": "${km} != ''",
    "count(needs) > 1": "count-selected(${needs}) > 1",
    "count(needs) < 2": "count-selected(${needs}) < 2 and ${needs} != ''",
    "first(order) == water": "selected-at(${order}, 0) = 'water'",
    "since > 2020-01-31": "${since} > date('2020-01-31')",
    "band == low": "${band} = 'low'",
    "age * 2 + 1 > km / (age - 1)": "${age} * 2 + 1 > ${km} div (${age} - 1)",
    "sum(age, km) > 3": "(${age} + ${km}) > 3",
}


@pytest.mark.parametrize("source", BACK)
def test_a_condition_of_a_poll_as_a_form_says_it(source: str) -> None:
    assert said(parse(source).tree, NAMES) == BACK[source]


def test_what_a_form_cannot_say() -> None:
    for source in ("gone == 3", "since > 2020-05"):
        with pytest.raises(Unfit):
            said(parse(source).tree, NAMES)


BOUNDS: Mapping[tuple[str, str], Bounds] = {
    ("number", ". >= 0 and . <= 120"): Bounds("0", "120"),
    ("number", "(.>18) and (.<100)"): Bounds("19", "99"),
    ("number", "0 <= . and 120 >= ."): Bounds("0", "120"),
    ("number", ". > -5"): Bounds("-4"),
    ("number", ". >= 1.5"): Bounds("2"),
    ("number", ". >= 1 and . >= 3"): Bounds("3"),
    ("date", ". >= date('2020-01-01') and . < '2021-01-01'"): Bounds("2020-01-01", "2020-12-31"),
    ("many-of", "count-selected(.) <= 3"): Bounds("", "3"),
    ("number", "true()"): Bounds(),
}


@pytest.mark.parametrize(("kind", "source"), BOUNDS)
def test_a_constraint_as_bounds(kind: str, source: str) -> None:
    assert bounds(source, kind, whole=True) == BOUNDS[kind, source]


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("number", ". > 0 or . = 99"),
        ("number", ". <= ${age}"),
        ("number", "regex(., '^a$')"),
        ("date", ". <= today()"),
        ("many-of", "not(selected(., 'none') and count-selected(.) > 1)"),
        ("number", "${age} > 3"),
        ("number", ". != 5"),
    ],
)
def test_a_constraint_that_is_no_bound(kind: str, source: str) -> None:
    unfit = bounds(source, kind, whole=True).unfit
    assert unfit is not None
    assert unfit.mend


def test_what_can_be_kept_of_a_constraint_is_kept() -> None:
    found = bounds(
        "count-selected(.) <= 3 and not(selected(., 'none') and count-selected(.) > 1)", "many-of", whole=True
    )
    assert (found.maximum, str(found.unfit)) == ("3", "that a choice excludes others can't be kept")


def test_decimals_keep_the_bound_itself() -> None:
    assert bounds(". > 0.5", "number", whole=False) == Bounds("0.5", "", "0.5 itself is allowed too")
