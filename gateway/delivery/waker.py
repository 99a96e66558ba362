"""Telling the workers, after a commit, that there is something to send."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from gateway.delivery.jobs import JOB, QUEUE, WAITS, marker

GAP = 0.02
"""Seconds between two tellings: whoever commits some hundred times a second has it told once in a while."""

log = structlog.get_logger("gateway.delivery")


class Waker:
    """`wake` only notes the channels: a thread tells Redis, once for each channel however many messages there were, and
    at most once in GAP seconds.

    Where Redis is away nothing is kept for later: the workers' sweepers find what is due. `connection` should be a
    hurried one (gateway/delivery/redis.py), so that a Redis that hangs delays no later wake-up by much.
    """

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        self._channels: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._away = False

    def wake(self, channels: Iterable[str]) -> None:
        """Never blocks on Redis and never raises. Call it after the commit."""
        with self._changed:
            self._channels.update(channels)
            if self._thread is None and not self._closed:
                # Not before: a thread does not survive the fork of a web server's worker.
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Tell what is still to be told, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._channels or self._closed)
                channels, self._channels = self._channels, set()
            if not channels:
                return
            try:
                for channel in sorted(channels):
                    self._enqueue(channel)
                self._away = False
            except (RedisError, OSError) as error:
                if not self._away:
                    log.warning("redis unavailable", error=type(error).__name__)
                self._away = True
            time.sleep(GAP)

    def _enqueue(self, channel: str) -> None:
        if self._connection.set(marker(channel), 1, nx=True, ex=WAITS):
            self._queue.enqueue_call(JOB, args=(channel,), ttl=WAITS, result_ttl=0, failure_ttl=3600)
