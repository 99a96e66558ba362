"""baraza representatives: who represents whom, taken in from a list in Popolo form."""

from __future__ import annotations

import getpass
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from channels.numbers import Countries
from gateway import settings
from gateway.campaigns import representatives as kept
from gateway.campaigns.popolo import Rules, read_popolo
from gateway.cli import output
from gateway.gazetteers import read_gazetteers
from gateway.store.opening import open_store
from surveys.problem import did_you_mean


@click.group()
def representatives() -> None:
    """Take in who represents whom."""


@representatives.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--gazetteer", "name", required=True, help="The gazetteer whose places their areas are.")
@click.option("--language", default="", help="In which mails to them are framed; the gateway's first one if not said.")
@click.option(
    "--batch-hours",
    type=click.IntRange(0, kept.MOST_BATCH_HOURS),
    default=24,
    show_default=True,
    help="Every how many hours they get what has come; 0: each message by itself.",
)
@output.as_json
def import_(file: Path, name: str, language: str, batch_hours: int, *, as_json: bool) -> None:
    """Take in FILE, in Popolo's JSON, in the place of the list before. Everything comes in, or nothing."""
    here = settings.load(os.environ)
    gazetteers, _ = read_gazetteers(here.config)
    if name not in gazetteers:
        raise click.ClickException(f"There is no gazetteer {name!r}{did_you_mean(name, gazetteers)}.")
    language = language or here.languages[0]
    if language not in here.languages:
        raise click.ClickException(f"There is no {language[:16]!r} here{did_you_mean(language, here.languages)}.")
    rules = Rules(gazetteers[name], here.country, Countries(here.countries))
    rows = read_popolo(file.read_bytes(), str(file), rules)
    store = open_store(here)
    given = kept.List(rows, name, language, batch_hours)
    with store.engine.begin() as connection:
        by = f"command line ({getpass.getuser()})"
        taken = kept.take(connection, store.vault, given, datetime.now(UTC), by)
    if as_json:
        output.data(asdict(taken))
        return
    click.echo(f"{taken.new} new, {taken.known} known, {taken.gone} not in the list any more.")
