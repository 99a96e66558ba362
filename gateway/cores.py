"""A core for each process that serves or sends, and turns on it that are not cut short.

The threads of a process share one interpreter lock, so they gain nothing from several cores. Handed to and fro between
two, the lock and all that the threads touch cost more than the work itself: see docs/decisions/0004-server.md.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress

CLAIM = "\0baraza-core-"
"""The kernel's own names for sockets: no two have one, and it is gone with its process, however that ends."""

_claimed: list[socket.socket] = []


def keep_to_one(claim: str = CLAIM) -> int | None:
    """Keep this process, with the threads that it will start, to a core to which no other process of this host
    keeps. Returns which; None where there is none to spare, and then nothing is changed."""
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    for core in cores if len(cores) > 1 else []:
        claimed = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claimed.bind(f"{claim}{core}")
        except OSError:
            claimed.close()
            continue
        os.sched_setaffinity(0, {core})
        _claimed.append(claimed)
        return core
    return None


def take_turns() -> None:
    """Let no thread of this process, of those that it will start, be interrupted because another one wakes.

    Each request, and each answer of a provider, wakes a thread, and it could do nothing yet: whom it interrupts holds
    the interpreter's lock. The share of the core stays what it was (Linux's SCHED_BATCH).
    """
    if sys.platform == "linux" and os.sched_getscheduler(0) == os.SCHED_OTHER:  # not where somebody chose another
        with suppress(OSError):  # where a container forbids it, things go on as they were
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
