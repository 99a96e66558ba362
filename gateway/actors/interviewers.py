"""From which addresses a user runs interview guides: a number or a chat that an operator names, the web form of whoever
is signed in, and what they link to it with LINK."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.store import audit, ids, schema
from gateway.store.guide_tables import interviewers
from gateway.store.keys import Vault
from gateway.store.results_tables import order_tries
from surveys.match import normalise


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who runs guides, and the kinds of the addresses they do it from."""

    user: str
    kinds: tuple[str, ...]


def reach(
    connection: sa.Connection, vault: Vault, user: str, kind: str, address: str, channel: str, now: datetime
) -> int:
    """From this address that user runs guides from now on. Returns the person behind it, made where nobody is."""
    people, addresses = schema.people, schema.addresses
    known = sa.select(addresses.c.person).where(addresses.c.hmac.in_(vault.fingerprints(kind, address)))
    person = connection.scalar(known)
    if person is None:
        person = ids.pseudonym()
        row = {"id": person, "language": "", "stopped": False, "created_at": now, "seen_at": now}
        connection.execute(sa.insert(people), row)
        where = {
            "id": ids.rising(),
            "person": person,
            "kind": kind,
            "hmac": vault.fingerprint(kind, address),
            "sealed_address": vault.seal(address, "address"),
            "channel": channel,
        }
        connection.execute(sa.insert(addresses), where)
    _give(connection, person, user, now)
    return int(person)


def _give(connection: sa.Connection, person: int, user: str, now: datetime) -> None:
    held = connection.scalar(sa.select(interviewers.c.user).where(interviewers.c.person == person))
    if held != user:
        connection.execute(sa.delete(interviewers).where(interviewers.c.person == person))
        connection.execute(sa.insert(interviewers), {"person": person, "user": user, "since": now})


def leave(connection: sa.Connection, user: str) -> int:
    """From no address any more. Returns how many persons that were."""
    return connection.execute(sa.delete(interviewers).where(interviewers.c.user == user)).rowcount


def reached(connection: sa.Connection) -> Sequence[Reached]:
    addresses = schema.addresses.c
    query = (
        sa.select(interviewers.c.user, addresses.kind)
        .join_from(interviewers, schema.addresses, addresses.person == interviewers.c.person)
        .distinct()
        .order_by(interviewers.c.user, addresses.kind)
    )
    found: dict[str, list[str]] = {}
    for user, kind in connection.execute(query):
        found.setdefault(user, []).append(kind)
    return [Reached(user, tuple(kinds)) for user, kinds in found.items()]


def callers(connection: sa.Connection, vault: Vault) -> list[tuple[str, str]]:
    """The users who hold interviews from a number, each with the first of theirs: for simulated phones alone."""
    addresses = schema.addresses.c
    query = (
        sa.select(interviewers.c.user, addresses.sealed_address)
        .join_from(interviewers, schema.addresses, addresses.person == interviewers.c.person)
        .where(addresses.kind == "tel")
        .order_by(interviewers.c.user, addresses.id.desc())
    )
    return sorted({user: vault.open_text(sealed, "address") for user, sealed in connection.execute(query)}.items())


class LinkError(ValueError):
    """Nothing was linked. Its text says why: "code" or "tries"."""


TRIES = 5
"""So many codes may a user enter in an hour, here and where digests are ordered."""


def link(engine: sa.Engine, vault: Vault, user: int, name: str, code: str, now: datetime) -> None:
    """Let this user run guides from where LINK was sent. The code is used up, and the try counts whatever comes of it.
    Raises LinkError."""
    recent = sa.select(sa.func.count()).where(order_tries.c.user == user, order_tries.c.at > now - timedelta(hours=1))
    with engine.begin() as connection:
        connection.execute(sa.select(schema.users.c.id).where(schema.users.c.id == user).with_for_update())
        if (connection.scalar(recent) or 0) >= TRIES:
            raise LinkError("tries")
        connection.execute(sa.insert(order_tries).values(user=user, at=now))
    links = schema.links.c
    codes = vault.fingerprints("link", re.sub(r"\D", "", normalise(code)))
    use = sa.update(schema.links).where(links.code.in_(codes), links.used_at.is_(None), links.expires_at > now)
    with engine.begin() as connection:
        person = connection.scalar(use.values(used_at=now).returning(links.person))
        if person is None:
            raise LinkError("code")
        _give(connection, person, name, now)
        audit.note(connection, name, "hold interviews from an address", str(person), now)
