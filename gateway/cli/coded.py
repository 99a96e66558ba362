"""baraza coding suggest, export: themes to begin with, and a poll's open answers with their codes."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
import pandas as pd

from gateway import settings
from gateway.cli import output
from gateway.cli.frames import frame
from gateway.coding.beginning import groups, sheet
from gateway.coding.export import rows
from gateway.polls import load_polls
from gateway.store import audit
from gateway.store.database import reading
from gateway.store.opening import open_store


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--text", required=True, help="The column of the texts.")
@click.option("--language", default="en", show_default=True, help="The languages of the texts, the commonest first.")
@click.option("--many", type=click.IntRange(2, 50), help="How many themes at most; without, as many as it bears.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print a codebook whose themes are to be named.")
@output.as_json
def suggest(file: Path, text: str, language: str, many: int | None, *, as_yaml: bool, as_json: bool) -> None:
    """Group the texts of FILE, a CSV that nobody coded yet, by what they speak of."""
    languages = [one.strip() for one in language.split(",") if one.strip()] or ["en"]
    said = [(one, languages[0]) for one in frame(file, text)[text] if one.strip()]
    found = groups(said, languages, many)
    if as_yaml:
        click.echo(sheet(file.stem, found, languages), nl=False)
    elif as_json:
        output.data([asdict(one) for one in found])
    else:
        output.table((one.language, one.size, ", ".join(one.words), one.typical[0]) for one in found)
    if not found:
        click.echo(f"{file} holds too few different texts to group.", err=True)


@click.command()
@click.argument("poll")
@click.option("--words", is_flag=True, help="With what people wrote. Keep such a file as you would keep their names.")
@click.option("-o", "--output", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@output.as_json
def export(poll: str, target: Path | None, *, words: bool, as_json: bool) -> None:
    """Every open answer of POLL with its codes, from whom, and by which version of the codebook, as CSV."""
    here = settings.load(os.environ)
    store = open_store(here)
    polls = load_polls(here.config, store.engine)
    survey = polls.named(poll)
    if survey is None:
        raise click.ClickException(f"No poll {poll!r} was ever opened.")
    with store.engine.begin() as connection:
        what = "export open answers" if words else "export codes"
        audit.note(connection, "command line", what, survey.name, datetime.now(UTC))
    known = {codebook.name: codebook for codebook in polls.codebooks}
    with reading(store.engine) as connection:
        found = list(rows(connection, store.vault, survey, known, text=words))
    if as_json:
        output.data(found)
    elif target is None:
        click.echo(pd.DataFrame(found).to_csv(index=False), nl=False)
    else:
        with os.fdopen(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            pd.DataFrame(found).to_csv(file, index=False)
        click.echo(f"{len(found)} answers. Written: {target}", err=True)
