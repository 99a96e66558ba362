"""Where a request's arrivals go: into the database, or into the spool while that does not take them.

A request counts once the database has committed what it brought, or the spool has it on disk; then the provider is
answered. As long as anything waits in this host's spool, whatever comes queues up behind it, so that of what one
person sends to this host nothing is overtaken. Who is answered in the response (USSD, the web form) is told in a
sentence that it is kept.

On SQLite there is no spool: it would lie on the disk that the database lies on, and a locked database is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import sqlalchemy as sa
import structlog

from channels.adapter import DIRECT, AnyReport, Arrival, Channel, Inbound, Medium, OptOut, Report, TopUp
from gateway.ingest.batch import Item
from gateway.ingest.intake import BATCH, LATE, PATIENCE, Intake, NotTaken
from gateway.ingest.metrics import REPLAYED
from gateway.ingest.rules import Taken
from gateway.ingest.spooled import Spooled
from gateway.ingest.spooler import Spooler
from gateway.store.database import is_away, is_busy, is_full

Reporter = Callable[[str, Sequence[AnyReport]], None]
"""Applies reports of a channel. Raises what the database raises."""

log = structlog.get_logger(__name__)


class Reception:
    """The one way in for requests. Without a spooler it refuses what the database does not take."""

    def __init__(
        self, intake: Intake, report: Reporter, spooler: Spooler | None, channels: Mapping[str, Channel]
    ) -> None:
        self.spooler = spooler
        self._intake = intake
        self._report = report
        self._channels = channels

    @property
    def full(self) -> bool:
        """Whether the last that was to be spooled found no room."""
        return self.spooler is not None and self.spooler.full

    @property
    def spooling(self) -> bool:
        """Whether what comes now goes into the spool."""
        return self.spooler is not None and self.spooler.spool.holds()

    def take(self, channel: Channel, arrivals: Sequence[Arrival]) -> list[Taken]:
        """Take what one request brought, and return when it is on disk. Raises NotTaken."""
        at = self._intake.clock()
        if not self.spooling:
            try:
                if reports := _reports(arrivals):
                    self._apply(channel.name, reports)
                heard = _heard(arrivals)
                return self._remembered(channel, heard, self._intake.take(channel, heard) if heard else [])
            except NotTaken:
                if self.spooler is None:
                    raise
        assert self.spooler is not None
        return self.spooler.take(channel, arrivals, at)

    async def take_soon(self, channel: Channel, arrivals: Sequence[Arrival]) -> list[Taken]:
        """The same for a web process that has one thread for all that wait."""
        at = self._intake.clock()
        if not self.spooling:
            try:
                if reports := _reports(arrivals):
                    await _soon(partial(self._apply, channel.name, reports))
                heard = _heard(arrivals)
                return self._remembered(channel, heard, await self._intake.take_soon(channel, heard) if heard else [])
            except NotTaken:
                if self.spooler is None:
                    raise
        assert self.spooler is not None
        return await self.spooler.take_soon(channel, arrivals, at)

    def replay(self) -> None:
        """Take up what waits in the spool, in order, as far as the database takes it. Any process of a host may."""
        if self.spooler is None:
            return
        if self.spooling:
            try:
                count = self.spooler.spool.replay(self._again)
            except NotTaken:
                return
            if count:
                log.info("spool replayed", requests=count)
        elif self.spooler.full:  # another process emptied it
            self.spooler.tell_full(False)

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

    def _remembered(self, channel: Channel, heard: Sequence[Inbound | OptOut], taken: list[Taken]) -> list[Taken]:
        if self.spooler is not None and channel.medium in DIRECT:
            for arrival, one in zip(heard, taken, strict=True):
                if one.reply and isinstance(arrival, Inbound):
                    self.spooler.remember(arrival, one.reply[-1].language)
        return taken

    # Reports ---------------------------------------------------------------------------------------------------

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
