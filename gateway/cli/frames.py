"""Tables that people bring to the commands, as pandas holds them."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from analysis.tables import TableError, fits, once, rows


def frame(file: Path, *columns: str) -> pd.DataFrame:
    """A CSV as texts, with the columns named and a row at least. Cells that a row lacks at its end are empty."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            table = rows(lines, str(file))
            _, header = next(table)
            once(header, str(file))
            found = []
            for line, row in table:
                fits(row, header, str(file), line)
                found.append((*row[: len(header)], *[""] * (len(header) - len(row))))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8; save the file as UTF-8.") from None
    except TableError as error:
        raise click.ClickException(str(error)) from None
    for column in columns:
        if column not in header:
            raise click.ClickException(f"{file} has no column {column!r}; it has {', '.join(header)}.")
    if not found:
        raise click.ClickException(f"{file}: there is no row below the header.")
    return pd.DataFrame(found, columns=header, dtype=object)
