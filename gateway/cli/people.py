"""baraza people: those who may be written to."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from channels.adapter import Malformed, Medium
from channels.numbers import e164
from gateway import settings
from gateway.broadcasts import roster
from gateway.broadcasts.errors import BroadcastError
from gateway.cli import output
from gateway.cli.broadcast import by
from gateway.polls import Polls, load_polls
from gateway.settings import Settings
from gateway.store.database import reading
from gateway.store.opening import Store, open_store


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    here = settings.load(os.environ)
    store = open_store(here)
    try:
        yield here, store
    finally:
        store.engine.dispose()


@click.group()
def people() -> None:
    """Import, export and forget those who may be written to."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agreed", required=True, help="How and when they agreed to be written to; kept in the audit log.")
@click.option("--channel", help="Where to write to them; the only SMS channel if not said.")
@click.option("--skip", is_flag=True, help="Leave out the rows that are wrong, and take the others.")
@output.as_json
def import_(file: Path, agreed: str, channel: str | None, *, skip: bool, as_json: bool) -> None:
    """Take in FILE, a CSV of people who agreed to be written to: number, language, place, groups."""
    with opened() as (here, store):
        rules = _rules(here, load_polls(here.config, store.engine))
        way = _channel(here, channel)
        if skip:
            for problem in roster.problems(file, rules):
                click.echo(str(problem), err=True)
        note = by(), agreed
        taken = roster.take(store.engine, store.vault, file, rules, way, now=datetime.now(UTC), note=note, skip=skip)
    if as_json:
        output.data(asdict(taken))
    else:
        click.echo(f"{taken.new + taken.known:,} taken in: {taken.new:,} new, {taken.known:,} known before.")
        if taken.forgotten:
            click.echo(f"{taken.forgotten:,} left out: they asked to be forgotten, and come back only by writing.")


@people.command()
@click.option("--list", "rows", is_flag=True, help="One row a person, as CSV, by pseudonym; without, counts.")
@click.option("--group", default="", help="Of this group only.")
@click.option("--numbers", is_flag=True, help="With their numbers. Written into the audit log.")
@output.as_json
def export(group: str, *, rows: bool, numbers: bool, as_json: bool) -> None:
    """Count the people by language, channel, place and group, or list them by pseudonym."""
    with opened() as (_, store):
        if not (rows or numbers):
            with reading(store.engine) as connection:
                found = roster.counts(connection)
            if as_json:
                output.data(found)
            else:
                _show(found)
            return
        people = roster.listed(store.engine, store.vault, by(), datetime.now(UTC), group, numbers=numbers)
        if as_json:
            output.data(list(people))
            return
        writer = csv.DictWriter(sys.stdout, [*roster.FIELDS, *(["number"] if numbers else [])], lineterminator="\n")
        writer.writeheader()
        writer.writerows(people)


@people.command()
@click.argument("person", required=False, type=int)
@click.option("--yes", is_flag=True, help="Don't ask whether you mean it.")
@output.as_json
def forget(person: int | None, *, yes: bool, as_json: bool) -> None:
    """Forget somebody who asked for it: PERSON is a pseudonym; without it, the number is asked for."""
    with opened() as (here, store):
        if person is None:
            # Not an argument: those lie in the shell's history, and every user of the machine can see them.
            typed = click.prompt("Number", hide_input=sys.stdin.isatty(), prompt_suffix=": ", err=True)
            try:
                find = roster.of_number(store.vault, e164(typed, here.country))
            except Malformed:
                raise BroadcastError("That is no phone number: write it with its country code.") from None
        else:
            find = roster.of_pseudonym(person)
        if not yes:
            click.confirm("Their address and their own words are deleted for good. Go on?", abort=True, err=True)
        gone = roster.forget(store.engine, store.vault, find, datetime.now(UTC), by())
    if as_json:
        output.data({"person": gone, "forgotten": True})
    else:
        click.echo(f"{gone} is forgotten. Counts stay.")


def _rules(here: Settings, polls: Polls) -> roster.Rules:
    zones: dict[str, str] = {}
    for survey in polls.opened:
        for option in survey.question(survey.region).options if survey.region else ():
            zone = survey.schedule.zones.get(option.id, survey.schedule.zone)
            if zone != "UTC":
                zones.setdefault(option.id, zone)
    return roster.Rules(here.country, here.countries, here.languages, zones)


def _channel(here: Settings, named: str | None) -> str:
    sms = [name for name, channel in here.channels.items() if channel.medium is Medium.SMS]
    if named is None and len(sms) == 1:
        return sms[0]
    if named in sms:
        return str(named)
    there = ", ".join(sms) or "none"
    raise BroadcastError(f"Say with --channel over which SMS channel they are written to; there is {there}.")


def _show(found: dict[str, object]) -> None:
    click.echo(f"{found['people']:,} people, {found['stopped']:,} of them sent STOP")
    for what in ("languages", "channels", "places", "groups"):
        several = found[what]
        assert isinstance(several, dict)
        if several:
            click.echo(f"{what}: " + ", ".join(f"{name or '-'} {number:,}" for name, number in several.items()))
