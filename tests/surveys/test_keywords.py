"""One table of keywords: what each message calls, what clashes, and that STOP is the whole message or an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.routing import Answer, Call, Router
from surveys.clashes import clashes
from surveys.engine import SurveyFlow
from surveys.flow import Conversation
from surveys.keywords import SYSTEM, Keyword, Keywords, survey_keywords, system_keywords
from surveys.load import load_survey
from surveys.match import normalise
from surveys.model import Survey
from surveys.problem import SurveyError
from tests.surveys.samples import SAMPLES, TEXTS, question, survey

STOPS = sorted(TEXTS.words("stop"))
WRITTEN = [(language, word) for language in TEXTS.languages for word in TEXTS._catalogue(language).words["stop"]]
FLOWS = {one.name: SurveyFlow(one, TEXTS) for one in SAMPLES}
ROUTER = Router(FLOWS, TEXTS)
FLOW = FLOWS["priorities"]
AT = Conversation(FLOW.id, "en", at="settle")


def called(text: str, *, busy: bool = False, channel: str = "sms") -> str:
    """The id of the flow that a message calls, "" where it calls none."""
    route = ROUTER.route(text, FLOW if busy else None, AT if busy else None, channel)
    return route.flow.id if isinstance(route, Call) else ""


def full_width(word: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in word)


def shapes(word: str) -> Iterator[str]:
    yield from (word, word.lower(), word.upper(), word.title(), f"{word}.", f"{word}!", f"  {word} ", f"{word}\n")
    yield from (
        f'"{word}"',
        full_width(word),
        full_width(word.lower()),
        f"\u200f{word}\u200f",
        "  ".join(word.split(" ")),
    )


def test_each_language_has_words_to_leave() -> None:
    assert {language for language, _ in WRITTEN} == set(TEXTS.languages)
    assert len(WRITTEN) > 15


@pytest.mark.parametrize(("language", "word"), WRITTEN)
@pytest.mark.parametrize("busy", [False, True])
def test_stop_is_heard_as_the_whole_message_however_it_is_written(language: str, word: str, busy: bool) -> None:
    for text in shapes(word):
        assert called(text, busy=busy) == "flow:stop", repr(text)


@pytest.mark.parametrize(("language", "word"), WRITTEN)
@pytest.mark.parametrize("busy", [False, True])
def test_stop_in_a_sentence_is_no_stop(language: str, word: str, busy: bool) -> None:
    for text in (
        f"{word} the killing in Nyala",
        f"please {word}",
        f"{word} {word} now",
        f"they {word}, we go on",
        f"{word} 2",
    ):
        assert called(text, busy=busy) != "flow:stop", text
    if busy:
        route = ROUTER.route(f"{word} the killing in Nyala", FLOW, AT, "sms")
        assert isinstance(route, Answer)
        assert route.leaving is (normalise(word).partition(" ")[2] == "")


@pytest.mark.parametrize("word", [word for word in STOPS if len(word) > 3])
def test_a_misspelt_stop_is_never_guessed(word: str) -> None:
    slips = {word[:place] + word[place + 1 :] for place in range(len(word))}
    slips |= {word[:place] + word[place] + word[place:] for place in range(len(word))}
    for slip in (slip for slip in slips if normalise(slip) not in STOPS):
        assert called(slip) != "flow:stop", slip
        assert called(slip, busy=True) in ("", *(FLOWS[name].id for name in FLOWS)), slip


@given(st.text(max_size=40), st.booleans())
def test_nothing_but_its_words_is_stop(text: str, busy: bool) -> None:
    assert (called(text, busy=busy) == "flow:stop") is (normalise(text) in TEXTS.words("stop"))


@pytest.mark.parametrize("one", SAMPLES, ids=lambda one: one.name)
def test_no_keyword_label_or_slip_of_a_keyword_is_stop(one: Survey) -> None:
    keywords = [word for words in one.keywords.values() for word in words]
    labels = [text for asked in one.questions for option in asked.options for text in option.label.values()]
    assert keywords
    assert labels
    for word in (*keywords, *labels):
        for place in range(len(word)):
            assert called(word[:place] + word[place + 1 :], busy=True) != "flow:stop"


# The table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "channel", "word"),
    [
        ("water", "sms", "WATER"),
        ("Wäter!", "sms", "WATER"),
        ("watre", "sms", None),  # as the whole message nothing is guessed
        ("GO", "sms", "GO"),
        ("go", "ussd", None),
        ("stop", "ussd", "stop"),
    ],
)
def test_what_a_whole_message_calls(text: str, channel: str, word: str | None) -> None:
    found = TABLE.alone(normalise(text), channel)
    assert (found.word if found else None) == word


@pytest.mark.parametrize(
    ("text", "channel", "word"),
    [
        ("water", "sms", "WATER"),
        ("watre", "sms", "WATER"),
        ("go", "sms", None),  # it counts alone
        ("code", "ussd", "CODE"),
        ("cod", "ussd", None),
        ("code", "sms", None),
        ("link", "sms", "link"),
        ("lnk", "sms", None),
        ("stop", "sms", None),
        ("stp", "sms", None),
    ],
)
def test_what_the_first_word_calls(text: str, channel: str, word: str | None) -> None:
    found = TABLE.first(normalise(text), channel)
    assert (found.word if found else None) == word


TABLE = Keywords(
    [
        *system_keywords(TEXTS),
        Keyword("WATER", "survey:water"),
        Keyword("GO", "survey:go", alone=True, channels=frozenset({"sms"})),
        Keyword("CODE", "campaign:code", channels=frozenset({"ussd"})),
    ]
)


@pytest.mark.parametrize(
    ("keyword", "with_word"),
    [
        (Keyword("WATER", "survey:other"), "WATER"),
        (Keyword("water", "survey:other", "sw"), "WATER"),
        (Keyword("LATER", "survey:other"), "WATER"),
        (Keyword("WATRE", "survey:other"), "WATER"),
        (Keyword("WETTER", "survey:other"), None),
        (Keyword("WATER", "survey:water"), None),  # one poll may have it in two languages
        (Keyword("CODE", "survey:other", channels=frozenset({"sms"})), None),
        (Keyword("CODE", "survey:other"), "CODE"),
        (Keyword("JOIN", "survey:other"), None),
        (Keyword("LINKS", "survey:other"), "link"),
        (Keyword("ACHA", "survey:other"), "acha"),
        (Keyword("توقف", "survey:other"), "توقف"),
    ],
)
def test_words_that_matching_could_not_tell_apart(keyword: Keyword, with_word: str | None) -> None:
    met = TABLE.clash(keyword)
    assert (met.word if met else None) == with_word


def test_a_word_of_two_languages_tells_no_language() -> None:
    both = replace(survey(), keywords={"en": ("AMANI", "PEACE"), "sw": ("amani",)})
    assert [(word.word, word.language) for word in survey_keywords(both)] == [("AMANI", ""), ("PEACE", "en")]


def test_the_sample_polls_do_not_clash() -> None:
    assert len(SAMPLES) >= 2
    for place, one in enumerate(SAMPLES):
        assert clashes(one, one.name, SAMPLES[:place], TEXTS) == ()


POLL = """\
name: {name}
languages: [en, so]
title: Water
sender: A test
keywords: {{en: [{en}], so: [{so}]}}
consent: {{version: "1", text: Take part?}}
thanks: Thank you.
questions:
  - id: most
    type: one-of
    purpose: To know.
    text: What?
    options:
      - {{id: a, label: {label}}}
      - {{id: b, label: {{en: Roads, so: Waddooyin}}}}
"""


def poll(name: str = "wells", en: str = "WELLS", so: str = "CEELASHA", label: str = "Schools") -> Survey:
    return load_survey(POLL.format(name=name, en=en, so=so, label=label), f"{name}.yaml")


FIRST = poll("first", "BRIDGES", "BUUNDOOYIN", "Clean water")


OTHER = "choose another word"
CASES = {
    "": {},
    f"5:17: 'BRIDGES' is a keyword of the poll 'first'; {OTHER}": {"en": "BRIDGES"},
    f"5:17: 'BRIDGE' is a slip away from 'BRIDGES', which is a keyword of the poll 'first'; {OTHER}, further from it": {
        "en": "BRIDGE"
    },
    f"5:30: 'HELP' is the word for HELP in English; {OTHER}": {"so": "HELP"},
    f"5:30: 'JOOJI' is the word for STOP in Soomaali; {OTHER}": {"so": "JOOJI"},
    f"5:17: 'STOPP' is a slip away from 'STOP', which is the word for STOP in English; {OTHER}, further from it": {
        "en": "STOPP"
    },
    f"5:17: 'YEAH' is what people answer to many questions, and would begin this poll instead; {OTHER}": {"en": "YEAH"},
    f"5:30: 'TOBAN' is what people answer to many questions, and would begin this poll instead; {OTHER}": {
        "so": "TOBAN"
    },
    f"5:17: 'Roads' is what people answer to 'most' (\"Roads\"), and would begin this poll instead; {OTHER}": {
        "en": "Roads"
    },
    "5:17: 'WATER' is what people answer to 'most' of the poll 'first' (\"Clean water\"), "
    f"and would begin this poll instead; {OTHER}": {"en": "WATER"},
    "14:24: 'BRIDGES' is the keyword of the poll 'first': who answers \"Mend bridges\" with it would begin "
    "that one; say it in other words": {"label": "Mend bridges"},
}


@pytest.mark.parametrize(("said", "changes"), CASES.items(), ids=[str(changes) for changes in CASES.values()])
def test_a_clash_has_a_place_and_a_mend(said: str, changes: dict[str, str]) -> None:
    found = clashes(poll(**changes), "p.yaml", [FIRST], TEXTS)
    assert [str(problem) for problem in found] == ([f"p.yaml:{said}"] if said else [])


def test_every_system_word_is_in_the_table() -> None:
    table = Keywords(system_keywords(TEXTS))
    for meaning in SYSTEM:
        for word in TEXTS.words(meaning):
            found = table.alone(word)
            assert found is not None
            assert found.flow == f"flow:{meaning}"
            assert found.system


def test_an_answer_of_one_question_is_none_of_its_numbers() -> None:
    numbered = question("q", "scale")
    assert clashes(replace(survey(numbered), source="name: made"), "made.yaml", [], TEXTS) == ()


# Keywords that don't count everywhere ------------------------------------------------------------------------------

RESTRICT = "restrict:\n  - {keyword: wells, channels: [at-sms], alone: yes}\n"


def restricted(more: str = RESTRICT, name: str = "wells") -> Survey:
    source = POLL.format(name=name, en="WELLS", so="CEELASHA", label="Schools")
    return load_survey(source.replace("consent:", f"{more}consent:"), f"{name}.yaml")


def test_a_keyword_may_count_on_some_channels_and_alone() -> None:
    of = restricted()
    router = Router({of.name: SurveyFlow(of, TEXTS)}, TEXTS)

    def calls(text: str, channel: str) -> bool:
        return isinstance(router.route(text, None, None, channel), Call)

    assert [calls("Wells!", channel) for channel in ("at-sms", "at-ussd")] == [True, False]
    assert not calls("wells please", "at-sms")
    assert [calls("ceelasha please", channel) for channel in ("at-sms", "at-ussd")] == [True, True]


def test_one_word_may_be_two_polls_on_two_channels() -> None:
    only = "restrict: [{keyword: WELLS, channels: [%s]}, {keyword: CEELASHA, channels: [%s]}]\n"
    first, other, same = (restricted(only % (name, name), name) for name in ("one", "two", "one"))
    assert clashes(other, "two.yaml", [first], TEXTS) == ()
    assert len(clashes(replace(same, name="same"), "same.yaml", [first], TEXTS)) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("restrict: [{keyword: WELL}]\n", "6:22: 'WELL' is no keyword of this poll; did you mean 'WELLS'?"),
        ("restrict: [{keyword: WELLS}, {keyword: wells}]\n", "6:40: 'wells' is restricted twice; put the two together"),
        ("restrict: [{keyword: WELLS, alone: maybe}]\n", "6:36: 'maybe' must be yes or no"),
    ],
)
def test_a_wrong_restriction_is_said(more: str, said: str) -> None:
    with pytest.raises(SurveyError) as refused:
        restricted(more)
    assert [str(problem) for problem in refused.value.problems] == [f"wells.yaml:{said}"]
