"""A sheet's lines as rows, by what XLSForm calls its columns.

pyxform knows the spellings: old names, upper case, `label::English (en)`, `label:fr`, `bind::relevant`. What it does
not know is kept under the heading as written, so that nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from surveys.problem import nearest
from surveys.xlsform.reading import Line, Sheet
from surveys.xlsform.report import Entry, Fate

TEXTS: Final = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
"""Columns that there may be in several languages. `media` is one too, for pictures, sound and films."""

_CALLED: Final = {
    "calculate": "calculation",
    "jr:constraintMsg": "constraint_message",
    "jr:requiredMsg": "required_message",
    "jr:noAppErrorString": "constraint_message",
    "jr:count": "repeat_count",
    "readonly": "read_only",
    "list name": "list_name",
    "title": "form_title",
    "id_string": "form_id",
}
"""pyxform's inner names, and the columns as people know them."""

_WITHIN: Final = frozenset({"bind", "control"})
_KOBO: Final = ("$", "kobo--", "_")
"""How headings begin that Kobo writes for itself."""


@dataclass(frozen=True, slots=True)
class Row:
    """`values` by column, `texts` by column and then by language as written ("" where none is), `extra` by heading."""

    sheet: str
    number: int
    values: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)

    def get(self, column: str) -> str:
        return self.values.get(column, "")

    def entry(self, fate: Fate, text: str, mend: str = "", column: str = "") -> Entry:
        name = self.get("name") or self.get("type") or self.get("list_name")
        return Entry(self.sheet, self.number, fate, text, mend, name[:80], column)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its rows, the languages of its texts in order, and what is to be said of its columns."""

    rows: tuple[Row, ...] = ()
    languages: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    headings: tuple[str, ...] = ()


def table(sheet: Sheet, kind: str) -> Table:
    """The rows of a sheet that is XLSForm's survey, choices or settings."""
    if not sheet.lines:
        return Table()
    head, *lines = sheet.lines
    called = [_called(cell, kind, double=any("::" in cell for cell in head.cells)) for cell in head.cells]
    entries = [Entry(sheet.name, head.number, Fate.IMPORTED, "the columns' headings")]
    entries += _doubtful(sheet.name, head, called, kind)
    entries += _headless(sheet.name, head, lines)
    rows = tuple(_row(sheet.name, line, called) for line in lines)
    languages = dict.fromkeys(name[1] for name in called if len(name) > 1 and name[0] in {*TEXTS, "media"} and name[1])
    return Table(rows, tuple(languages), tuple(entries), head.cells)


def _known(kind: str) -> tuple[Mapping[str, str | tuple[str, ...]], Container[str]]:
    from pyxform import aliases  # noqa: PLC0415 - loaded only where a form is read
    from pyxform.question import MultipleChoiceQuestion, Option  # noqa: PLC0415 - as above
    from pyxform.survey import Survey  # noqa: PLC0415 - as above

    if kind == "survey":
        return aliases.survey_header, {*MultipleChoiceQuestion.get_slot_names(), "disabled"}
    if kind == "choices":
        return aliases.list_header, set(Option.get_slot_names())
    return aliases.settings_header, {*Survey.get_slot_names(), "default_language", "allow_choice_duplicates"}


def _called(heading: str, kind: str, *, double: bool) -> tuple[str, ...]:
    """A column's name, and its language where it has one. Headings that are not known begin with ""."""
    from pyxform.parsing.sheet_headers import process_header  # noqa: PLC0415 - loaded only where a form is read

    if not heading:
        return ()
    names, columns = _known(kind)
    try:
        _, tokens = process_header(heading, double, names, columns)
    except (IndexError, KeyError):  # such as `jr` with nothing behind it
        return ("", heading)
    tokens = tuple(token for token in tokens if token not in _WITHIN) or tokens
    if tokens[0] == "media":
        return ("media", *tokens[2:3]) if len(tokens) > 2 else ("media", "")
    name = _CALLED.get(tokens[0], tokens[0])
    if name not in {*TEXTS, *_CALLED.values()} and name not in columns and name not in _EXPECTED:
        return ("", heading)
    return (name, *tokens[1:2]) if name in TEXTS else (name,)


_EXPECTED: Final = frozenset(
    {
        *("type", "name", "appearance", "required", "relevant", "constraint", "default", "trigger", "parameters"),
        *("choice_filter", "repeat_count", "read_only", "calculation", "disabled", "list_name", "version", "style"),
        *("form_title", "form_id", "default_language", "sms_keyword", "allow_choice_duplicates", "instance_name"),
    }
)


def _row(sheet: str, line: Line, called: list[tuple[str, ...]]) -> Row:
    values: dict[str, str] = {}
    texts: dict[str, dict[str, str]] = {}
    extra: dict[str, str] = {}
    for name, cell in zip(called, line.cells, strict=False):
        if not cell or not name:
            continue
        if name[0] == "":
            extra.setdefault(name[1], cell)
        elif name[0] in {*TEXTS, "media"}:
            texts.setdefault(name[0], {}).setdefault(name[1] if len(name) > 1 else "", cell)
        else:
            values.setdefault(name[0], _straight(cell))
    return Row(sheet, line.number, values, texts, extra)


_QUOTES: Final = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\xa0": " "})


def _straight(cell: str) -> str:
    """Spreadsheets turn quotes into curled ones, which expressions don't know."""
    return cell.translate(_QUOTES).strip()


def _doubtful(sheet: str, head: Line, called: list[tuple[str, ...]], kind: str) -> Iterator[Entry]:
    seen: dict[tuple[str, ...], str] = {}
    for heading, name in zip(head.cells, called, strict=True):
        if not name:
            continue
        if name in seen and name[0] not in {"", "media"}:
            yield Entry(
                sheet,
                head.number,
                Fate.REFUSED,
                f"column '{heading[:60]}' says the same as '{seen[name][:60]}'",
                "take one of them out",
                column=heading[:60],
            )
        seen.setdefault(name, heading)
        if name[0] == "" and not heading.startswith(_KOBO) and kind != "choices":
            names, columns = _known(kind)
            yield Entry(
                sheet,
                head.number,
                Fate.ADAPTED,
                f"column '{heading[:60]}' is not one of XLSForm's{nearest(heading, _words(names, columns))}",
                "what is in it stays out of the poll" if heading.lower() != "purpose" else "it becomes `purpose`",
                column=heading[:60],
            )


def _words(names: Mapping[str, object], columns: Container[str]) -> list[str]:
    return [word for word in (*names, *sorted(_EXPECTED), *TEXTS) if word in columns or word in names or word in TEXTS]


def _headless(sheet: str, head: Line, lines: list[Line]) -> Iterator[Entry]:
    """Cells that stand in a column without a heading: notes of the author, mostly."""
    lost: dict[int, list[int]] = {}
    for line in lines:
        for column, cell in enumerate(line.cells):
            if cell and (column >= len(head.cells) or not head.cells[column]):
                lost.setdefault(column, []).append(line.number)
    for column, numbers in lost.items():
        yield Entry(
            sheet,
            head.number,
            Fate.ADAPTED,
            f"column {column + 1} has no heading; what is in it (row {numbers[0]}"
            f"{f' and {len(numbers) - 1} more' if len(numbers) > 1 else ''}) stays out of the poll",
            "write a heading if it belongs to the form",
            column=f"column {column + 1}",
        )
