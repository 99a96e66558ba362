"""baraza users: who may sign in, and what for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
import sqlalchemy as sa

from gateway import settings
from gateway.accounts import users as accounts
from gateway.accounts.roles import Role, grants
from gateway.cli import output
from gateway.polls import read_polls
from gateway.store.keys import Vault
from gateway.store.opening import open_store

BY = "command line"
"""Who it was, in the audit log."""

Command = Callable[..., Any]
name = click.argument("name")
role = click.option("--role", required=True, type=click.Choice([str(each) for each in Role]))
surveys = click.option("--survey", "surveys", multiple=True, help="For this survey only; may be repeated.")


@dataclass(frozen=True, slots=True)
class Here:
    """This gateway: its settings, its users in one transaction, and the time."""

    settings: settings.Settings
    connection: sa.Connection
    vault: Vault
    now: datetime


@contextmanager
def opened() -> Iterator[Here]:
    here = settings.load(os.environ)
    store = open_store(here)
    with store.engine.begin() as connection:
        yield Here(here, connection, store.vault, datetime.now(UTC))


@click.group()
def users() -> None:
    """Invite, list and disable those who may sign in; give and take their roles."""


@users.command()
@name
@role
@surveys
@output.as_json
def add(name: str, role: str, surveys: tuple[str, ...], *, as_json: bool) -> None:
    """Make a user, and print the link to hand to them: it works once, for 72 hours."""
    given = grants(Role(role), surveys)
    with opened() as here:
        accounts.add(here.connection, name, given, BY, here.now)
        token = accounts.invite(here.connection, here.vault, name, BY, here.now)
    _warn(here, surveys)
    _hand_over(here, name, token, as_json=as_json)


@users.command()
@name
@output.as_json
def invite(name: str, *, as_json: bool) -> None:
    """Print another link for a user who lost it, their password, or their phone and its codes."""
    with opened() as here:
        token = accounts.invite(here.connection, here.vault, name, BY, here.now)
    _hand_over(here, name, token, as_json=as_json)


@users.command("list")
@output.as_json
def list_users(*, as_json: bool) -> None:
    """Every user, whether they can sign in, and the roles they hold."""
    found = accounts.listed(open_store(settings.load(os.environ)).engine)
    if as_json:
        output.data(
            [
                {
                    "name": each.name,
                    "state": each.state,
                    "created": each.created_at.isoformat(),
                    "grants": [{"role": str(one.role), "survey": one.survey or None} for one in each.grants],
                }
                for each in found
            ]
        )
    elif found:
        output.table((each.name, each.state, ", ".join(map(str, each.grants)) or "no role") for each in found)
    else:
        click.echo("There is no user yet: `baraza users add NAME --role operator` makes one.")


@users.command()
@name
def disable(name: str) -> None:
    """End all sessions of a user, and let them sign in no more."""
    with opened() as here:
        accounts.disable(here.connection, name, BY, here.now)
    click.echo(f"{name} is disabled and signed out everywhere.")


@users.command()
@name
def enable(name: str) -> None:
    """Let a disabled user sign in again, with what they had."""
    with opened() as here:
        accounts.enable(here.connection, name, BY, here.now)
    click.echo(f"{name} can sign in again.")


@users.command()
@name
@role
@surveys
def grant(name: str, role: str, surveys: tuple[str, ...]) -> None:
    """Give a user a role."""
    given = grants(Role(role), surveys)
    with opened() as here:
        accounts.grant(here.connection, name, given, BY, here.now)
    _warn(here, surveys)
    click.echo(f"{name} is {', '.join(map(str, given))}.")


@users.command()
@name
@role
@surveys
def revoke(name: str, role: str, surveys: tuple[str, ...]) -> None:
    """Take a role from a user: for the surveys named, or altogether."""
    with opened() as here:
        gone = accounts.revoke(here.connection, name, Role(role), surveys, BY, here.now)
    click.echo(f"{name} is not {', '.join(map(str, gone))} any more.")


def _hand_over(here: Here, name: str, token: str, *, as_json: bool) -> None:
    """Print an invitation that is on disk."""
    link, until = f"{here.settings.public_base_url}/invitation/{token}", here.now + accounts.VALID
    if as_json:
        output.data({"name": name, "link": link, "expires": until.isoformat()})
        return
    click.echo(link)
    if sys.stdout.isatty():
        click.echo(f"Hand this to {name} where nobody reads along. It works once, until {until:%d %B %H:%M} UTC.")


def _warn(here: Here, named: tuple[str, ...]) -> None:
    """A name that no poll has may be one that is still to be written, or a mistake."""
    known = {survey.name for survey in read_polls(here.settings.config)[0]} if named else set()
    for each in named:
        if each not in known:
            click.echo(f"Note: there is no poll {each} yet.", err=True)
