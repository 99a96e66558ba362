"""What the SDKs' HTTP has in common: silence, a total deadline, and which failures mean that nothing was taken."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
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
    """What a blocking `work` returns. Its errors come out as SendErrors, and Ambiguous after `seconds`.

    The time-outs of requests are for each read, so that an answer that trickles in would hold a worker for ever. So
    each calling thread has a second one that does the work, and lets it go where it takes too long. A new thread for
    each call would cost as much as all of the rest that is not the SDK.
    """
    answer: SimpleQueue[Made | Exception] = SimpleQueue()

    def run() -> None:
        try:
            made: Made | Exception = work()
        except Exception as error:  # noqa: BLE001 - explained by whoever waits, whatever it is
            made = error
        answer.put(made)

    process, hand = getattr(_mine, "hand", None) or (0, None)
    if hand is None or process != os.getpid():  # threads don't survive a fork
        hand = Hands("send")
    _mine.hand = None  # until it is free again
    hand.give(run)
    made: Made | Exception = _late()
    with suppress(Empty):
        made = answer.get(timeout=seconds)
        _mine.hand = os.getpid(), hand
    if isinstance(made, Exception):
        raise _explained(made, explain)
    return made


class Hands:
    """Up to `most` threads that do what they are given, until nobody refers to this any more.

    For a few hundred things a second: an executor makes a future with its locks for each, which nobody asks for here.
    """

    def __init__(self, name: str, most: int = 1) -> None:
        self._name = name
        self._most = most
        self._threads = 0
        self._given: SimpleQueue[Callable[[], object] | None] = SimpleQueue()

    def give(self, work: Callable[[], object]) -> None:
        """`work` must not raise."""
        if self._threads < self._most:
            self._threads += 1
            threading.Thread(target=_serve, args=(self._given,), name=self._name, daemon=True).start()
        self._given.put(work)

    def __del__(self) -> None:
        for _ in range(self._threads):
            self._given.put(None)


def _serve(given: SimpleQueue[Callable[[], object] | None]) -> None:
    while (work := given.get()) is not None:
        work()
        del work  # what was sent is not kept until the next one comes


_mine = threading.local()


def settle(done: Future[Made], seconds: float, explain: Callable[[Exception], SendError]) -> Made:
    """The same for what another thread does already, as a future."""
    with suppress(TimeoutError):
        done.exception(timeout=seconds)
    if not done.done():
        done.cancel()
        raise _late()
    error = done.exception()
    if error is None:
        return done.result()
    raise _explained(error, explain)


def _late() -> SendError:
    return Ambiguous("The provider did not answer in time.", "timeout")


def _explained(error: BaseException, explain: Callable[[Exception], SendError]) -> SendError:
    """Raise it elsewhere than where the other was caught: that one bears numbers and URLs, and would be chained."""
    return error if isinstance(error, SendError) else explain(error)  # type: ignore[arg-type]  # no BaseException gets here


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
