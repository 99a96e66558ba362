"""Delivery as one thing: a lane for each channel and the sweeper, with what they share."""

from __future__ import annotations

import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from redis import Redis

from channels.adapter import Adapter
from gateway.delivery.direct import Direct
from gateway.delivery.presence import Presence
from gateway.delivery.rate import Limiter, LocalLimiter, SharedLimiter
from gateway.delivery.send import Lane, Means
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.settling import Random
from gateway.delivery.spending import Tariff
from gateway.delivery.sweeper import Sweeper, TimerHandler
from gateway.store.keys import Vault
from surveys.texts import Texts


def utc_now() -> datetime:
    return datetime.now(UTC)


class Delivery:
    """Sends what is in the outbox for these channels.

    With `redis`, a hurried connection, all workers keep to one rate together; otherwise each keeps to it by itself.

    A process either calls `start` (then threads do everything, and `wake` only says when), or `drain` and `sweep`
    itself. Needs no Redis: without being woken it finds what is due once a sweep.
    """

    def __init__(  # noqa: PLR0913 - the parts it is made of, by name
        self,
        engine: sa.Engine,
        vault: Vault,
        adapters: Mapping[str, Adapter],
        *,
        settings: DeliverySettings | None = None,
        timers: Mapping[str, TimerHandler] | None = None,
        limiter: Limiter | None = None,
        redis: Redis | None = None,
        tariff: Tariff | None = None,
        texts: Texts | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        random: Random = random.random,
    ) -> None:
        settings = settings or DeliverySettings()
        presence = Presence(worker_name(), clock(), self.states)
        if redis is not None:
            limiter = SharedLimiter(redis, settings.rates, monotonic, lambda: presence.workers)
        self._means = means = Means(
            engine=engine,
            vault=vault,
            worker=presence.name,
            settings=settings,
            limiter=limiter or LocalLimiter(settings.rates, monotonic),
            tariff=tariff,
            texts=texts,
            clock=clock,
            random=random,
            monotonic=monotonic,
        )
        self._lanes = {name: Lane(name, adapter, means) for name, adapter in adapters.items()}
        self._sweeper = Sweeper(means, adapters, timers or {}, self.wake, presence)

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self._lanes)

    def states(self) -> dict[str, str]:
        """Of each channel's breaker."""
        return {name: lane.breaker.name.lower() for name, lane in self._lanes.items()}

    def direct(self, channel: str) -> Direct:
        """For what goes out on one of `channels` and not through the outbox."""
        return Direct(self._lanes[channel], self._means)

    def start(self) -> None:
        for lane in self._lanes.values():
            lane.start()
        self._sweeper.start()

    def wake(self, channels: Iterable[str]) -> None:
        """Say that something may be due there. Never blocks. Channels of other processes are passed over."""
        for channel in channels:
            if lane := self._lanes.get(channel):
                lane.wake()

    def stop(self, seconds: float = 30) -> bool:
        """Begin nothing new, wait for what is being sent, record it. False where some of it took too long."""
        self._sweeper.stop()
        for lane in self._lanes.values():
            lane.stop()
        end = time.monotonic() + seconds
        ended = [lane.join(max(0.0, end - time.monotonic())) for lane in self._lanes.values()]
        return all(ended)

    def sweep(self) -> None:
        self._sweeper.sweep()

    def drain(self) -> None:
        """Send all that may go out now, in the calling thread."""
        for lane in self._lanes.values():
            lane.drain()


def worker_name() -> str:
    """One for each process, also where process numbers come round again."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(6)}"
