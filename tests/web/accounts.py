"""Users for the tests of pages: with an account that costs little to make, or with a session and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

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
    """An authenticator that never shows the same code twice: a gateway's clock runs on its own."""

    secret: str
    steps: int = field(default=-1)

    def code(self, assembly: Assembly) -> str:
        """Of the steps that are taken now, the first that was not shown yet."""
        now = assembly.accounts.clock()
        codes = pyotp.TOTP(self.secret)
        first = codes.timecode(now) - 1
        self.steps = max(self.steps + 1, first)
        assert self.steps <= codes.timecode(now + timedelta(0)) + 1, "all codes of this minute are used up"
        return codes.generate_otp(self.steps)
