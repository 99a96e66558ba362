"""baraza outbox: what did not arrive, and sending it again by hand."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import click
import sqlalchemy as sa

from channels.adapter import Status
from gateway import settings
from gateway.cli import output
from gateway.delivery import watching
from gateway.store.database import reading
from gateway.store.opening import open_store

ENDS = {"failed": Status.FAILED, "unknown": Status.UNKNOWN}


@contextmanager
def opened() -> Iterator[sa.Engine]:
    engine = open_store(settings.load(os.environ)).engine
    try:
        yield engine
    finally:
        engine.dispose()


@click.group()
def outbox() -> None:
    """List what did not arrive, and send it again."""


@outbox.command("list")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="The newest so many.")
@output.as_json
def list_(limit: int, *, as_json: bool) -> None:
    """Messages of the last week that failed, or of which nobody knows whether they were taken, with the reason."""
    now = datetime.now(UTC)
    with opened() as engine, reading(engine) as connection:
        reasons, letters = watching.reasons(connection, now), watching.letters(connection, now, limit)
    if as_json:
        output.data(
            {
                "reasons": [asdict(lost) | {"status": lost.status.name.lower()} for lost in reasons],
                "messages": [asdict(letter) | {"status": letter.status.name.lower()} for letter in letters],
            }
        )
        return
    if not reasons:
        click.echo("Nothing was lost in the last week.")
        return
    output.table((lost.rows, lost.channel, lost.status.name.lower(), lost.reason) for lost in reasons)
    click.echo()
    output.table(
        (one.id, f"{one.ended_at:%Y-%m-%d %H:%M}", one.channel, one.kind, one.status.name.lower(), one.reason)
        for one in letters
    )


@outbox.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--channel", help="All of this channel that ended alike, with --status and --reason.")
@click.option("--status", type=click.Choice(list(ENDS)), default="failed", show_default=True)
@click.option("--reason", default="", help="As `baraza outbox list` says it.")
@output.as_json
def retry(ids: tuple[int, ...], channel: str | None, status: str, reason: str, *, as_json: bool) -> None:
    """Send messages again: those with these numbers, or all of a --channel that ended alike.

    One that may have been taken is marked as a repeat. What is over meanwhile, by STOP or the end of a poll, stays so.
    """
    if bool(ids) == bool(channel):
        raise click.UsageError("Name the messages by their numbers, or a --channel.")
    which = watching.numbered(ids) if ids else watching.ended_as(channel or "", ENDS[status], reason)
    with opened() as engine, engine.begin() as connection:
        who = f"command line ({getpass.getuser()})"
        count = watching.send_again(connection, who, datetime.now(UTC), *which)
    if as_json:
        output.data({"queued": count})
    else:
        click.echo(f"{count} are queued again.")
