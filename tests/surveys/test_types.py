"""Each type of question: how it is asked in each language, what it takes for an answer, and what for none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import definition
from surveys.flow import Choice, Draft, Text, Value
from surveys.model import SILENT
from surveys.types import TYPES
from surveys.types.base import SKIPPED, Answer, Asked, More, Scene, Understood, Wrong
from tests.surveys.samples import KINDS, LANGUAGES, TEXTS, allowed, question


def asked(kind: str, **changes: object) -> Asked:
    return TYPES[kind](question("q", kind, **changes), TEXTS)


def scene(language: str = "en") -> Scene:
    return Scene(language, datetime(2026, 1, 5, 12, tzinfo=UTC), 7, {}, {"carries": frozenset({"picture", "voice"})})


def heard(asked: Asked, text: str, draft: Draft = None) -> Understood:
    return asked.take(Text(text), scene(), draft)


def pressed(asked: Asked, key: str, draft: Draft = None) -> Understood:
    return asked.take(Choice("q", key), scene(), draft)


YES_NO, ONE, MANY, SCALE, NUMBER, OPEN = map(
    asked,
    ("yes-no", "one-of", "many-of", "scale", "number", "open"),
)


def test_every_type_that_may_be_written_can_be_asked() -> None:
    written_out = {"statement", "proposal"}
    assert TYPES.keys() - written_out == definition.TYPES.keys() - definition.HOLDS - SILENT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("required", [True, False])
def test_a_prompt_is_in_its_language_and_says_how_to_skip(kind: str, language: str, required: bool) -> None:
    prompt = asked(kind, required=required).prompt(scene(language))
    assert (prompt.text, prompt.language, prompt.ask) == (f"q {language}", language, "q")
    skip = TEXTS.say("skip", language) if prompt.options and kind != "scale" else TEXTS.word("skip", language)
    shown = f"{prompt.hint} {' '.join(option.label for option in prompt.options)}"
    assert (skip in shown) is not required


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_each_type_asks_for(language: str) -> None:
    prompts = {kind: asked(kind).prompt(scene(language)) for kind in KINDS}
    assert {kind: prompt.takes for kind, prompt in prompts.items()} == {
        "yes-no": "option",
        "one-of": "option",
        "many-of": "options",
        "scale": "number",
        "number": "number",
        "open": "text",
        "date": "date",
        "place": "place",
        "ranking": "ranking",
        "phone-consent": "option",
        "picture": "picture",
        "voice": "voice",
    }
    labels = {kind: [option.label for option in prompt.options] for kind, prompt in prompts.items()}
    words = [f"{word} {language}" for word in ("water", "roads", "schools", "health")]
    assert labels["one-of"] == labels["many-of"] == labels["ranking"] == words
    assert labels["yes-no"] == labels["phone-consent"] == [TEXTS.say("yes", language), TEXTS.say("no", language)]
    assert labels["scale"] == ["1", "2", "3", "4", "5"]
    assert labels["number"] == labels["open"] == []
    assert prompts["scale"].hint == TEXTS.say(
        "hint_scale", language, minimum=1, maximum=5, low=f"bad {language}", high=f"good {language}"
    )


def test_an_authors_hint_takes_the_place_of_the_usual_one() -> None:
    for kind in KINDS:
        assert asked(kind, hint={"en": "Mind this"}).prompt(scene()).hint == "Mind this"
        if not TYPES[kind](question("q", kind), TEXTS).prompt(scene()).options:
            assert (
                asked(kind, hint={"en": "Mind this"}, required=False).prompt(scene()).hint == "Mind this. SKIP to skip"
            )


@pytest.mark.parametrize(
    ("asked", "typed", "value"),
    [
        (YES_NO, "yes", "yes"),
        (YES_NO, "1", "yes"),
        (YES_NO, "Ndiyo", "yes"),
        (YES_NO, "نعم", "yes"),
        (YES_NO, "OK", "yes"),
        (YES_NO, "yes please", "yes"),
        (YES_NO, "2", "no"),
        (YES_NO, "٢", "no"),
        (YES_NO, "hapana", "no"),
        (YES_NO, "لا", "no"),
        (YES_NO, "N", "no"),
        (ONE, "2", "roads"),
        (ONE, "two", "roads"),
        (ONE, "Mbili", "roads"),
        (ONE, "roads sw", "roads"),
        (ONE, "rodas en", "roads"),
        (MANY, "3 1", ["water", "schools"]),
        (MANY, "moja na tatu", ["water", "schools"]),
        (MANY, "water", ["water"]),
        (MANY, "water and roads", ["water", "roads"]),
        (SCALE, "3", 3),
        (SCALE, "٣", 3),
        (SCALE, "tatu", 3),
        (SCALE, "good en", 5),
        (SCALE, "BAD SW", 1),
        (SCALE, "bad", 1),
        (SCALE, "goood en", 5),
        (NUMBER, "25 years", 25),
        (NUMBER, "-3", -3),
        (NUMBER, "٢٥", 25),
        (NUMBER, "خمسة", 5),
        (OPEN, "  Peace, {word} %s \u200f ", "  Peace, {word} %s \u200f "),
        (OPEN, "skip", "skip"),
        (OPEN, "👍", "👍"),
    ],
)
def test_an_answer(asked: Asked, typed: str, value: Value) -> None:
    assert heard(asked, typed) == Answer(value)


@pytest.mark.parametrize(
    ("asked", "typed", "key"),
    [
        (YES_NO, "maybe", "wrong_option"),
        (YES_NO, "yes and no", "wrong_option"),
        (YES_NO, "no problem", "wrong_option"),
        (YES_NO, "hapana shida", "wrong_option"),
        (YES_NO, "2 yes", "unclear"),
        (YES_NO, "3", "wrong_option"),
        (YES_NO, "skip", "wrong_option"),
        (ONE, "5", "wrong_option"),
        (ONE, "water en or roads en", "unclear"),
        (MANY, "5", "wrong_options"),
        (MANY, "mud", "wrong_options"),
        (MANY, "en", "wrong_options"),
        (SCALE, "0", "wrong_number"),
        (SCALE, "6", "wrong_number"),
        (SCALE, "2.5", "wrong_number"),
        (SCALE, "1 2", "wrong_number"),
        (SCALE, "not good", "wrong_number"),
        (NUMBER, "many", "wrong_number_open"),
        (NUMBER, "twenty five", "wrong_number_open"),
        (NUMBER, "deux", "wrong_number_open"),  # the poll is not in French
        (NUMBER, "2,5", "wrong_number_open"),
        (NUMBER, "0712345678", "wrong_number_open"),
        (NUMBER, "", "wrong_number_open"),
        (OPEN, "", "wrong_text"),
        (OPEN, " \n", "wrong_text"),
    ],
)
def test_no_answer(asked: Asked, typed: str, key: str) -> None:
    wrong = heard(asked, typed)
    assert isinstance(wrong, Wrong)
    assert wrong.key == key
    for language in LANGUAGES:
        assert "{" not in TEXTS.say(wrong.key, language, **wrong.values)


@pytest.mark.parametrize(
    ("minimum", "maximum", "whole", "inside", "outside", "said"),
    [
        (None, None, True, ["0", "-999999", "999,999"], ["1000000", "1.5"], "Please send a number."),
        (18, None, True, ["18", "999999"], ["17", "1000000"], "Please send a number, 18 or more."),
        (None, 40, True, ["40", "-5"], ["41"], "Please send a number, 40 or less."),
        (1, 40, True, ["1", "40"], ["0", "41", "2.5"], "Please send a number from 1 to 40."),
        (0.5, 2.5, False, ["0.5", "1", "2,5"], ["0.4", "2.6"], "Please send a number from 0.5 to 2.5."),
        (
            0,
            254_700_000_000,
            True,
            ["254700000000"],
            ["254700000001"],
            "Please send a number from 0 to 254700000000.",
        ),
    ],
)
def test_bounds_hold_and_are_said(
    minimum: float | None, maximum: float | None, whole: bool, inside: list[str], outside: list[str], said: str
) -> None:
    number = asked("number", minimum=minimum, maximum=maximum, whole=whole)
    for typed in inside:
        assert isinstance(heard(number, typed), Answer), typed
    for typed in outside:
        wrong = heard(number, typed)
        assert isinstance(wrong, Wrong), typed
        assert TEXTS.say(wrong.key, "en", **wrong.values) == said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["skip", "SKIP", "pass", "ruka", "تخطي"])
def test_every_type_may_be_skipped_by_word_where_it_need_not_be_answered(kind: str, word: str) -> None:
    assert heard(asked(kind, required=False), word) == SKIPPED
    assert heard(asked(kind), word) != SKIPPED


def test_questions_with_options_may_be_skipped_by_number() -> None:
    assert heard(asked("yes-no", required=False), "3") == SKIPPED
    assert heard(asked("one-of", required=False), "5") == SKIPPED
    many = asked("many-of", required=False)
    assert heard(many, "5") == SKIPPED
    assert pressed(many, "5") == SKIPPED
    assert heard(many, "1 5") == Wrong("unclear", {})


def test_buttons_choose_several_one_after_the_other() -> None:
    many = asked("many-of", maximum=3)
    first = pressed(many, "3")
    assert first == More(["schools"])
    prompt = many.prompt(scene(), first.draft)
    assert prompt.text == "q en\n✓ schools en"
    assert [option.key for option in prompt.options] == ["1", "2", "4", "done"]
    second = pressed(many, "1", first.draft)
    assert second == More(["water", "schools"])
    assert pressed(many, "1", second.draft) == second  # an old button, once more
    assert pressed(many, "done", second.draft) == Answer(["water", "schools"])
    assert pressed(many, "2", second.draft) == Answer(["water", "roads", "schools"])  # no more may be chosen


def test_what_is_typed_adds_to_what_buttons_chose() -> None:
    many = asked("many-of", maximum=2)
    assert heard(many, "1", ["schools"]) == Answer(["water", "schools"])
    assert heard(many, "Done", ["schools"]) == Answer(["schools"])
    assert heard(many, "تم", ["schools"]) == Answer(["schools"])
    assert heard(many, "1 2", ["schools"]) == Wrong("too_many", {"maximum": 2})
    assert isinstance(heard(many, "done"), Wrong)


def test_too_many_are_not_taken() -> None:
    assert heard(asked("many-of", maximum=2), "1 2 3") == Wrong("too_many", {"maximum": 2})
    assert pressed(asked("many-of", maximum=1), "2") == Answer(["roads"])
    assert heard(asked("many-of"), "1234") == Answer(["water", "roads", "schools", "health"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["", "0", "99", "done", "²", "x", "01", "-1", "1\n"])
def test_a_button_that_was_never_there_means_nothing(kind: str, key: str) -> None:
    taken = pressed(asked(kind), key)
    assert taken == More(None) or kind in {"number", "scale"}
    assert taken == More(None) or (isinstance(taken, Answer) and isinstance(taken.value, int))


ANY_KIND = st.sampled_from(KINDS)
WORDS = [*"12359,²፩", "water", "roads", "no", "not", "yes", "skip", "good", "bad", "and", "done", "-1", "2.5"]
TYPED = st.one_of(
    st.text(st.characters(), max_size=40), st.lists(st.sampled_from([*WORDS, ",", "May", "Mtoni"])).map(" ".join)
)
DRAFTS = {"many-of": ["roads", "schools"], "ranking": ["roads"], "place": ["mtoni", "zerika"], "date": ["2024-05-03"]}


@given(ANY_KIND, st.booleans(), TYPED, st.booleans())
def test_whatever_is_typed_or_pressed_is_an_answer_or_none(kind: str, required: bool, typed: str, begun: bool) -> None:
    put = question("q", kind, required=required)
    reader = TYPES[kind](put, TEXTS)
    chosen = DRAFTS.get(kind) if begun else None
    for answer in (heard(reader, typed, chosen), pressed(reader, typed, chosen)):
        if isinstance(answer, Answer):
            assert allowed(put, answer.value)
        elif isinstance(answer, Wrong):
            assert "{" not in TEXTS.say(answer.key, "en", **answer.values)
        else:
            assert reader.prompt(scene(), answer.draft).ask == "q"
