"""Tables that people bring to the commands, as pandas reads them."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd


def frame(file: Path, *columns: str) -> pd.DataFrame:
    """A CSV as texts; one whose name ends in .tsv has tabs. The columns named must be there."""
    try:
        found = pd.read_csv(
            file, sep="\t" if file.suffix == ".tsv" else ",", dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise click.ClickException(f"{file} is no CSV file in UTF-8: {type(error).__name__}.") from None
    for column in columns:
        if column not in found.columns:
            raise click.ClickException(f"{file} has no column {column!r}; it has {', '.join(map(str, found.columns))}.")
    return found
