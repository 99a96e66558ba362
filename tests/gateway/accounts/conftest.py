"""Accounts over a migrated database of either kind, with cheap hashes, and an authenticator for each user."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from gateway.accounts import users
from gateway.accounts.accounts import Accounts
from gateway.accounts.passwords import Passwords
from gateway.accounts.roles import Grant, Role
from gateway.accounts.sessions import Ends
from gateway.store import schema
from gateway.store.keys import Vault
from tests.conftest import Clock

PASSWORD = "seven small boats"
ADDRESS = "192.0.2.7"


class Counting(Passwords):
    """Cheap, and counts how often it was made to compare."""

    def __init__(self) -> None:
        self.compared = 0
        super().__init__(rounds=1, memory=8)

    def right(self, hashed: str | None, password: str) -> bool:
        self.compared += 1
        return super().right(hashed, password)


@dataclass
class Member:
    """Somebody with an account, a password in mind and a phone in hand."""

    name: str
    accounts: Accounts
    clock: Clock
    password: str = PASSWORD
    secret: str = ""
    session: str = ""
    recovery: tuple[str, ...] = field(default=())

    def code(self) -> str:
        """The authenticator's, of a step that was not used yet."""
        self.clock.advance(seconds=60)
        return pyotp.TOTP(self.secret).at(self.clock())

    def invited(self) -> str:
        with self.accounts.engine.begin() as connection:
            return users.invite(connection, self.accounts.vault, self.name, "tests", self.clock())

    def enrol(self, token: str) -> None:
        offer = self.accounts.offer(self.name)
        self.secret = offer.secret
        self.session, self.recovery = self.accounts.enrol(token, self.password, offer.sealed, self.code())

    def sign_in(self, password: str = "", code: str = "", address: str = ADDRESS) -> str:
        return self.accounts.sign_in(self.name, password or self.password, code or self.code(), address)


@pytest.fixture
def accounts(engine: sa.Engine, vault: Vault, clock: Clock) -> Accounts:
    ends = Ends(timedelta(minutes=30), timedelta(hours=10))
    return Accounts(engine, vault, clock, ends, "polls.example.org", Counting())


@pytest.fixture
def amina(accounts: Accounts, clock: Clock) -> Member:
    """A focal point for one survey, who has taken her invitation."""
    return member(accounts, clock, "amina", Grant(Role.FOCAL_POINT, "displaced"))


def member(accounts: Accounts, clock: Clock, name: str, *grants: Grant) -> Member:
    with accounts.engine.begin() as connection:
        users.add(connection, name, grants, "tests", clock())
    made = Member(name, accounts, clock)
    made.enrol(made.invited())
    return made


def audited(accounts: Accounts) -> list[tuple[str, str]]:
    """Who did what, in order."""
    query = sa.select(schema.audit.c.who, schema.audit.c.what).order_by(schema.audit.c.id)
    with accounts.engine.connect() as connection:
        return [(row.who, row.what) for row in connection.execute(query)]
