"""Passwords: argon2id, and what is too weak to be one."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from base64 import b64encode
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 128
DIFFERENT = 5
"""How many different characters a password has at least."""
AT_ONCE = 2
"""Hashes computed at a time in one process: each takes the memory below, and a core."""


class Weakness(StrEnum):
    SHORT = "short"
    LONG = "long"
    NAME = "name"
    PLAIN = "plain"
    UNLIKE = "unlike"
    """It was typed otherwise the second time."""


class Passwords:
    """Hashes and verifies. The parameters lie in each hash: who signs in after they were changed is hashed anew."""

    def __init__(self, rounds: int = 3, memory: int = 64 * 1024) -> None:
        """`rounds` over `memory` KiB, in one thread: RFC 9106's second choice, for machines without much memory."""
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory, parallelism=1)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        # As long to verify as any, and no password's: the salt and the digest are drawn.
        self._nobodys = f"$argon2id$v=19$m={memory},t={rounds},p=1${_drawn(16)}${_drawn(32)}"

    def hashed(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(_same(password))

    def right(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password. Without a hash it is not, and to find that out takes as long."""
        if len(password) > LONGEST:
            password = ""
        with self._turns:
            try:
                self._hasher.verify(hashed or self._nobodys, _same(password))
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether it was made with other parameters than these."""
        return self._hasher.check_needs_rehash(hashed)


def weakness(password: str, name: str) -> Weakness | None:
    """Why this can't be the password of this account, or None where it can."""
    same = _same(password)
    if len(password) > LONGEST:
        return Weakness.LONG
    if len(same) < SHORTEST:
        return Weakness.SHORT
    if name in same.casefold():
        return Weakness.NAME
    if len(set(same)) < DIFFERENT:
        return Weakness.PLAIN
    return None


def _drawn(size: int) -> str:
    """So many random bytes, as hashes are written."""
    return b64encode(secrets.token_bytes(size)).decode().rstrip("=")


def _same(password: str) -> str:
    """The same password from whichever keyboard (NIST SP 800-63B): a letter may be written as several code points."""
    return unicodedata.normalize("NFKC", password)
