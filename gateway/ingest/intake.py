"""The one way in: inbounds that wait together are committed together, and nobody is answered before the commit.

Requests hand their inbounds over and wait; one writer thread a process takes what is waiting, handles it in one
transaction, commits, and lets them go. A batch that fails is taken apart and handled one by one, each in a transaction
of its own, so that a poisoned message spoils only itself: it is kept with its error, and the provider is not asked to
send it again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import perf_counter

import sqlalchemy as sa
import structlog

from channels.adapter import Channel, Inbound, OptOut
from gateway.ingest.batch import Batch, Item
from gateway.ingest.metrics import INBOUNDS, INTAKE_SECONDS
from gateway.ingest.rules import Rules, Taken
from gateway.ingest.unit import Unit
from gateway.store import ids, many, schema
from gateway.store.database import insert_ignoring, is_away, is_busy, is_deadlock, is_full, take_over
from gateway.store.keys import Vault

BATCH = 64
"""The most inbounds of one transaction: more would make the first of them wait."""

LINGER = 1 / 8
"""Of the time that the last batch took: how long the next one waits for more, as long as more keep coming and some of
those just answered are missing: they are about to write again, and with them on board a transaction carries twice as
many and costs hardly more."""

PATIENCE = 8.0
"""Seconds a web thread waits. USSD must be answered within ten."""

FOREVER = -1.0
"""As a lock's time-out."""

DEADLOCKS = 4
"""How often a batch that met another's in a deadlock is tried again: two that want places in two quotas may."""

MUCH = 1_000
"""Requests after which SQLite's log is taken over: pages that change all the time are then written once for all."""

LATE = "the database did not take it in time"

log = structlog.get_logger(__name__)


class NotTaken(Exception):
    """Nothing was stored: the provider must send it again. Its text says why, for the operator."""


@dataclass(slots=True)
class _Job:
    """What one request brought, and what its thread or its event loop waits on."""

    items: Sequence[Item]
    waits: Lock | asyncio.Future[None]
    taken: list[Taken] = field(default_factory=list)
    error: NotTaken | None = None
    settled: bool = False

    def outcome(self) -> list[Taken]:
        """Raises NotTaken, also where whoever waited gave up before the commit."""
        if not self.settled:
            raise NotTaken(LATE)
        if self.error is not None:
            raise self.error
        return self.taken


class Intake:
    """Takes inbounds for one process. `wake` is told, after each commit, which channels have something to send."""

    def __init__(
        self,
        engine: sa.Engine,
        vault: Vault,
        rules: Callable[[], Rules],
        clock: Callable[[], datetime],
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        self.engine = engine
        self.vault = vault
        self.rules = rules
        self.clock = clock
        self.wake = wake
        self.patience = PATIENCE
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._patient = _Patient(None)
        self._expected = 1  # in the next batch: those just answered and those who came meanwhile
        self._complete = Event()
        self._start = Lock()
        self._writer: Thread | None = None
        self._logged = 0  # taken since SQLite's log was taken over
        self._connection: sa.Connection | None = None  # the writer's; nobody else touches it

    def take(self, channel: Channel, arrivals: Sequence[Inbound | OptOut]) -> list[Taken]:
        """Handle these and return when they are on disk. Raises NotTaken."""
        return self._wait(self._items(channel, arrivals), self.patience)

    def retake(self, items: Sequence[Item]) -> list[Taken]:
        """Handle what was received before, in one transaction, and wait for as long as that takes. Raises NotTaken."""
        return self._wait(items, FOREVER)

    async def take_soon(self, channel: Channel, arrivals: Sequence[Inbound | OptOut]) -> list[Taken]:
        """The same for a web process that has one thread for all that wait."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        job = self._submit(self._items(channel, arrivals), done)
        if self._patient.loop is not loop:
            self._patient = _Patient(loop)
        self._patient.wait(done, self.patience)
        await done
        return job.outcome()

    def _items(self, channel: Channel, arrivals: Sequence[Inbound | OptOut]) -> list[Item]:
        now = self.clock()
        return [Item(channel, arrival, now) for arrival in arrivals]

    def _wait(self, items: Sequence[Item], seconds: float) -> list[Taken]:
        done = Lock()
        done.acquire()
        job = self._submit(items, done)
        done.acquire(timeout=seconds)
        return job.outcome()

    def _submit(self, items: Sequence[Item], waits: Lock | asyncio.Future[None]) -> _Job:
        job = _Job(items, waits)
        if self._writer is None or not self._writer.is_alive():
            self._begin()
        self._waiting.put(job)
        if self._waiting.qsize() >= self._expected:
            self._complete.set()
        return job

    def take_over_log(self) -> None:
        """Take SQLite's log over into the database if there is much in it, while the writer goes on. Left to itself,
        SQLite does so within a commit, and everybody in that batch waits for some thousand pages."""
        if self._logged >= MUCH:
            self._logged = 0
            take_over(self.engine)

    def close(self) -> None:
        """Finish what waits and end the writer."""
        with self._start:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _begin(self) -> None:
        # At the first inbound, not in __init__: a server may fork between the two, and threads don't survive that.
        with self._start:
            if self._writer is None or not self._writer.is_alive():
                self._writer = Thread(target=self._write, name="intake", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        waiting = self._waiting
        jobs: list[_Job] = []
        took = 0.0
        while (first := waiting.get()) is not None:
            crowded = len(jobs) > 1  # on a quiet day nobody waits for company
            jobs = [first]
            last = False
            size = -1
            while crowded and size < waiting.qsize() + 1 < self._expected:
                size = waiting.qsize() + 1
                self._complete.clear()
                self._complete.wait(took * LINGER)
            while len(jobs) < BATCH:
                try:
                    job = waiting.get_nowait()
                except Empty:
                    break
                if job is None:
                    last = True
                    break
                jobs.append(job)
            began = perf_counter()
            self._handle(jobs)
            took = perf_counter() - began
            INTAKE_SECONDS.observe(took)
            if last:
                return

    def _handle(self, jobs: list[_Job]) -> None:
        try:
            taken = iter(self._again([item for job in jobs for item in job.items]))
            for job in jobs:
                job.taken = list(islice(taken, len(job.items)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others of the batch go on
            if len(jobs) > 1 and not _passing(error):
                for job in jobs:
                    self._handle([job])
                return
            self._failed(jobs, error)
        self._logged += len(jobs)
        self._expected = min(BATCH, len(jobs) + self._waiting.qsize())
        _settle(jobs)

    def _again(self, items: Sequence[Item]) -> list[Taken]:
        """`_together`, and once more where the database ended it for a deadlock with another process, or where a
        connection from before it was restarted says that it is away."""
        used = self._connection is not None
        for _ in range(DEADLOCKS):
            try:
                return self._together(items)
            except sa.exc.DBAPIError as error:
                if is_deadlock(error):
                    log.info("deadlock", inbounds=len(items))
                elif not (used and is_away(error)):
                    raise
                used = False
        return self._together(items)

    def _together(self, items: Sequence[Item]) -> list[Taken]:
        with self._transaction() as transaction:
            unit = Unit(transaction.connection, self.vault, self.clock())
            taken = Batch(unit, self.rules(), items).run()
            with many.together(transaction.connection):
                unit.flush()
                transaction.commit()
        for channel, count in Counter([item.channel.name for item in items]).items():
            INBOUNDS.labels(channel).inc(count)
        if unit.woken:
            self.wake(unit.woken)
        return taken

    @contextmanager
    def _transaction(self) -> Iterator[sa.Transaction]:
        """A transaction on the writer's own connection, which is given up after any error: the next one is fresh."""
        connection = self._connection or self.engine.connect()
        self._connection = None
        try:
            with connection.begin() as transaction:
                yield transaction
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _failed(self, jobs: list[_Job], error: Exception) -> None:
        if _passing(error):
            log.warning("intake failed", error=type(error).__name__, inbounds=len(jobs))
            for job in jobs:
                job.error = NotTaken(f"the database is not ready ({type(error).__name__})")
            return
        for job in jobs:
            try:
                job.taken = [self._alone(item) for item in job.items]
            except NotTaken as not_taken:
                job.error = not_taken

    def _alone(self, item: Item) -> Taken:
        """Once more, by itself; what fails then too is kept with its error, so that somebody can look at it."""
        try:
            return self._again([item])[0]
        except Exception as error:  # noqa: BLE001 - it is set aside, with its kind
            # The error's own text may hold what a person wrote: only its kind is told.
            kind = type(error).__name__
            log.warning("inbound set aside", error=kind, channel=item.channel.name)
            if _passing(error) or not self._quarantine(item, kind):
                raise NotTaken(f"it could not be handled or set aside ({kind})") from None
            return Taken(screen=self.rules().texts.say("trouble", item.channel.language))

    def _quarantine(self, item: Item, kind: str) -> bool:
        row = {
            "channel": item.channel.name,
            "provider_id": item.arrival.provider_id or f"quarantine:{ids.rising()}",
            "sealed_content": self.vault.seal(repr(item.arrival), "quarantine"),
            "received_at": item.received_at,
            "error": kind,
        }
        try:
            with self._transaction() as transaction:
                connection = transaction.connection
                connection.execute(insert_ignoring(connection.dialect.name, schema.inbounds), [row])
        except sa.exc.SQLAlchemyError:
            return False
        return True


class _Patient:
    """Lets those of one event loop go on who have waited for too long. One timer is enough, for the first of them: each
    request's own would be made and called off, and cost it more than any other single thing that the loop does."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self.loop = loop
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._set = False

    def wait(self, done: asyncio.Future[None], seconds: float) -> None:
        waiting, loop = self._waiting, done.get_loop()
        while waiting and waiting[0][1].done():
            waiting.popleft()
        waiting.append((loop.time() + seconds, done))
        if not self._set:
            self._set = True
            loop.call_later(seconds, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = self._waiting
        while waiting and (waiting[0][1].done() or waiting[0][0] <= loop.time()):
            _set([waiting.popleft()[1]])
        self._set = bool(waiting)
        if waiting:
            loop.call_at(waiting[0][0], self._look, loop)


def _settle(jobs: list[_Job]) -> None:
    """Let those go on who wait. An event loop is told once: each time wakes it, and it takes the interpreter."""
    loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for job in jobs:
        job.settled = True
        if isinstance(job.waits, asyncio.Future):
            loops.setdefault(job.waits.get_loop(), []).append(job.waits)
        else:
            job.waits.release()
    for loop, waiting in loops.items():
        with suppress(RuntimeError):  # whose event loop is closed waits for nothing any more
            loop.call_soon_threadsafe(_set, waiting)


def _set(waiting: list[asyncio.Future[None]]) -> None:
    for done in waiting:
        if not done.done():  # the request may have been given up
            done.set_result(None)


def _passing(error: Exception) -> bool:
    """Whether waiting may mend it: then the provider is asked to send again, and nothing is set aside."""
    return is_busy(error) or is_away(error) or is_full(error)
