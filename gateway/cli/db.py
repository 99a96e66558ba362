"""baraza db: the database's schema."""

from __future__ import annotations

import os

import click

from gateway import settings
from gateway.cli import output
from gateway.store import migrate
from gateway.store.database import connect


@click.group()
def db() -> None:
    """Bring the database to this version's schema."""


@db.command()
@output.as_json
def upgrade(*, as_json: bool) -> None:
    """Run the migrations that DATABASE_URL lacks: all of them, or none."""
    engine = connect(settings.load(os.environ).database_url)
    before = migrate.current(engine)
    migrate.upgrade(engine)
    after = migrate.current(engine)
    if as_json:
        output.data({"before": before, "after": after})
    elif before == after:
        click.echo(f"The database is at revision {after} already.")
    else:
        click.echo(f"The database went from revision {before or 'none'} to {after}.")
