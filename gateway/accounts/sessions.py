"""Sessions, held by the server: a random token in a cookie, its keyed hash in SQL, two ends that are sure to come."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.accounts.roles import Grant, Role, Signed
from gateway.store.database import is_away, is_busy, reading
from gateway.store.keys import Vault
from gateway.store.schema import grants, sessions, users

TOUCHED = timedelta(minutes=1)
"""Within this time of the last page nothing is written: a page seen is no reason to wait for the one writer."""
KIND = "session"


@dataclass(frozen=True, slots=True)
class Ends:
    """When a session ends: so long after its last page, and so long after its start whatever happens."""

    idle: timedelta
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Shown:
    """A session as its user sees it."""

    id: int
    started_at: datetime
    seen_at: datetime
    own: bool


def start(connection: sa.Connection, vault: Vault, user: int, ends: Ends, now: datetime) -> str:
    """The token of a new session. It is nowhere else."""
    token = secrets.token_urlsafe(32)
    row = {"user": user, "token": vault.fingerprint(KIND, token), "started_at": now, "seen_at": now}
    connection.execute(sa.insert(sessions), {**row, "expires_at": now + ends.lifetime})
    return token


def signed(engine: sa.Engine, vault: Vault, token: str, ends: Ends, now: datetime) -> Signed | None:
    """Whose session this is, with what is granted to them now; None where it ended or never was."""
    query = (
        sa.select(sessions.c.id, sessions.c.seen_at, users.c.id, users.c.name, grants.c.role, grants.c.survey)
        .join(users, users.c.id == sessions.c.user)
        .outerjoin(grants, grants.c.user == users.c.id)
        .where(sessions.c.token.in_(vault.fingerprints(KIND, token)), users.c.disabled_at.is_(None), _alive(ends, now))
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    if not rows:
        return None
    session, seen_at, user, name, *_ = rows[0]
    if now - seen_at >= TOUCHED:
        _touch(engine, session, now)
    held = frozenset(Grant(Role(row.role), row.survey) for row in rows if row.role is not None)
    return Signed(session, user, name, held)


def of(engine: sa.Engine, user: int, ends: Ends, now: datetime, own: int) -> Sequence[Shown]:
    """A user's sessions, the newest first."""
    query = (
        sa.select(sessions.c.id, sessions.c.started_at, sessions.c.seen_at)
        .where(sessions.c.user == user, _alive(ends, now))
        .order_by(sessions.c.started_at.desc(), sessions.c.id.desc())
    )
    with reading(engine) as connection:
        return [Shown(*row, own=row.id == own) for row in connection.execute(query)]


def end(connection: sa.Connection, user: int, session: int | None = None) -> int:
    """End this session of the user, or all of theirs. Returns how many ended."""
    ended = sa.delete(sessions).where(sessions.c.user == user)
    return connection.execute(ended if session is None else ended.where(sessions.c.id == session)).rowcount


def _alive(ends: Ends, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(sessions.c.expires_at > now, sessions.c.seen_at > now - ends.idle)


def _touch(engine: sa.Engine, session: int, now: datetime) -> None:
    try:
        with engine.begin() as connection:
            connection.execute(sa.update(sessions).where(sessions.c.id == session).values(seen_at=now))
    except sa.exc.SQLAlchemyError as error:
        if not (is_busy(error) or is_away(error)):  # the page is shown all the same
            raise
