"""A CSV file or a workbook as rows with the numbers that a spreadsheet shows beside them. Raises SheetError."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

MAX_BYTES = 16 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
MAX_SHARED = 16 * 1024 * 1024
"""Of a workbook's parts that are not its sheets: what is shared by all cells is held at once, sheets row by row."""
MAX_ROWS = 500_000
MAX_CELL = 2_000

_CONTENTS = "[Content_Types].xml"
_WORKSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


class SheetError(ValueError):
    """The file can't be read at all. Its text is one sentence with its mend."""


@dataclass(frozen=True, slots=True)
class Line:
    """`cells` by column, trimmed; a column in which nothing stands is left out."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`name` is a sheet's own, or ("") a file that has only one. `columns` in lower case, in their order."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_file(file: Path) -> tuple[Sheet, ...]:
    """Every sheet of a file that has a heading."""
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise SheetError(
            f"it has {size / 2**20:.0f} MiB, and {MAX_BYTES // 2**20} are read at most; leave out what is no map, or "
            "bring it in parts"
        )
    return read_sheets(file.read_bytes(), file.suffix)


def read_sheets(data: bytes, suffix: str) -> tuple[Sheet, ...]:
    """The same of its content. CSV in UTF-8, with commas, semicolons or tabs; or .xlsx."""
    if suffix.lower() in (".xlsx", ".xlsm"):
        return tuple(_workbook(data))
    if suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise SheetError(f"{suffix or 'this'} is no table that can be read; save it as CSV UTF-8 or .xlsx")
    if data.startswith(b"PK\x03\x04"):
        raise SheetError("this is a workbook under another name; give it the ending .xlsx")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SheetError(f"line {line} is not UTF-8; save the file as CSV UTF-8") from None
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        sheet = _sheet("", ((lines.line_num, row) for row in lines))
    except csv.Error:
        raise SheetError(f'line {lines.line_num}: its quotes don\'t fit; write a quote in a cell twice: ""') from None
    return (sheet,) if sheet else ()


def _workbook(data: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415 - loaded only where a workbook is read

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _bounded(archive)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        for page in book.worksheets:
            page.reset_dimensions()  # a file may claim any size
            sheet = _sheet(page.title, enumerate(page.iter_rows(values_only=True), start=1))
            if sheet:
                yield sheet
    except SheetError:
        raise
    except Exception:  # noqa: BLE001 - what a broken or hostile workbook makes openpyxl and its XML parser raise
        raise SheetError("this is no .xlsx that can be read; open it in a spreadsheet and save it anew") from None


def _bounded(archive: zipfile.ZipFile) -> None:
    sizes = {part.filename: part.file_size for part in archive.infolist()}
    if sizes.get(_CONTENTS, 0) <= MAX_SHARED:
        kinds: dict[str, set[str]] = {}
        for one in ET.fromstring(archive.read(_CONTENTS)):  # noqa: S314 - expat bounds what entities make of it
            kinds.setdefault(one.get("PartName", "").removeprefix("/"), set()).add(one.get("ContentType", ""))
        shared = sum(size for name, size in sizes.items() if kinds.get(name) != {_WORKSHEET})
        if shared <= MAX_SHARED and sum(sizes.values()) <= MAX_UNPACKED:
            return
    raise SheetError("it unpacks to more than a map can be; save its sheets as CSV, or bring it in parts")


def _sheet(name: str, rows: Iterable[tuple[int, Iterable[Any]]]) -> Sheet | None:
    columns: tuple[str, ...] = ()
    lines: list[Line] = []
    for number, row in rows:
        cells = [_text(cell) for cell in row]
        if not any(cells):
            continue
        if not columns:
            columns = tuple(cell.lower() for cell in cells)
            named = [column for column in columns if column]
            if twice := next((column for column in named if named.count(column) > 1), None):
                raise SheetError(f"{_of(name)}column '{twice[:60]}' is there twice; take one out")
            continue
        if len(lines) >= MAX_ROWS:
            raise SheetError(f"{_of(name)}more than {MAX_ROWS:,} rows; bring it in parts")
        if too_long := next((cell for cell in cells if len(cell) > MAX_CELL), None):
            raise SheetError(f"{_of(name)}row {number}: a cell of {len(too_long):,} letters; {MAX_CELL:,} are the most")
        lines.append(Line(number, {column: cell for column, cell in zip(columns, cells, strict=False) if cell}))
    return Sheet(name, columns, tuple(lines)) if columns else None


def _of(name: str) -> str:
    return f"sheet '{name[:60]}': " if name else ""


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
