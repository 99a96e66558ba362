"""Putting requests into the spool, and what those are told who are answered in the response."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from channels.adapter import DIRECT, Arrival, Channel, Inbound, OptOut
from gateway.ingest.intake import PATIENCE, NotTaken
from gateway.ingest.metrics import SPOOL_BYTES, SPOOL_FULL, SPOOLED
from gateway.ingest.rules import Taken
from gateway.ingest.spooled import Spooled
from gateway.store.spool import Spool
from surveys.prompt import Prompt
from surveys.texts import Texts

SPOKEN = 50_000
"""Of how many people the language is remembered, for the time when the database can't be asked."""

log = structlog.get_logger(__name__)


class Spooler:
    """Takes requests as `Reception` does, but nothing comes of them until they are replayed."""

    def __init__(self, spool: Spool, texts: Texts, clock: Callable[[], datetime]) -> None:
        self.spool = spool
        self.full = False
        """Whether the last that was to be spooled found no room."""
        self._texts = texts
        self._clock = clock
        self._spoken: OrderedDict[tuple[str, str], str] = OrderedDict()
        SPOOL_BYTES.set_function(spool.size)

    def take(self, channel: Channel, arrivals: Sequence[Arrival], at: datetime | None = None) -> list[Taken]:
        """Keep what one request brought, now or at this time, and return when it is on disk. Raises NotTaken."""
        try:
            self.spool.put(self._record(channel, arrivals, at)).result(PATIENCE)
        except (OSError, TimeoutError) as error:
            raise self._refused(error) from None
        return self._kept(channel, arrivals)

    async def take_soon(self, channel: Channel, arrivals: Sequence[Arrival], at: datetime | None = None) -> list[Taken]:
        """The same for a web process that has one thread for all that wait."""
        try:
            await asyncio.wrap_future(self.spool.put(self._record(channel, arrivals, at)))
        except OSError as error:
            raise self._refused(error) from None
        return self._kept(channel, arrivals)

    def remember(self, inbound: Inbound, language: str) -> None:
        """Keep in mind which language is spoken with somebody who is answered in the response."""
        self._spoken[inbound.kind, inbound.address] = language
        if len(self._spoken) > SPOKEN:
            self._spoken.popitem(last=False)

    def tell_full(self, full: bool) -> None:
        self.full = full
        SPOOL_FULL.set(full)

    def _record(self, channel: Channel, arrivals: Sequence[Arrival], at: datetime | None) -> bytes:
        return Spooled(secrets.token_hex(8), channel.name, at or self._clock(), tuple(arrivals)).dumps()

    def _kept(self, channel: Channel, arrivals: Sequence[Arrival]) -> list[Taken]:
        SPOOLED.labels(channel.name).inc()
        self.tell_full(False)
        return [self._told(channel, arrival) for arrival in arrivals if isinstance(arrival, (Inbound, OptOut))]

    def _told(self, channel: Channel, arrival: Inbound | OptOut) -> Taken:
        if channel.medium not in DIRECT or not isinstance(arrival, Inbound):
            return Taken()
        language = self._spoken.get((arrival.kind, arrival.address)) or arrival.language or channel.language
        text = self._texts.say("trouble", language)
        return Taken((Prompt(text, language or self._texts.languages[0]),), screen=text)

    def _refused(self, error: OSError) -> NotTaken:
        self.tell_full(True)
        log.error("spool can't be written", error=error.strerror or type(error).__name__)
        return NotTaken("neither the database nor the spool takes it")
