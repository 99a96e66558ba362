"""baraza coding: how open answers are sorted into the codes of a codebook."""

from __future__ import annotations

import zipfile
from dataclasses import asdict
from math import isnan
from pathlib import Path
from time import perf_counter

import click
import numpy as np

from analysis.evaluate import LEAST
from analysis.evaluate import evaluate as measure
from analysis.keywords import Codes
from analysis.learning import LEAST_ROWS, NONE, Model
from analysis.learning import train as learn
from gateway.cli import coda, coded, output
from gateway.cli.frames import frame

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)


@click.group()
def coding() -> None:
    """Code open answers, and measure how well that goes."""


coding.add_command(coda.import_)
coding.add_command(coded.suggest)
coding.add_command(coded.export)


text_option = click.option("--text", required=True, help="The column of the texts.")
label_option = click.option("--label", required=True, help="The column of the codes.")
multi_option = click.option("--multi", metavar="SEP", help="What stands between several codes of one text.")


@coding.command()
@click.option("--train", required=True, type=FILE, help="CSV of coded texts to learn from.")
@click.option("--test", required=True, type=FILE, help="CSV of coded texts to measure on.")
@text_option
@label_option
@multi_option
@output.as_json
def evaluate(train: Path, test: Path, text: str, label: str, multi: str | None, *, as_json: bool) -> None:
    """Train on one file of coded texts, code another, and say how often that was right.

    The texts that it is measured on are not looked at before they are coded.
    """
    learnt, asked = (_coded(file, text, label, multi) for file in (train, test))
    began = perf_counter()
    try:
        evaluation = measure(*learnt, *asked)
    except ValueError:
        raise click.ClickException(_too_few(train, LEAST)) from None
    found = {**asdict(evaluation), "coverage": evaluation.coverage, "seconds": round(perf_counter() - began, 2)}
    if as_json:
        output.data(
            {name: None if isinstance(value, float) and isnan(value) else value for name, value in found.items()}
        )
    else:
        output.table((name, round(value, 3) if isinstance(value, float) else value) for name, value in found.items())


@coding.command()
@click.argument("file", type=FILE)
@text_option
@label_option
@multi_option
@click.option("-o", "--output", "target", required=True, type=TARGET, help="Where the model is written.")
@output.as_json
def train(file: Path, text: str, label: str, multi: str | None, target: Path, *, as_json: bool) -> None:
    """Learn from FILE, a CSV of coded texts, and write a model for `apply`. It holds pieces of the texts' words."""
    began = perf_counter()
    model = learn(*_coded(file, text, label, multi))
    if model is None:
        raise click.ClickException(_too_few(file, LEAST_ROWS))
    with target.open("wb") as stream:
        np.savez_compressed(stream, **model.arrays())  # type: ignore[arg-type]  # any name of an array
    found = {
        **asdict(model.report),
        "codes": sum(code != NONE for code in model.codes),
        "seconds": round(perf_counter() - began, 2),
    }
    if as_json:
        output.data(found)
    else:
        output.table((name, round(value, 3) if isinstance(value, float) else value) for name, value in found.items())


@coding.command()
@click.argument("file", type=FILE)
@click.option("--model", required=True, type=FILE, help="What `train` wrote.")
@text_option
@click.option("-o", "--output", "target", type=TARGET, help="Write to this file.")
@click.option("--sep", default=";", show_default=True, help="What to put between several codes of one text.")
@output.as_json
def apply(file: Path, model: Path, text: str, target: Path | None, sep: str, *, as_json: bool) -> None:
    """Code the texts of FILE, a CSV, by a model: its columns, and `codes`, `sure` and `chance` behind them.

    Where it is not sure, `codes` is empty and `sure` is no.
    """
    rows = frame(file, text)
    guesses = _model(model).guess(list(rows[text]))
    rows["codes"] = [sep.join(guess.codes) for guess in guesses]
    rows["sure"] = ["yes" if guess.sure else "no" for guess in guesses]
    rows["chance"] = [round(guess.chance, 4) for guess in guesses]
    if as_json:
        output.data(rows.to_dict("records"))
    elif target is not None:
        rows.to_csv(target, index=False)
        click.echo(f"{sum(guess.sure for guess in guesses)} of {len(guesses)} coded. Written: {target}", err=True)
    else:
        click.echo(rows.to_csv(index=False), nl=False)


def _model(file: Path) -> Model:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return Model.of_arrays(dict(arrays))
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        why = str(error) if isinstance(error, ValueError) and "format" in str(error) else "It holds no model."
        raise click.ClickException(f"{file} can't be used. {why} `baraza coding train` writes one.") from None


def _too_few(file: Path, least: int) -> str:
    return f"{file} holds too few coded texts ({least} at least), or all coded alike."


def _coded(file: Path, text: str, label: str, multi: str | None) -> tuple[list[str], list[Codes]]:
    """The texts of a file and their codes. A row without a text is left out."""
    rows = frame(file, text, label)
    rows = rows[rows[text].str.strip() != ""]
    if rows.empty:
        raise click.ClickException(f"{file}: no row has a text under {text!r}.")
    labels = [tuple(filter(None, map(str.strip, row.split(multi) if multi else [row]))) for row in rows[label]]
    return list(rows[text]), labels
