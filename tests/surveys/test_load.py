"""Polls and codebooks: the samples load, broken ones say where and how to mend, and what is loaded is complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import smsutil
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.polls import poll_files
from surveys.codebook import load_codebook
from surveys.definition import EVERY, HOLDS, TYPES, CodebookDefinition, SurveyDefinition, survey_schema
from surveys.load import SurveyError, load_survey, untranslated
from surveys.model import SILENT
from surveys.types import TYPES as ASKED

ROOT = Path(__file__).parents[2]
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
SAMPLES = poll_files(ROOT / "config" / "surveys")
SAMPLE = (ROOT / "config" / "surveys" / "priorities.yaml").read_text(encoding="utf-8")

GOOD = """\
name: sample
languages: [en, sw, ar]
title: {en: Sample, sw: Mfano, ar: عينة}
sender: Peace Forum
keywords: [PEACE]
consent: {version: "1", text: {en: "{sender}: {title}. Join?", sw: "{title}. Utashiriki?"}}
thanks: Thank you
questions:
  - id: age
    type: one-of
    purpose: to compare
    text: How old?
    options:
      - {id: young, label: 18-39}
      - {id: old, label: {en: "40 +", sw: "40 +", ar: "40 +"}}
"""


def messages(source: str | bytes) -> list[str]:
    with pytest.raises(SurveyError) as caught:
        load_survey(source, "poll.yaml")
    return [f"{problem.line}:{problem.column}: {problem.message}" for problem in caught.value.problems]


# The samples


def test_there_are_samples() -> None:
    assert {"priorities", "ussd_pulse"} <= {path.stem for path in SAMPLES}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_whole_in_each_language(path: Path) -> None:
    survey = load_survey(path.read_bytes(), str(path))
    assert survey.name == path.stem
    assert survey.languages == ("en", "sw", "ar")
    assert untranslated(survey) == ()
    assert load_survey(survey.source, "again") == survey
    for question in survey.questions:
        for option in question.options:
            assert set(option.label) == set(survey.languages)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "sw", "ar"])
def test_a_sample_costs_two_segments_a_question_at_most(path: Path, language: str) -> None:
    survey = load_survey(path.read_bytes(), str(path))
    texts = [f"{survey.consent[language]}\n1. Yes\n2. No", survey.thanks[language]]
    for question in survey.questions:
        labels = [f"{place}. {option.label[language]}" for place, option in enumerate(question.options, 1)]
        texts.append("\n".join([question.text[language], *labels]))
    for text in texts:
        assert language == "ar" or smsutil.is_valid_gsm(text), text
        assert len(smsutil.split(text).parts) <= 2, text


def test_the_sample_shows_the_common_types_and_a_follow_up() -> None:
    survey = load_survey(SAMPLE, "priorities.yaml")
    assert {question.type for question in survey.questions} == {
        "yes-no",
        "one-of",
        "many-of",
        "scale",
        "number",
        "open",
    }
    assert len(survey.questions) == 10
    when = survey.question("land_problem").when
    assert when is not None
    assert when({"first": "land"})
    assert not when({"first": "jobs"})
    assert not survey.question("gender").required
    assert survey.region == "region"


def test_the_codebooks_that_samples_name_are_there() -> None:
    named = {
        question.codebook
        for path in SAMPLES
        for question in load_survey(path.read_bytes(), str(path)).questions
        if question.codebook
    }
    assert named == {"priorities"}
    path = ROOT / "config" / "codebooks" / "priorities.yaml"
    book = load_codebook(path.read_bytes(), str(path))
    assert 8 <= len(book.codes) <= 10
    for code in book.codes:
        for language in ("en", "sw", "ar"):
            assert code.names[language]
            assert len(code.keywords[language]) >= 3
            assert len(code.examples[language]) >= 2


# Broken polls


def test_there_are_broken_polls() -> None:
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_poll_says_where_and_how_to_mend(path: Path) -> None:
    """Beside each lies <name>.expect: one `line:column: message` for each problem, in order."""
    assert messages(path.read_bytes()) == path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()


def test_one_mistake_is_said_once_and_not_again_of_all_that_names_it() -> None:
    sample = next(path for path in BROKEN if path.stem == "languages_in_one").read_text(encoding="utf-8")
    sample = sample.replace("languages: en, sw", "languages: [en, sw]")
    sample = sample.replace("What first?", '"What first in {region}?"')
    load_survey(sample, "poll.yaml")
    (said,) = messages(sample.replace("- id: region", "- id: Region"))
    assert said.startswith("12:9: 'Region' can't be an id;")
    assert said.endswith("for example 'region'")


# What is loaded


def test_gaps_are_filled_from_the_fallback_and_listed() -> None:
    survey = load_survey(GOOD, "poll.yaml")
    assert survey.sender == {"en": "Peace Forum", "sw": "Peace Forum", "ar": "Peace Forum"}
    assert survey.keywords == {"en": ("PEACE",), "sw": ("PEACE",), "ar": ("PEACE",)}
    assert [str(problem) for problem in untranslated(survey, "poll.yaml")] == [
        "poll.yaml:4:9: no text in sw; the one in en is used",
        "poll.yaml:4:9: no text in ar; the one in en is used",
        "poll.yaml:6:31: no text in ar; the one in en is used",
        "poll.yaml:7:9: no text in sw; the one in en is used",
        "poll.yaml:7:9: no text in ar; the one in en is used",
        "poll.yaml:12:11: no text in sw; the one in en is used",
        "poll.yaml:12:11: no text in ar; the one in en is used",
    ]


def test_placeholders_are_put_in_by_language_of_the_reader() -> None:
    consent = load_survey(GOOD, "poll.yaml").consent
    assert consent == {"en": "Peace Forum: Sample. Join?", "sw": "Mfano. Utashiriki?", "ar": "Peace Forum: عينة. Join?"}


def test_the_stated_fallback_stands_in() -> None:
    survey = load_survey(GOOD.replace("languages: [en, sw, ar]", "languages: [sw, en, ar]\nfallback: en"), "f")
    assert survey.languages[0] == "sw"
    assert survey.consent["ar"] == "Peace Forum: عينة. Join?"


def test_the_hash_is_of_the_content() -> None:
    first = load_survey(GOOD, "a.yaml").hash
    assert len(first) == 12
    lines = GOOD.splitlines()
    respelt = "\n".join(["# a comment", *lines[1:7], "", lines[0], *lines[7:]]).replace(
        "name: sample", "name:   'sample'"
    )
    respelt = respelt.replace("{en: Sample, sw: Mfano, ar: عينة}", "\n  ar: عينة\n  sw: Mfano\n  en: Sample")
    respelt = respelt.replace("    text: How old?", "    required: yes\n    text: >\n      How\n      old?")
    assert load_survey(respelt, "b.yaml").hash == first
    for old, new in (("Thank you", "Thanks"), ("[en, sw, ar]", "[en, ar, sw]"), ('version: "1"', 'version: "2"')):
        assert load_survey(GOOD.replace(old, new), "a.yaml").hash != first


def test_options_that_read_the_same_in_one_language_only_are_told() -> None:
    twins = GOOD.replace("18-39", '{en: Young, sw: "40+"}')
    assert messages(twins) == ["15:43: option 2 reads the same as option 1 in sw; tell them apart"]


def test_one_mistake_does_not_hide_others_nor_bring_them_along() -> None:
    broken = GOOD.replace("type: one-of", "type: oneof") + (
        "  - just a text\n"
        "  - {id: b, type: yes-no, text: B?, purpose: p, when: age == yong and aeg == old}\n"
        "  - {id: c, type: scale, text: C?, purpose: p, minimum: x, maximum: 5}\n"
        "  - {id: d, type: open, text: D?, purpose: p, when: c > 9 and b == maybe}\n"
    )
    assert messages(broken) == [
        "10:11: there is no type 'oneof'; did you mean 'one-of'?",
        "16:5: this must be a map: lines such as `key: ...`, indented below it",
        "17:71: question 'aeg' in `when` does not exist; did you mean 'age'?",
        "18:57: 'x' is not a number; write one in digits, such as 5 or 2.5",
        "19:68: 'b' has no option 'maybe'; there is yes, no",
    ]


def test_codebooks_are_refused_in_the_same_way() -> None:
    source = """\
name: book
languages: [en]
codes:
  - {id: land, name: Land, definition: about land, keywords: {en: [a, land], fr: [terre]}}
  - {id: land, name: "", definition: x, keyword: y}
"""
    with pytest.raises(SurveyError) as caught:
        load_codebook(source, "book.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        "book.yaml:4:68: keyword 'a' would be found in most answers; write two letters or more",
        "book.yaml:4:78: 'fr' is not one of `languages`; there is en",
        "book.yaml:5:10: code 'land' is here twice; give this one another id",
        "book.yaml:5:22: nothing is written here; write it, or take the key out",
        "book.yaml:5:41: there is no `keyword` here; did you mean 'keywords'?",
    ]


# Whatever is written


@given(st.text(max_size=200))
def test_any_text_is_loaded_or_refused(text: str) -> None:
    for load in (load_survey, load_codebook):
        with pytest.raises(SurveyError) as caught:
            load(text, "f")
        assert caught.value.problems


PIECES = st.sampled_from(
    [
        "",
        "x",
        "[]",
        "{}",
        "[x]",
        "{x: y}",
        "{en: }",
        "[[x], {}]",
        "no",
        "1:20",
        "-3",
        "age == young",
        "{en: [x], sw: {}}",
        "'{x}'",
    ]
)


@settings(deadline=None)
@given(st.data())
def test_a_poll_broken_anywhere_is_loaded_or_refused(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([GOOD, SAMPLE])).splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _rest = lines[at].partition(": ")
        lines[at] = f"{key}{colon}{data.draw(PIECES)}" if data.draw(st.booleans()) else ""
    try:
        survey = load_survey("\n".join(lines), "f")
    except SurveyError as error:
        told = [problem.line for problem in error.problems]
    else:
        told = [1]
        assert set(survey.title) == set(survey.languages)
    assert told
    assert all(0 < line <= len(lines) + 1 for line in told)


# What else follows the definition


def test_the_schema_for_editors_is_current() -> None:
    """Where this fails: baraza survey schema > surveys/survey.schema.json"""
    stored = json.loads((ROOT / "surveys" / "survey.schema.json").read_text(encoding="utf-8"))
    assert stored == survey_schema()


def test_every_type_can_be_asked_and_every_key_belongs_to_one() -> None:
    assert set(ASKED) - {"statement", "proposal"} == set(TYPES) - HOLDS - SILENT
    keys = set(SurveyDefinition.model_json_schema()["$defs"]["QuestionDefinition"]["properties"])
    assert keys == {*EVERY, *(key for allows in TYPES.values() for key in allows.must + allows.may)}


def test_the_poll_in_the_guide_is_whole() -> None:
    guide = (ROOT / "docs" / "focal-point" / "writing-a-poll.md").read_text(encoding="utf-8")
    source = guide.partition("```yaml\n")[2].partition("```")[0]
    assert untranslated(load_survey(source, "writing-a-poll.md")) == ()


def test_every_key_has_its_place_in_the_guide() -> None:
    guide = (ROOT / "docs" / "focal-point" / "writing-a-poll.md").read_text(encoding="utf-8")
    keys = set()
    for model in (SurveyDefinition, CodebookDefinition):
        schema = model.model_json_schema()
        keys |= set(schema["properties"]).union(*(part.get("properties", ()) for part in schema["$defs"].values()))
    assert len(keys) > 25
    assert [name for name in sorted(keys | set(TYPES)) if f"`{name}`" not in guide] == []
