"""What is told of conditions that can't hold, word by word; and that a long poll is looked at whole and cheaply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surveys.expressions import Domain, Item, all_of, analyse, at_least, kind_of, negated, parse, parse_value, resolve
from surveys.expressions.cubes import MOST_WORK
from surveys.expressions.findings import _Looking
from surveys.load import load_survey

DRAWN = """\
name: drawn
languages: [en]
title: Drawn
sender: Forum
keywords: [DRAWN]
consent: {version: "1", text: "{sender} asks. Join?"}
thanks: Thank you.
questions:
  - {id: age, type: number, text: How old?, purpose: to compare, minimum: 0, maximum: 99}
  - id: drawn
    type: group
    order: random
    questions:
      - {id: leaves, type: end, when: age < 18, text: Thank you.}
      - {id: stays, type: yes-no, when: age < 18, text: Are you well?, purpose: to compare}
"""

YES_NO = Domain("option", "yes-no", ("yes", "no"))
REGION = Domain("option", "one-of", ("north", "coast", "delta"))
AGE = Domain("number", "number", minimum=15, maximum=99, whole=True)
NEEDS = Domain("options", "many-of", ("water", "roads", "schools"), maximum=2)
SINCE = Domain("date", "date", minimum="2020-01-01", maximum="2024-12-31")


def asked(name: str, domain: Domain | None, when: str = "", *, gate: str = "", required: bool = True) -> Item:
    own = resolve(parse(when), {"since": SINCE}) if when else None
    return Item(name, domain, own, parse(gate) if gate else None, required)


BEFORE = (
    asked("region", REGION),
    asked("gender", Domain("option", "one-of", ("woman", "man"))),
    asked("pregnant", YES_NO, "gender == woman"),
    asked("age", AGE),
    asked("visits", Domain("number", "number", minimum=0), required=False),
    asked("needs", NEEDS),
    asked("since", SINCE),
    Item("group", Domain("word", "value", ("old", "young")), value=parse_value("if(age >= 60, old, young)")),
    Item("total", Domain("number", "value"), value=parse_value("age * 2 + visits")),
    replace(asked("far", None, "region == delta"), ends=True),
)


@pytest.mark.parametrize(
    ("when", "at", "message"),
    [
        (
            "age > 60 and region == north and age < 20",
            0,
            "`age > 60` and `age < 20` exclude each other; mend one of them",
        ),
        (
            "region == north and age > 60 and age < 20",
            20,
            "`age > 60` and `age < 20` exclude each other; mend one of them",
        ),
        ("age > 99", 0, "no answer makes `age > 99` true; mend it, or take it out"),
        (
            "region == north and region == coast",
            0,
            "`region == north` and `region == coast` exclude each other; mend one of them",
        ),
        (
            "gender == man and pregnant == yes",
            0,
            (
                "`gender == man` and `pregnant == yes` leave nobody, since 'pregnant' is asked only where "
                "`gender == woman`; mend one of these"
            ),
        ),
        (
            "not answered(age)",
            0,
            "`not answered(age)` leaves nobody, since 'age' is answered by everybody; mend one of these",
        ),
        (
            "region == delta",
            0,
            "`region == delta` leaves nobody, since the poll ends before where `region == delta`; mend one of these",
        ),
        ("count(needs) > 2", 0, "no answer makes `count(needs) > 2` true; mend it, or take it out"),
        (
            "needs includes water and needs includes roads and needs includes schools",
            0,
            (
                "`needs includes water` and `needs includes roads` and `needs includes schools` exclude each other; "
                "mend one of them"
            ),
        ),
        (
            "since < 2022 and since >= 2022-01",
            0,
            "`since < 2022` and `since >= 2022-01` exclude each other; mend one of them",
        ),
        ("group == old and age < 30", 0, "`group == old` and `age < 30` exclude each other; mend one of them"),
        ("total > 10 and age < 20 and age > 30", 15, "`age < 20` and `age > 30` exclude each other; mend one of them"),
        ("total > 10 and total < 5", 0, "`total > 10` and `total < 5` exclude each other; mend one of them"),
    ],
)
def test_a_condition_that_can_never_hold(when: str, at: int, message: str) -> None:
    [found] = analyse((*BEFORE, asked("last", YES_NO, when)))
    assert (found.id, found.path, found.at, found.fatal) == ("last", ("when",), at, True)
    assert found.message == f"this condition can never hold: {message}"


@pytest.mark.parametrize(
    "when",
    [
        "age > 60 or age < 20",
        "pregnant == yes",
        "not answered(pregnant)",
        "not answered(visits)",
        "visits > 3 and age > 98",
        "needs includes water and needs includes roads",
        "since == 2024-02-29",
        "group == young and age == 59",
        "total < 5",
        "age + visits > 3 and age + visits < 2",
        "region == coast and not (age < 18 or gender == man)",
    ],
)
def test_nothing_is_told_of_what_can_hold_or_is_too_much_to_tell(when: str) -> None:
    assert list(analyse((*BEFORE, asked("last", YES_NO, when)))) == []


@pytest.mark.parametrize(
    "when", ["answered(age)", "age >= 15", "region != north or region != coast", "region != delta"]
)
def test_a_condition_that_always_holds_is_a_warning(when: str) -> None:
    [found] = analyse((*BEFORE, asked("last", YES_NO, when)))
    assert (found.path, found.fatal, found.message) == (
        ("when",),
        False,
        "this condition always holds, whatever was answered before; take it out, or mend it",
    )


def test_a_question_within_others_whose_conditions_contradict() -> None:
    [found] = analyse((*BEFORE, asked("last", YES_NO, "region == coast", gate="region == north")))
    assert found.message == (
        "this condition can never hold: `region == coast` leaves nobody, since this is asked only where "
        "`region == north`; mend one of these"
    )
    group = [asked(name, YES_NO, gate="age < 20 and age > 30") for name in ("first", "second")]
    [found] = analyse((*BEFORE, *group))
    assert (found.id, found.path, found.message) == (
        "first",
        (),
        "question 'first' is never asked: `age < 20` and `age > 30` exclude each other; mend one of them",
    )


def test_a_mistake_is_told_once_and_what_follows_from_it_is_not() -> None:
    after = (asked("x", YES_NO, "age > 99"), asked("y", YES_NO, "x == yes"), asked("z", YES_NO, "y == no and age < 15"))
    assert [found.id for found in analyse((*BEFORE, *after))] == ["x", "z"]


def test_after_an_end_for_everybody() -> None:
    found = [*analyse((asked("age", AGE), Item("over", None, ends=True), asked("a", YES_NO), asked("b", YES_NO)))]
    assert [(one.id, one.message) for one in found] == [
        (
            "a",
            (
                "question 'a' is never asked, nor is what comes after it: before it, the poll has ended for everybody "
                "at 'over'; mend the `when` there"
            ),
        )
    ]


def test_options_and_other_wordings() -> None:
    item = Item(
        "last",
        NEEDS,
        when=parse("age > 30"),
        options={0: parse("region == north"), 2: parse("age < 20")},
        wordings=(parse("age > 40"), parse("region == coast"), parse("age > 50"), parse("age == 20")),
    )
    assert [(found.path, found.message) for found in analyse((*BEFORE, item))] == [
        (
            ("options", 2, "when"),
            (
                "this condition can never hold: `age < 20` leaves nobody, since this is asked only where `age > 30`; "
                "mend one of these"
            ),
        ),
        (
            ("instead", 3, "when"),
            (
                "this condition can never hold: `age == 20` leaves nobody, since this is asked only where `age > 30`; "
                "mend one of these"
            ),
        ),
        (
            ("instead", 2, "when"),
            "this wording is never used: where it could be, one before it is; move it up, or take it out",
        ),
    ]


def test_repeats_are_named_as_their_author_named_them() -> None:
    children = asked("children", Domain("number", "number", minimum=0, maximum=2, whole=True))
    ages = [Item(f"age.{number}", AGE, gate=at_least("children", number)) for number in (1, 2, 3)]
    [found] = analyse((children, *ages))
    assert found.message == (
        "question 'age.3' is never asked: no answer makes `children >= 3` true; mend it, or take it out"
    )
    names = [Item(f"name.{number}", YES_NO, parse("age > 90"), at_least("children", number)) for number in (1, 2)]
    first = [replace(item, when=resolve(parse("age > 99"), {})) for item in names]
    twice = [*analyse((children, asked("age", AGE), *first))]
    assert [one.id for one in twice] == ["name.1", "name.2"]
    assert len({(one.at, one.message) for one in twice}) == 1


def test_a_required_question_may_have_no_answer_where_a_channel_or_its_options_forbid() -> None:
    picture = asked("proof", Domain("text", "picture"))
    withheld = Item("kind", REGION, options={place: parse("age > 20") for place in range(3)})
    offered = Item("kind", REGION, options={0: parse("age > 20")})
    order = Item("order", Domain("ranking", "ranking", ("a", "b", "c")), options={0: parse("age > 20")})
    age, when = asked("age", AGE), "not answered(kind)"
    assert not [*analyse((picture, asked("last", YES_NO, "not answered(proof)")))]
    assert not [*analyse((age, withheld, asked("last", YES_NO, when)))]
    assert [found.id for found in analyse((age, offered, asked("last", YES_NO, when)))] == ["last"]
    assert not [*analyse((age, order, asked("last", YES_NO, "count(order) == 2 and not order includes a")))]
    assert [*analyse((age, order, asked("last", YES_NO, "first(order) == a and first(order) == b")))]


def test_in_a_drawn_order_nobody_is_gone_before_a_neighbour() -> None:
    survey = load_survey(DRAWN, "drawn.yaml")
    assert ([question.id for question in survey.questions], survey.notes) == (["age", "leaves", "stays"], ())


# What it costs


def chained(count: int) -> tuple[Item, ...]:
    """Each is asked where the one before was answered with yes: the last depends on all."""
    return tuple(asked(f"q{place}", YES_NO, f"q{place - 1} == yes" if place else "") for place in range(count))


def wide(count: int) -> tuple[Item, ...]:
    """Conditions as a long poll has them: three names each, and a few ends."""
    items = list(BEFORE)
    for place in range(count):
        number = place % 7
        when = f"(region == north or age > {20 + number} and visits > {number}) and not needs includes water"
        kind = asked(f"q{place}", YES_NO, f"{when} or q{place - 1} == yes" if place % 3 == 2 else when)
        items.append(kind)
    return tuple(items)


def hard(count: int) -> tuple[Item, ...]:
    """Made to be too much: each condition doubles the cubes of those before."""
    items = [asked(f"a{place}", YES_NO) for place in range(12)]
    both = " and ".join(f"(a{place} == yes or a{place + 1} == no)" for place in range(0, 12, 2))
    items += [asked(f"q{place}", YES_NO, both) for place in range(count)]
    return tuple(items)


@pytest.mark.parametrize("items", [chained(300), wide(300), hard(300)])
def test_a_long_poll_is_looked_at_within_a_stated_effort(items: tuple[Item, ...]) -> None:
    looking = _Looking(items)
    assert not [found for found in looking.findings() if found.fatal]
    assert 0 < looking.known.calculus.work < 2 * MOST_WORK


def test_the_pieces_that_a_loader_puts_together() -> None:
    names = {"age": AGE, "region": REGION}
    group = parse_value("if(age > 17, adult, region)")
    assert kind_of(group, names) == Domain("word", "value", ("adult", "north", "coast", "delta"))
    condition = all_of(parse("age > 3"), None, negated(parse("region == north")), parse("age > 3"))
    assert str(condition) == "age > 3 and not region == north"
    assert all_of(None) is None
