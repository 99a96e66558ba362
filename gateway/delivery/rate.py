"""How fast a channel may send. Local to the process; one shared by all can stand behind the same protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.delivery.settings import Rate


class Limiter(Protocol):
    def take(self, channel: str, wanted: int) -> tuple[int, float]:
        """How many of `wanted` segments may go out now, and in how many seconds the next one may."""
        ...

    def spend(self, channel: str, segments: int) -> None:
        """Segments that a message took beyond the one taken for it; negative to give back what was not used."""
        ...


class LocalLimiter:
    """A token bucket a channel. Long messages may overdraw it: the next ones wait the longer."""

    def __init__(self, rates: Mapping[str, Rate], monotonic: Callable[[], float]) -> None:
        self._rates = rates
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._tokens = {channel: float(rate.burst) for channel, rate in rates.items()}
        self._at = dict.fromkeys(rates, monotonic())

    def take(self, channel: str, wanted: int) -> tuple[int, float]:
        rate = self._rates.get(channel)
        if rate is None:
            return wanted, 0.0
        with self._lock:
            now = self._monotonic()
            grown = self._tokens[channel] + (now - self._at[channel]) * rate.per_second
            tokens = min(grown, float(rate.burst))
            granted = max(0, min(wanted, int(tokens)))
            self._tokens[channel] = tokens - granted
            self._at[channel] = now
            return granted, max(0.0, (1 - self._tokens[channel]) / rate.per_second)

    def spend(self, channel: str, segments: int) -> None:
        if channel in self._rates:
            with self._lock:
                self._tokens[channel] -= segments
