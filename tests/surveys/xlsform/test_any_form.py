"""Forms that nobody would write: whatever stands in the cells, each row has its fate, and nothing raises."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.load import SurveyError, load_survey
from surveys.xlsform.form import import_form
from surveys.xlsform.kinds import KINDS
from surveys.xlsform.reading import Line, Sheet, Workbook

DOCS = Path(__file__).parents[3] / "docs" / "focal-point" / "xlsform.md"

_NAMES = st.sampled_from(["a", "b", "C c", "yes", "end", "consent", "1", "رأي", "a" * 60, ""])
_TYPES = st.sampled_from(
    [
        *KINDS,
        "end_group",
        "end repeat",
        "select_one l",
        "select_multiple l or_other",
        "rank l",
        "select_one m",
        "Integer",
        "begin group",
        "begin",
        "end",
        "loop",
        "",
        "select_one ${a}",
        "select_one",
    ]
)
_EXPRESSIONS = st.sampled_from(
    [
        "${a} = 'x'",
        "${a} > 1",
        ". > 1",
        ".<=5 and .>=9",
        "selected(${b}, 'y')",
        "${b} and ${a}",
        "count-selected(.) < 2",
        "region = ${a}",
        "${a} + 1",
        "if(${a} = 'x', 1, 'no')",
        "3",
        "-2.5",
        "",
        "((",
        "today()",
        "'",
        "true()",
        "${a}",
        "jr:choice-name(${a}, '${a}')",
        "position(..)",
        "sum(${b})",
        "coalesce(${a}, 'x')",
        "${C c} != ''",
    ]
)
_WORDS = st.sampled_from(
    ["", "What?", "Hi ${a}", "{a} %s", "<b>x</b>", "1", "Yes", "No", "\u202ex\x07", "&amp;", "a: b # c"]
)
_TEXTS = _WORDS | st.text(max_size=12)
_CELLS = {
    "type": _TYPES,
    "name": _NAMES,
    "label": _TEXTS,
    "Label::Français (fr)": _TEXTS,
    "hint": _TEXTS,
    "relevant": _EXPRESSIONS,
    "constraint": _EXPRESSIONS,
    "calculation": _EXPRESSIONS,
    "choice_filter": _EXPRESSIONS,
    "repeat_count": _EXPRESSIONS,
    "required": st.sampled_from(["yes", "", "no", "${a} = 1"]),
    "appearance": st.sampled_from(["", "year", "signature", "ethiopian"]),
    "parameters": st.sampled_from(["", "start=1 end=5", "randomize=true", "start=x", "=", "end=1e9"]),
    "default": _TEXTS,
    "notes of mine": _TEXTS,
}


def sheet(name: str, columns: dict[str, st.SearchStrategy[str]], most: int) -> st.SearchStrategy[Sheet]:
    row = st.tuples(*(cell.map(str.strip) for cell in columns.values()))
    return st.lists(row, max_size=most).map(
        lambda rows: Sheet(
            name, (Line(1, tuple(columns)), *(Line(n, cells) for n, cells in enumerate(rows, start=2) if any(cells)))
        )
    )


_CHOICES = {"list_name": st.sampled_from(["l", "m", ""]), "name": _NAMES, "label": _TEXTS, "region": _NAMES}
_SETTINGS = {
    "form_title": _TEXTS,
    "form_id": _NAMES,
    "default_language": st.sampled_from(["", "fr", "Klingon", "en (en)"]),
}
BOOKS = st.tuples(sheet("survey", _CELLS, 9), sheet("choices", _CHOICES, 6), sheet("settings", _SETTINGS, 2))


@given(BOOKS)
@settings(deadline=None, max_examples=150)
def test_any_form_has_its_report(sheets: tuple[Sheet, ...]) -> None:
    imported = import_form(Workbook(sheets))
    told = {(entry.sheet, entry.row) for entry in imported.entries}
    assert {(one.name, line.number) for one in sheets for line in one.lines} <= told
    assert all(entry.text for entry in imported.entries)
    try:
        load_survey(imported.yaml, "poll")
    except SurveyError:
        assert imported.blocked


@given(
    st.lists(st.lists(st.text(max_size=8), max_size=5).map(tuple), max_size=6),
    st.sampled_from(["survey", "choices", "x"]),
)
@settings(deadline=None, max_examples=100)
def test_any_cells_have_their_report(rows: list[tuple[str, ...]], name: str) -> None:
    lines = tuple(Line(number, cells) for number, cells in enumerate(rows, start=1) if any(cells))
    imported = import_form(Workbook((Sheet(name, lines),)))
    told = {row for entry in imported.entries for row in range(entry.row, max(entry.row, entry.last) + 1)}
    assert {line.number for line in lines} <= told


def test_the_guide_names_each_type() -> None:
    named = set(re.findall(r"`([\w-]+)`", DOCS.read_text()))
    assert len(KINDS) > 30
    assert sorted(set(KINDS) - named) == []


def test_every_kind_is_asked_or_says_why_not() -> None:
    assert all(kind.type or kind.how or (kind.why and kind.mend) for kind in KINDS.values())
