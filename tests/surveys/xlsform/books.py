"""Workbooks made for the tests: sheets of rows, as bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]


def xlsx(sheets: Mapping[str, Rows]) -> bytes:
    """An .xlsx file of these sheets. An empty row is left blank."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    sheet.cell(number, column, value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def survey(*rows: Mapping[str, Any], choices: Rows = (), settings: Mapping[str, Any] | None = None) -> bytes:
    """A form from rows by column: what most tests need."""
    headings = list(dict.fromkeys(key for row in rows for key in row)) or ["type", "name", "label"]
    sheets: dict[str, Rows] = {"survey": [headings, *([row.get(key) for key in headings] for row in rows)]}
    if choices:
        sheets["choices"] = [["list_name", "name", "label"], *choices]
    if settings:
        sheets["settings"] = [list(settings), list(settings.values())]
    return xlsx(sheets)
