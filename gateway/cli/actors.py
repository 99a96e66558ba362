"""baraza actors: the map of who matters, brought in from tables and measured."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from analysis.actors.exchange import Stamp
from analysis.actors.measures import Measures, measures
from analysis.actors.waves import Change
from channels.adapter import Malformed, Medium
from channels.numbers import e164
from gateway import settings
from gateway.actors import exporting, interviewers
from gateway.actors.clearance import CLEARANCES, EVERYTHING, TEAM, Viewer
from gateway.actors.columns import COLUMNS, NODES
from gateway.actors.importing import Table, import_map
from gateway.actors.names import Asked
from gateway.actors.reading import reports
from gateway.actors.rows import MOST_WAVE, Defaults
from gateway.actors.seeing import Look, see
from gateway.actors.sheets import SheetError, read_file
from gateway.actors.viewers import NoSuchUser, named
from gateway.cli import output
from gateway.store import audit
from gateway.store.keys import Vault
from gateway.store.opening import open_store
from gateway.web.actor_texts import caption
from gateway.web.texts import LANGUAGES

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
BY = "command line"
of_map = click.option("--map", "of_map", default="main", show_default=True, help="Which map, where there are several.")
as_user = click.option("--as", "user", metavar="USER", help="As this user may see it; without, everything.")


@dataclass(frozen=True, slots=True)
class Here:
    connection: sa.Connection
    vault: Vault


@contextmanager
def opened(what: str, subject: str) -> Iterator[Here]:
    """A transaction on this gateway's store, written into the audit log before anything is read."""
    store = open_store(settings.load(os.environ))
    with store.engine.begin() as connection:
        audit.note(connection, f"{BY} ({getpass.getuser()})", what, subject, datetime.now(UTC))
        yield Here(connection, store.vault)


@click.group()
def actors() -> None:
    """Bring in, measure and take out the map of actors."""


@actors.command("import")
@click.argument("workbook", required=False, type=FILE)
@click.option("--nodes", "nodes", type=FILE, help="Who the actors are.")
@click.option("--ties", type=FILE, help="How they are tied, by wave.")
@click.option("--attitudes", type=FILE, help="What they think of the issues of the talks, by wave.")
@click.option("--statements", type=FILE, help="Interests, positions, needs, fears, values, power, drivers, by wave.")
@click.option("--sessions", type=FILE, help="Interviews and discussions: how many were there, who, who dissented.")
@of_map
@click.option("--directed/--undirected", default=None, help="Ties have a direction, or none, unless a row says it.")
@click.option("--strongest", type=click.FloatRange(min=0, min_open=True), default=1.0, help="The strength that is 1.")
@click.option(
    "--clearance", type=click.Choice([c for c in CLEARANCES if c != "named"]), default=TEAM, show_default=True
)
@click.option("--reporter", default="", help="Whose word it is, where a row does not say.")
@click.option("--new-actors", is_flag=True, help="Make the actors who are named and not described.")
@click.option("--wave", type=click.IntRange(0, MOST_WAVE), help="The wave of rows that name none.")
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="Don't read this column; may be repeated.")
@click.option("--same", multiple=True, metavar="NAME=ID", help="This name is that actor; may be repeated.")
@click.option("--apart", multiple=True, metavar="NAME", help="This one only looks like another; may be repeated.")
@output.as_json
def import_(workbook: Path | None, of_map: str, *, as_json: bool, **options: Any) -> None:
    """Bring tables into the map: WORKBOOK (.xlsx) with sheets nodes, ties, attitudes and statements, or files for each.

    Everything comes in, or nothing.
    """
    given = _tables(workbook, "") if workbook else []
    given += [table for holds in COLUMNS if options[holds] for table in _tables(options[holds], holds)]
    if not given:
        raise click.UsageError("Name a workbook, or a file with --nodes, --ties, --attitudes or --statements.")
    defaults = Defaults(
        options["clearance"],
        options["reporter"],
        options["directed"],
        options["strongest"],
        options["wave"],
        frozenset(column.strip().lower() for column in options["leave_out"]),
    )
    asked = Asked(_pairs(options["same"]), frozenset(options["apart"]), options["new_actors"])
    with opened("import actors", of_map) as here:
        found = import_map(here.connection, here.vault, of_map, given, asked, defaults, datetime.now(UTC))
    if as_json:
        output.data(asdict(found))
    else:
        waves = ", ".join(map(str, found.waves)) or "none"
        click.echo(
            f"{found.actors} new actors, {found.ties} ties, {found.attitudes} attitudes, {found.statements} other "
            f"statements, {found.sessions} sessions; waves {waves}."
        )


def _pairs(same: tuple[str, ...]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in same]
    if wrong := next((name for name, _, meant in pairs if not meant), None):
        raise click.UsageError(f"--same wants NAME=ID, and {wrong!r} has no '='.")
    return {name.strip(): meant.strip() for name, _, meant in pairs}


def _tables(file: Path, holds: str) -> list[Table]:
    try:
        sheets = read_file(file)
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}.") from None
    if holds:
        return [Table(file.name, holds, sheet) for sheet in sheets[:1]]
    known = [Table(file.name, sheet.name.lower(), sheet) for sheet in sheets if sheet.name.lower() in COLUMNS]
    if not known:
        names = ", ".join(sheet.name or NODES for sheet in sheets) or "none"
        raise click.ClickException(f"{file} has no sheet named {', '.join(COLUMNS)}; it has {names}.")
    return known


@actors.command()
@click.argument("user")
@click.option("--tel", help="A phone number, with its country code.")
@click.option("--leave", is_flag=True, help="Take all of their addresses back.")
def interviewer(user: str, tel: str | None, *, leave: bool) -> None:
    """Let USER hold interview guides from a phone, by USSD and SMS. Which guides: `baraza users grant`."""
    if (tel is None) is not leave:
        raise click.UsageError("Name a number with --tel, or say --leave.")
    here = settings.load(os.environ)
    with opened("let interview" if tel else "interviews from nowhere", user) as store:
        _viewer(store.connection, user)
        if tel is None:
            gone = interviewers.leave(store.connection, user)
            click.echo(f"{user} holds interviews from no address any more ({gone} before).")
            return
        try:
            number = e164(tel, here.country)
        except Malformed:
            raise click.ClickException("That is no phone number: write it with its country code.") from None
        phones = (one.name for one in here.channels.values() if one.medium in (Medium.USSD, Medium.SMS))
        interviewers.reach(store.connection, store.vault, user, "tel", number, next(phones, ""), datetime.now(UTC))
    click.echo(f"{user} can hold interviews from that number: those guides that `baraza users list` shows as theirs.")


@actors.command()
@of_map
@as_user
@click.option("--types", help="Only these types of ties, with commas between.")
@output.as_json
def measure(of_map: str, user: str | None, types: str | None, *, as_json: bool) -> None:
    """Who connects, who has standing, how split, who could shift attitudes: in each wave, and from one to the next."""
    chosen = tuple(filter(None, map(str.strip, (types or "").split(","))))
    with opened("measure actors", of_map) as here:
        found = reports(here.connection, here.vault, _viewer(here.connection, user), of_map)
    unknown = set(chosen) - {*found.ties["type"]}
    if unknown:
        there = ", ".join(sorted({*found.ties["type"]})) or "none"
        raise click.ClickException(f"No tie of type {', '.join(sorted(unknown))} is in this map; there is {there}.")
    waves, changes = measures(found, chosen)
    if as_json:
        output.data({"map": of_map, "waves": [asdict(wave) for wave in waves], "changes": [told(c) for c in changes]})
        return
    if not waves:
        click.echo("Nothing was reported yet.")
    for wave in waves:
        _tell(wave)
    for change in changes:
        _tell_change(change)


@actors.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@of_map
@as_user
@click.option("--wave", type=int, help="Of a picture; without, the last.")
@click.option("--issue", default="", help="Of a picture: draw the attitudes to this issue.")
@click.option("--size", type=click.Choice(["connects", "standing", "power"]), help="Of a picture: what sizes say.")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], help="Of what stands under a picture.")
def export(
    file: Path, of_map: str, user: str | None, wave: int | None, issue: str, size: str | None, language: str
) -> None:
    """Write the map into FILE, by its ending: .zip (CSV tables), .graphml, .gexf, .json (Kumu), .svg, .png or .pdf."""
    form = file.suffix.lstrip(".")
    if form not in exporting.FORMS:
        raise click.UsageError(f"{file.name} says no form: its ending must be .{', .'.join(exporting.FORMS)}.")
    by = user or f"the operator ({getpass.getuser()})"
    with opened(f"export actors as {form}", of_map) as here:
        who = _viewer(here.connection, user)
        seen = see(here.connection, here.vault, who, of_map)
        look = Look(max(seen.waves, default=0) if wave is None else wave, issue, size or "")
        if look.wave not in (*seen.waves, 0) or issue not in (*seen.issues, ""):
            there = f"waves {', '.join(map(str, seen.waves)) or 'none'}; issues {', '.join(seen.issues) or 'none'}"
            raise click.ClickException(f"There is no such wave or issue in this map; there is: {there}.")
        stamp = Stamp(by, datetime.now(UTC))
        order = exporting.Order(form, look, stamp, caption(look, stamp, language))
        made = exporting.export(here.connection, here.vault, who, of_map, order, seen)
    try:
        file.write_bytes(made)
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}.") from None
    click.echo(f"{file} holds {len(seen.known)} actors in {len(seen.waves)} waves.")


def told(change: Change) -> dict[str, Any]:
    """A change as JSON, with what is derived from it."""
    return {
        **asdict(change),
        "jaccard": change.jaccard,
        "jaccard_signed": change.jaccard_signed,
        "hamming": change.hamming,
        "hamming_signed": change.hamming_signed,
    }


def _viewer(connection: sa.Connection, user: str | None) -> Viewer:
    if user is None:
        return EVERYTHING
    try:
        return named(connection, user)
    except NoSuchUser as error:
        raise click.ClickException(str(error)) from None


def _tell(wave: Measures) -> None:
    click.echo(f"Wave {wave.wave}: {wave.actors} actors, {wave.ties} ties, {wave.negative} of them against each other.")
    output.table(_first("between others most often", wave.betweenness_share), indent="  ")
    output.table(_first("most standing (PageRank)", wave.pagerank), indent="  ")
    for name, split in wave.by.items():
        if split.outside.index is not None:
            index, expected = split.outside.index, split.outside.expected or 0.0
            click.echo(f"  E-I index by {name}: {index:+.2f} ({expected:+.2f} were to be expected by chance)")
    click.echo(f"  {wave.balance.unbalanced} of {wave.balance.triads} triads with signs are unbalanced")


def _first(what: str, values: Any) -> list[tuple[str, str]]:
    order = sorted(values.items(), key=lambda each: (-each[1], each[0]))[:3]
    return [(f"{what}:", ", ".join(f"{name} {value:.2f}" for name, value in order))] if order else []


def _tell_change(change: Change) -> None:
    alike = "nothing to compare" if change.jaccard is None else f"Jaccard {change.jaccard:.2f}"
    click.echo(
        f"Wave {change.before} to {change.after}: {len(change.appeared)} ties appeared, {len(change.vanished)} "
        f"vanished, {len(change.turned)} turned, {change.kept} stayed; {len(change.not_asked)} were not asked about "
        f"again; {alike}."
    )
