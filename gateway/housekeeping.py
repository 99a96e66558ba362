"""What has to be done once in a while, whether or not anything happens: deleting what has reached its end date."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from gateway.settings import Retention
from gateway.store.database import is_away, is_busy
from gateway.store.retention import purge

log = structlog.get_logger(__name__)

EVERY = 6 * 3600.0
"""Seconds between two rounds. Several processes may do the same: what is deleted is deleted once."""


class Housekeeper:
    """Keeps house in a thread of its own, at once and then every few hours, until `stop`."""

    def __init__(
        self, engine: sa.Engine, retention: Retention, clock: Callable[[], datetime], every: float = EVERY
    ) -> None:
        self._engine = engine
        self._retention = retention
        self._clock = clock
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            try:
                purge(self._engine, self._retention, self._clock())
            except sa.exc.SQLAlchemyError as error:
                if not (is_away(error) or is_busy(error)):
                    log.error("housekeeping failed", error=type(error).__name__)  # noqa: TRY400 - no traceback: it may hold what was said
            if self._stopping.wait(self._every):
                return
