"""Closed spaces: a thread and documents for invited users, of which nobody else can tell that they exist.

Every query begins with the membership of who asks: what is not theirs is not read, and answered as what never was.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.notices import Notices, Told
from gateway.store import schema
from gateway.store.columns import EPOCH
from gateway.store.database import insert_once, reading
from gateway.store.group_tables import coalitions, space_invitations, space_members, space_posts, spaces
from gateway.store.keys import Vault
from gateway.store.results_tables import order_tries
from surveys.match import normalise

VALID = timedelta(hours=72)
TOLD_EVERY = timedelta(hours=1)
LARGEST = 5 * 1024 * 1024
"""Bytes of a document."""

TRIES = 5
"""Codes that one user may enter in an hour."""

LONGEST = 4000
NAME, POST, DOCUMENT, TOKEN = "space", "space post", "space document", "space invitation"


class SpaceError(ValueError):
    """What was asked can't be done. Its text is why: "none" (no such space is theirs), "invitation" (used, too old, or
    never was), "code" (none of LINK's that holds), "words" (nothing was said), or "large"."""


@dataclass(frozen=True, slots=True)
class Space:
    id: str
    name: str
    steward: bool
    unread: bool


@dataclass(frozen=True, slots=True)
class Post:
    id: int
    by: str
    text: str
    document: str
    at: datetime


class Spaces:
    """What one user does in the spaces that they are invited to."""

    def __init__(self, engine: sa.Engine, vault: Vault, notices: Notices, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.vault = vault
        self.notices = notices
        self.clock = clock

    # Reading ---------------------------------------------------------------------------------------------------

    def of(self, user: int) -> list[Space]:
        """Theirs, the newest first."""
        newest = sa.select(sa.func.max(space_posts.c.at)).where(space_posts.c.space == spaces.c.id).scalar_subquery()
        chosen = (
            sa.select(spaces, space_members.c.steward, space_members.c.seen_at, newest.label("newest"))
            .join_from(space_members, spaces)
            .where(space_members.c.user == user)
            .order_by(spaces.c.made_at.desc(), spaces.c.id)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(chosen).all()
        return [
            Space(row.id, self._open(row.sealed_name, NAME), row.steward, bool(row.newest and row.newest > row.seen_at))
            for row in rows
        ]

    def open(self, user: int, space: str) -> tuple[Space, list[Post], list[str]]:
        """A space with its thread and its members' names; from now on they have seen it. Raises SpaceError."""
        with self.engine.begin() as connection:
            row = self._mine(connection, user, space)
            seen = sa.update(space_members).where(space_members.c.space == space, space_members.c.user == user)
            connection.execute(seen.values(seen_at=self.clock()))
            said = sa.select(space_posts, schema.users.c.name).join_from(space_posts, schema.users)
            posts = connection.execute(said.where(space_posts.c.space == space).order_by(space_posts.c.id)).all()
            people = sa.select(schema.users.c.name).join_from(space_members, schema.users)
            members = connection.scalars(people.where(space_members.c.space == space).order_by(schema.users.c.name))
            names = list(members)
        thread = [
            Post(
                one.id,
                one.name,
                self._open(one.sealed_text, POST),
                self._open(one.sealed_name, DOCUMENT) if one.sealed_name else "",
                one.at,
            )
            for one in posts
        ]
        return Space(space, self._open(row.sealed_name, NAME), row.steward, unread=False), thread, names

    def document(self, user: int, space: str, post: int) -> tuple[str, bytes]:
        """Its name and content. Raises SpaceError."""
        chosen = sa.select(space_posts.c.sealed_name, space_posts.c.sealed_document).where(
            space_posts.c.id == post, space_posts.c.space == space, space_posts.c.sealed_document.is_not(None)
        )
        with reading(self.engine) as connection:
            self._mine(connection, user, space)
            row = connection.execute(chosen).first()
        if row is None:
            raise SpaceError("none")
        return self._open(row.sealed_name, DOCUMENT), self.vault.open(row.sealed_document, DOCUMENT)

    # Making and inviting ---------------------------------------------------------------------------------------

    def make(self, connection: sa.Connection, name: str, stewards: dict[int, str]) -> str:
        """A new space for these users, by id with their language. Returns its id."""
        now = self.clock()
        space = secrets.token_urlsafe(18)
        connection.execute(sa.insert(spaces).values(id=space, sealed_name=self.vault.seal(name, NAME), made_at=now))
        for user, language in stewards.items():
            self.let_in(connection, space, user, language, steward=True)
        return space

    def let_in(self, connection: sa.Connection, space: str, user: int, language: str, *, steward: bool = False) -> None:
        row = {"space": space, "user": user, "steward": steward, "language": language, "seen_at": EPOCH}
        insert_once(connection, space_members, **row)

    def invite(self, user: int, space: str) -> str:
        """The token of a new invitation: for whoever signs in with it first, for 72 hours. Raises SpaceError."""
        with self.engine.begin() as connection:
            if not self._mine(connection, user, space).steward:
                raise SpaceError("none")
            return invitation(connection, self.vault, space, self.clock())

    def take(self, user: int, token: str, language: str) -> str:
        """Use an invitation up. Returns the space's id; raises SpaceError."""
        c, now = space_invitations.c, self.clock()
        holds = c.token.in_(self.vault.fingerprints(TOKEN, token)), c.used_at.is_(None), c.expires_at > now
        with self.engine.begin() as connection:
            used = sa.update(space_invitations).where(*holds).values(used_at=now).returning(c.space)
            space = connection.scalar(used)
            if space is None:
                raise SpaceError("invitation")
            self.let_in(connection, space, user, language)
        return str(space)

    def leave(self, user: int, space: str) -> None:
        with self.engine.begin() as connection:
            self._mine(connection, user, space)
            own = space_members.c.space == space, space_members.c.user == user
            connection.execute(sa.delete(space_members).where(*own))

    # Saying something ------------------------------------------------------------------------------------------

    def post(self, user: int, space: str, text: str, name: str = "", content: bytes = b"") -> set[str]:
        """Say something, with a document or without. Returns the channels to wake; raises SpaceError."""
        if not text.strip() and not content:
            raise SpaceError("words")
        if len(content) > LARGEST:
            raise SpaceError("large")
        now = self.clock()
        values: dict[str, object] = {"space": space, "user": user, "at": now}
        values["sealed_text"] = self.vault.seal(text.strip()[:LONGEST], POST)
        if content:
            plain = "".join(filter(str.isprintable, name))[-120:]  # as a header can hold it
            values["sealed_name"] = self.vault.seal(plain or "document", DOCUMENT)
            values["sealed_document"] = self.vault.seal(content, DOCUMENT)
        with self.engine.begin() as connection:
            self._mine(connection, user, space)
            connection.execute(sa.insert(space_posts).values(values))
            return self._tell_others(connection, user, space, now)

    def _tell_others(self, connection: sa.Connection, user: int, space: str, now: datetime) -> set[str]:
        """Members who want it are told on their phones that there is something, and nothing of what and where: once in
        an hour, and not before they have looked at what they were told of."""
        members, at = space_members.c, schema.addresses.c
        chosen = (
            sa.select(members.user, members.language, members.told_at, members.seen_at, at.person)
            .join_from(space_members, schema.addresses)
            .where(members.space == space, members.user != user)
            .order_by(members.user)
        )
        woken: set[str] = set()
        for one in connection.execute(chosen).all():
            if one.told_at is not None and (now - one.told_at < TOLD_EVERY or one.seen_at < one.told_at):
                continue
            channel = self.notices.tell(connection, one.person, one.language, Told("space_news", {}), now)
            own = members.space == space, members.user == one.user
            connection.execute(sa.update(space_members).where(*own).values(told_at=now))
            woken |= {channel} if channel else set()
        return woken

    def tell_on(self, user: int, space: str, code: str) -> None:
        """Tell them of news at the address from which LINK was sent, whose code this is. The try counts whatever comes
        of it. Raises SpaceError."""
        now = self.clock()
        with self.engine.begin() as connection:
            self._mine(connection, user, space)
            tried = order_tries.c.user == user, order_tries.c.at > now - timedelta(hours=1)
            if (connection.scalar(sa.select(sa.func.count()).where(*tried)) or 0) >= TRIES:
                raise SpaceError("code")
            connection.execute(sa.insert(order_tries).values(user=user, at=now))
        links, at = schema.links.c, schema.addresses.c
        codes = self.vault.fingerprints("link", re.sub(r"\D", "", normalise(code)))
        reachable = links.address.in_(sa.select(at.id).where(at.kind != "web"))
        use = sa.update(schema.links).where(
            links.code.in_(codes), links.used_at.is_(None), links.expires_at > now, reachable
        )
        with self.engine.begin() as connection:
            self._mine(connection, user, space)
            address = connection.scalar(use.values(used_at=now).returning(links.address))
            if address is None:
                raise SpaceError("code")
            own = space_members.c.space == space, space_members.c.user == user
            connection.execute(sa.update(space_members).where(*own).values(address=address))

    def _mine(self, connection: sa.Connection, user: int, space: str) -> Any:
        """The space's row, with whether they are its steward. Raises SpaceError where it is not theirs, or is none."""
        chosen = (
            sa.select(spaces.c.sealed_name, space_members.c.steward)
            .join_from(space_members, spaces)
            .where(space_members.c.user == user, space_members.c.space == space)
        )
        row = connection.execute(chosen).first()
        if row is None:
            raise SpaceError("none")
        return row

    def _open(self, sealed: bytes, purpose: str) -> str:
        return self.vault.open_text(sealed, purpose)


# On the command line ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A space as an operator with the database knows it: not what it is called, or what is said in it."""

    id: str
    made_at: datetime
    members: int
    last_at: datetime | None


def every(connection: sa.Connection) -> list[Kept]:
    """All of them, the newest first."""
    members = sa.select(sa.func.count()).where(space_members.c.space == spaces.c.id).scalar_subquery()
    last = sa.select(sa.func.max(space_posts.c.at)).where(space_posts.c.space == spaces.c.id).scalar_subquery()
    chosen = sa.select(spaces.c.id, spaces.c.made_at, members, last).where(sa.func.length(spaces.c.sealed_name) > 0)
    return [Kept(*row) for row in connection.execute(chosen.order_by(spaces.c.made_at.desc(), spaces.c.id))]


def invitation(connection: sa.Connection, vault: Vault, space: str, now: datetime) -> str:
    """The token of a new invitation."""
    token = secrets.token_urlsafe(24)
    row = {"space": space, "token": vault.fingerprint(TOKEN, token), "expires_at": now + VALID}
    connection.execute(sa.insert(space_invitations).values(row))
    return token


def close(connection: sa.Connection, space: str) -> None:
    """What was said in it goes, and nobody is in it any more. The row of a coalition's space stays, with no name."""
    for table in (space_posts, space_invitations, space_members):
        connection.execute(sa.delete(table).where(table.c.space == space))
    of_coalition = sa.exists().where(coalitions.c.space == spaces.c.id)
    connection.execute(sa.update(spaces).where(spaces.c.id == space, of_coalition).values(sealed_name=b""))
    connection.execute(sa.delete(spaces).where(spaces.c.id == space, ~of_coalition))
