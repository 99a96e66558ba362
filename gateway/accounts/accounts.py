"""Signing in and what a user does with their own account. Each method is a transaction of its own.

A password is hashed or verified outside of every transaction: it takes a fifth of a second, and SQLite has one writer.
Whatever was wrong with a sign-in, the answer is the same, and takes as long: `Refused`.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa

from gateway.accounts import codes, sessions, tries, users
from gateway.accounts.passwords import Passwords, Weakness, weakness
from gateway.accounts.roles import Signed
from gateway.accounts.sessions import Ends
from gateway.settings import Settings
from gateway.store import audit, schema
from gateway.store.database import reading
from gateway.store.keys import SealError, Vault

TOTP = "totp"
"""What an authenticator's secret is sealed for."""


class Refused(Exception):
    """Name, password or code is not right, or the account is disabled or rests: which, is not said."""


class Gone(Exception):
    """An invitation that was used, is too old, or never was."""


class Weak(Exception):
    """A password that can't be one; why is `args[0]`, a Weakness."""

    def __init__(self, why: Weakness) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret for an authenticator. `sealed` goes over the page and comes back; the server keeps nothing of it."""

    secret: str
    address: str
    sealed: str


@dataclass(frozen=True, slots=True)
class _User:
    """Somebody who has taken an invitation and is not disabled."""

    id: int
    name: str
    password: str
    sealed_totp: bytes
    totp_step: int


_known = schema.users.c
_users = sa.select(_known.id, _known.name, _known.password, _known.sealed_totp, _known.totp_step).where(
    _known.password.is_not(None), _known.disabled_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Accounts:
    """`issuer` is the name under which an authenticator shows the account."""

    engine: sa.Engine
    vault: Vault
    clock: Callable[[], datetime]
    ends: Ends
    issuer: str
    passwords: Passwords

    # Signing in and out ---------------------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, code: str, address: str) -> str:
        """The token of a new session. Raises Refused or TooManyTries."""
        name, now = name.strip().lower()[:64], self.clock()
        own = tries.begin(self.engine, *self._traces(name, address), now)
        user = self._user(schema.users.c.name == name)
        right = self.passwords.right(user.password if user else None, password)
        renewed = self._renewed(user.password, password) if user and right else None
        with self.engine.begin() as connection:
            token = ""
            if user and right and self._code(connection, user, code, own, now):
                tries.succeeded(connection, own)
                if renewed:
                    self._change(connection, user.id, password=renewed)
                token = sessions.start(connection, self.vault, user.id, self.ends, now)
            else:
                tries.failed(connection, own, near=right)
            who = user.name if user else "unknown"  # a name that nobody has is not written down
            audit.note(connection, who, "sign in" if token else "sign-in refused", _trace(own), now)
        if not token:
            raise Refused
        return token

    def signed(self, token: str) -> Signed | None:
        """Who has this session, if it goes on."""
        return sessions.signed(self.engine, self.vault, token, self.ends, self.clock()) if token else None

    def sessions(self, signed: Signed) -> Sequence[sessions.Shown]:
        return sessions.of(self.engine, signed.user, self.ends, self.clock(), signed.session)

    def sign_out(self, signed: Signed, session: int | None = None) -> None:
        """End this session, or another one of the same user."""
        with self.engine.begin() as connection:
            if sessions.end(connection, signed.user, signed.session if session is None else session):
                audit.note(connection, signed.name, "sign out", "", self.clock())

    def sign_out_everywhere(self, signed: Signed) -> None:
        with self.engine.begin() as connection:
            ended = sessions.end(connection, signed.user)
            audit.note(connection, signed.name, "sign out everywhere", str(ended), self.clock())

    # Invitations ----------------------------------------------------------------------------------------------------

    def invited(self, token: str) -> users.Invited:
        """Whom this invitation is for. Raises Gone."""
        found = users.invited(self.engine, self.vault, token, self.clock())
        if found is None:
            raise Gone
        return found

    def enrol(self, token: str, password: str, sealed: str, code: str) -> tuple[str, tuple[str, ...]]:
        """Take an invitation: the token of a session, and recovery codes that are shown this once.

        Raises Gone, Weak, or Refused where the code does not come from the authenticator that was offered.
        """
        invited, now = self.invited(token), self.clock()
        _check(password, invited.name)
        step, secret = self._taken(sealed, invited.name, code, now)
        hashed = self.passwords.hashed(password)
        with self.engine.begin() as connection:
            if not users.take(connection, invited.id, now):
                raise Gone
            totp = self.vault.seal(secret, TOTP)
            self._change(connection, invited.user, password=hashed, sealed_totp=totp, totp_step=step)
            sessions.end(connection, invited.user)
            fresh = self._new_codes(connection, invited.user)
            audit.note(connection, invited.name, "take invitation", "", now)
            return sessions.start(connection, self.vault, invited.user, self.ends, now), fresh

    # One's own account ----------------------------------------------------------------------------------------------

    def change_password(self, signed: Signed, password: str, new: str, address: str) -> str:
        """Every session ends, and a new one starts: its token. Raises Weak, Refused or TooManyTries."""
        _check(new, signed.name)
        own, now = self._prove(signed, password, address), self.clock()
        hashed = self.passwords.hashed(new)
        with self.engine.begin() as connection:
            tries.succeeded(connection, own)
            self._change(connection, signed.user, password=hashed)
            sessions.end(connection, signed.user)
            audit.note(connection, signed.name, "change password", "", now)
            return sessions.start(connection, self.vault, signed.user, self.ends, now)

    def change_authenticator(self, signed: Signed, password: str, sealed: str, code: str, address: str) -> str:
        """Another phone, for instance. Sessions end and start as above. Raises Refused or TooManyTries."""
        own, now = self._prove(signed, password, address), self.clock()
        step, secret = self._taken(sealed, signed.name, code, now)
        with self.engine.begin() as connection:
            tries.succeeded(connection, own)
            self._change(connection, signed.user, sealed_totp=self.vault.seal(secret, TOTP), totp_step=step)
            sessions.end(connection, signed.user)
            audit.note(connection, signed.name, "change authenticator", "", now)
            return sessions.start(connection, self.vault, signed.user, self.ends, now)

    def new_recovery_codes(self, signed: Signed, password: str, address: str) -> tuple[str, ...]:
        """The ones before them count no more. Raises Refused or TooManyTries."""
        own = self._prove(signed, password, address)
        with self.engine.begin() as connection:
            tries.succeeded(connection, own)
            audit.note(connection, signed.name, "new recovery codes", "", self.clock())
            return self._new_codes(connection, signed.user)

    def recovery_codes_left(self, signed: Signed) -> int:
        known = schema.recovery_codes.c
        query = sa.select(sa.func.count()).where(known.user == signed.user, known.used_at.is_(None))
        with reading(self.engine) as connection:
            return int(connection.scalar(query) or 0)

    def offer(self, name: str, sealed: str = "") -> Offer:
        """A fresh secret for this user's authenticator, or the one that was offered before. Raises Refused."""
        secret = self._offered(sealed, name) if sealed else codes.new_secret()
        sealed = sealed or urlsafe_b64encode(self.vault.seal(secret, f"offer to {name}")).decode()
        return Offer(secret, codes.address(secret, name, self.issuer), sealed)

    def note(self, signed: Signed, what: str, subject: str) -> None:
        """Write into the audit log what somebody saw or took out."""
        with self.engine.begin() as connection:
            audit.note(connection, signed.name, what, subject, self.clock())

    # ----------------------------------------------------------------------------------------------------------------

    def _prove(self, signed: Signed, password: str, address: str) -> tries.Try:
        """That it is still the user who sits there. Raises Refused or TooManyTries."""
        own = tries.begin(self.engine, *self._traces(signed.name, address), self.clock())
        user = self._user(schema.users.c.id == signed.user)
        if not self.passwords.right(user.password if user else None, password):
            with self.engine.begin() as connection:
                audit.note(connection, signed.name, "password refused", _trace(own), self.clock())
            raise Refused
        return own

    def _user(self, which: sa.ColumnElement[bool]) -> _User | None:
        with reading(self.engine) as connection:
            row = connection.execute(_users.where(which)).first()
        return _User(*row) if row else None

    def _code(self, connection: sa.Connection, user: _User, code: str, own: tries.Try, now: datetime) -> bool:
        """Whether the code is the authenticator's, or a recovery code; either counts once.

        False too where the password has changed since, or codes of this account are being guessed. Holds the user's
        row: two guesses come one after the other.
        """
        row = connection.execute(_users.where(schema.users.c.id == user.id).with_for_update()).first()
        if row is None or row.password != user.password or tries.too_near(connection, own, now):
            return False
        given = codes.typed(code)
        step = codes.step(self.vault.open_text(row.sealed_totp, TOTP), given, now.timestamp(), row.totp_step)
        if step is not None:
            self._change(connection, user.id, totp_step=step)
            return True
        known = schema.recovery_codes.c
        of_user = self.vault.fingerprints("recovery code", f"{user.id}/{given}")
        used = sa.update(schema.recovery_codes).where(known.code.in_(of_user), known.used_at.is_(None))
        return connection.execute(used.values(used_at=now)).rowcount == 1

    def _new_codes(self, connection: sa.Connection, user: int) -> tuple[str, ...]:
        fresh = codes.new_recovery_codes()
        connection.execute(sa.delete(schema.recovery_codes).where(schema.recovery_codes.c.user == user))
        rows = [
            {"user": user, "code": self.vault.fingerprint("recovery code", f"{user}/{codes.typed(code)}")}
            for code in fresh
        ]
        connection.execute(sa.insert(schema.recovery_codes), rows)
        return fresh

    def _offered(self, sealed: str, name: str) -> str:
        try:
            return self.vault.open_text(urlsafe_b64decode(sealed.encode()), f"offer to {name}")
        except (SealError, ValueError):
            raise Refused from None

    def _taken(self, sealed: str, name: str, code: str, now: datetime) -> tuple[int, str]:
        """The step of the code, and the secret that was offered. Raises Refused."""
        secret = self._offered(sealed, name)
        step = codes.step(secret, codes.typed(code), now.timestamp(), after=0)
        if step is None:
            raise Refused
        return step, secret

    def _change(self, connection: sa.Connection, user: int, **values: object) -> None:
        connection.execute(sa.update(schema.users).where(schema.users.c.id == user).values(**values))

    def _renewed(self, hashed: str, password: str) -> str | None:
        return self.passwords.hashed(password) if self.passwords.outdated(hashed) else None

    def _traces(self, name: str, address: str) -> tuple[bytes, bytes]:
        """Keyed hashes of who it is said to be and of where they are."""
        fingerprint = self.vault.fingerprint
        return fingerprint("sign-in name", name), fingerprint("sign-in address", tries.place(address))


def open_accounts(settings: Settings, engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]) -> Accounts:
    """The accounts of this gateway. An authenticator shows them under its public host."""
    ends = Ends(timedelta(minutes=settings.signing_in.idle_minutes), timedelta(hours=settings.signing_in.hours))
    host = urlsplit(settings.public_base_url).hostname or "baraza"
    return Accounts(engine, vault, clock, ends, host, Passwords())


def _trace(own: tries.Try) -> str:
    """Tells two addresses apart in the audit log without saying which they are."""
    return f"from {own.address[-4:].hex()}"


def _check(password: str, name: str) -> None:
    if why := weakness(password, name):
        raise Weak(why)
