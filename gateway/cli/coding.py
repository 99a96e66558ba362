"""baraza coding: how open answers are sorted into the codes of a codebook."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from time import perf_counter

import click
import pandas as pd

from analysis.evaluate import evaluate as measure
from analysis.keywords import Codes
from gateway.cli import coda, output

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def coding() -> None:
    """Measure how well open answers are coded."""


coding.add_command(coda.import_)


@coding.command()
@click.option("--train", required=True, type=FILE, help="CSV of coded texts to learn from.")
@click.option("--test", required=True, type=FILE, help="CSV of coded texts to measure on.")
@click.option("--text", required=True, help="The column of the texts.")
@click.option("--label", required=True, help="The column of the codes.")
@click.option("--multi", metavar="SEP", help="What stands between several codes of one text.")
@output.as_json
def evaluate(train: Path, test: Path, text: str, label: str, multi: str | None, *, as_json: bool) -> None:
    """Train on one file of coded texts, code another, and say how often that was right."""
    learnt, asked = (_coded(file, text, label, multi) for file in (train, test))
    began = perf_counter()
    try:
        evaluation = measure(*learnt, *asked)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    found = {**asdict(evaluation), "coverage": evaluation.coverage, "seconds": round(perf_counter() - began, 2)}
    if as_json:
        output.data(found)
    else:
        output.table((name, round(value, 3) if isinstance(value, float) else value) for name, value in found.items())


def _coded(file: Path, text: str, label: str, multi: str | None) -> tuple[list[str], list[Codes]]:
    """The texts of a file and their codes. A row without a text is left out."""
    try:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError) as error:
        raise click.ClickException(f"{file} is no CSV file in UTF-8: {type(error).__name__}.") from None
    for column in (text, label):
        if column not in frame.columns:
            raise click.ClickException(f"{file} has no column {column!r}; it has {', '.join(map(str, frame.columns))}.")
    frame = frame[frame[text].str.strip() != ""]
    labels = [tuple(filter(None, map(str.strip, row.split(multi) if multi else [row]))) for row in frame[label]]
    return list(frame[text]), labels
