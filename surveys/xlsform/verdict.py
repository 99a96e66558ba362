"""What pyxform, which Kobo and ODK build forms with, says of a form: passed on with its sheet and row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from surveys.xlsform.columns import Table
from surveys.xlsform.reading import Sheet
from surveys.xlsform.report import Entry, Fate

_ROW: Final = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_SHEET: Final = re.compile(r"'(survey|choices|settings|entities|external_choices|osm)' sheet")
_MEND: Final = "mend it, or neither Kobo nor ODK will take the form"


def of_pyxform(sheets: Mapping[str, Sheet], tables: Mapping[str, Table], known: Iterable[Entry]) -> list[Entry]:
    """pyxform's error, if it has one. A remark where the row was adapted or refused here anyway."""
    if "survey" not in tables:
        return []
    said = _said(sheets)
    if not said:
        return []
    sheet = next(iter(_SHEET.findall(said)), "survey")
    if sheet not in sheets:
        sheet = "survey"
    numbers = [line.number for line in sheets[sheet].lines[1:]]
    place = int(found[1]) - 2 if (found := _ROW.search(said)) else -1
    row = numbers[place] if 0 <= place < len(numbers) else 0
    text = " ".join(_ROW.sub("", said).split())[:300].rstrip(". ")
    told = any(
        entry.row == row and entry.sheet == sheets[sheet].name and entry.fate is not Fate.IMPORTED for entry in known
    )
    fate = Fate.ADAPTED if row and told else Fate.REFUSED
    return [Entry(sheets[sheet].name, row, fate, f"pyxform says: {text}", _MEND, column="pyxform")]


def _said(sheets: Mapping[str, Sheet]) -> str:
    """The first error of pyxform's conversion, "" where it takes the form."""
    from pyxform.errors import PyXFormError  # noqa: PLC0415 - loaded only where a form is read
    from pyxform.xls2xform import convert  # noqa: PLC0415 - as above

    try:
        convert(_definition(sheets))
    except PyXFormError as error:
        return str(error) or "the form can't be converted"
    except Exception as error:  # noqa: BLE001 - pyxform breaks in many ways on forms that are not what it expects
        return f"the form can't be converted ({type(error).__name__})"
    return ""


def _definition(sheets: Mapping[str, Sheet]) -> dict[str, Any]:
    """The sheets as pyxform's own readers give them."""
    definition: dict[str, Any] = {
        "sheet_names": [sheet.name for sheet in sheets.values()],
        "fallback_form_name": "form",
    }
    for kind, sheet in sheets.items():
        if not sheet.lines:
            continue
        head, *lines = sheet.lines
        definition[f"{kind}_header"] = [dict.fromkeys(cell for cell in head.cells if cell)]
        definition[kind] = [
            {heading: cell for heading, cell in zip(head.cells, line.cells, strict=False) if heading and cell}
            for line in lines
        ]
    return definition
