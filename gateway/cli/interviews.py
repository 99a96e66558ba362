"""baraza survey import-interviews and interviews: what the polling app sent, by the network or by a file."""

from __future__ import annotations

import getpass
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from gateway import settings
from gateway.assembly import utc_now
from gateway.catalogues import load_catalogues
from gateway.cli import output
from gateway.ingest.interviews import ASIDE, TAKEN, Interviews, Receipt, Sender
from gateway.live import Live
from gateway.store import audit
from gateway.store.database import reading
from gateway.store.envelopes import Envelope
from gateway.store.interview_tables import interviews as table
from gateway.store.opening import open_store
from gateway.store.schema import users

FORMAT = "baraza interviews 1"
LARGEST = 64 * 1024 * 1024


@click.command("import-interviews")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output.as_json
def import_interviews(file: Path, *, as_json: bool) -> None:
    """Take in FILE, which a phone saved because sending did not work. Each interview counts once, however it comes."""
    envelopes = _envelopes(file)
    with _taking() as (taking, sender, engine):
        receipts = taking.take(envelopes, sender)
        with engine.begin() as connection:
            audit.note(connection, sender.name, "import interviews", str(len(receipts)), datetime.now(UTC))
    _told(receipts, as_json=as_json)


@click.command()
@click.option("--again", is_flag=True, help="Try once more what was put aside.")
@output.as_json
def interviews(*, again: bool, as_json: bool) -> None:
    """List what phones sent, by poll, and what was put aside because it could not be replayed."""
    if again:
        with _taking() as (taking, sender, _):
            _told(taking.again(sender), as_json=as_json)
        return
    rows = _listed()
    aside = [row for row in rows if row["note"]]
    if as_json:
        output.data(rows)
        return
    counted = Counter((row["survey"], row["interviewer"], row["status"], row["late"]) for row in rows)
    output.table(
        (survey or "?", interviewer or "?", f"{number} {status}" + (", late" if late else ""))
        for (survey, interviewer, status, late), number in sorted(counted.items(), key=str)
    )
    for row in aside:
        click.echo(f"{row['interview']}: {row['status']}, {row['note']} (sent by {row['sent_by']})")
    if not rows:
        click.echo("No phone sent an interview yet.")


@contextmanager
def _taking() -> Iterator[tuple[Interviews, Sender, sa.Engine]]:
    here = settings.load(os.environ)
    store = open_store(here)
    live = Live(here, store.engine, load_catalogues(here.config))
    try:
        sender = Sender(f"command line ({getpass.getuser()})"[:64], lambda _: True)
        yield Interviews(store.engine, store.vault, lambda: live.rules, utc_now, here.country), sender, store.engine
    finally:
        store.engine.dispose()


def _envelopes(file: Path) -> list[Envelope]:
    if file.stat().st_size > LARGEST:
        raise click.ClickException(f"{file} is larger than {LARGEST // 1024 // 1024} MB: no phone saves such a file.")
    try:
        data = json.loads(file.read_bytes())
        envelopes = [Envelope.read(one) for one in data["interviews"]]
        is_ours = data["format"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError):
        is_ours = False
    if not is_ours:
        sentence = f"{file} is no file that the polling app saved, or only a part of one: copy it from the phone again."
        raise click.ClickException(sentence)
    return envelopes


def _told(receipts: list[Receipt], *, as_json: bool) -> None:
    if as_json:
        output.data([{"interview": one.id, "status": one.status, "note": one.note} for one in receipts])
        return
    new = Counter(one.status for one in receipts if not one.repeated)
    repeated = sum(one.repeated for one in receipts)
    click.echo(f"{new[TAKEN]} taken, {new[ASIDE]} put aside, {repeated} were here before.")
    for one in receipts:
        if one.note:
            click.echo(f"{one.id}: {one.status}, {one.note}")


def _listed() -> list[dict[str, Any]]:
    store = open_store(settings.load(os.environ))
    query = (
        sa.select(table, users.c.name.label("interviewer"))
        .join_from(table, users, table.c.user == users.c.id, isouter=True)
        .order_by(table.c.id)
    )
    names = ("interview", "survey", "status", "interviewer", "sent_by", "late", "note", "started_at", "finished_at")
    try:
        with reading(store.engine) as connection:
            return [{name: getattr(row, name) for name in (*names, "received_at")} for row in connection.execute(query)]
    finally:
        store.engine.dispose()


COMMANDS = (import_interviews, interviews)
