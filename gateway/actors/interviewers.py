"""From which addresses a user runs interview guides: a number or a chat that an operator names, the web form of whoever
is signed in, and what they link to it with LINK."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store import ids, schema
from gateway.store.guide_tables import interviewers
from gateway.store.keys import Vault


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
    held = connection.scalar(sa.select(interviewers.c.user).where(interviewers.c.person == person))
    if held != user:
        connection.execute(sa.delete(interviewers).where(interviewers.c.person == person))
        connection.execute(sa.insert(interviewers), {"person": person, "user": user, "since": now})
    return int(person)


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
