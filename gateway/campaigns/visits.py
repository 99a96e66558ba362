"""How often pages were opened: a number for each day, page and language, and nothing of who opened them.

Counted in memory and written a few seconds later, so that a page that many open at once costs the database one write.
What a process counted in its last seconds is lost where it is killed.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog

from gateway.store.campaign_tables import campaign_visits
from gateway.store.database import insert_ignoring

log = structlog.get_logger(__name__)

WAIT = 5.0
MACHINES = re.compile(
    "bot|crawl|spider|preview|facebookexternalhit|whatsapp|curl|wget|python|http-client", re.IGNORECASE
)
"""Browsers that are none: they fetch a page because somebody shared it, and nobody reads it there."""

Key = tuple[str, str, str, str]  # day, campaign, piece, language


class Visits:
    """The counts of one web process."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], datetime], wait: float = WAIT) -> None:
        self._engine = engine
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self._timer: threading.Timer | None = None

    def count(self, campaign: str, piece: str, language: str, browser: str) -> None:
        """Somebody opened a page. `browser` is what it says of itself; it is not kept."""
        if not browser or MACHINES.search(browser):
            return
        with self._lock:
            self._counts[self._clock().date().isoformat(), campaign, piece, language] += 1
            if self._timer is None:
                self._timer = threading.Timer(self._wait, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what was counted so far. Where the database does not take it, it waits for the next time."""
        with self._lock:
            counts, self._counts, self._timer = self._counts, Counter(), None
        if not counts:
            return
        try:
            with self._engine.begin() as connection:
                for (day, campaign, piece, language), count in sorted(counts.items()):
                    _add(connection, {"day": day, "campaign": campaign, "piece": piece, "language": language}, count)
        except sa.exc.SQLAlchemyError as error:
            log.warning("visits not written yet", error=type(error).__name__)
            with self._lock:
                self._counts += counts


def _add(connection: sa.Connection, key: dict[str, str], count: int) -> None:
    table = campaign_visits
    same = [table.c[name] == value for name, value in key.items()]
    more = sa.update(table).where(*same).values(count=table.c.count + count)
    if connection.execute(more).rowcount:
        return
    if not connection.execute(insert_ignoring(connection.dialect.name, table), {**key, "count": count}).rowcount:
        connection.execute(more)  # another process was faster
