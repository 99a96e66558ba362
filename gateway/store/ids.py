"""Ids that need no round trip to a database: 63-bit, random for people, rising for what has an order."""

from __future__ import annotations

import secrets
import threading
import time

_lock = threading.Lock()
_last = 0


def pseudonym() -> int:
    """A random id for a person: says nothing of when or in which order people came."""
    return secrets.randbits(63)


def rising() -> int:
    """An id larger than all this process gave before: milliseconds, then 22 bits that start anywhere."""
    global _last  # noqa: PLW0603 - the one counter of this process
    with _lock:
        fresh = (time.time_ns() // 1_000_000) << 22 | secrets.randbits(20)
        _last = fresh if fresh > _last else _last + 1
        return _last
