"""How fast a channel may send, and when it must not: one measure for all workers in Redis, a local one without it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError

from gateway.rates import Rate

log = structlog.get_logger("gateway.delivery")

AWAY_SECONDS = 2.0
"""Between two tries to reach a Redis that is away: each may take as long as its time-out."""


class Limiter(Protocol):
    def take(self, channel: str, wanted: int) -> tuple[int, float]:
        """How many of `wanted` messages may go out now, and in how many seconds the next one may."""
        ...

    def spend(self, channel: str, segments: int) -> None:
        """Segments that a message took beyond the one taken for it; negative to give back what was not used."""
        ...

    def pause(self, channel: str, seconds: float) -> None:
        """Nothing goes out for so long: the provider asks for it."""
        ...


class LocalLimiter:
    """A token bucket a channel, of this process alone. Long messages may overdraw it: the next ones wait the longer."""

    def __init__(self, rates: Mapping[str, Rate], monotonic: Callable[[], float]) -> None:
        self._rates = rates
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._tokens = {channel: float(rate.burst) for channel, rate in rates.items()}
        self._at = dict.fromkeys(rates, monotonic())
        self._until: dict[str, float] = {}

    def take(self, channel: str, wanted: int, slower: float = 1.0) -> tuple[int, float]:
        """`slower` divides the rate."""
        rate = self._rates.get(channel)
        with self._lock:
            now = self._monotonic()
            if now < self._until.get(channel, now):
                return 0, self._until[channel] - now
            if rate is None:
                return wanted, 0.0
            per_second = rate.per_second / slower
            grown = self._tokens[channel] + (now - self._at[channel]) * per_second
            tokens = min(grown, max(1.0, rate.burst / slower))
            granted = max(0, min(wanted, int(tokens)))
            self._tokens[channel] = tokens - granted
            self._at[channel] = now
            return granted, max(0.0, (1 - self._tokens[channel]) / per_second)

    def spend(self, channel: str, segments: int) -> None:
        if channel in self._rates:
            with self._lock:
                self._tokens[channel] -= segments

    def pause(self, channel: str, seconds: float) -> None:
        with self._lock:
            self._until[channel] = max(self._until.get(channel, 0.0), self._monotonic() + seconds)


# The bucket and the pause of one channel, by Redis' own clock. KEYS: the channel's. ARGV: tokens a second, the most
# there are, how many are wanted, how many were spent beside, seconds to pause. Gives how many are granted, and the
# milliseconds until there is another. One that is forgotten, by its time or by a flush, is full: a burst once more.
SCRIPT = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1e6
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local found = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'until')
local tokens = tonumber(found[1] or burst) + math.max(0, now - tonumber(found[2] or now)) * rate
tokens = math.min(tokens, burst) - tonumber(ARGV[4])
local stop = math.max(tonumber(found[3] or 0), tonumber(ARGV[5]) > 0 and now + tonumber(ARGV[5]) or 0)
local granted, wait = 0, stop - now
if now >= stop then
  granted = math.max(0, math.min(tonumber(ARGV[3]), math.floor(tokens)))
  tokens = tokens - granted
  wait = math.max(0, (1 - tokens) / rate)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now), 'until', tostring(stop))
redis.call('PEXPIRE', KEYS[1], math.ceil(1000 * (math.max(0, burst - tokens) / rate + math.max(0, stop - now) + 1)))
return {granted, math.ceil(wait * 1000)}
"""
UNLIMITED = Rate(1e6, 1_000_000)


class SharedLimiter:
    """All workers on all machines keep to one rate, and to one provider's wish to wait.

    Where Redis is away each worker keeps to a part of the rate of its own: half of it, parted by the workers that were
    there lately. `connection` should be a hurried one (gateway/delivery/redis.py).
    """

    def __init__(
        self, connection: Redis, rates: Mapping[str, Rate], monotonic: Callable[[], float], workers: Callable[[], int]
    ) -> None:
        self._rates = rates
        self._monotonic = monotonic
        self._workers = workers
        self._script = connection.register_script(SCRIPT)
        self._alone = LocalLimiter(rates, monotonic)
        self._owed: dict[str, int] = dict.fromkeys(rates, 0)
        self._away_until = float("-inf")
        self._away = False

    def take(self, channel: str, wanted: int) -> tuple[int, float]:
        owed = self._owed.get(channel, 0)
        answer = self._ask(channel, wanted, owed, 0.0)
        if answer is None:
            return self._alone.take(channel, wanted, slower=2.0 * max(1, self._workers()))
        if owed:
            self._owed[channel] -= owed  # somebody else may have spent meanwhile
        return answer

    def spend(self, channel: str, segments: int) -> None:
        if segments > 0:
            self._owed[channel] = self._owed.get(channel, 0) + segments  # with the next that are taken
        elif segments and self._ask(channel, 0, segments, 0.0) is None:
            self._alone.spend(channel, segments)

    def pause(self, channel: str, seconds: float) -> None:
        self._alone.pause(channel, seconds)  # whatever becomes of Redis meanwhile
        self._ask(channel, 0, 0, seconds)

    def _ask(self, channel: str, wanted: int, spent: int, pause: float) -> tuple[int, float] | None:
        """None where Redis is away."""
        if self._monotonic() < self._away_until:
            return None
        rate = self._rates.get(channel, UNLIMITED)
        try:
            granted, wait = self._script(
                keys=[f"baraza:rate:{channel}"], args=[rate.per_second, rate.burst, wanted, spent, pause]
            )
        except (RedisError, OSError) as error:
            self._away_until = self._monotonic() + AWAY_SECONDS
            if not self._away:
                log.warning("redis unavailable", error=type(error).__name__, consequence="a slower rate")
            self._away = True
            return None
        self._away = False
        return int(granted), int(wait) / 1000
