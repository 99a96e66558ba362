"""baraza incentives: what people were given for finishing polls."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from gateway import settings
from gateway.cli import output
from gateway.incentives.ledger import State, in_doubt, settle, standings
from gateway.store import audit
from gateway.store.opening import open_store

BY = "command line"


@click.group()
def incentives() -> None:
    """Say what people were given for finishing polls, and settle what is in doubt."""


@incentives.command("list")
@output.as_json
def list_(*, as_json: bool) -> None:
    """Each poll's budget, what is spoken for, what became of it, and what is in doubt."""
    here = settings.load(os.environ)
    with open_store(here).engine.begin() as connection:
        found, doubtful = standings(connection, here.incentives), in_doubt(connection)
    if as_json:
        polls = [
            {
                "poll": one.poll,
                "amount": str(one.amount) if one.amount else None,
                "budget": str(one.budget) if one.budget else None,
                "spoken_for": str(one.spoken_for),
                **{state.value: one.states.get(state.value, 0) for state in State},
            }
            for one in found
        ]
        rows = [{"id": row.id, "poll": row.poll, "since": row.updated_at, "why": row.error} for row in doubtful]
        output.data({"polls": polls, "in_doubt": rows})
        return
    if not found:
        click.echo("No poll has an incentive: settings.yaml names them under `incentives`.")
    output.table(
        (
            one.poll,
            str(one.amount or "not in settings"),
            f"{one.spoken_for} of {one.budget or '-'}",
            ", ".join(f"{count} {state}" for state, count in sorted(one.states.items())),
        )
        for one in found
    )
    for row in doubtful:
        click.echo(f"In doubt: {row.id} of {row.poll}, since {row.updated_at:%Y-%m-%d %H:%M} UTC: {row.error}.")


@incentives.command("settle")
@click.argument("row", type=int)
@click.option("--as", "state", required=True, type=click.Choice(["delivered", "failed", "queued"]), help="What it was.")
def settle_(row: int, state: str) -> None:
    """Say of one in doubt what became of it: look it up at the provider first. `queued` tries it once more."""
    now = datetime.now(UTC)
    with open_store(settings.load(os.environ)).engine.begin() as connection:
        more = {"due_at": now} if state == State.QUEUED else {}
        if not settle(connection, row, State(state), now, of=(State.UNKNOWN,), **more):
            raise click.ClickException(f"{row} is not in doubt: `baraza incentives list` says which are.")
        audit.note(connection, BY, "incentive", f"{row} {state}", now)
    click.echo(f"{row} is {state}.")
