"""baraza spaces: closed spaces, for whoever sets them up. Nothing of them is written to the audit log, which others
read."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import click
import sqlalchemy as sa

from gateway import settings
from gateway.accounts import users
from gateway.catalogues import load_catalogues
from gateway.cli import output
from gateway.coordination import spaces as kept
from gateway.notices import Notices
from gateway.store.opening import open_store
from surveys.problem import did_you_mean

ID = click.argument("space")


@click.group()
def spaces() -> None:
    """Make closed spaces, invite into them, and close them."""


@spaces.command()
@click.argument("name")
@click.option("--steward", required=True, metavar="USER", help="Who may sign in, and invites others.")
@click.option("--language", default="", help="The steward's; the gateway's first one if not said.")
@output.as_json
def create(name: str, steward: str, language: str, *, as_json: bool) -> None:
    """Make a space called NAME, which its members read and nobody else, and print its id."""
    here = settings.load(os.environ)
    store = open_store(here)
    language = language or here.languages[0]
    if language not in here.languages:
        raise click.ClickException(f"There is no {language[:16]!r} here{did_you_mean(language, here.languages)}.")
    name = " ".join(name.split())[:120]
    if not name:
        raise click.ClickException("Say what it is called: baraza spaces create NAME --steward USER.")
    notices = Notices(store.vault, load_catalogues(), ())
    with store.engine.begin() as connection:
        user, disabled = users.known(connection, steward)
        if disabled:
            raise click.ClickException(f"The user {steward!r} is disabled: `baraza users enable {steward}` first.")
        space = kept.Spaces(store.engine, store.vault, notices, _now).make(connection, name, {user: language})
    if as_json:
        output.data({"space": space})
    else:
        click.echo(space)


@spaces.command()
@ID
@output.as_json
def invite(space: str, *, as_json: bool) -> None:
    """Print the link of an invitation: whoever signs in with it first, within 72 hours, is in."""
    here = settings.load(os.environ)
    store = open_store(here)
    now = _now()
    with store.engine.begin() as connection:
        _there(connection, space)
        token = kept.invitation(connection, store.vault, space, now)
    link, until = f"{here.public_base_url.rstrip('/')}/spaces/invitation/{token}", now + kept.VALID
    if as_json:
        output.data({"link": link, "expires": until.isoformat()})
        return
    click.echo(link)
    if sys.stdout.isatty():
        click.echo(f"Hand this on where nobody reads along. It works once, until {until:%d %B %H:%M} UTC.")


@spaces.command("list")
@output.as_json
def list_spaces(*, as_json: bool) -> None:
    """Every space by its id, with how many are in it and when something was said last; not what it is called."""
    with open_store(settings.load(os.environ)).engine.begin() as connection:
        found = kept.every(connection)
    if as_json:
        output.data(
            [
                {
                    "space": one.id,
                    "made": one.made_at.isoformat(),
                    "members": one.members,
                    "last": one.last_at.isoformat() if one.last_at else None,
                }
                for one in found
            ]
        )
    elif found:
        said = (f"{one.last_at:%Y-%m-%d}" if one.last_at else "-" for one in found)
        output.table(
            (one.id, f"{one.made_at:%Y-%m-%d}", f"{one.members} in it", last)
            for one, last in zip(found, said, strict=True)
        )
    else:
        click.echo("There is no space: `baraza spaces create NAME --steward USER` makes one.")


@spaces.command()
@ID
@click.option("--yes", is_flag=True, help="Don't ask whether you mean it.")
@output.as_json
def close(space: str, *, yes: bool, as_json: bool) -> None:
    """Delete what was said in a space and its documents, and let nobody into it any more."""
    store = open_store(settings.load(os.environ))
    with store.engine.begin() as connection:
        _there(connection, space)
    if not yes:
        click.confirm("What was said in it and its documents are deleted for good. Go on?", abort=True, err=True)
    with store.engine.begin() as connection:
        kept.close(connection, space)
    if as_json:
        output.data({"space": space, "closed": True})
    else:
        click.echo("It is closed.")


def _there(connection: sa.Connection, space: str) -> None:
    if not any(one.id == space for one in kept.every(connection)):
        raise click.ClickException("There is no such space: `baraza spaces list` names them.")


def _now() -> datetime:
    return datetime.now(UTC)
