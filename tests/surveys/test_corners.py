"""Logic where two things meet: cells and eligibility, events while a place is asked for, computed values in texts."""

from __future__ import annotations

from surveys.flow import Choice, Location, Reserve, Resume, Start, Text, Timeout
from tests.surveys.test_logic import granted, poll, refused, talk

AGE = "  - {id: age, type: number, text: Age?, purpose: to know, minimum: 0, maximum: 99}\n"
CELLS = """eligible: {when: age >= 18, text: Only for adults}
quotas:
  - {id: first, when: age > 5, limit: 1}
  - {id: second, when: age > 6, limit: 1, text: "{age} is enough"}
"""


def test_a_place_is_kept_for_those_whom_the_poll_is_for_and_cells_are_asked_in_their_order() -> None:
    child = talk(poll(AGE, CELLS)).hear("10")
    assert child.conversation.outcome == "ineligible"
    assert not any(isinstance(effect, Reserve) for effect in child.effects)
    adult = granted(talk(poll(AGE, CELLS)).hear("30"))
    assert [effect.cell for effect in adult.effects if isinstance(effect, Reserve)] == ["first", "second"]


def test_whatever_comes_while_a_place_is_asked_for_asks_for_it_again() -> None:
    person = talk(poll(AGE, CELLS)).hear("30")
    waiting = person.conversation
    for event in (Text("5"), Choice("first", "1"), Resume("sw"), Start("en"), Location(1, 1)):
        person.conversation = waiting
        assert person.hear(event).last == (Reserve("first", 1),)
    assert person.hear(Timeout()).conversation.outcome == "break-off"


def test_the_number_of_a_repeat_is_known_in_it_only() -> None:
    repeat = """  - id: people
    type: repeat
    count: age
    most: 2
    questions: [{id: name, type: open, text: "Number {number}", purpose: to know}]
"""
    source = poll(AGE + repeat).replace("thanks: ", 'thanks: "Thanks, {number}" #')
    assert refused(source) == [
        "`{number}` is no placeholder; write {age} or {name.1} or {name.2} or {sender}, or leave it out"
    ]


def test_a_computed_number_is_shown_as_people_write_one() -> None:
    third = "  - {id: third, type: value, value: age / 3, purpose: to know}\n"
    person = talk(poll(f"{AGE}{third}  - {{id: own, type: open, text: 'So {{third}}', purpose: to hear}}\n"))
    assert person.hear("1").last[-1].prompt.text == "So 0.333333"  # type: ignore[attr-defined]  # what was asked last


def test_buttons_of_many_end_where_no_more_can_be_chosen() -> None:
    options = (
        "{id: a, label: A}, {id: b, label: B}, {id: c, label: C, when: age > 50}, {id: d, label: D, when: age > 50}"
    )
    many = f"  - {{id: many, type: many-of, maximum: 3, text: Which?, purpose: to know, options: [{options}]}}\n"
    person = talk(poll(AGE + many)).hear("30", Choice("many", "1"), Choice("many", "2"))
    assert person.records[-1] == ("many", ["a", "b"])
