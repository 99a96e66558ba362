"""What the gateway says and understands is whole in every language, and no word means two things."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from channels.text import Encoding, measure, plain
from surveys.match import normalise
from surveys.model import Survey
from surveys.texts import COUNTED, catalogues, fill, plural
from tests.surveys.samples import SAMPLES, TEXTS

LANGUAGES = ("en", "sw", "ar", "fr", "ha", "am", "so")
CATALOGUES: dict[str, dict[str, Any]] = {
    language: yaml.safe_load(files("surveys").joinpath(f"catalogues/{language}.yaml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
ENGLISH = CATALOGUES["en"]
SYSTEM = ("stop", "start", "help", "language", "mine", "forget", "link", "results")
ANSWERS = ("yes", "no", "skip")
NUMBERS = tuple(map(str, COUNTED))
PLACEHOLDER = re.compile(r"\{[^}]*\}")
SAME_THING = [{"no", "not"}]
"""Meanings that may share a word: the first is looked for alone, the second among others."""


def test_there_is_no_catalogue_that_is_not_looked_at() -> None:
    assert set(TEXTS.languages) == set(LANGUAGES) == set(CATALOGUES)
    assert TEXTS.languages[0] == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_what_the_english_one_holds(language: str) -> None:
    own = CATALOGUES[language]
    assert own.keys() - {"names"} == ENGLISH.keys()
    assert own["words"].keys() == ENGLISH["words"].keys()
    assert own["texts"].keys() == ENGLISH["texts"].keys()
    assert len(own["texts"]) > 40
    for key in own["texts"]:
        wanted = sorted(PLACEHOLDER.findall(forms(ENGLISH, key)["other"]))
        for category, text in forms(own, key).items():
            # One, two, none: a form that a single number has may do without its figure.
            assert sorted(PLACEHOLDER.findall(text)) == wanted or wanted == ["{count}"] != category, key
            assert text == text.strip() != ""
    assert TEXTS.missing(language) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_counted_texts_have_the_forms_of_their_language_and_say_the_number(language: str) -> None:
    counted = [key for key in ENGLISH["texts"] if isinstance(ENGLISH["texts"][key], dict)]
    assert len(counted) >= 2
    category = plural(language)
    meant: dict[str, set[int]] = {}
    for number in range(1000):
        meant.setdefault(category(number), set()).add(number)
    for key in counted:
        assert forms(CATALOGUES[language], key).keys() == meant.keys() | {"other"}, key
        for number in (0, 1, 2, 3, 5, 11, 100, 103):
            said = TEXTS.say(key, language, count=number)
            assert re.findall(r"\d+", said) == [str(number)] or meant[category(number)] == {number}, said
            assert "{" not in said


def test_a_number_is_written_as_its_language_writes_it() -> None:
    hint = {language: TEXTS.say("hint_number", language, minimum=0.5, maximum=40) for language in ("en", "fr", "ar")}
    assert hint["en"].endswith("0.5 to 40")
    assert hint["fr"].endswith("0,5 à 40")
    assert hint["ar"].endswith("0.5 إلى 40")
    assert TEXTS.say("wrong_option", "ar", last=254_700).count("254700") == 1


# What a text holds when it goes out: words of its own language, and numbers of a usual size.
PUT_IN = {
    "keywords": "PEACE, PULSE",
    "keyword": "PEACE",
    "title": "...",
    "code": "123456",
    "minimum": "18",
    "last": "12",
    "example": "25/12/2024",
}
PUT_IN |= {
    "facts": "3",
    "maximum": "120",
    "answers": "12",
    "polls": "3",
    "count": "12",
    "low": "...",
    "high": "...",
    "word": "...",
    "groups": "...",
}
SEGMENTS = {"help": 2, "already": 2, "mine": 2, "link_code": 2, "link_wrong": 2, "link_expired": 2, "trouble": 2}
"""What a text may cost where it goes out alone; every other one segment. Plain alphabets keep to less."""
PLAIN = {"help": 2}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_cheap(language: str) -> None:
    encoding, most = (Encoding.UCS2, SEGMENTS) if language in {"am", "ar"} else (Encoding.GSM7, PLAIN)
    words = {meaning: TEXTS.word(meaning, language) for meaning in (*SYSTEM, "skip")}
    for key in ENGLISH["texts"]:
        for text in forms(CATALOGUES[language], key).values():
            cost = measure(plain(fill(text, words | PUT_IN), language))
            assert cost.encoding is encoding, (key, text)
            assert cost.segments <= most.get(key, 1), (key, cost)


def forms(catalogue: dict[str, Any], key: str) -> dict[str, str]:
    text = catalogue["texts"][key]
    return text if isinstance(text, dict) else {"other": text}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_words(language: str) -> None:
    """YAML takes an unquoted NO for False."""
    for meaning, words in CATALOGUES[language]["words"].items():
        assert words, meaning
        for word in words:
            assert isinstance(word, str), (meaning, word)
            assert normalise(word), (meaning, word)
        names = [normalise(word) for word in words]
        assert len(set(names)) == len(names), meaning


def test_no_word_has_two_meanings_over_all_languages() -> None:
    meanings = ENGLISH["words"].keys()
    assert {*SYSTEM, *ANSWERS, *NUMBERS, "not", "and"} <= meanings
    meant: dict[str, set[str]] = {}
    for meaning in meanings:
        for word in TEXTS.words(meaning):
            meant.setdefault(word, set()).add(meaning)
    assert len(meant) > 200
    assert {word: several for word, several in meant.items() if len(several) > 1 and several not in SAME_THING} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_understood_in_words(language: str) -> None:
    numbers = TEXTS.numbers([language])
    assert [numbers[normalise(TEXTS.word(number, language))] for number in NUMBERS] == list(COUNTED)
    assert set(TEXTS.numbers(LANGUAGES)) >= set(numbers)


def test_number_words_of_other_languages_and_names_are_no_option() -> None:
    assert "shida" not in TEXTS.numbers(["sw", "en"])  # trouble in Swahili, six in Hausa
    for word, language, number in (("un", "fr", 1), ("afar", "so", 4), ("goma", "ha", 10), ("kumi", "sw", 10)):
        assert TEXTS.numbers([language])[word] == number
        assert word not in TEXTS.places([language])


def test_a_word_for_two_numbers_is_none() -> None:
    two = {"name": "", "words": {"1": ["tan", "wan"]}, "texts": {}}, {"name": "", "words": {"2": ["tan"]}, "texts": {}}
    texts = catalogues(dict(zip(("xa", "xb"), two, strict=True)))
    assert texts.numbers(["xa"]) == {"tan": 1, "wan": 1}
    assert texts.numbers(["xa", "xb"]) == {"wan": 1}


def test_no_word_is_a_number() -> None:
    for meaning in (*SYSTEM, *ANSWERS):
        assert not any(word.isdecimal() for word in TEXTS.words(meaning))


@pytest.mark.parametrize("of", SAMPLES, ids=lambda one: one.name)
def test_no_keyword_or_label_of_a_sample_poll_is_a_system_word(of: Survey) -> None:
    taken = {word for meaning in SYSTEM for word in TEXTS.words(meaning)}
    answers = {word for meaning in ANSWERS for word in TEXTS.words(meaning)}
    keywords = {normalise(word) for words in of.keywords.values() for word in words}
    labels = {
        normalise(label) for question in of.questions for option in question.options for label in option.label.values()
    }
    assert len(keywords) >= len(of.languages)
    assert not keywords & (taken | answers | labels)
    assert not labels & (taken | set(TEXTS.words("skip")))


def test_the_keywords_of_sample_polls_differ() -> None:
    keywords = [{normalise(word) for words in one.keywords.values() for word in words} for one in SAMPLES]
    assert len(keywords) >= 2
    assert all(not one & other for one, other in combinations(keywords, 2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_that_texts_name_are_understood(language: str) -> None:
    for meaning in (*SYSTEM, "skip"):
        word = TEXTS.word(meaning, language)
        assert TEXTS.means(word, meaning)
        assert TEXTS.means(f" {word.lower()}! ", meaning)
        assert not TEXTS.means(f"{word} x", meaning)
    for label in ("yes", "no"):
        assert TEXTS.means(TEXTS.say(label, language), label)


def test_a_sentence_that_begins_with_stop_is_not_stop() -> None:
    assert not TEXTS.means("Stop the killing in Nyala", "stop")
    assert TEXTS.means("ＳＴＯＰ", "stop")
    assert TEXTS.means("إيقاف", "stop")
    assert TEXTS.means("ايقاف", "stop")
    assert TEXTS.means("Arrêt.", "stop")
    assert TEXTS.means("ዐቁም", "stop")


def test_what_is_filled_in_is_not_read_again() -> None:
    assert fill("{a} {b}", {"a": "{b}", "b": "{a}"}) == "{b} {a}"
    assert fill("{a} {unknown} {0} {a.b} %s {{a}}", {"a": 1}) == "1 {unknown} {0} {a.b} %s {1}"


@given(st.dictionaries(st.sampled_from(["a", "b", "title"]), st.text("{}ab%s \\1g<0>"), max_size=3))
def test_filling_keeps_every_value_as_it_is(values: dict[str, str]) -> None:
    expected = "|".join(values.get(name, f"{{{name}}}") for name in ("a", "b", "title"))
    assert fill("{a}|{b}|{title}", values) == expected


def test_another_language_falls_back_word_by_word_and_text_by_text() -> None:
    hausa = {"name": "Hausa", "words": {"yes": ["I"], "stop": []}, "texts": {"yes": "I", "no": ""}}
    texts = catalogues({"en": ENGLISH, "ha": hausa})
    assert texts.say("yes", "ha") == "I"
    assert texts.say("no", "ha") == "No"
    assert texts.say("skip", "ha") == "Skip"
    assert texts.word("stop", "ha") == texts.word("stop", "en") == "STOP"
    assert texts.word("yes", "ha") == "I"
    assert texts.say("yes", "fr") == "Yes"
    assert texts.name("ha") == "Hausa"
    assert texts.name("fr") == "fr"
    assert "skip" in texts.missing("ha")
    assert texts.words("nothing") == {}
    with pytest.raises(TypeError, match="ha: mine has plural forms, and needs one for `other`"):
        catalogues({"en": ENGLISH, "ha": {**hausa, "texts": {"mine": {"one": "1"}}}})
    with pytest.raises(TypeError, match="catalogue of ha needs"):
        catalogues({"en": ENGLISH, "ha": {"name": "Hausa", "words": [], "texts": {}}})


@pytest.mark.parametrize("part", ["campaigns", "coordination"])
@pytest.mark.parametrize("language", ["en", "fr", "sw"])
def test_what_keyword_flows_say_costs_no_more_than_its_letters_must(part: str, language: str) -> None:
    file = files("surveys").joinpath(f"catalogues/{part}/{language}.yaml")
    said = yaml.safe_load(file.read_text(encoding="utf-8"))["texts"]
    assert [
        key for key, text in said.items() if measure(plain(str(text), language)).encoding is not Encoding.GSM7
    ] == []
