"""Sending past the outbox, to whom the gateway does not know as a person: within the same rate and spend limit.

What goes to people goes through the outbox. A representative is nobody's pseudonym, so whoever writes to them keeps a
ledger of its own; but it is the same money, and the provider counts all that it gets.
"""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa
import structlog

from channels.adapter import Ambiguous, Outbound, Sent, Throttled
from gateway.delivery.breaker import State
from gateway.delivery.send import Lane, Means
from gateway.delivery.spending import Charge, charge, room
from gateway.store.database import reading

OWED_SECONDS = 1.0
"""A message that the rate lets out so soon is sent and owed: a broadcast that takes whatever there is pays for it."""
SPENT_UP_SECONDS = 900.0
"""Until somebody looks again whether today's limit still stands."""

log = structlog.get_logger("gateway.delivery")


class Direct:
    """As much of an adapter as sends, beside the lane of its channel. Safe to use in threads."""

    def __init__(self, lane: Lane, means: Means) -> None:
        self._lane = lane
        self._means = means

    def send(self, outbound: Outbound) -> Sent:
        """As an adapter's. Throttled where it may not go out now; nothing was tried then."""
        self._admit()
        segments = 0
        try:
            sent = self._lane.adapter.send(outbound)
            segments = sent.segments
        except Ambiguous:
            segments = 1  # paid for as if it was taken
            raise
        except Throttled as error:
            self._means.limiter.pause(self._lane.channel, min(error.after, self._means.settings.throttle_cap))
            raise
        finally:
            if segments:
                self._pay(outbound.address, segments)
        return sent

    def _admit(self) -> None:
        if self._lane.breaker is State.OPEN:
            raise Throttled("The channel is left alone for now.", self._means.settings.breaker_wait, "breaker")
        if self._room() == 0:
            raise Throttled("Today's spend limit is reached.", SPENT_UP_SECONDS, "spend-limit")
        granted, wait = self._means.limiter.take(self._lane.channel, 1)
        if not granted and wait > OWED_SECONDS:
            raise Throttled("The channel's rate is used up.", wait, "rate")
        if not granted:
            self._means.limiter.spend(self._lane.channel, 1)

    def _room(self) -> int | None:
        """How many more segments today's limit allows; None for any number."""
        means = self._means
        with suppress(sa.exc.SQLAlchemyError), reading(means.engine) as connection:
            return room(connection, means.tariff, self._lane.channel, means.clock(), 0) if means.tariff else None
        raise Throttled("The database could not be asked what was spent.", OWED_SECONDS, "database")

    def _pay(self, address: str, segments: int) -> None:
        means, channel = self._means, self._lane.channel
        if not self._lane.by_message:
            means.limiter.spend(channel, segments - 1)
        if means.tariff is None:
            return
        paid = Charge(means.tariff.price(channel, address), segments)
        try:
            with means.engine.begin() as connection:
                charge(connection, means.tariff, channel, means.worker, [paid], means.clock())
        except sa.exc.SQLAlchemyError as error:  # what became of it is known all the same
            log.error("not counted", channel=channel, segments=segments, error=type(error).__name__)  # noqa: TRY400 - no values in a traceback
