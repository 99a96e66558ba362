"""Where a request's arrivals go: into the database, or into the spool while that does not take them.

A request counts once the database has committed what it brought, or the spool has it on disk; then the provider is
answered. As long as anything waits in this host's spool, whatever comes queues up behind it, so that of what one
person sends to this host nothing is overtaken. Who is answered in the response (USSD, the web form) is told in a
sentence that it is kept.

On SQLite there is no spool: it would lie on the disk that the database lies on, and a locked database is waited for.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa
import structlog

from channels.adapter import AnyReport, Arrival, Channel, Inbound, Medium, OptOut, Report, TopUp
from gateway.ingest.batch import Item
from gateway.ingest.conversing import DIRECT, Taken
from gateway.ingest.intake import BATCH, LATE, PATIENCE, Intake, NotTaken
from gateway.ingest.metrics import REPLAYED, SPOOL_BYTES, SPOOL_FULL, SPOOLED
from gateway.ingest.spooled import Spooled
from gateway.store.database import is_away, is_busy, is_full
from gateway.store.spool import Spool
from surveys.prompt import Prompt
from surveys.texts import Texts

SPOKEN = 50_000
"""Of how many people the language is remembered, for the time when the database can't be asked."""

Reporter = Callable[[str, Sequence[AnyReport]], None]
"""Applies reports of a channel. Raises what the database raises."""

log = structlog.get_logger(__name__)


class Reception:
    """The one way in for requests. Without a spool it refuses what the database does not take."""

    def __init__(
        self,
        intake: Intake,
        report: Reporter,
        spool: Spool | None,
        channels: Mapping[str, Channel],
        texts: Texts,
    ) -> None:
        self.spool = spool
        self.full = False
        """Whether the last that was to be spooled found no room."""
        self._intake = intake
        self._report = report
        self._channels = channels
        self._texts = texts
        self._spoken: OrderedDict[tuple[str, str], str] = OrderedDict()
        if spool is not None:
            SPOOL_BYTES.set_function(spool.size)

    @property
    def spooling(self) -> bool:
        """Whether what comes now goes into the spool."""
        return self.spool is not None and self.spool.holds()

    def take(self, channel: Channel, arrivals: Sequence[Arrival]) -> list[Taken]:
        """Take what one request brought, and return when it is on disk. Raises NotTaken."""
        at = self._intake.clock()
        if self.spool is None or not self.spool.holds():
            try:
                if reports := _reports(arrivals):
                    self._apply(channel.name, reports)
                heard = _heard(arrivals)
                return self._remembered(heard, channel, self._intake.take(channel, heard) if heard else [])
            except NotTaken:
                if self.spool is None:
                    raise
        try:
            self.spool.put(self._record(channel, at, arrivals)).result(PATIENCE)
        except (OSError, TimeoutError) as error:
            raise self._refused(error) from None
        return self._kept(channel, arrivals)

    async def take_soon(self, channel: Channel, arrivals: Sequence[Arrival]) -> list[Taken]:
        """The same for a web process that has one thread for all that wait."""
        at = self._intake.clock()
        if self.spool is None or not self.spool.holds():
            try:
                if reports := _reports(arrivals):
                    await _soon(partial(self._apply, channel.name, reports))
                heard = _heard(arrivals)
                return self._remembered(heard, channel, await self._intake.take_soon(channel, heard) if heard else [])
            except NotTaken:
                if self.spool is None:
                    raise
        try:
            await asyncio.wrap_future(self.spool.put(self._record(channel, at, arrivals)))
        except OSError as error:
            raise self._refused(error) from None
        return self._kept(channel, arrivals)

    def replay(self) -> None:
        """Take up what waits in the spool, in order, as far as the database takes it. Any process of a host may."""
        if self.spool is None or not self.spool.holds():
            return
        try:
            count = self.spool.replay(self._again)
        except NotTaken:
            return
        if count:
            log.info("spool replayed", requests=count)

    # Into the spool --------------------------------------------------------------------------------------------

    def _record(self, channel: Channel, at: datetime, arrivals: Sequence[Arrival]) -> bytes:
        return Spooled(secrets.token_hex(8), channel.name, at, tuple(arrivals)).dumps()

    def _kept(self, channel: Channel, arrivals: Sequence[Arrival]) -> list[Taken]:
        SPOOLED.labels(channel.name).inc()
        self._tell_full(False)
        return [self._told(channel, arrival) for arrival in _heard(arrivals)]

    def _told(self, channel: Channel, arrival: Inbound | OptOut) -> Taken:
        if channel.medium not in DIRECT or not isinstance(arrival, Inbound):
            return Taken()
        language = self._spoken.get((arrival.kind, arrival.address)) or arrival.language or channel.language
        text = self._texts.say("trouble", language)
        return Taken((Prompt(text, language or self._texts.languages[0]),), screen=text)

    def _refused(self, error: OSError) -> NotTaken:
        self._tell_full(True)
        log.error("spool can't be written", error=error.strerror or type(error).__name__)
        return NotTaken("neither the database nor the spool takes it")

    def _tell_full(self, full: bool) -> None:
        self.full = full
        SPOOL_FULL.set(full)

    def _remembered(self, heard: Sequence[Inbound | OptOut], channel: Channel, taken: list[Taken]) -> list[Taken]:
        """Keep in mind which language is spoken with whoever will be answered in the response."""
        if channel.medium in DIRECT:
            for arrival, one in zip(heard, taken, strict=True):
                if one.reply:
                    self._spoken[arrival.kind, arrival.address] = one.reply[-1].language
                    if len(self._spoken) > SPOKEN:
                        self._spoken.popitem(last=False)
        return taken

    # Out of it -------------------------------------------------------------------------------------------------

    def _again(self, records: Sequence[bytes]) -> None:
        """Raises NotTaken; what was taken up before is known when it comes once more."""
        items: list[Item] = []
        for record in map(Spooled.loads, records):
            channel = self._channels.get(record.channel) or Channel(record.channel, "", Medium.SMS)
            arrivals = record.known()
            if reports := _reports(arrivals):
                self._apply_again(record.channel, reports)
            items += [Item(channel, arrival, record.received_at) for arrival in _heard(arrivals)]
            if len(items) >= BATCH:
                self._intake.retake(items)
                items = []
        if items:
            self._intake.retake(items)
        REPLAYED.inc(len(records))

    def _apply_again(self, channel: str, reports: Sequence[AnyReport]) -> None:
        try:
            self._apply(channel, reports)
        except sa.exc.SQLAlchemyError as error:
            # Nobody is left to send it again, and it must not hold up those behind it.
            log.error("report left out", channel=channel, error=type(error).__name__)  # noqa: TRY400 - no values in a traceback

    def _apply(self, channel: str, reports: Sequence[AnyReport]) -> None:
        """Raises NotTaken where waiting may help."""
        try:
            self._report(channel, reports)
        except sa.exc.SQLAlchemyError as error:
            if is_busy(error) or is_away(error) or is_full(error):
                raise NotTaken(f"the database is not ready ({type(error).__name__})") from None
            raise


def _reports(arrivals: Sequence[Arrival]) -> list[AnyReport]:
    return [arrival for arrival in arrivals if isinstance(arrival, (Report, TopUp))]


def _heard(arrivals: Sequence[Arrival]) -> list[Inbound | OptOut]:
    return [arrival for arrival in arrivals if isinstance(arrival, (Inbound, OptOut))]


async def _soon(act: Callable[[], None]) -> None:
    try:
        await asyncio.wait_for(asyncio.to_thread(act), PATIENCE)
    except TimeoutError:
        raise NotTaken(LATE) from None
