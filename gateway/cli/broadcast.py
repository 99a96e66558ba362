"""baraza broadcast: what is sent to many, from the plan to the last message."""

from __future__ import annotations

import getpass
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway import settings
from gateway.assembly import office
from gateway.authoring.prices import read_prices
from gateway.broadcasts import life
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.office import Office
from gateway.broadcasts.plan import Plan
from gateway.catalogues import load_catalogues
from gateway.cli import output
from gateway.polls import load_polls
from gateway.store.database import reading
from gateway.store.opening import open_store

LOOK = 1.0
"""Seconds between two looks at how it stands."""

name = click.argument("name")


@contextmanager
def opened() -> Iterator[Office]:
    here = settings.load(os.environ)
    store = open_store(here)
    polls = load_polls(here.config, store.engine)
    try:
        yield office(
            here, store.engine, store.vault, load_catalogues(here.config), lambda: polls, lambda: datetime.now(UTC)
        )
    finally:
        store.engine.dispose()


def by() -> str:
    return f"command line ({getpass.getuser()})"[:64]


@click.group()
def broadcast() -> None:
    """Send to many: invite to polls, tell results, write messages."""


@broadcast.command()
@name
@output.as_json
def plan(name: str, *, as_json: bool) -> None:
    """Say what the broadcast NAME would come to: people, segments, cost, time, and what they would read."""
    with opened() as desk:
        found = desk.read(name)
        for problem in desk.notes(found):
            click.echo(str(problem), err=True)
        with _bar(as_json=as_json) as bar:
            task = bar.add_task("looking at people", total=None)
            prices = read_prices(desk.config).of
            planned = desk.plan(found, prices, lambda done, of: bar.update(task, completed=done, total=of))
    if as_json:
        output.data(_dict(planned))
    else:
        _show(planned)


@broadcast.command()
@name
@output.as_json
def start(name: str, *, as_json: bool) -> None:
    """Start the broadcast NAME as its file stands now; a worker sends it. On a terminal its progress is shown."""
    with opened() as desk:
        found = desk.read(name)
        desk.start(found, by())
        if as_json:
            output.data({"name": name, "status": "running"})
            return
        click.echo(f"{name} is started: a worker sends it. `baraza broadcast pause {name}` holds it at once.")
        if sys.stdout.isatty():
            _watch(desk, name)


@broadcast.command()
@name
@output.as_json
def pause(name: str, *, as_json: bool) -> None:
    """Hold NAME back at once, also what is queued, until it is resumed."""
    with opened() as desk:
        life.pause(desk.engine, name, desk.clock(), by())
    _said({"name": name, "status": "paused"}, f"{name} pauses: nothing more of it goes out.", as_json=as_json)


@broadcast.command()
@name
@output.as_json
def resume(name: str, *, as_json: bool) -> None:
    """Let NAME go on after a pause, or begin its next portion."""
    with opened() as desk:
        life.resume(desk.engine, name, desk.clock(), by())
    _said({"name": name, "status": "running"}, f"{name} goes on.", as_json=as_json)


@broadcast.command()
@name
@output.as_json
def cancel(name: str, *, as_json: bool) -> None:
    """End NAME for good: nothing more of it goes out."""
    with opened() as desk:
        gone = life.cancel(desk.engine, name, desk.clock(), by())
    says = f"{name} is cancelled; {gone:,} messages that were queued are not sent."
    _said({"name": name, "status": "cancelled", "not_sent": gone}, says, as_json=as_json)


@broadcast.command()
@click.argument("name", required=False, default="")
@click.option("--watch", is_flag=True, help="Go on showing it until it has ended. Ctrl-C stops the showing only.")
@output.as_json
def status(name: str, *, watch: bool, as_json: bool) -> None:
    """Say how broadcasts stand that were started, or one of them."""
    with opened() as desk:
        with reading(desk.engine) as connection:
            found = life.progress(connection, name)
        if name and not found:
            raise BroadcastError(f"{name} was never started: `baraza broadcast start {name}` does.")
        if as_json:
            output.data([_standing(each) | {"problems": list(map(str, desk.unread(each)))} for each in found])
        elif watch and name:
            _watch(desk, name)
        else:
            output.table(map(_line, found))
            for problem in (problem for each in found for problem in desk.unread(each)):
                click.echo(f"Stands still, for it can't be read any more: {problem}", err=True)


# Showing ------------------------------------------------------------------------------------------------------------


def _bar(*, as_json: bool = False) -> Progress:
    """Drawn on a terminal only."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal)


def _watch(desk: Office, name: str) -> None:
    """Show how it goes on until it ends, or waits for a word."""
    with _bar() as bar:
        task = bar.add_task(name, total=None)
        while True:
            with reading(desk.engine) as connection:
                (now,) = life.progress(connection, name)
            said = f"{name}: {now.status}" if now.drawn else f"{name}: drawing its people"
            bar.update(task, description=said, completed=now.out, total=now.people if now.drawn else None)
            if now.ended or now.status in ("paused", "waiting"):
                break
            time.sleep(LOOK)
    output.table([_line(now)])


def _dict(planned: Plan) -> dict[str, Any]:
    found = asdict(planned)
    found["examples"] = [
        {"language": version.language, "first_contact": version.first, "text": text, "segments": segments}
        for version, text, segments in planned.examples
    ]
    return found


def _show(planned: Plan) -> None:
    click.echo(f"{planned.name}: {planned.people:,} people, {planned.segments:,} segments or messages")
    if planned.left_out:
        click.echo(
            "Not written to: " + ", ".join(f"{number:,} {LEFT_OUT[why]}" for why, number in planned.left_out.items())
        )
    if planned.cells:
        click.echo(
            "Drawn of each cell: " + ", ".join(f"{cell or '-'} {number:,}" for cell, number in planned.cells.items())
        )
    output.table(
        (
            part.channel,
            part.version.language,
            f"{part.people:,} people",
            f"{part.segments} each, {part.all_segments:,} in all",
        )
        for part in planned.parts
    )
    for cost in planned.costs:
        amount = (
            f"no price is known for {cost.segments:,} segments"
            if cost.amount is None
            else f"{cost.amount:,.2f} {cost.currency}"
        )
        click.echo(f"{cost.channel}: {amount}{' (by example prices)' if cost.example else ''}")
    click.echo(f"Sending takes about {duration(planned.seconds)}, within {planned.hours:g} hours of a day.")
    if len(planned.portions) > 1:
        click.echo("In portions: " + ", then ".join(f"{size:,}" for size in planned.portions))
    for version, text, segments in planned.examples:
        to = f"{version.language}, to those who never wrote" if version.first else version.language
        click.echo(f"\n[{to}; {segments} segments]\n{text}")


LEFT_OUT = {
    "stopped": "sent STOP",
    "unreachable": "can't be reached by a push",
    "asked": "were asked already",
}


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def _standing(each: life.Progress) -> dict[str, Any]:
    found = asdict(each)
    del found["source"]
    return found


def _line(each: life.Progress) -> tuple[str, ...]:
    counted = ", ".join(f"{number:,} {name}" for name, number in each.by_status.items())
    drawn = f"{each.people:,} people" if each.drawn else "its people are being drawn"
    return (
        each.name,
        each.status + (f" (portion {each.portion + 1} is out)" if each.status == "waiting" else ""),
        drawn,
        f"{each.queued:,} queued so far, {each.left_out:,} left out",
        counted,
    )


def _said(data: dict[str, Any], says: str, *, as_json: bool) -> None:
    if as_json:
        output.data(data)
    else:
        click.echo(says)
