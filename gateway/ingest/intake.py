"""The one way in: inbounds that wait together are committed together, and nobody is answered before the commit.

Web threads hand their inbounds over and wait; one writer thread a process takes what is waiting, handles it in one
transaction, commits, and lets them go. A batch that fails is taken apart and handled one by one, each in a transaction
of its own, so that a poisoned message spoils only itself: it is kept with its error, and the provider is not asked to
send it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import sqlalchemy as sa
import structlog

from channels.adapter import Channel, Inbound, OptOut
from gateway.ingest.batch import Batch, Item
from gateway.ingest.conversing import Rules, Taken
from gateway.ingest.unit import Unit
from gateway.store import schema
from gateway.store.database import insert_ignoring, is_away, is_busy, is_full
from gateway.store.keys import Vault

BATCH = 64
"""The most inbounds of one transaction: more would make the first of them wait."""

PATIENCE = 8.0
"""Seconds a web thread waits. USSD must be answered within ten."""

log = structlog.get_logger(__name__)


class NotTaken(Exception):
    """Nothing was stored: the provider must send it again. Its text says why, for the operator."""


@dataclass(slots=True)
class _Job:
    """One inbound on its way. `done` is a lock that is held until it is handled: an Event costs ten times as much."""

    item: Item
    done: Lock = field(default_factory=Lock)
    taken: Taken | None = None
    error: NotTaken | None = None

    def __post_init__(self) -> None:
        self.done.acquire()


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
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._start = Lock()
        self._writer: Thread | None = None

    def take(self, channel: Channel, arrivals: Sequence[Inbound | OptOut]) -> list[Taken]:
        """Handle these and return when they are on disk. Raises NotTaken."""
        now = self.clock()
        jobs = [_Job(Item(channel, arrival, now)) for arrival in arrivals]
        if self._writer is None or not self._writer.is_alive():
            self._begin()
        for job in jobs:
            self._waiting.put(job)
        taken = []
        for job in jobs:
            if not job.done.acquire(timeout=PATIENCE):
                raise NotTaken("the database did not take it in time")
            if job.error is not None:
                raise job.error
            assert job.taken is not None
            taken.append(job.taken)
        return taken

    def close(self) -> None:
        """Finish what waits and end the writer."""
        with self._start:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None

    def _begin(self) -> None:
        # At the first inbound, not in __init__: a server may fork between the two, and threads don't survive that.
        with self._start:
            if self._writer is None or not self._writer.is_alive():
                self._writer = Thread(target=self._write, name="intake", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            jobs = [first]
            last = False
            while len(jobs) < BATCH:
                try:
                    job = self._waiting.get_nowait()
                except Empty:
                    break
                if job is None:
                    last = True
                    break
                jobs.append(job)
            self._handle(jobs)
            if last:
                return

    def _handle(self, jobs: list[_Job]) -> None:
        try:
            self._together(jobs)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others of the batch go on
            if len(jobs) > 1 and not _passing(error):
                for job in jobs:
                    self._handle([job])
                return
            self._failed(jobs, error)
        for job in jobs:
            job.done.release()

    def _together(self, jobs: list[_Job]) -> None:
        with self.engine.begin() as connection:
            unit = Unit(connection, self.vault, self.clock())
            taken = Batch(unit, self.rules(), [job.item for job in jobs]).run()
        for job, one in zip(jobs, taken, strict=True):
            job.taken = one
        if unit.woken:
            self.wake(unit.woken)

    def _failed(self, jobs: list[_Job], error: Exception) -> None:
        # The error's own text may hold what a person wrote: only its kind is told.
        kind = type(error).__name__
        for job in jobs:
            if _passing(error):
                job.error = NotTaken(f"the database is not ready ({kind})")
            elif not self._quarantine(job, kind):
                job.error = NotTaken(f"it could not be handled or set aside ({kind})")
        log.warning("intake failed", error=kind, inbounds=len(jobs), channel=jobs[0].item.channel.name)

    def _quarantine(self, job: _Job, kind: str) -> bool:
        """Keep what could not be handled, with its error: somebody can look at it, and nothing is lost."""
        item = job.item
        row = {
            "channel": item.channel.name,
            "provider_id": item.arrival.provider_id or f"quarantine:{id(job)}:{item.received_at.timestamp()}",
            "sealed_content": self.vault.seal(repr(item.arrival), "quarantine"),
            "received_at": item.received_at,
            "error": kind,
        }
        try:
            with self.engine.begin() as connection:
                connection.execute(insert_ignoring(connection.dialect.name, schema.inbounds), [row])
        except sa.exc.SQLAlchemyError:
            return False
        rules = self.rules()
        trouble = rules.texts.say("trouble", item.channel.language)
        job.taken = Taken(screen=trouble, ends=True)
        return True


def _passing(error: Exception) -> bool:
    """Whether waiting may mend it: then the provider is asked to send again, and nothing is set aside."""
    return is_busy(error) or is_away(error) or is_full(error)
