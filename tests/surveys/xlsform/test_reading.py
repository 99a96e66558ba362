"""Workbooks are read with the numbers of their rows; what is no form, or too much, is refused before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from surveys.xlsform.form import import_form
from surveys.xlsform.reading import SheetError, read_workbook
from surveys.xlsform.report import Fate
from tests.surveys.xlsform.books import survey, xlsx


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", part)
    return content.getvalue()


def bomb_of_entities() -> bytes:
    """A real workbook whose texts are entities of entities."""
    content, bomb = io.BytesIO(survey({"type": "text", "name": "a", "label": "A"})), io.BytesIO()
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(9))
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(bomb, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                text = f"<!DOCTYPE x [{entities}]><worksheet><sheetData>&e8;</sheetData></worksheet>".encode()
            target.writestr(part.filename, text)
    return bomb.getvalue()


def wide() -> bytes:
    book = Workbook()
    for row in range(1, 80):
        book.active.cell(row, 16384, "x")
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "no archive": (lambda: b"type,name,label", ".xlsx", "no .xlsx file"),
    "nothing": (lambda: b"", ".xlsx", "no .xlsx file"),
    "an archive of something else": (lambda: zipped(word__document=b"<w/>"), ".xlsx", "can't be read as .xlsx"),
    "64 MB in a few KB": (lambda: zipped(xl__worksheets__sheet1=bytes(64 << 20)), ".xlsx", "unpacks to more"),
    "many parts": (lambda: zipped(**{f"part{n}": b"" for n in range(600)}), ".xlsx", "unpacks to more"),
    "entities of entities": (bomb_of_entities, ".xlsx", "can't be read as .xlsx"),
    "5 MB": (lambda: bytes(5 << 20), ".xlsx", "larger than 4 MiB"),
    "the whole width": (wide, ".xlsx", "too large; delete the empty rows and columns"),
    "too many tags": (lambda: zipped(xl__worksheets__sheet1=b"<c/>" * 500_000), ".xlsx", "unpacks to more"),
    "too many cells": (lambda: b"survey,,\n" + b",x,x\n" * 31_000, ".csv", "more than 60000 cells"),
    "no old workbook": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), ".xls", "can't be read as .xls"),
    "another encoding": (lambda: "type,name,label\ntext,a,\xe9".encode("latin-1"), ".csv", "not UTF-8"),
    "a letter": (lambda: b"Dear", ".docx", "no spreadsheet"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_gets_one_sentence(name: str) -> None:
    make, suffix, sentence = REFUSED[name]
    with pytest.raises(SheetError) as refused:
        read_workbook(make(), suffix)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_numbers_dates_and_truths_are_read_as_people_see_them() -> None:
    (sheet,) = read_workbook(xlsx({"survey": [["a", 1, 2.0, 2.5, True, " x "], [], [None, "last"]]}), ".xlsx").sheets
    assert [(line.number, line.cells) for line in sheet.lines] == [
        (1, ("a", "1", "2", "2.5", "TRUE", "x")),
        (3, ("", "last")),
    ]


def test_rows_far_below_are_found() -> None:
    """pyxform stops reading after 60 empty rows, and says nothing."""
    rows = [["type", "name", "label"], ["text", "a", "A"], *[[]] * 100, ["text", "b", "B"]]
    entries = import_form(read_workbook(xlsx({"survey": rows}), ".xlsx")).entries
    assert [entry.row for entry in entries if entry.name] == [2, 103]


def test_a_formula_without_a_result_is_not_dropped() -> None:
    data = xlsx({"survey": [["type", "name", "label"], ["text", "a", '="How are "&"you?"'], ["text", "b", "B"]]})
    entries = import_form(read_workbook(data, ".xlsx")).entries
    assert any(entry.row == 2 and entry.column == "column C" and "formula" in entry.text for entry in entries)
    assert [entry.row for entry in entries if entry.fate is Fate.REFUSED] == [0, 2, 2]


CSV = """\
survey,,,
,type,name,label
,integer,age,"How old, roughly?"

,select_one yn,ok,All right?
choices,,,
,list_name,name,label
,yn,yes,Yes
,yn,no,No
"""


def test_csv_with_sheets_and_without() -> None:
    imported = import_form(read_workbook(CSV.encode(), ".csv"), "form.csv")
    assert imported.questions == 2
    assert {(entry.sheet, entry.row) for entry in imported.entries if entry.name == "ok"} == {("survey", 5)}
    plain = import_form(read_workbook(b"type,name,label\ntext,a,What?\n", ".csv"), "form.csv")
    assert plain.questions == 1


@given(st.binary(max_size=300), st.sampled_from([".xlsx", ".xls", ".csv"]))
def test_any_bytes_are_a_workbook_or_refused(data: bytes, suffix: str) -> None:
    try:
        import_form(read_workbook(data, suffix))
    except SheetError as error:
        assert str(error)  # noqa: PT017 - any bytes may be a workbook after all
