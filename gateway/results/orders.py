"""Who gets a poll's digests, how often, in which language, and where: an order of a user's own.

By mail, or over the channel on which they sent LINK: the code that they got there proves that the address is theirs,
and nobody types or sees a number. An order lives as long as its user may read the poll's results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.store import audit, schema
from gateway.store.keys import Vault
from gateway.store.results_tables import orders

EVERY = ("release", "daily", "weekly", "closing")
"""When: with each release; after a day or a week, with a release made for it; once, when the poll has closed."""

PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}

READERS = ("mediator", "focal-point", "operator")

MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
SEALED = "mail"
"""What an address is sealed for."""


class OrderError(ValueError):
    """There can be no such order. Its text is why: "every", "mail", or "code" (unknown, used, or too old)."""


@dataclass(frozen=True, slots=True)
class Order:
    """`channel` is "" for one by mail; `address` is the vault's row then 0."""

    id: int
    user: int
    survey: str
    every: str
    language: str
    address: int
    channel: str
    made_at: datetime


def by_mail(
    connection: sa.Connection, vault: Vault, user: int, survey: str, every: str, language: str, mail: str, now: datetime
) -> None:
    """Raises OrderError."""
    if len(mail) > 254 or not MAIL.fullmatch(mail):
        raise OrderError("mail")
    _place(connection, user, survey, every, language, now, sealed_mail=vault.seal(mail, SEALED))


def by_code(
    connection: sa.Connection, vault: Vault, user: int, survey: str, every: str, language: str, code: str, now: datetime
) -> None:
    """To where the sender of LINK was heard last. The code is used up. Raises OrderError."""
    table = schema.links
    digits = re.sub(r"\D", "", code)
    found = connection.execute(
        sa.select(table.c.id, table.c.person).where(
            table.c.code.in_(vault.fingerprints("link", digits)), table.c.used_at.is_(None), table.c.expires_at > now
        )
    ).first()
    if found is None:
        raise OrderError("code")
    at = schema.addresses.c
    address = connection.scalar(sa.select(at.id).where(at.person == found.person, at.kind != "web").order_by(at.id))
    if address is None:
        raise OrderError("code")
    connection.execute(sa.update(table).where(table.c.id == found.id).values(used_at=now))
    _place(connection, user, survey, every, language, now, address=address)


def cancel(connection: sa.Connection, user: int, row: int, now: datetime) -> bool:
    """Take back an order of this user; False where there is none such."""
    done = connection.execute(sa.delete(orders).where(orders.c.id == row, orders.c.user == user)).rowcount == 1
    if done:
        audit.note(connection, str(user), "digest order cancelled", str(row), now)
    return done


def standing(connection: sa.Connection, survey: str = "", user: int | None = None) -> Iterator[Order]:
    """The orders of users who may still read this poll's results: not disabled, and with a grant for it."""
    users, grants, addresses = schema.users, schema.grants, schema.addresses
    granted = sa.exists().where(
        grants.c.user == orders.c.user,
        grants.c.role.in_(READERS),
        grants.c.survey.in_((orders.c.survey, "")),
    )
    chosen = (
        sa.select(
            orders.c.id,
            orders.c.user,
            orders.c.survey,
            orders.c.every,
            orders.c.language,
            sa.func.coalesce(orders.c.address, 0),
            sa.func.coalesce(addresses.c.channel, ""),
            orders.c.made_at,
        )
        .select_from(orders.join(users).outerjoin(addresses))
        .where(users.c.disabled_at.is_(None), granted)
        .order_by(orders.c.id)
    )
    if survey:
        chosen = chosen.where(orders.c.survey == survey)
    if user is not None:
        chosen = chosen.where(orders.c.user == user)
    return (Order(*row) for row in connection.execute(chosen))


def _place(
    connection: sa.Connection, user: int, survey: str, every: str, language: str, now: datetime, **where: object
) -> None:
    if every not in EVERY:
        raise OrderError("every")
    values = {"user": user, "survey": survey, "every": every, "language": language, "made_at": now, **where}
    connection.execute(sa.insert(orders).values(values))
    audit.note(connection, str(user), "digest ordered", survey, now)
