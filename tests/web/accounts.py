"""Users for the tests of pages: with an account that costs little to make, or with a session and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from gateway.accounts import sessions, users
from gateway.accounts.passwords import Passwords
from gateway.accounts.roles import Grant, Role
from gateway.assembly import Assembly
from gateway.store import schema

PASSWORD = "seven small boats"
COOKIE = "baraza-session"


def cheap(assembly: Assembly) -> Assembly:
    """With passwords that are hashed at once."""
    return replace(assembly, accounts=replace(assembly.accounts, passwords=Passwords(rounds=1, memory=8)))


def someone(assembly: Assembly, name: str, *grants: Grant) -> str:
    """A session of a new user who holds these grants."""
    accounts = assembly.accounts
    now = accounts.clock()
    with accounts.engine.begin() as connection:
        users.add(connection, name, grants, "tests", now)
        user = connection.scalar(schema.users.select().where(schema.users.c.name == name)) or 0
        return sessions.start(connection, accounts.vault, user, accounts.ends, now)


def client_of(app: Flask, session: str = "") -> FlaskClient:
    client = app.test_client()
    if session:
        client.set_cookie(COOKIE, session)
    return client


def invited(assembly: Assembly, name: str, *grants: Grant) -> str:
    """The path of an invitation for a new user."""
    accounts = assembly.accounts
    with accounts.engine.begin() as connection:
        users.add(connection, name, grants or [Grant(Role.MEDIATOR)], "tests", accounts.clock())
        return f"/invitation/{users.invite(connection, accounts.vault, name, 'tests', accounts.clock())}"


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "no token in the form"
    return found[1]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"no {name} in the form"
    return found[1]


@dataclass
class Phone:
    """An authenticator that never shows the same code twice: two are at hand in any half minute."""

    secret: str
    steps: int = field(default=-1)

    def code(self, assembly: Assembly) -> str:
        """This step's code, or the next one's; never the last one's, which ends while a page is filled in."""
        codes = pyotp.TOTP(self.secret)
        now = codes.timecode(assembly.accounts.clock())
        self.steps = max(self.steps + 1, now)
        assert self.steps <= now + 1, "all codes of this minute are used up"
        return codes.generate_otp(self.steps)
