"""A workbook's bytes to lines of text, with the numbers that spreadsheets show beside them.

    read_workbook(data, suffix) -> Workbook      raises SheetError

The limits hold before anything is unpacked: a poll is a few pages, and a small archive can hold gigabytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from surveys.xlsform.report import Entry, Fate

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_UNPACKED: Final = 12 * 1024 * 1024
"""Of the parts of an archive that are read; its pictures are not."""
MAX_TAGS: Final = 400_000
"""In all of these parts: what it takes to read them goes with this."""
MAX_CELLS: Final = 60_000
MAX_LINES: Final = 1_100_000
"""Lines that a sheet may claim, empty ones too: as many as a spreadsheet can have."""
MAX_WIDE: Final = 400_000
"""Places for cells, empty ones too."""
MAX_TEXT: Final = 32_767


_TOO_MUCH: Final = "the file unpacks to more than a form can be; copy its sheets into a new workbook and try again."


class SheetError(ValueError):
    """The file is no workbook that can be read. The text is a sentence, with its mend."""


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts from 1, as spreadsheets do. Cells are trimmed, "" where there is nothing."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines in which something is written; the others are left out."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """`unread` are cells whose content could not be had."""

    sheets: tuple[Sheet, ...]
    unread: tuple[Entry, ...] = ()


def read_workbook(data: bytes, suffix: str) -> Workbook:
    """The sheets of a file of that suffix (.xlsx, .xlsm, .xls, .csv). Raises SheetError."""
    read = _READERS.get(suffix.lower())
    if read is None:
        raise SheetError(f"{suffix or 'this'} is no spreadsheet; save the form as .xlsx, .xls or .csv.")
    if len(data) > MAX_BYTES:
        raise SheetError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB; take out pictures and unused rows.")
    try:
        return read(data)
    except SheetError:
        raise
    except Exception as error:
        raise SheetError(
            f"this can't be read as {suffix} ({type(error).__name__}); open it in a spreadsheet and save it as .xlsx."
        ) from error


# .xlsx -------------------------------------------------------------------------------------------------------------


def _xlsx(data: bytes) -> Workbook:
    from openpyxl import load_workbook  # noqa: PLC0415 - loaded only where a workbook is read

    formulas = _looked_at(data)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets = _gathered((sheet.title, _rows(sheet)) for sheet in book.worksheets)
    if not formulas:
        return Workbook(tuple(sheets))
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    written = _gathered((sheet.title, _rows(sheet)) for sheet in book.worksheets)
    return _with_formulas(sheets, written)


def _looked_at(data: bytes) -> bool:
    """Hold an archive against the limits, before a part of it is read. Whether it has formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [part for part in archive.infolist() if part.filename.endswith((".xml", ".rels"))]
            if len(parts) > 500 or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise SheetError(_TOO_MUCH)
            read = {part.filename: archive.read(part) for part in parts}
            if sum(content.count(b"<") for content in read.values()) > MAX_TAGS:
                raise SheetError(_TOO_MUCH)
            sheets = [content for name, content in read.items() if "worksheets/" in name]
            return any(mark in sheet for sheet in sheets for mark in (b"<f>", b"<f ", b":f>", b":f "))
    except zipfile.BadZipFile:
        raise SheetError("this is no .xlsx file; open it in a spreadsheet and save it as .xlsx.") from None


def _rows(sheet: Any) -> Iterator[tuple[int, Iterable[Any]]]:
    sheet.reset_dimensions()  # a file may claim any size
    return enumerate(sheet.iter_rows(values_only=True), start=1)


def _with_formulas(sheets: list[Sheet], written: list[Sheet]) -> Workbook:
    """Put the cells whose formula has no stored result on the list of what could not be read."""
    known = {(sheet.name, line.number): line.cells for sheet in sheets for line in sheet.lines}
    unread: list[Entry] = []
    kept: list[Sheet] = []
    for sheet in written:
        lines = []
        for line in sheet.lines:
            cells = known.get((sheet.name, line.number), ())
            lost = [
                _letter(column)
                for column, cell in enumerate(line.cells)
                if cell and not (cells[column] if column < len(cells) else "")
            ]
            lines.append(Line(line.number, cells or ("",)))
            unread += [
                Entry(
                    sheet.name,
                    line.number,
                    Fate.REFUSED,
                    "a formula without a stored result",
                    "open the file in a spreadsheet, copy the cell and paste it as a value",
                    column=f"column {letter}",
                )
                for letter in lost
            ]
        kept.append(Sheet(sheet.name, tuple(lines)))
    return Workbook(tuple(kept), tuple(unread))


def _letter(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# .xls and .csv ------------------------------------------------------------------------------------------------------


def _xls(data: bytes) -> Workbook:
    import xlrd  # noqa: PLC0415 - loaded only where a workbook is read
    from pyxform.xls2json_backends import xls_value_to_unicode  # noqa: PLC0415 - loaded only where a workbook is read

    book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    return Workbook(
        tuple(
            _gathered(
                (
                    sheet.name,
                    (
                        (number + 1, [xls_value_to_unicode(c.value, c.ctype, book.datemode) for c in sheet.row(number)])
                        for number in range(sheet.nrows)
                    ),
                )
                for sheet in book.sheets()
            )
        )
    )


_CSV_SHEETS: Final = frozenset({"survey", "choices", "settings"})


def _csv(data: bytes) -> Workbook:
    """XLSForm's way of several sheets in one file: a sheet's name alone in the first column, its lines in the others.

    A file that begins with headings is the survey sheet.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError("this is not UTF-8; save the file as CSV in UTF-8.") from None
    sheets: dict[str, list[tuple[int, list[str]]]] = {}
    name = ""
    lines = csv.reader(io.StringIO(text))
    for line in lines:
        first, rest = (line[0].strip(), line[1:]) if line else ("", [])
        if first and (not any(map(str.strip, rest)) or first.lower() in _CSV_SHEETS):
            name = first
            sheets.setdefault(name, [])
        sheets.setdefault(name or "survey", []).append((lines.line_num, rest if name else line))
    return Workbook(tuple(_gathered(sheets.items())))


# All ----------------------------------------------------------------------------------------------------------------


def _gathered(sheets: Iterable[tuple[str, Iterable[tuple[int, Iterable[Any]]]]]) -> list[Sheet]:
    from pyxform.xls2json_backends import xlsx_value_to_str  # noqa: PLC0415 - loaded only where a workbook is read

    gathered, cells, wide = [], 0, 0
    for name, rows in sheets:
        lines = []
        for number, row in rows:
            values = tuple(row)
            wide += len(values)
            if number > MAX_LINES or wide > MAX_WIDE:
                raise SheetError(f"sheet '{name}' is too large; delete the empty rows and columns behind the form.")
            if not any(value is not None and value != "" for value in values):
                continue
            texts = tuple("" if value is None else str(xlsx_value_to_str(value)).strip() for value in values)
            if not any(texts):
                continue
            cells += sum(map(bool, texts))
            if cells > MAX_CELLS:
                raise SheetError(f"more than {MAX_CELLS} cells are filled; a form for messages is a few pages.")
            if max(map(len, texts)) > MAX_TEXT:
                raise SheetError(f"sheet '{name}', row {number}: a cell holds more text than a spreadsheet can.")
            while not texts[-1]:
                texts = texts[:-1]
            lines.append(Line(number, texts))
        gathered.append(Sheet(name, tuple(lines)))
    return gathered


_READERS: Final[Mapping[str, Callable[[bytes], Workbook]]] = {
    ".xlsx": _xlsx,
    ".xlsm": _xlsx,
    ".xls": _xls,
    ".csv": _csv,
}
