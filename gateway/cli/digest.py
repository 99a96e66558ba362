"""baraza digest: what a poll has found, for somebody to read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa

from analysis.findings import Digest
from analysis.render.language import languages
from analysis.render.page import page
from analysis.render.short import participant, sms, telegram
from gateway import settings
from gateway.cli import output
from gateway.polls import CLOSED, Polls, load_polls
from gateway.results.guarding import Waits
from gateway.results.newest import latest
from gateway.results.release import count
from gateway.results.release import release as freeze
from gateway.results.snapshot import SnapshotError, read, write
from gateway.results.telling import telling_of
from gateway.store.database import reading
from gateway.store.opening import open_store
from surveys.model import Survey

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
    survey = found_poll(polls, poll)
    spoken = in_language(survey, language)
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
        closed = any(poll.survey.name == survey.name and poll.state(now) == CLOSED for poll in polls.polls)
        rows, minimum = replace(rows, final=closed, telling=telling_of(here.config, survey)), here.minimum_cell
        try:
            found = freeze(
                store.engine, store.vault, rows, survey, known, now, minimum_cell=minimum, simulated=here.demo
            ).digest
        except Waits as error:
            raise click.ClickException(str(error)) from None
    else:
        found = newest(store.engine, survey)
    if as_json:
        output.data(found.to_dict())
    else:
        click.echo(FORMS[form](found, spoken))


def newest(engine: sa.Engine, survey: Survey) -> Digest:
    """The newest release of this poll, if anything is out."""
    with reading(engine) as connection:
        found = latest(connection, survey.name)
    if found is None:
        raise click.ClickException(
            f"Nothing is out about {survey.name} yet: `baraza digest {survey.name} --release` counts it."
        )
    return found


def found_poll(polls: Polls, name: str) -> Survey:
    """The poll of this name, if it was ever opened."""
    survey = polls.named(name)
    if survey is None:
        there = ", ".join(each.name for each in polls.opened) or "none"
        raise click.ClickException(f"No poll {name!r} was ever opened; there is {there}.")
    return survey


def in_language(survey: Survey, language: str | None) -> str:
    """The language asked for, if results can be told in it; the poll's first if none is."""
    if language and language not in {*survey.languages, *languages()}:
        there = ", ".join(dict.fromkeys((*survey.languages, *languages())))
        raise click.ClickException(f"Results of {survey.name} can't be told in {language!r}; they can in {there}.")
    return language or survey.languages[0]
