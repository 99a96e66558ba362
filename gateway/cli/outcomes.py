"""baraza outcomes: what came of what people said."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

import click

from gateway import settings
from gateway.cli import output
from gateway.cli.digest import found_poll
from gateway.polls import load_polls
from gateway.results import outcomes as told
from gateway.store.opening import open_store

BY = "command line"
WHY = {
    "words": "write it in one of the poll's languages: --text en 'The land commission was set up.'",
    "long": f"a sentence has {told.MOST} letters at most",
    "future": "the day lies ahead",
}


@click.command()
@click.argument("poll")
@click.option("--tell", "status", type=click.Choice(list(told.STATUSES)), help="Tell what came of it.")
@click.option("--text", "texts", type=(str, str), multiple=True, metavar="LANGUAGE WORDS", help="May be repeated.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day; today without.")
@click.option("--withdraw", "row", type=int, metavar="NUMBER", help="Take one back.")
@output.as_json
def outcomes(
    poll: str,
    status: str | None,
    texts: tuple[tuple[str, str], ...],
    day: datetime | None,
    row: int | None,
    *,
    as_json: bool,
) -> None:
    """Say what came of a poll; participants read it with RESULTS. Without options: list what was told."""
    here = settings.load(os.environ)
    store = open_store(here)
    survey = found_poll(load_polls(here.config, store.engine), poll)
    now = datetime.now(UTC)
    with store.engine.begin() as connection:
        if status:
            on: date = day.date() if day else now.date()
            try:
                told.tell(connection, survey, status, on, dict(texts), BY, now)
            except told.OutcomeError as error:
                raise click.ClickException(f"Nothing was told: {WHY[str(error)]}.") from None
        if row is not None and not told.withdraw(connection, survey.name, row, BY, now):
            raise click.ClickException(f"There is no number {row} to take back: `baraza outcomes {poll}` lists them.")
        found = told.told(connection, survey.name)
    if as_json:
        output.data(
            [{"id": one.id, "status": one.status, "day": str(one.day), "texts": dict(one.texts)} for one in found]
        )
        return
    for one in found:
        click.echo(f"{one.id}  {one.said(survey.languages[0])}")
    if not found:
        click.echo(f"Nothing was told of {poll} yet.")
