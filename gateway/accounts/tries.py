"""How often somebody may try to sign in: counted in SQL, so that it holds over all processes.

A try is written down and committed before anything is verified, and counts as failed until it succeeded: however
many come at once, no more than the limit get through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

import sqlalchemy as sa

from gateway.store.schema import sign_in_tries as tries

WINDOW = timedelta(minutes=15)


class TooManyTries(Exception):
    """No further try for now: nothing was verified."""


@dataclass(frozen=True, slots=True)
class Limit:
    most: int
    account: bool
    address: bool


LIMITS = (
    Limit(5, account=True, address=True),
    Limit(30, account=False, address=True),
    # High: who knows a name could keep its owner out from many addresses. The password and the code hold without it.
    Limit(50, account=True, address=False),
)
"""How many failures within the window: of an account from an address, from an address, of an account."""

NEAR = 10
NEAR_WINDOW = timedelta(hours=24)
"""How many wrong codes with the right password: six digits are soon guessed by who knows the rest."""


@dataclass(frozen=True, slots=True)
class Try:
    """`account` and `address` are keyed hashes of the name that was typed and of where it came from."""

    account: bytes
    address: bytes
    id: int = 0


def begin(engine: sa.Engine, account: bytes, address: bytes, now: datetime) -> Try:
    """Write down a try. Raises TooManyTries; a try that is refused so is not counted, and lengthens nothing."""
    asked = Try(account, address)
    with engine.begin() as connection:
        if not _within_limits(connection, asked, now, own=1):
            raise TooManyTries
        row = {"account": account, "address": address, "at": now}
        begun = Try(account, address, connection.scalar(sa.insert(tries).returning(tries.c.id), row) or 0)
    with engine.begin() as connection:
        if _within_limits(connection, begun, now, own=0):
            return begun
        connection.execute(sa.delete(tries).where(tries.c.id == begun.id))
    raise TooManyTries


def failed(connection: sa.Connection, own: Try, *, near: bool) -> None:
    """The try stays counted; `near` where the password was right."""
    if near:
        connection.execute(sa.update(tries).where(tries.c.id == own.id).values(near=True))


def succeeded(connection: sa.Connection, own: Try) -> None:
    """Earlier failures of this account from this address are forgiven, and those of others are not."""
    connection.execute(sa.delete(tries).where(tries.c.account == own.account, tries.c.address == own.address))


def too_near(connection: sa.Connection, own: Try, now: datetime) -> bool:
    """Whether an account's codes are being guessed. The caller holds the user's row: one guess at a time."""
    query = sa.select(sa.func.count()).where(
        tries.c.account == own.account, tries.c.near, tries.c.at > now - NEAR_WINDOW
    )
    return int(connection.scalar(query) or 0) >= NEAR


def place(address: str) -> str:
    """What counts as one address: of IPv6 the 64 bits that a provider gives to one customer."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def _within_limits(connection: sa.Connection, asked: Try, now: datetime, *, own: int) -> bool:
    """Whether there are no more tries than allowed; `own` is 1 where the one that is asked about is not among them."""
    for limit in LIMITS:
        query = sa.select(sa.func.count()).select_from(tries).where(tries.c.at > now - WINDOW)
        if limit.account:
            query = query.where(tries.c.account == asked.account)
        if limit.address:
            query = query.where(tries.c.address == asked.address)
        if int(connection.scalar(query) or 0) + own > limit.most:
            return False
    return True
