"""baraza export: a release for other organisations."""

from __future__ import annotations

import os
from pathlib import Path

import click

from analysis.pack import pack
from gateway import settings
from gateway.cli.digest import found_poll, in_language, newest
from gateway.polls import load_polls
from gateway.store.opening import open_store


@click.command()
@click.argument("poll")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to.")
@click.option("--language", help="Without, the poll's first.")
def export(poll: str, folder: Path, language: str | None) -> None:
    """Write a poll's newest release as CSV, XLSX, Parquet and SPSS, with a codebook and a README."""
    here = settings.load(os.environ)
    store = open_store(here)
    survey = found_poll(load_polls(here.config, store.engine), poll)
    made = pack(newest(store.engine, survey), in_language(survey, language))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{folder} can't be written: {error.strerror}.") from None
    click.echo(f"{folder} holds {', '.join(made)}.")
