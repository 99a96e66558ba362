"""Texts go out to translators and come back into the author's own file, and nothing else of it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from unicodedata import normalize

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.polls import poll_files
from surveys import po
from surveys.gazetteer_file import load_gazetteer
from surveys.load import load_survey
from surveys.problem import SurveyError
from surveys.reader import read
from surveys.rewrite import with_texts
from surveys.texts import catalogues
from surveys.translation import Proposal, TranslationError, Work, entries, judge, translated, without_catalogue
from tests.surveys.samples import FOLDER, TEXTS

NOW = datetime(2026, 1, 2, tzinfo=UTC)

# Written as people write: comments, columns, quotes, maps in one line and in many, plain texts, folded ones.
POLL = """\
# Wells, for the mediators.
name: wells
languages: [en, sw, so]   # so since May
title:    {en: "Wells", sw: Visima , }   # short
sender: Peace Forum  # as people know us
keywords: [WELLS]
consent:
  version: "1"
  text:
    en: >-
      {sender} asks about wells:
      take part?

    # the Somali text comes later
thanks: |
  Thank you.
  Peace.

questions:
  - id: place
    type: one-of
    purpose: To see where wells are missing.
    text: Where do you
      live?
    options:
      - {id: north, label: North}
      - id: hills
        label:
          sw: 'Milima'   # hills
          en: Hills
      - {id: some, label: 18-24}
  - id: home
    type: number
    purpose: To count.
    text: {en: How many? }
    unit: people
"""


def work(language: str = "so", source: str = POLL) -> Work:
    return entries(source.encode(), "wells.yaml", language)


def proposals(of: Work, text: str = "{0}") -> list[Proposal]:
    return [Proposal(entry.place, entry.source, text.format(entry.source), 7) for entry in of.entries]


def test_every_text_has_a_place_that_names_it() -> None:
    found = {entry.place: (entry.source, entry.text) for entry in work("sw").entries}
    assert found == {
        "title": ("Wells", "Visima"),
        "sender": ("Peace Forum", ""),
        "consent.text": ("{sender} asks about wells: take part?", ""),
        "thanks": ("Thank you.\nPeace.", ""),
        "questions.place.text": ("Where do you live?", ""),
        "questions.place.options.north.label": ("North", ""),
        "questions.place.options.hills.label": ("Hills", "Milima"),
        "questions.home.text": ("How many?", ""),
        "questions.home.unit": ("people", ""),
    }


def test_a_translator_is_told_why_and_how_short() -> None:
    about = {entry.place: " ".join(entry.about) for entry in work().entries}
    assert "To see where wells are missing." in about["questions.place.text"]
    assert "one of the options" in about["questions.place.text"]
    assert "a few words" in about["questions.place.options.north.label"]
    assert "Keep {sender}" in about["consent.text"]


def test_translations_are_put_where_the_texts_are_and_nothing_else_changes() -> None:
    before = work()
    verdict = judge(before, proposals(before, "so: {0}"), "so.po")
    assert len(verdict.accepted) == 9
    assert (verdict.refused, verdict.fuzzy, verdict.missing) == ((), (), 0)
    source = translated(before, verdict.accepted)
    assert source == (
        POLL.replace("sw: Visima , }", 'sw: Visima, so: "so: Wells" , }')
        .replace(
            "sender: Peace Forum  # as people know us",
            'sender:\n  en: Peace Forum\n  so: "so: Peace Forum"  # as people know us',
        )
        .replace("      take part?\n", '      take part?\n    so: "so: {sender} asks about wells: take part?"\n')
        .replace("thanks: |\n  Thank you.\n  Peace.\n", "thanks:\n  en: {}\n  so: {}\n")
        .replace("thanks:\n  en: {}", 'thanks:\n  en: "Thank you.\\nPeace.\\n"')
        .replace("\n  so: {}\n", '\n  so: "so: Thank you.\\nPeace."\n')
        .replace(
            "text: Where do you\n      live?",
            'text:\n      en: "Where do you live?"\n      so: "so: Where do you live?"',
        )
        .replace("label: North}", 'label: {en: North, so: "so: North"}}')
        .replace("          en: Hills\n", '          en: Hills\n          so: "so: Hills"\n')
        .replace("{en: How many? }", '{en: How many?, so: "so: How many?" }')
        .replace("unit: people", 'unit:\n      en: people\n      so: "so: people"')
    )


def test_what_is_nested_has_its_place_too() -> None:
    nested = """\
  - id: household
    type: group
    questions:
      - id: age
        type: number
        purpose: To count.
        text: How old?
        minimum: 0
      - id: child
        type: repeat
        count: age
        most: 2
        questions:
          - id: school
            type: yes-no
            purpose: To see schools.
            text: Does child {number} go to school?
            instead:
              - {when: age > 40, text: Did child {number} go to school?}
"""
    source = POLL + nested.replace("Did child {number}", '"Did child {number}').replace("school?}", 'school?"}')
    before = work(source=source)
    places = [entry.place for entry in before.entries][-3:]
    assert places == [
        "questions.household.questions.age.text",
        "questions.household.questions.child.questions.school.text",
        "questions.household.questions.child.questions.school.instead.1.text",
    ]
    after = translated(before, judge(before, proposals(before, "so: {0}"), "x").accepted)
    assert [entry.text for entry in work(source=after).entries] == [f"so: {entry.source}" for entry in before.entries]
    assert judge(before, [Proposal(places[1], before.entries[-2].source, "Imisa?", 1)], "x").refused


def test_a_poll_that_asks_for_places_needs_its_gazetteer() -> None:
    source = POLL + ("  - {id: village, type: place, purpose: To see where., text: Which village?, gazetteer: hills}\n")
    hills = load_gazetteer(b"id,name\nkilima,Kilima\n", "hills.csv", "hills")
    with pytest.raises(SurveyError, match="gazetteer"):
        work(source=source)
    before = entries(source.encode(), "wells.yaml", "so", {"hills": hills})
    village = before.entries[-1]
    assert village.place == "questions.village.text"
    assert 'so: "Tuulo?"' in translated(before, {village.path: "Tuulo?"})


def test_languages_that_the_gateway_does_not_speak_are_named() -> None:
    survey = load_survey(POLL.replace("sw, so]", "sw, so, nus]"), "wells.yaml")
    assert [str(problem) for problem in without_catalogue(survey, TEXTS, "wells.yaml")] == [
        "wells.yaml:3:25: there is no catalogue for nus; what the gateway itself says is in English"
    ]
    english = yaml.safe_load(files("surveys").joinpath("catalogues/en.yaml").read_text(encoding="utf-8"))
    half = {**english, "texts": {key: text for key, text in english["texts"].items() if key not in {"more", "back"}}}
    texts = catalogues({"en": english, "sw": english, "so": half, "nus": english})
    assert [str(problem) for problem in without_catalogue(survey, texts, "wells.yaml")] == [
        "wells.yaml:3:21: the catalogue for so lacks back, more; that is said in English"
    ]


def test_only_these_texts_change_and_the_hash_with_them() -> None:
    before = work()
    place = next(entry for entry in before.entries if entry.place == "questions.home.text")
    source = translated(before, {place.path: "Imisa?"})
    one, other = load_survey(POLL, "wells.yaml"), load_survey(source, "wells.yaml")
    assert other.hash != one.hash
    home = one.question("home")
    changed = tuple(
        replace(home, text={**home.text, "so": "Imisa?"}) if each is home else each for each in one.questions
    )
    assert other == replace(one, questions=changed, hash=other.hash, source=source)
    assert translated(work(source=source), {}) == source


@pytest.mark.parametrize("path", poll_files(FOLDER), ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["sw", "ar"])
def test_there_and_back_with_the_sample_polls(path: Path, language: str) -> None:
    content = path.read_bytes()
    before = entries(content, "poll.yaml", language)
    assert len(before.entries) > 10
    said, back = po.read_back(po.written(before, NOW))
    assert said == language
    assert judge(before, back, "x.po").accepted == {}
    verdict = judge(before, [replace(each, text=f'"{each.text}": \\ #1') for each in back], "x.po")
    source = translated(before, verdict.accepted)
    assert [entry.text for entry in entries(source.encode(), "poll.yaml", language).entries] == [
        f'"{entry.text}": \\ #1' for entry in before.entries
    ]
    # Put back, it is what it was, but for quotes.
    again = entries(source.encode(), "poll.yaml", language)
    restored = translated(again, judge(again, back, "x.po").accepted)
    assert read(restored, "x").data == read(content, "x").data
    assert load_survey(restored, "x").hash == load_survey(content, "x").hash
    comments = [line for line in content.decode().splitlines() if line.lstrip().startswith("#")]
    assert [line for line in source.splitlines() if line.lstrip().startswith("#")] == comments


def test_a_file_from_another_system_keeps_its_line_ends_and_its_mark() -> None:
    source = "\ufeff" + POLL.replace("\n", "\r\n")
    before = work(source=source)
    after = translated(before, judge(before, proposals(before, "so: {0}"), "x").accepted)
    assert after.startswith("\ufeff# Wells")
    assert after.count("\n") == after.count("\r\n") > source.count("\r\n")


# What comes back and does not fit ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proposal", "said"),
    [
        (Proposal("sender", "Forum of Peace", "Madal", 9), "sender reads differently in the poll now; export again"),
        (
            Proposal("questions.hom.text", "How many?", "Imisa?", 9),
            "the poll has no text 'questions.hom.text'; did you",
        ),
        (Proposal("", "How many?", "Imisa?", 9), "the poll has no text ''"),
        (Proposal("consent.text", "{sender} asks about wells: take part?", "Ceel?", 9), "consent.text lost {sender};"),
        (Proposal("title", "Wells", "Ceelal {sender}", 9), "title has {sender}, which the original has not; take it"),
        (Proposal("title", "Wells", "Ceelal {0.__class__}", 9), "title has {0.__class__}, which the original has"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(proposal: Proposal, said: str) -> None:
    verdict = judge(work(), [proposal], "so.po")
    assert verdict.accepted == {}
    assert [(problem.file, problem.line) for problem in verdict.refused] == [("so.po", 9)]
    assert verdict.refused[0].message.startswith(said)


def test_fuzzy_translations_are_left_out_and_empty_ones_are_missing() -> None:
    found = [Proposal("title", "Wells", "Ceelal", 3, fuzzy=True), Proposal("sender", "Peace Forum", " ", 8)]
    verdict = judge(work(), found, "so.po")
    assert (verdict.accepted, verdict.refused, verdict.missing) == ({}, (), 9)
    assert [str(problem) for problem in verdict.fuzzy] == [
        "so.po:3:1: title is marked fuzzy, and was left out; look at it and take the mark away"
    ]


def test_a_poll_that_would_be_refused_is_not_made() -> None:
    before = work()
    labels = {entry.path: "Waqooyi" for entry in before.entries if entry.place.endswith("label")}
    assert len(labels) == 2
    with pytest.raises(SurveyError, match="reads the same"):
        translated(before, labels)


@pytest.mark.parametrize(("language", "said"), [("en", "is written in en"), ("fr", "not in fr; add it to `languages`")])
def test_a_language_that_can_not_be_translated_into(language: str, said: str) -> None:
    with pytest.raises(TranslationError, match=said):
        work(language)


# PO files -----------------------------------------------------------------------------------------------------------


def test_a_po_file_as_translators_see_it() -> None:
    text = po.written(work("sw"), NOW).decode()
    assert '"Language: sw\\n"' in text
    assert "70 where a letter is not in it" in text
    assert (
        "#. Answered with one of the options.\n#. Why it is asked: To see where wells are missing.\n"
        "#. A label: read on small screens and on buttons, so a few words.\n#. 5 characters.\n#: wells.yaml:29\n"
        'msgctxt "questions.place.options.hills.label"\nmsgid "Hills"\nmsgstr "Milima"\n'
    ) in text
    assert '#, python-brace-format\nmsgctxt "consent.text"\n' in text


def test_a_po_file_made_by_somebody_else() -> None:
    content = b"""\
msgid ""
msgstr "Content-Type: text/plain; charset=ISO-8859-1\\nLanguage: pt_BR\\n"

#, fuzzy
msgctxt "title"
msgid "50 % of wells"
msgstr "50 % dos po\xe7os"

#~ msgctxt "old"
#~ msgid "x"
#~ msgstr "y"
"""
    assert po.read_back(content) == ("pt-BR", (Proposal("title", "50 % of wells", "50 % dos poços", 6, fuzzy=True),))


def test_a_language_that_cldr_does_not_know_is_written_all_the_same() -> None:
    source = POLL.replace("[en, sw, so]", "[en, sw, nus, xzz]")
    for language in ("nus", "xzz"):
        assert po.read_back(po.written(work(language, source), NOW))[0] == language


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b'msgid "a',
        b"\xff\xfe\x00",
        b"PK\x03\x04",
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=none\\n"\n\nmsgid "a"\nmsgstr "b"\n',
        b'msgid ""\nmsgstr "POT-Creation-Date: soon\\n"\n',
        b'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] "d"\n',
        b"#" * (po.MAX_BYTES + 1),
    ],
)
def test_what_is_no_po_file_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(TranslationError) as refused:
        po.read_back(content)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


PIECES = [
    "msgid ",
    "msgctxt ",
    "msgstr ",
    "msgstr[1] ",
    '"',
    "\\n",
    "\\",
    "\n",
    "#, fuzzy\n",
    "#~ ",
    "#: a:1",
    "{x}",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_file_is_read_or_refused(text: str) -> None:
    try:
        _, found = po.read_back(text.encode())
    except TranslationError:
        return
    judge(work(), found, "x.po")


# Rewriting ----------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")) | st.just("\n"), min_size=1).filter(str.strip)


@given(TEXT)
def test_any_text_is_read_as_it_was_put_in(text: str) -> None:
    before = work()
    source = with_texts(POLL, "wells.yaml", {entry.path: text for entry in before.entries}, "so", "en")
    data = read(source, "wells.yaml").data
    assert isinstance(data, dict)
    assert data["title"]["so"] == data["sender"]["so"] == data["thanks"]["so"] == normalize("NFC", text)
