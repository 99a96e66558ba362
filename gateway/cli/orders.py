"""baraza orders: who gets digests."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click
import sqlalchemy as sa

from gateway import settings
from gateway.cli import output
from gateway.cli.digest import found_poll, in_language
from gateway.polls import load_polls
from gateway.results import orders as placed
from gateway.store import schema
from gateway.store.database import reading
from gateway.store.opening import Store, open_store
from surveys.model import Survey

WHY = {
    "mail": "that is no mail address",
    "code": "that code is wrong, used, or too old: whoever wants digests sends LINK, and the code holds for 15 minutes",
    "tries": "too many codes were entered for this user: wait an hour",
}


@click.group()
def orders() -> None:
    """Say who gets a poll's digests, where, and how often."""


def _opened(poll: str) -> tuple[Store, Survey]:
    here = settings.load(os.environ)
    store = open_store(here)
    return store, found_poll(load_polls(here.config, store.engine), poll)


@orders.command()
@click.argument("poll")
@click.argument("user")
@click.option("--every", type=click.Choice(placed.EVERY), default="release", show_default=True)
@click.option("--language", help="Without, the poll's first.")
@click.option("--mail", help="To this mail address.")
@click.option("--code", help="To where this code came when they sent LINK.")
def add(poll: str, user: str, every: str, language: str | None, mail: str | None, code: str | None) -> None:
    """Let a user have a poll's digests."""
    if bool(mail) == bool(code):
        raise click.UsageError("Say where to: --mail or --code, one of them.")
    now = datetime.now(UTC)
    store, survey = _opened(poll)
    spoken = in_language(survey, language)
    with reading(store.engine) as connection:
        row = connection.scalar(sa.select(schema.users.c.id).where(schema.users.c.name == user.lower()))
    if row is None:
        raise click.ClickException(f"There is no user {user!r}: `baraza users list` says who there is.")
    how = (store.engine, store.vault, row, survey.name, every, spoken)
    try:
        if mail:
            placed.by_mail(*how, mail, now)
        else:
            placed.by_code(*how, code or "", now)
    except placed.OrderError as error:
        raise click.ClickException(f"Nothing was ordered: {WHY[str(error)]}.") from None
    with reading(store.engine) as connection:
        if row not in {order.user for order in placed.standing(connection, survey.name)}:
            click.echo(f"{user} may not read results of {poll}: nothing is sent before `baraza users grant`.", err=True)
    click.echo(f"{user} gets digests of {poll}.")


@orders.command(name="list")
@click.argument("poll")
@output.as_json
def list_(poll: str, *, as_json: bool) -> None:
    """Who gets a poll's digests; not where: that lies sealed."""
    store, survey = _opened(poll)
    with reading(store.engine) as connection:
        names = {row.id: row.name for row in connection.execute(sa.select(schema.users.c.id, schema.users.c.name))}
        found = [
            {
                "id": order.id,
                "user": names[order.user],
                "every": order.every,
                "language": order.language,
                "over": order.channel or "mail",
            }
            for order in placed.standing(connection, survey.name)
        ]
    if as_json:
        output.data(found)
        return
    for one in found:
        click.echo("  ".join(str(value) for value in one.values()))
    if not found:
        click.echo(f"Nobody gets digests of {poll}.")


@orders.command()
@click.argument("poll")
@click.argument("number", type=int)
def remove(poll: str, number: int) -> None:
    """Take an order back."""
    store, survey = _opened(poll)
    with store.engine.begin() as connection:
        mine = next((order for order in placed.standing(connection, survey.name) if order.id == number), None)
        if mine is None or not placed.cancel(connection, mine.user, number, datetime.now(UTC)):
            raise click.ClickException(f"There is no order {number}: `baraza orders list {poll}` says which there are.")
    click.echo(f"Order {number} is gone.")


@orders.command()
@click.argument("poll")
def send(poll: str) -> None:
    """Hand the newest release out now, to everybody who has an order and did not get it yet."""
    from gateway.assembly import assemble  # noqa: PLC0415 - only who sends needs the channels

    assembly = assemble(settings.load(os.environ))
    survey = found_poll(assembly.polls, poll)
    rounds = assembly.digests(lambda _: None)
    out = rounds.newest(survey.name)
    if out is None:
        raise click.ClickException(f"Nothing is out about {poll} yet: `baraza digest {poll} --release` counts it.")
    with assembly.engine.connect() as connection:
        waiting = list(placed.standing(connection, survey.name))
    handed = sum(rounds.hand_out(order, out) for order in waiting)
    rounds.send_mails()
    assembly.close()
    click.echo(f"Handed out to {handed} of {len(waiting)}; the others have it.")
