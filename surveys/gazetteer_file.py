"""A gazetteer from the CSV that people keep it in: read, checked, and refused with everything that is wrong in it.

The columns are `id` and `name`, and any of `alternatives` (several with `;` between), `parent` (an id), `level`,
`code`, `latitude`, `longitude` (decimal degrees) and `name_<language>`. Semicolons or tabs between the cells are
understood too. A problem's column is the number of the cell, as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from typing import NoReturn

from surveys.gazetteer import Gazetteer, Place
from surveys.problem import MAX_PROBLEMS, Problem, SurveyError, did_you_mean, nearest

MAX_BYTES = 16 * 1024 * 1024
MAX_PLACES = 50_000
MAX_CELL = 500
"""Characters in one cell."""

MUST = ("id", "name")
MAY = ("alternatives", "parent", "level", "code", "latitude", "longitude")
_BOUNDS = {"latitude": 90.0, "longitude": 180.0}
_NAME_IN = re.compile(r"name_([a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?)")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_DEGREES = re.compile(r"[-+]?\d{1,3}(\.\d{1,12})?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def load_gazetteer(source: str | bytes, filename: str, name: str) -> Gazetteer:
    """The gazetteer written in `source`. `filename` only goes into problems. Raises SurveyError with all of them."""
    reading = _Reading(filename)
    text = reading.text(source)
    places = reading.places(text)
    if reading.problems:
        raise SurveyError(reading.problems)
    return Gazetteer(name, places, text)


class _Reading:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.columns: dict[str, int] = {}
        self.width = 0
        self.lines: dict[str, int] = {}

    def refuse(self, line: int, column: int, message: str) -> NoReturn:
        raise SurveyError([*self.problems, Problem(self.file, line, column, message)])

    def add(self, line: int, column: str, message: str) -> None:
        self.problems.append(Problem(self.file, line, self.columns.get(column, 0) + 1, message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise SurveyError(self.problems)

    def text(self, source: str | bytes) -> str:
        if len(source) > MAX_BYTES:
            self.refuse(1, 1, "the file is larger than 16 MiB; keep only the levels that are asked for")
        if isinstance(source, bytes) and source.startswith(b"PK\x03\x04"):
            self.refuse(1, 1, "this is a spreadsheet; save it as CSV UTF-8")
        try:
            text = source if isinstance(source, str) else source.decode()
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self.refuse(line, 1, "this is not UTF-8; save the file as CSV UTF-8")
        text = text.removeprefix("\ufeff")
        if strange := _CONTROL.search(text):
            line = text.count("\n", 0, strange.start()) + 1
            self.refuse(line, 1, f"a control character (U+{ord(strange[0]):04X}) that can't be seen; remove it")
        return text

    def places(self, text: str) -> list[Place]:
        lines = text.splitlines(keepends=True)
        first = lines[0] if lines else ""
        rows = csv.reader(lines, delimiter=max(",;\t", key=first.count), strict=True)
        places: list[Place] = []
        parents: dict[str, str] = {}
        try:
            self.header(next(rows, []))
            for cells in rows:
                if not any(map(str.strip, cells)):
                    continue
                place = self.place(rows.line_num, cells)
                if place is not None:
                    places.append(place)
                    parents[place.id] = place.parent
                if len(places) > MAX_PLACES:
                    self.refuse(
                        rows.line_num, 1, f"more than {MAX_PLACES:,} places; keep only the levels that are asked for"
                    )
        except csv.Error:
            self.refuse(
                max(rows.line_num, 1), 1, 'the quotes of this line don\'t fit; write a quote within a cell twice: ""'
            )
        if not places and not self.problems:
            self.refuse(1, 1, "there is no place; add one a line")
        self.parents(parents)
        return places

    def header(self, cells: list[str]) -> None:
        self.width = len(cells)
        for number, cell in enumerate(cells):
            column = cell.strip()
            column = column.lower() if column.lower() in (*MUST, *MAY) else column
            if column in self.columns:
                self.problems.append(Problem(self.file, 1, number + 1, f"column `{column}` is here twice; remove one"))
            elif column in MUST or column in MAY or _NAME_IN.fullmatch(column):
                self.columns[column] = number
            else:
                mend = did_you_mean(column, (*MUST, *MAY)) or "; take it out"
                message = f"there is no column '{column[:80]}'{mend}"
                self.problems.append(Problem(self.file, 1, number + 1, message))
        for column in MUST:
            if column not in self.columns:
                self.refuse(1, 1, f"the first line must name the columns, and `{column}` is missing; add it")

    def place(self, line: int, cells: list[str]) -> Place | None:
        if any(map(str.strip, cells[self.width :])):
            self.add(line, "id", f"{len(cells)} cells under {self.width} columns; put a name with a comma in quotes")
            return None
        row = {
            column: " ".join(cells[number].split()) if number < len(cells) else ""
            for column, number in self.columns.items()
        }
        for column, cell in row.items():
            if len(cell) > MAX_CELL:
                self.add(line, column, f"`{column}` has more than {MAX_CELL} characters; shorten it")
        name = self.id(line, row["id"])
        if not row["name"]:
            self.add(line, "name", "a place without a name; write it")
        names = {"": row["name"]}
        names |= {column[5:]: cell for column, cell in row.items() if column.startswith("name_") and cell}
        latitude, longitude = (self.degrees(line, column, row.get(column, "")) for column in _BOUNDS)
        if (row.get("latitude", "") == "") != (row.get("longitude", "") == ""):
            self.add(line, "latitude", "`latitude` and `longitude` go together; write both, or none")
        if name is None or not row["name"]:
            return None
        alternatives = (other.strip() for other in row.get("alternatives", "").split(";"))
        return Place(
            id=name,
            names=names,
            alternatives=tuple(filter(None, alternatives)),
            parent=row.get("parent", ""),
            level=row.get("level", ""),
            code=row.get("code", ""),
            latitude=latitude,
            longitude=longitude,
        )

    def id(self, line: int, name: str) -> str | None:
        if not _ID.fullmatch(name):
            what = f"'{name[:80]}' can't be an id" if name else "a place without an id"
            self.add(line, "id", f"{what}; write letters a-z, digits, `_`, `-` and `.`, 40 at most")
            return None
        if name in self.lines:
            self.add(line, "id", f"id '{name}' stands in line {self.lines[name]} too; give one of them another id")
            return None
        self.lines[name] = line
        return name

    def degrees(self, line: int, column: str, cell: str) -> float | None:
        if not cell:
            return None
        bound = _BOUNDS[column]
        if not _DEGREES.fullmatch(cell):
            self.add(
                line, column, f"'{cell[:80]}' is not a {column}; write decimal degrees with a point, such as 12.05"
            )
        elif abs(float(cell)) > bound:
            self.add(line, column, f"a {column} lies within -{bound:g} and {bound:g}, not at {cell}; correct it")
        else:
            return float(cell)
        return None

    def parents(self, parents: Mapping[str, str]) -> None:
        """Each parent is there, and nothing lies in itself."""
        whole: set[str] = {""}
        for name, parent in parents.items():
            if parent and parent not in self.lines:
                mend = nearest(parent, self.lines) or "; add it, or leave the cell empty"
                self.add(self.lines[name], "parent", f"parent '{parent[:80]}' is not here{mend}")
                whole.add(name)
        for name in parents:
            way: list[str] = []
            at = name
            while at not in whole and at not in way:
                way.append(at)
                at = parents.get(at, "")
            if at not in whole:
                self.add(self.lines[at], "parent", f"'{at}' lies in itself, by its parents; correct one of them")
            whole.update(way)
