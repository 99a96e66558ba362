"""baraza digest: what a poll has found, for somebody to read."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from analysis.findings import Digest
from analysis.render.page import page
from analysis.render.short import participant, sms, telegram
from gateway import settings
from gateway.cli import output
from gateway.polls import load_polls
from gateway.results import released
from gateway.results.release import count
from gateway.results.release import release as freeze
from gateway.results.snapshot import SnapshotError, read, write
from gateway.store.database import reading
from gateway.store.opening import open_store

FORMS: dict[str, Callable[[Digest, str], str]] = {
    "text": telegram,
    "sms": sms,
    "participant": participant,
    "page": page,
}


@click.command()
@click.argument("poll")
@click.option("--release", is_flag=True, help="Count now, and freeze that as the newest release.")
@click.option("--keep", type=click.Path(path_type=Path), help="Count now, and write the rows there: a snapshot.")
@click.option("--from", "kept", type=click.Path(path_type=Path), help="With --release: count from this snapshot.")
@click.option("--as", "form", type=click.Choice(list(FORMS)), default="text", show_default=True)
@click.option("--language", help="Without, the poll's first.")
@output.as_json
def digest(
    poll: str, form: str, language: str | None, keep: Path | None, kept: Path | None, *, release: bool, as_json: bool
) -> None:
    """Print what a poll has found, from its newest release: nothing else leaves the gateway."""
    here = settings.load(os.environ)
    store = open_store(here)
    polls = load_polls(here.config, store.engine)
    survey = polls.named(poll)
    if survey is None:
        there = ", ".join(each.name for each in polls.opened) or "none"
        raise click.ClickException(f"No poll {poll!r} was ever opened; there is {there}.")
    if language and language not in survey.languages:
        raise click.ClickException(f"{poll} is not in {language!r}; it is in {', '.join(survey.languages)}.")
    known = {codebook.name: codebook for codebook in polls.codebooks}
    now = datetime.now(UTC)
    if keep:
        rows = count(store.engine, store.vault, survey, known, now)
        write(rows, keep)
        if not release:
            click.echo(f"{keep} holds the rows of {poll}: they are of single people, and for you alone.", err=True)
            return
    if release:
        try:
            rows = (
                read(kept, survey) if kept else rows if keep else count(store.engine, store.vault, survey, known, now)
            )
        except SnapshotError as error:
            raise click.ClickException(str(error)) from None
        minimum = here.minimum_cell
        found = freeze(store.engine, rows, survey, known, now, minimum_cell=minimum, simulated=here.demo).digest
    else:
        with reading(store.engine) as connection:
            newest = released.latest(connection, survey)
        if newest is None:
            raise click.ClickException(f"Nothing is out about {poll} yet: `baraza digest {poll} --release` counts it.")
        found = newest
    if as_json:
        output.data(found.to_dict())
    else:
        click.echo(FORMS[form](found, language or survey.languages[0]))
