"""What has to be done once in a while, whether or not anything happens: deleting what has reached its end date, and
noticing what an operator changed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from gateway.retention_settings import Retention
from gateway.store.database import is_away, is_busy
from gateway.store.retention import purge

log = structlog.get_logger(__name__)

EVERY = 6 * 3600.0
"""Seconds between two rounds. Several processes may do the same: what is deleted is deleted once."""

NOTICE = 2.0
"""Seconds until a running process notices that a poll was opened, mended, paused or closed."""

REPLAY = 0.5
"""Seconds between two tries to take up what waits in the spool."""

TAKE_OVER = 0.25
"""Seconds between two looks how much SQLite's log holds."""

FOLLOW_UP = 2.0
"""Seconds between two looks for reminders and for conversations that expire."""

BROADCASTS = 2.0
"""Seconds between two looks whether more of a broadcast may be queued."""

DIGESTS = 60.0
"""Seconds between two looks for digests that are due."""


class Every:
    """Does one thing in a thread of its own, at once and then every so many seconds, until `stop`.

    What the database raises is logged, and so is anything else: nothing ends it but `stop`.
    """

    def __init__(self, name: str, act: Callable[[], object], seconds: float) -> None:
        self._name = name
        self._act = act
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            try:
                self._act()
            except Exception as error:  # noqa: BLE001 - the next round may go better, and others rely on it
                if not (is_away(error) or is_busy(error)):
                    log.error("round failed", name=self._name, error=type(error).__name__)  # noqa: TRY400 - no traceback: it may hold what was said
            if self._stopping.wait(self._seconds):
                return


class Vigil(Every):
    """Ends this process, at once and with its keys, when the gateway is wiped."""

    def __init__(self, wiped: Callable[[], bool], end: Callable[[], object], seconds: float = NOTICE) -> None:
        super().__init__("wipe", lambda: wiped() and self._end(end), seconds)

    @staticmethod
    def _end(end: Callable[[], object]) -> None:
        log.error("wiped", consequence="this process ends")
        end()
        os._exit(1)


class Housekeeper(Every):
    """Deletes what has reached its end date, every few hours."""

    def __init__(
        self, engine: sa.Engine, retention: Retention, clock: Callable[[], datetime], every: float = EVERY
    ) -> None:
        super().__init__("housekeeper", lambda: purge(engine, retention, clock()), every)
