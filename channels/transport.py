"""What the SDKs' HTTP has in common: silence, a total deadline, and which failures mean that nothing was taken."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Generic, TypeVar

from channels.adapter import Ambiguous, Channel, Permanent, Retryable, SendError, Throttled

Made = TypeVar("Made")

_SECONDS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")

TOTAL = 10.0
"""Seconds that a send may take in all, unless the channel's option `timeout` says otherwise."""
LONGEST = 30.0
"""Seconds that the option may say: a send ends well before the lease of its message."""
WAIT = 30.0
"""Seconds to wait where a provider throttles and doesn't say for how long."""


def hush(*names: str) -> None:
    """Silence libraries that log numbers, texts, or URLs with secrets in them. What went wrong is in our own errors."""
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def total(channel: Channel) -> float:
    """Seconds that a send may take in all. Raises ValueError for an option that is none."""
    given = channel.options.get("timeout", "")
    seconds = float(given) if _SECONDS.fullmatch(given) else TOTAL
    if (given and not _SECONDS.fullmatch(given)) or not 0 < seconds <= LONGEST:
        raise ValueError(f"the option `timeout` of the channel {channel.name} must be seconds, above 0 and up to 30")
    return seconds


def connecting(seconds: float) -> float:
    """How much of that to wait for a connection: well before the end, so that it is known that nothing was taken.

    Three seconds and a little are what a first TCP retransmission needs.
    """
    return min(3.05, seconds / 2)


class PerProcess(Generic[Made]):
    """Makes a client at its first use in each process: sockets and threads don't survive a fork."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[int, Made] | None = None

    def __call__(self) -> Made:
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), self._make())
            return self._made[1]


def hand_over(seconds: float, work: Callable[[], Made], explain: Callable[[Exception], SendError]) -> Made:
    """What a blocking `work` returns, as `settle` has it.

    The time-outs of requests are for each read, so that an answer that trickles in would hold a worker for ever. So
    each calling thread has a second one that does the work, and lets it go where it takes too long. A new thread for
    each call would cost as much as all of the rest that is not the SDK.
    """
    done: Future[Made] = Future()
    done.set_running_or_notify_cancel()  # nobody waits for what comes too late, but it must not fail for that

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - explained by settle, whatever it is
            done.set_exception(error)

    hand = getattr(_mine, "hand", None)
    if hand is None or hand.process != os.getpid():  # threads don't survive a fork
        hand = _mine.hand = _Hand()
    hand.work.put(run)
    try:
        return settle(done, seconds, explain)
    finally:
        if not done.done():
            _mine.hand = None


class _Hand:
    """A thread that does what it is given, until nobody refers to this any more."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=_serve, args=(self.work,), name="send", daemon=True).start()

    def __del__(self) -> None:
        self.work.put(None)


def _serve(work: SimpleQueue[Callable[[], None] | None]) -> None:
    while (given := work.get()) is not None:
        given()
        del given  # what was sent is not kept until the next one comes


_mine = threading.local()


def settle(done: Future[Made], seconds: float, explain: Callable[[Exception], SendError]) -> Made:
    """The result of `done`. Its errors come out as SendErrors, and Ambiguous after `seconds`."""
    with suppress(TimeoutError):
        done.exception(timeout=seconds)
    if not done.done():
        done.cancel()
        raise Ambiguous("The provider did not answer in time.", "timeout")
    error = done.exception()
    if error is None:
        return done.result()
    # Raised here and not where the other was caught: that one bears numbers and URLs, and would be chained to it.
    raise error if isinstance(error, SendError) else explain(error)  # type: ignore[arg-type]  # no BaseException gets here


# Statuses that are about us and the way there, not about the message: keys, address, too slow, not now.
_NOT_TAKEN = frozenset({401, 402, 403, 404, 405, 407, 408, 425, 503})


def refused(status: int, headers: Mapping[str, str]) -> SendError:
    """The error for an HTTP status that is no success, from a provider that takes no idempotency key.

    503 is answered before the work begins; after any other 5xx the message may be on its way.
    """
    code = str(status)
    if status == 429:
        return Throttled("The provider asks to slow down.", retry_after(headers), code)
    if status in _NOT_TAKEN or status < 400:
        return Retryable("The provider did not let the request in.", code)
    if status < 500:
        return Permanent("The provider refused the message.", code)
    return Ambiguous("The provider failed while it had the message.", code)


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that a Retry-After header asks for; WAIT where it is missing or a date."""
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else WAIT


def failed(error: Exception) -> SendError:
    """The error for what `requests` raised.

    Retryable only where no connection came about. Anything later may have followed the provider's taking the message.
    """
    # Where this is asked, an SDK has loaded both already; at the top they would slow down every import of a channel.
    from requests import exceptions  # noqa: PLC0415
    from urllib3.exceptions import NewConnectionError, ProxyError  # noqa: PLC0415

    if isinstance(error, exceptions.ConnectTimeout):
        return Retryable("The provider could not be reached in time.", "connect-timeout")
    if isinstance(error, exceptions.Timeout):
        return Ambiguous("The provider did not answer in time.", "timeout")
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, exceptions.ConnectionError) and isinstance(reason, (NewConnectionError, ProxyError)):
        return Retryable("The provider could not be reached.", "connection")
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Retryable("The provider's certificate could not be verified.", "certificate")
    if isinstance(
        error, (exceptions.MissingSchema, exceptions.InvalidSchema, exceptions.InvalidURL, exceptions.InvalidHeader)
    ):
        return Retryable("The provider's base URL or key can't be used.", "url")
    return Ambiguous("The provider's answer could not be read.", type(error).__name__)
