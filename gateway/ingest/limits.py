"""What is not taken in: messages from countries that are not served, and more of one number, or of one block of
numbers, than people send in a day. Whoever pumps messages into a gateway earns by its replies.

What is left out is acknowledged, so that no provider sends it again, and counted; nothing of it is stored or answered.
Leaving is always heard. Each web process counts for itself, in memory, from its start on: a shared count would cost
every message a journey.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog

from channels import registry
from channels.adapter import DIRECT, SIMULATED, Arrival, Channel, Inbound, Medium, Typed
from channels.numbers import Countries
from gateway.guarding import Limits as Settings
from gateway.ingest.metrics import LEFT_OUT
from gateway.ingest.unit import Visitor
from surveys.texts import Texts

log = structlog.get_logger(__name__)

BLOCK = 4
"""Digits at a number's end that its block leaves open: ten thousand numbers, as operators get and sell them."""
A_DAY = timedelta(days=1)
LEAVING = ("stop", "forget")
MOST = 500_000
"""Numbers of a day that are kept in mind; when more come, counting begins anew."""


class Limits:
    """Used by one thread."""

    def __init__(self, settings: Settings, countries: Countries, texts: Texts, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._countries = countries
        self._texts = texts
        self._clock = clock
        self._day: date | None = None
        self._counts: dict[int, int] = {}
        self._told: set[tuple[str, str]] = set()

    def admit(self, channel: Channel, arrivals: tuple[Arrival, ...]) -> tuple[Arrival, ...]:
        """Those that are taken in."""
        if channel.adapter == SIMULATED:
            return arrivals
        return tuple(one for one in arrivals if not isinstance(one, Inbound) or self._admits(channel, one))

    def _admits(self, channel: Channel, inbound: Inbound) -> bool:
        if inbound.kind != "tel":
            return True
        why = self._why_not(inbound.address)
        if not why or self._leaves(inbound):
            return True
        LEFT_OUT.labels(channel.name, why).inc()
        if (channel.name, why) not in self._told:  # once a day: a flood of messages is none of lines
            self._told.add((channel.name, why))
            log.warning("messages left out", channel=channel.name, why=why)
        return False

    def _why_not(self, number: str) -> str:
        if number not in self._countries:
            return "country"
        day = self._clock().date()
        if day != self._day or len(self._counts) > MOST:
            self._day, self._counts, self._told = day, {}, set()
        settings = self._settings
        if self._count(number) > settings.number_a_day:
            return "number"
        if settings.block_a_day and self._count(number[:-BLOCK] + "*") > settings.block_a_day:
            return "block"
        return ""

    def _count(self, name: str) -> int:
        """How often it came today, this time included. Kept by a hash: it is smaller, and no number."""
        key = hash(name)
        self._counts[key] = count = self._counts.get(key, 0) + 1
        return count

    def _leaves(self, inbound: Inbound) -> bool:
        content = inbound.content
        return isinstance(content, Typed) and any(self._texts.means(content.text, word) for word in LEAVING)


def is_answered(visitor: Visitor, channel: Channel, now: datetime) -> bool:
    """Whether somebody who sent something unknown is answered.

    Strangers by SMS get silence: an answer would cost us, and tell them of us. Where a number chats they are answered
    once a day; where an answer is free, always.
    """
    if visitor.open or visitor.done or channel.medium in DIRECT:
        return True
    if channel.medium is Medium.CHAT and registry.capabilities(channel.adapter).address_kind != "tel":
        return True
    if channel.medium is Medium.CHAT and (not visitor.known or now - visitor.seen_at > A_DAY):
        return True
    LEFT_OUT.labels(channel.name, "stranger").inc()
    return False
