"""The sweeper: finds what nobody was woken for, what was left in the middle, and what is due at a time.

Everything here may be done by several processes at once, and done twice: each change names the state it changes.
A sweep that finds nothing only reads.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from channels.adapter import Adapter
from gateway.delivery import outbox, reports, settling
from gateway.delivery.metrics import QUEUE_AGE, TIMERS
from gateway.delivery.presence import BEAT, Presence
from gateway.delivery.send import Means
from gateway.delivery.shares import open_channels
from gateway.store.database import is_away, is_busy, reading
from gateway.store.schema import timers

log = structlog.get_logger("gateway.delivery")

SELDOM = 60
"""Seconds between two looks for what changes slowly: missing reports, stranded reports, what is held for nothing."""


@dataclass(frozen=True, slots=True)
class Timer:
    id: int
    kind: str
    subject: str
    due_at: datetime
    stale_after: datetime


TimerHandler = Callable[[sa.Connection, Timer, datetime], None]
"""Acts in the transaction in which the timer is marked as fired, so that both happen or neither. Must be brief."""

_open = (
    sa.select(timers.c.id, timers.c.kind, timers.c.subject, timers.c.due_at, timers.c.stale_after)
    .where(timers.c.fired_at.is_(None), timers.c.due_at <= sa.bindparam("now"))
    .order_by(timers.c.due_at, timers.c.id)
)
_claim = (
    sa.update(timers)
    .where(timers.c.id == sa.bindparam("timer"), timers.c.fired_at.is_(None))
    .values(fired_at=sa.bindparam("now"), note=sa.bindparam("says"))
)


class Sweeper:
    """`wake` is told the channels that have something due. Times come from `means`."""

    def __init__(
        self,
        means: Means,
        adapters: Mapping[str, Adapter],
        handlers: Mapping[str, TimerHandler],
        wake: Callable[[Sequence[str]], None],
        presence: Presence,
    ) -> None:
        self._means = means
        self._channels = tuple(adapters)
        self._reporting = tuple(name for name, adapter in adapters.items() if adapter.capabilities.reports)
        self._handlers = handlers
        self._wake = wake
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._presence = presence
        self._beat_at = self._seldom_at = float("-inf")
        self._nobody_s: set[str] = set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(10)
            with contextlib.suppress(sa.exc.DBAPIError, sa.exc.TimeoutError):
                self._presence.leave(self._means.engine)

    def sweep(self) -> None:
        """One look at everything. Raises what the database raises; what was done until then stays done."""
        means, now = self._means, self._means.clock()
        with reading(means.engine) as connection:
            expired = settling.has_expired(connection, now)
        if expired:
            with means.engine.begin() as connection:
                settled = settling.expire(connection, now)
            for settlement in settled:
                log.warning("interrupted", row=settlement.id, now=settlement.status.name.lower())
        if means.monotonic() - self._beat_at >= BEAT:
            self._presence.beat(means.engine, now)
            self._beat_at = means.monotonic()
        if means.monotonic() - self._seldom_at >= SELDOM:
            self._seldom(now)
            self._seldom_at = means.monotonic()
        fire_timers(means.engine, self._handlers, now)
        self._wake(self._due(now))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.sweep()
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                log.warning("database unavailable", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - nothing may end the sweeper: it is what the rest relies on
                log.error("sweep failed", error=type(error).__name__)  # noqa: TRY400 - no values in a traceback
            # Spread, so that several workers don't look at the same moment.
            self._stopping.wait(self._means.settings.sweep * random.uniform(0.75, 1.25))  # noqa: S311 - no secret

    def _seldom(self, now: datetime) -> None:
        settings = self._means.settings
        for channel in self._reporting:
            with self._means.engine.begin() as connection:
                count = reports.mark_unreported(connection, channel, now, settings.report_after)
            if count:
                log.warning("unreported", channel=channel, count=count)
        for channel in self._channels:
            with self._means.engine.begin() as connection:
                outbox.let_go(connection, channel, now)
        with reading(self._means.engine) as connection:
            nobody_s = set(open_channels(connection)) - self._presence.served
        # Twice in a row: after an outage of all, those who begin first don't see the others yet.
        for channel in sorted(nobody_s & self._nobody_s):
            with self._means.engine.begin() as connection:
                count = outbox.abandon(connection, channel, now, settings.give_up)
            log.warning("nobody sends", channel=channel, failed=count)
        self._nobody_s = nobody_s
        with self._means.engine.begin() as connection:
            reports.apply_stranded(connection, now, settings.early_report)

    def _due(self, now: datetime) -> list[str]:
        due = []
        unasked = self._means.unasked(now)
        with reading(self._means.engine) as connection:
            for channel in self._channels:
                oldest = outbox.oldest_due(connection, channel, now, unasked=unasked)
                QUEUE_AGE.labels(channel).set((now - oldest).total_seconds() if oldest else 0)
                if oldest:
                    due.append(channel)
        return due


def fire_timers(engine: sa.Engine, handlers: Mapping[str, TimerHandler], now: datetime, limit: int = 100) -> None:
    """Fire what is due, each once. One past its time is dropped and logged; one whose handler fails is put aside with
    its error, unless the database was at fault: then it is tried again. One that nobody handles waits for a process
    that does, until it is stale."""
    mine = sa.or_(timers.c.kind.in_(tuple(handlers)), timers.c.stale_after < now)
    with reading(engine) as connection:
        found = [Timer(*row) for row in connection.execute(_open.where(mine).limit(limit), {"now": now})]
    for timer in found:
        if timer.stale_after < now:
            outcome = _note(engine, timer, now, "stale")
        else:
            outcome = _fire(engine, timer, handlers[timer.kind], now)
        if outcome:
            TIMERS.labels(timer.kind, outcome).inc()
            log.info("timer", timer=timer.id, kind=timer.kind, outcome=outcome)


def _fire(engine: sa.Engine, timer: Timer, handler: TimerHandler, now: datetime) -> str:
    try:
        with engine.begin() as connection:
            if connection.execute(_claim, {"timer": timer.id, "now": now, "says": None}).rowcount == 0:
                return ""  # another worker's
            handler(connection, timer, now)
    except Exception as error:
        if is_busy(error) or is_away(error):
            raise
        return _note(engine, timer, now, f"failed: {type(error).__name__}")
    return "fired"


def _note(engine: sa.Engine, timer: Timer, now: datetime, note: str) -> str:
    """Take a timer out of the way, saying why; "" where another worker was first."""
    with engine.begin() as connection:
        claimed = connection.execute(_claim, {"timer": timer.id, "now": now, "says": note}).rowcount
    return note.partition(":")[0] if claimed else ""
