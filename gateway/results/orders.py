"""Who gets a poll's digests, how often, in which language, and where: an order of a user's own.

By mail, or to the phone or chat from which they sent LINK: the code that they got there proves that the address is
theirs, and nobody types or sees a number. Who enters codes gets few tries: one that hits would send digests to a
stranger. An order lives as long as its user may read the poll's results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.store import audit, schema
from gateway.store.keys import Vault
from gateway.store.results_tables import order_tries as tries
from gateway.store.results_tables import orders
from surveys.match import normalise

EVERY = ("release", "daily", "weekly", "closing")
"""When: with each release; after a day or a week, with a release made for it; once, when the poll has closed."""

PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}

READERS = ("mediator", "focal-point", "operator")

MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
TRIES = 5
"""How many codes a user may enter in an hour, right ones too: those are had for the asking."""

SEALED = "mail"
"""What an address is sealed for."""


class OrderError(ValueError):
    """There can be no such order. Its text is why: "every", "mail", "code" (unknown, used, or too old), or "tries"."""


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
    engine: sa.Engine, vault: Vault, user: int, survey: str, every: str, language: str, mail: str, now: datetime
) -> None:
    """Raises OrderError."""
    if len(mail) > 254 or not MAIL.fullmatch(mail):
        raise OrderError("mail")
    with engine.begin() as connection:
        _place(connection, user, survey, every, language, now, sealed_mail=vault.seal(mail, SEALED))


def by_code(
    engine: sa.Engine, vault: Vault, user: int, survey: str, every: str, language: str, code: str, now: datetime
) -> None:
    """To where LINK was sent from. The code is used up. Raises OrderError; the try counts all the same."""
    _try(engine, user, now)
    links, at = schema.links.c, schema.addresses.c
    codes = vault.fingerprints("link", re.sub(r"\D", "", normalise(code)))
    reachable = links.address.in_(sa.select(at.id).where(at.kind != "web"))
    use = sa.update(schema.links).where(
        links.code.in_(codes), links.used_at.is_(None), links.expires_at > now, reachable
    )
    with engine.begin() as connection:
        address = connection.scalar(use.values(used_at=now).returning(links.address))
        if address is None:
            raise OrderError("code")
        _place(connection, user, survey, every, language, now, address=address)


def _try(engine: sa.Engine, user: int, now: datetime) -> None:
    """Write down a try, in a transaction of its own. Holds the user's row: those that come at once are counted."""
    recent = sa.select(sa.func.count()).where(tries.c.user == user, tries.c.at > now - timedelta(hours=1))
    with engine.begin() as connection:
        connection.execute(sa.select(schema.users.c.id).where(schema.users.c.id == user).with_for_update())
        if (connection.scalar(recent) or 0) >= TRIES:
            raise OrderError("tries")
        connection.execute(sa.insert(tries).values(user=user, at=now))


def cancel(connection: sa.Connection, user: int, row: int, now: datetime) -> bool:
    """Take back an order of this user; False where there is none such."""
    done = connection.execute(sa.delete(orders).where(orders.c.id == row, orders.c.user == user)).rowcount == 1
    if done:
        audit.note(connection, str(user), "digest order cancelled", str(row), now)
    return done


def standing(
    connection: sa.Connection, survey: str = "", user: int | None = None, roles: Sequence[str] = READERS
) -> Iterator[Order]:
    """The orders of users who may still read this poll's results: not disabled, and with a grant of these roles."""
    users, grants, addresses = schema.users, schema.grants, schema.addresses
    granted = sa.exists().where(
        grants.c.user == orders.c.user,
        grants.c.role.in_(roles),
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
