"""A breaker for each channel: a provider that is down is left alone, and asked now and then whether it is back."""

from __future__ import annotations

import enum

import structlog

from channels.adapter import Ambiguous, Retryable, SendError, Sent
from gateway.delivery.metrics import BREAKER
from gateway.delivery.settings import DeliverySettings

log = structlog.get_logger("gateway.delivery")


class State(enum.IntEnum):
    CLOSED = 0  # messages go through
    HALF_OPEN = 1  # one goes through, and decides
    OPEN = 2


class Breaker:
    """Opens after so many failures in a row. Used by one thread; `now` is in seconds, of any clock that never goes
    back. State is this process's own: each finds out for itself."""

    def __init__(self, channel: str, settings: DeliverySettings) -> None:
        self.state = State.CLOSED
        self._channel = channel
        self._settings = settings
        self._failures = 0
        self._wait = settings.breaker_wait
        self._until = 0.0
        BREAKER.labels(channel).set(self.state)

    def room(self, now: float, in_flight: int) -> int | None:
        """How many may go out now: None for any number."""
        if self.state is State.OPEN and now >= self._until:
            self._become(State.HALF_OPEN)
        if self.state is State.CLOSED:
            return None
        return 1 if self.state is State.HALF_OPEN and in_flight == 0 else 0

    def wait(self, now: float) -> float | None:
        """Seconds until there may be room again, None where that does not depend on time."""
        return max(0.0, self._until - now) if self.state is State.OPEN else None

    def heard(self, result: object, now: float) -> None:
        """What a call gave: a refusal is an answer, and an error of our own says nothing."""
        if isinstance(result, Retryable | Ambiguous):
            self.failed(now)
        elif isinstance(result, Sent | SendError):
            self.succeeded()

    def succeeded(self) -> None:
        self._failures = 0
        self._wait = self._settings.breaker_wait
        self._become(State.CLOSED)

    def failed(self, now: float) -> None:
        self._failures += 1
        if self.state is State.HALF_OPEN:
            self._wait = min(self._wait * 2, self._settings.breaker_cap)
        elif self.state is State.OPEN or self._failures < self._settings.breaker_failures:
            return  # calls that began before it opened say nothing new
        self._until = now + self._wait
        self._become(State.OPEN)

    def _become(self, state: State) -> None:
        if state is not self.state:
            log.warning("breaker", channel=self._channel, was=self.state.name.lower(), now=state.name.lower())
            self.state = state
            BREAKER.labels(self._channel).set(state)
