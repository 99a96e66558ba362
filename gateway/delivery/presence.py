"""Which workers there are: each renews a row of its own, which says how its channels are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store.schema import workers

BEAT = 5.0
"""Seconds between two renewals."""
ALIVE = timedelta(seconds=30)
"""A worker that was seen within it is there."""
FORGET = timedelta(days=1)

_alive = sa.select(workers.c.channels).where(workers.c.seen_at > sa.bindparam("since"))


class Presence:
    """Of this process. `workers` is how many there were when it last looked, itself included, and `served` what
    channels they have."""

    def __init__(self, name: str, now: datetime, channels: Callable[[], Mapping[str, str]]) -> None:
        self.name = name
        self.workers = 1
        self.served: frozenset[str] = frozenset()
        self._started_at = now
        self._channels = channels

    def beat(self, engine: sa.Engine, now: datetime) -> None:
        row = {"name": self.name, "started_at": self._started_at, "seen_at": now, "channels": dict(self._channels())}
        with engine.begin() as connection:
            connection.execute(_BEAT[connection.dialect.name], row)
            connection.execute(sa.delete(workers).where(workers.c.seen_at < now - FORGET))
            there = connection.scalars(_alive, {"since": now - ALIVE}).all()
        self.workers = len(there) or 1
        self.served = frozenset().union(*there)

    def leave(self, engine: sa.Engine) -> None:
        with engine.begin() as connection:
            connection.execute(sa.delete(workers).where(workers.c.name == self.name))


def _beat(insert: Callable[[sa.Table], sqlite.Insert | postgresql.Insert]) -> sa.Insert:
    new = insert(workers)
    return new.on_conflict_do_update(
        index_elements=[workers.c.name], set_={"seen_at": new.excluded.seen_at, "channels": new.excluded.channels}
    )


_BEAT = {"sqlite": _beat(sqlite.insert), "postgresql": _beat(postgresql.insert)}
