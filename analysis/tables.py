"""Tables that people bring, as CSV: rows one by one with their lines, columns by name however it is written."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

Row = list[str]


class TableError(ValueError):
    """A file can't be read as the table it should be: what, in which line, and what to do."""


def rows(lines: Iterable[str], file: str) -> Iterator[tuple[int, Row]]:
    """The header, then each row that is not empty, with its line. The header says what stands between cells.

    Raises TableError.
    """
    source = iter(lines)
    first = next(source, "").removeprefix("\ufeff")
    if not first.strip():
        raise TableError(f"{file}: the file is empty, or its first line is.")
    between = max(",;\t", key=first.count)

    def again() -> Iterator[str]:
        yield first
        yield from source

    quotes = 0

    def counted(text: Iterable[str]) -> Iterator[str]:
        nonlocal quotes
        for line in text:
            quotes += line.count('"')
            yield line

    reader = csv.reader(counted(again()), delimiter=between)
    last, begins = 1, 1
    try:
        yield 1, [name.strip() for name in next(reader)]
        for row in reader:
            last, begins = reader.line_num, last + 1
            if last > begins and quotes % 2:
                raise TableError(f"{file}:{begins}: a quotation mark is opened here and never closed; close it.")
            if any(row):
                yield last, row
    except csv.Error as error:
        raise TableError(f"{file}:{reader.line_num}: this is no CSV: {error}.") from None
    except UnicodeDecodeError:
        raise TableError(f"{file}:{reader.line_num + 1}: this is not UTF-8; save the file as UTF-8.") from None


def fits(row: Row, header: Row, file: str, line: int) -> None:
    """Raises TableError where something stands beyond the header's columns."""
    if len(row) > len(header) and any(text.strip() for text in row[len(header) :]):
        raise TableError(f"{file}:{line}: more cells than the header has columns; put text with commas into quotes.")


def once(header: Row, file: str) -> None:
    """Raises TableError where two columns have one name."""
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise TableError(f"{file}:1: there are two columns {twice[0]!r}; rename one.")


def plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(" ", "-")


def column(header: Row, names: Iterable[str], but: int | None = None) -> int | None:
    """Where the first of `names` (as `plain` makes them) that is there stands; not at `but`, which is taken."""
    places = {plain(name): at for at, name in reversed(list(enumerate(header))) if at != but}
    return next((places[name] for name in names if name in places), None)


def cell(row: Row, at: int | None) -> str:
    """The text in a cell; "" for a column that is not there, or where the row breaks off."""
    return row[at].strip() if at is not None and at < len(row) else ""
