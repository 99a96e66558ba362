"""Users, their grants and their invitations. Whoever runs the gateway makes them; nobody signs up."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.accounts import sessions
from gateway.accounts.roles import AccountError, Grant, Role
from gateway.store import audit
from gateway.store.database import insert_ignoring, reading
from gateway.store.keys import Vault
from gateway.store.schema import grants, invitations, users

NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
VALID = timedelta(hours=72)
KIND = "invitation"


@dataclass(frozen=True, slots=True)
class Account:
    """A user as listed. `state` is invited, active or disabled."""

    name: str
    state: str
    grants: tuple[Grant, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an invitation is for."""

    id: int
    user: int
    name: str


def add(connection: sa.Connection, name: str, given: Iterable[Grant], by: str, now: datetime) -> None:
    """Make a user with these grants, who can't sign in before taking an invitation. Raises AccountError."""
    if not NAME.fullmatch(name):
        raise AccountError(
            f"{name[:40]!r} can't be a user's name: 2 to 32 lower-case letters, digits, dots, hyphens or _, "
            "a letter first."
        )
    row = {"name": name, "totp_step": 0, "created_at": now}
    insert = insert_ignoring(connection.dialect.name, users).returning(users.c.id)
    user = connection.scalar(insert, row)
    if user is None:
        raise AccountError(f"There is a user {name!r} already: `baraza users invite {name}` makes a new link.")
    audit.note(connection, by, "add user", name, now)
    for one in given:
        _grant(connection, user, name, one, by, now)


def invite(connection: sa.Connection, vault: Vault, name: str, by: str, now: datetime) -> str:
    """The token of a new invitation: works once, for 72 hours, and the ones before it no more. Raises AccountError.

    Who takes it chooses a password and an authenticator. Until then the old ones go on working.
    """
    user, disabled = known(connection, name)
    if disabled:
        raise AccountError(f"The user {name!r} is disabled: `baraza users enable {name}` first.")
    token = secrets.token_urlsafe(32)
    connection.execute(sa.delete(invitations).where(invitations.c.user == user))
    row = {"user": user, "token": vault.fingerprint(KIND, token), "expires_at": now + VALID}
    connection.execute(sa.insert(invitations), row)
    audit.note(connection, by, "invite user", name, now)
    return token


def invited(engine: sa.Engine, vault: Vault, token: str, now: datetime) -> Invited | None:
    """Whom this invitation is for; None where it was used, is too old, or never was."""
    query = (
        sa.select(invitations.c.id, users.c.id, users.c.name)
        .join(users, users.c.id == invitations.c.user)
        .where(
            invitations.c.token.in_(vault.fingerprints(KIND, token)),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > now,
            users.c.disabled_at.is_(None),
        )
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return Invited(*row) if row else None


def take(connection: sa.Connection, invitation: int, now: datetime) -> bool:
    """Use an invitation up; False where somebody was faster, or it is too late."""
    c = invitations.c
    used = sa.update(invitations).where(c.id == invitation, c.used_at.is_(None), c.expires_at > now)
    return connection.execute(used.values(used_at=now)).rowcount == 1


def grant(connection: sa.Connection, name: str, given: Iterable[Grant], by: str, now: datetime) -> None:
    """Give a user these roles; what they hold already stays as it is. Raises AccountError."""
    user, _ = known(connection, name)
    for one in given:
        _grant(connection, user, name, one, by, now)


def revoke(
    connection: sa.Connection, name: str, role: Role, surveys: Sequence[str], by: str, now: datetime
) -> tuple[Grant, ...]:
    """Take a role from a user: for these surveys, or altogether where none is named. It ends with their next page.

    Returns what they held of it. Raises AccountError.
    """
    user, _ = known(connection, name)
    taken = sa.delete(grants).where(grants.c.user == user, grants.c.role == role)
    if surveys:
        taken = taken.where(grants.c.survey.in_(surveys))
    gone = tuple(sorted(Grant(role, survey) for survey in connection.scalars(taken.returning(grants.c.survey))))
    if not gone:
        raise AccountError(f"{name!r} does not hold that: `baraza users list` says what they hold.")
    for one in gone:
        audit.note(connection, by, "revoke", f"{name}: {one}", now)
    return gone


def disable(connection: sa.Connection, name: str, by: str, now: datetime) -> None:
    """End a user's sessions and invitations, and let them sign in no more. Raises AccountError."""
    user, _ = known(connection, name)
    connection.execute(sa.update(users).where(users.c.id == user).values(disabled_at=now))
    connection.execute(sa.delete(invitations).where(invitations.c.user == user))
    sessions.end(connection, user)
    audit.note(connection, by, "disable user", name, now)


def enable(connection: sa.Connection, name: str, by: str, now: datetime) -> None:
    """Let a disabled user sign in again, with what they had. Raises AccountError."""
    user, _ = known(connection, name)
    connection.execute(sa.update(users).where(users.c.id == user).values(disabled_at=None))
    audit.note(connection, by, "enable user", name, now)


def listed(engine: sa.Engine) -> tuple[Account, ...]:
    """All users, by name."""
    query = sa.select(users.c.id, users.c.name, users.c.password, users.c.disabled_at, users.c.created_at)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(users.c.name)).all()
        held = connection.execute(sa.select(grants.c.user, grants.c.role, grants.c.survey)).all()
    return tuple(
        Account(
            row.name,
            "disabled" if row.disabled_at else "active" if row.password else "invited",
            tuple(sorted(Grant(Role(each.role), each.survey) for each in held if each.user == row.id)),
            row.created_at,
        )
        for row in rows
    )


def known(connection: sa.Connection, name: str) -> tuple[int, bool]:
    """The user's id, and whether they are disabled. Raises AccountError."""
    row = connection.execute(sa.select(users.c.id, users.c.disabled_at).where(users.c.name == name)).first()
    if row is None:
        raise AccountError(f"There is no user {name[:40]!r}: `baraza users list` names them.")
    return row.id, row.disabled_at is not None


def _grant(connection: sa.Connection, user: int, name: str, given: Grant, by: str, now: datetime) -> None:
    row = {"user": user, "role": given.role, "survey": given.survey, "granted_at": now}
    if connection.scalar(insert_ignoring(connection.dialect.name, grants).returning(grants.c.id), row):
        audit.note(connection, by, "grant", f"{name}: {given}", now)
