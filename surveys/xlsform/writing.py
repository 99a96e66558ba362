"""Sheets of text as an .xlsx file in which nothing is a formula."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

_LIKE_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_workbook(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """The file. The first row of each sheet holds its headings."""
    from openpyxl import Workbook  # noqa: PLC0415 - loaded only where a workbook is written
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - as above
    from openpyxl.styles import Font  # noqa: PLC0415 - as above

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                if not text:
                    continue
                cell = sheet.cell(number, column)
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
                cell.data_type = "s"
                cell.quotePrefix = text.startswith(_LIKE_FORMULAS)
                if number == 1:
                    cell.font = Font(bold=True)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
