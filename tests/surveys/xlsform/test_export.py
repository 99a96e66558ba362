"""Polls become forms that pyxform takes, and come back the same."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from gateway.polls import poll_files
from surveys.emit import emit
from surveys.load import SurveyError, load_survey
from surveys.model import Question, Survey
from surveys.xlsform.export import Exported, export_form
from surveys.xlsform.form import Imported, import_form
from surveys.xlsform.reading import read_workbook
from surveys.xlsform.report import Fate
from surveys.xlsform.writing import write_workbook
from tests.surveys.rich import RICH
from tests.surveys.samples import FOLDER

POLLS = {path.stem: path.read_text() for path in poll_files(FOLDER)} | {"rich": RICH}


def there_and_back(source: str) -> tuple[Exported, Imported]:
    exported = export_form(source, "poll.yaml")
    data = write_workbook(exported.sheets)
    convert(io.BytesIO(data))
    return exported, import_form(read_workbook(data, ".xlsx"), "poll.xlsx")


def kept(question: Question) -> dict[str, Any]:
    """What a form can say of a question."""
    return {
        "id": question.id,
        "type": question.type,
        "text": dict(question.text),
        "purpose": question.purpose,
        "options": [(one.id, dict(one.label), one.when) for one in question.options],
        "hint": question.hint,
        "required": question.required,
        "when": question.when,
        "bounds": (question.minimum, question.maximum, question.whole),
        "order": question.draws,
        "value": question.value,
    }


def asked(survey: Survey) -> list[dict[str, Any]]:
    return [kept(one) for one in survey.questions if one.type not in {"arm", "quota", "end"}]


@pytest.mark.parametrize("name", POLLS)
def test_a_poll_comes_back_the_same(name: str) -> None:
    exported, imported = there_and_back(POLLS[name])
    before, after = load_survey(POLLS[name], name), load_survey(imported.yaml, name)
    assert asked(after) == asked(before) or name == "rich"
    assert [one["id"] for one in asked(after)] == [one["id"] for one in asked(before)]
    assert [one["text"] for one in asked(after)] == [one["text"] for one in asked(before)]
    assert [one["options"] for one in asked(after)] == [one["options"] for one in asked(before)]
    assert (after.name, after.languages, after.title["en"]) == (before.name, before.languages, before.title["en"])
    assert (after.consent, after.thanks) == (before.consent, before.thanks)
    assert exported.left_out
    refused = [entry.name for entry in imported.entries if entry.fate is Fate.REFUSED]
    assert refused == (["frame"] if name == "rich" else [])


def test_what_a_form_cannot_say_is_listed_with_its_line() -> None:
    exported = export_form(RICH, "rich.yaml")
    told = {problem.message.split("`")[1] for problem in exported.left_out if "`" in problem.message}
    assert told >= {"quotas", "eligible", "reminders", "opens", "closes", "instead", "relevant", "limits"}
    lines = RICH.splitlines()
    (instead,) = [problem for problem in exported.left_out if "`instead`" in problem.message]
    assert "instead" in lines[instead.line - 2]


SKIPS = """\
name: skips
languages: [en]
title: Skips
sender: Us
keywords: [SKIPS]
consent: {version: "1", text: Join?}
thanks: Thanks
questions:
  - {id: a, type: yes-no, text: A?, purpose: p, skip: {to: d, when: a == yes}}
  - {id: b, type: number, text: B?, purpose: p, required: no}
  - id: g
    type: group
    when: b != 3
    questions:
      - {id: c, type: yes-no, text: C?, purpose: p}
      - {id: out, type: end, when: c == no, text: Bye}
  - {id: d, type: open, text: D?, purpose: p}
  - {id: v, type: statements, text: Agree?, purpose: p, statements: [{id: x, text: X}, {id: y, text: Y}]}
"""


ENDED = "not((not(${a} = 'yes')) and (${b} != 3 and ${b} != '') and (${c} = 'no'))"


def test_skips_and_ends_become_conditions() -> None:
    exported, imported = there_and_back(SKIPS)
    head, *rows = exported.sheets["survey"]
    relevant = {row[head.index("name")]: row[head.index("relevant")] for row in rows if not row[0].startswith("end")}
    assert relevant == {
        "poll_consent": "",
        "a": "",
        "b": "not(${a} = 'yes')",
        "g": "(not(${a} = 'yes')) and (${b} != 3 and ${b} != '')",
        "c": "",
        "out": "${c} = 'no'",
        "d": ENDED,
        "poll_thanks": "",
    }
    assert any("no statements" in problem.message for problem in exported.left_out)
    assert not imported.blocked


def test_what_looks_like_a_formula_is_text() -> None:
    poll = (
        SKIPS.replace("text: D?", 'text: "=cmd()|1"')
        .replace("text: B?", 'text: "+1 or -1?"')
        .replace("Thanks", '"@all"')
    )
    data = write_workbook(export_form(poll, "poll.yaml").sheets)
    sheet = load_workbook(io.BytesIO(data))["survey"]
    cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert sorted(str(cell.value) for cell in cells) == ["+1 or -1?", "=cmd()|1", "@all"]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


def test_what_is_no_poll_is_refused() -> None:
    with pytest.raises(SurveyError):
        export_form("name: [", "poll.yaml")
    with pytest.raises(SurveyError):
        export_form("name: a\n", "poll.yaml")


_LETTERS = st.characters(codec="utf-8", exclude_characters="{}%<>*_#[]&\\`$", categories=("L", "N", "P", "S", "Zs"))
_TEXTS = st.text(_LETTERS, min_size=1, max_size=30).filter(
    lambda text: any(map(str.isalpha, text)) and text == " ".join(text.split())
)


_KINDS = ("yes-no", "one-of", "many-of", "ranking", "scale", "number", "open", "date", "note")


@st.composite
def polls(draw: st.DrawFn) -> str:
    """Polls of some questions, each of which may ask about an earlier one."""
    questions: list[dict[str, Any]] = []
    conditions: list[str] = []
    for number in range(draw(st.integers(1, 6))):
        name = f"q{number}"
        kind = draw(
            st.sampled_from(["yes-no", "one-of", "many-of", "ranking", "scale", "number", "open", "date", "note"])
        )
        question: dict[str, Any] = {"id": name, "type": kind, "text": {"en": draw(_TEXTS)}}
        if kind != "note":
            question |= {"purpose": draw(_TEXTS), "required": draw(st.sampled_from(["yes", "no"]))}
        if conditions and draw(st.booleans()):
            question["when"] = draw(st.sampled_from(conditions))
        if kind in {"one-of", "many-of", "ranking"}:
            question["options"] = [{"id": word, "label": {"en": word.title()}} for word in ("water", "roads", "work")]
        if kind == "scale":
            question |= {"minimum": "1", "maximum": "5"}
        if kind == "number" and draw(st.booleans()):
            question |= {"minimum": "0", "maximum": "90"}
        conditions += {
            "yes-no": [f"{name} == yes", f"not ({name} == no)"],
            "one-of": [f"{name} == water", f"{name} in (roads, work)"],
            "many-of": [f"{name} includes water", f"count({name}) > 1"],
            "scale": [f"{name} >= 3"],
            "number": [f"{name} < 18 or {name} > 60"],
            "open": [f"answered({name})"],
            "date": [f"{name} > 2020-01-31"],
        }.get(kind, [])
        questions.append(question)
    return emit(
        {
            "name": "made",
            "languages": ["en"],
            "title": {"en": draw(_TEXTS)},
            "sender": {"en": "Us"},
            "keywords": ["MADE"],
            "consent": {"version": "1", "text": {"en": draw(_TEXTS)}},
            "thanks": {"en": draw(_TEXTS)},
            "questions": questions,
        }
    )


@given(polls())
@settings(deadline=None, max_examples=60)
def test_any_poll_comes_back_the_same(source: str) -> None:
    before = load_survey(source, "made")
    _, imported = there_and_back(source)
    after = load_survey(imported.yaml, "made")
    assert asked(after) == asked(before)
    assert not imported.blocked
