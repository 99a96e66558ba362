"""Forgetting somebody: their own words go from every table, and their address is found no more. Counts stay,
and a mark by which no list brings them back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from channels.adapter import Status
from gateway.store import (
    campaign_tables,
    coordination_tables,
    group_tables,
    leaving,
    many,
    moderation_tables,
    quote_tables,
    schema,
)
from gateway.store.database import insert_ignoring
from gateway.store.delivery_tables import FORGOTTEN
from gateway.store.keys import Vault


def erase(connection: sa.Connection, vault: Vault, person: int, now: datetime) -> list[int]:
    """Returns their addresses. Those themselves are still there, so that a farewell can be sent: see `farewell`."""
    of_person = {"of": person}
    leaving.forgotten(connection, person, now)
    for statement in _STATEMENTS:
        connection.execute(statement, of_person)
    connection.execute(_WAITING, of_person | {"now": now})
    connection.execute(_STATES, of_person | {"emptied": vault.seal("", "conversation")})
    addresses = connection.execute(_ADDRESSES, of_person).all()
    for row in addresses:
        if row.sealed_address:  # not where they were forgotten before
            address = vault.open_text(row.sealed_address, "address")
            mark = {"hmac": vault.fingerprint(PURPOSE, _named(row.kind, address))}
            connection.execute(insert_ignoring(connection.dialect.name, schema.forgotten), mark)
        connection.execute(_UNFIND, {"row": row.id, "nothing": secrets.token_bytes(34)})
    return [row.id for row in addresses]


def marks(vault: Vault, kind: str, address: str) -> tuple[bytes, ...]:
    """What `forgotten` may have of this address: under every HMAC key."""
    return vault.fingerprints(PURPOSE, _named(kind, address))


def return_by_themselves(connection: sa.Connection, some: Iterable[bytes]) -> None:
    """Those of these marks wrote again, and may be written to."""
    many.delete(connection, schema.forgotten, "hmac", some)


def _named(kind: str, address: str) -> str:
    return f"{kind}\0{address}"


def farewell(connection: sa.Connection, address: int) -> None:
    """The address itself goes."""
    connection.execute(sa.update(schema.addresses).where(schema.addresses.c.id == address).values(sealed_address=b""))


PURPOSE = "forgotten"
_PERSON: sa.BindParameter[int] = sa.bindparam("of")
_ADDRESSES = sa.select(schema.addresses.c.id, schema.addresses.c.kind, schema.addresses.c.sealed_address).where(
    schema.addresses.c.person == _PERSON
)
_UNFIND = (
    sa.update(schema.addresses).where(schema.addresses.c.id == sa.bindparam("row")).values(hmac=sa.bindparam("nothing"))
)
_CONVERSATIONS = sa.select(schema.conversations.c.id).where(schema.conversations.c.person == _PERSON)
_ANSWERS = (
    sa.update(schema.answers)
    .where(schema.answers.c.conversation.in_(_CONVERSATIONS), schema.answers.c.sealed_text.is_not(None))
    .values(sealed_text=None)
)
_INBOUNDS = (
    sa.update(schema.inbounds)
    .where(schema.inbounds.c.address.in_(sa.select(schema.addresses.c.id).where(schema.addresses.c.person == _PERSON)))
    .values(sealed_content=None, error=None)
)
_INTERVIEWS = (
    sa.update(schema.interviews)
    .where(schema.interviews.c.conversation.in_(_CONVERSATIONS))
    .values(sealed_interview=None)
)
_STATES = (
    sa.update(schema.conversations)
    .where(schema.conversations.c.person == _PERSON)
    .values(sealed_state=sa.bindparam("emptied"))
)
_WAITING = (
    sa.update(schema.outbox)
    .where(
        schema.outbox.c.person == _PERSON,
        schema.outbox.c.status < sa.literal_column("2"),
        schema.outbox.c.status == sa.literal_column(str(Status.QUEUED.value)),
    )
    .values(status=Status.FAILED.value, error=FORGOTTEN, sealed_reply=b"", updated_at=sa.bindparam("now"))
)
_SESSIONS = sa.delete(schema.ussd_sessions).where(schema.ussd_sessions.c.person == _PERSON)
_LINKS = sa.delete(schema.links).where(schema.links.c.person == _PERSON)
_PROFILE = sa.delete(schema.profiles).where(schema.profiles.c.person == _PERSON)
_GROUPS = sa.delete(schema.memberships).where(schema.memberships.c.person == _PERSON)
_INTERVIEWER = sa.delete(schema.interviewers).where(schema.interviewers.c.person == _PERSON)
_CELLS = sa.update(schema.recipients).where(schema.recipients.c.person == _PERSON).values(cell="")
# Those that others were shown too: they are shown no more, and their votes stay.
_OWN_STATEMENTS = (
    sa.update(schema.statements)
    .where(schema.statements.c.person == _PERSON)
    .values(sealed_text=None, texts=None, status="withdrawn")
)
_STATEMENTS = (
    *(_ANSWERS, _INBOUNDS, _INTERVIEWS, _SESSIONS, _LINKS, _PROFILE, _GROUPS, _INTERVIEWER, _CELLS, _OWN_STATEMENTS),
    *moderation_tables.FORGETTING,
    *quote_tables.FORGETTING,
    *coordination_tables.FORGETTING,
    *group_tables.FORGETTING,
    *campaign_tables.FORGETTING,
)
