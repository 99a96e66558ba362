"""What an operator does with a broadcast: start, pause, resume, cancel; and how it stands.

    file > running <> paused;  running > waiting (a portion is out) > running;  all of them > cancelled;  running > done

Each is one transaction with a row in the audit log, and holds at once for what is queued: rows are held back or taken
out here, and looked at again when they are leased (gateway/delivery/outbox.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from channels.adapter import Status
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.model import Broadcast
from gateway.broadcasts.saying import Version
from gateway.delivery.outbox import CALLED_OFF
from gateway.lifecycle import HELD
from gateway.store import audit, replies
from gateway.store.broadcast_tables import (
    CANCELLED,
    DONE,
    PAUSED,
    RUNNING,
    WAITING,
    broadcast_channels,
    broadcasts,
    forget_cells,
)
from gateway.store.broadcast_tables import broadcast_texts as texts
from gateway.store.keys import Vault
from gateway.store.schema import outbox
from surveys.prompt import Reply

GOING = (RUNNING, WAITING, PAUSED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a broadcast stands. `people` were drawn so far, `drawn` once that is all of them; of those `queued` were put
    into the outbox and `left_out` might not be written to at their turn. `by_status` counts messages, by Status."""

    name: str
    status: str
    seed: str
    people: int
    drawn: bool
    queued: int
    left_out: int
    by_status: Mapping[str, int]
    portion: int
    next_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    by: str
    reasons: Mapping[str, int]
    source: str = ""

    @property
    def out(self) -> int:
        """Of how many it is known what became of their message: sent, or not to be sent."""
        return sum(number for name, number in self.by_status.items() if name not in ("queued", "sending"))

    @property
    def ended(self) -> bool:
        return self.status in (CANCELLED, DONE)


def start(
    engine: sa.Engine, vault: Vault, broadcast: Broadcast, said: Mapping[Version, Reply], now: datetime, by: str
) -> int:
    """Freeze it and let it begin: a worker does the rest. Returns its id. Raises BroadcastError."""
    row = {
        "name": broadcast.name,
        "source": broadcast.source,
        "status": RUNNING,
        "seed": broadcast.seed,
        "poll": broadcast.poll if broadcast.kind == "poll" else None,
        "wave": broadcast.wave if broadcast.kind == "poll" else None,
        "drawn_to": -1,
        "people": 0,
        "portion": 0,
        "started_at": now,
        "by": by,
    }
    with engine.begin() as connection:
        before = connection.execute(_row(broadcast.name)).first()
        if before is not None:
            raise BroadcastError(
                f"{broadcast.name} was started on {before.started_at:%Y-%m-%d}, and each is sent once: copy its file "
                "under another name."
            )
        number = int(connection.execute(sa.insert(broadcasts).values(row).returning(broadcasts.c.id)).scalar_one())
        sealed = [
            {
                "broadcast": number,
                "language": version.language,
                "first": version.first,
                "sealed_reply": vault.seal(replies.dumps(reply), "reply"),
            }
            for version, reply in said.items()
        ]
        connection.execute(sa.insert(texts), sealed)
        audit.note(connection, by, "broadcast start", broadcast.name, now)
    return number


def pause(engine: sa.Engine, name: str, now: datetime, by: str) -> None:
    """Nothing more of it goes out before it is resumed, also of what is queued."""
    with engine.begin() as connection:
        row = _step(connection, name, (RUNNING, WAITING), PAUSED, now, by)
        connection.execute(sa.update(outbox).where(*_queued(row.id)).values(due_at=HELD))


def resume(engine: sa.Engine, name: str, now: datetime, by: str) -> None:
    """After a pause it goes on; where a portion is out, the next one begins."""
    with engine.begin() as connection:
        row = _step(connection, name, (PAUSED, WAITING), RUNNING, now, by)
        if row.status == WAITING:
            begin_portion(connection, row.id, row.portion + 1)
        connection.execute(sa.update(outbox).where(*_queued(row.id), outbox.c.due_at == HELD).values(due_at=now))


def cancel(engine: sa.Engine, name: str, now: datetime, by: str) -> int:
    """Nothing more of it goes out, ever. Returns how many messages were queued and are not sent."""
    with engine.begin() as connection:
        row = _step(connection, name, GOING, CANCELLED, now, by)
        connection.execute(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(ended_at=now))
        forget_cells(connection, row.id)
        gone = {"status": Status.FAILED.value, "error": CALLED_OFF, "updated_at": now}
        return connection.execute(sa.update(outbox).where(*_queued(row.id)).values(gone)).rowcount


def begin_portion(connection: sa.Connection, number: int, portion: int) -> None:
    """The worker says how far it reaches, when it gets to it."""
    values = {"portion": portion, "reach": None, "next_at": None, "status": RUNNING}
    connection.execute(sa.update(broadcasts).where(broadcasts.c.id == number).values(values))


# How it stands ------------------------------------------------------------------------------------------------------


def progress(connection: sa.Connection, name: str = "") -> tuple[Progress, ...]:
    """All that were started, the newest first, or the one of this name."""
    rows = connection.execute(
        (_row(name) if name else sa.select(broadcasts)).order_by(broadcasts.c.started_at.desc(), broadcasts.c.id)
    ).all()
    return tuple(_progress(connection, row) for row in rows)


def started(connection: sa.Connection) -> frozenset[str]:
    """The names of all that were started."""
    return frozenset(connection.scalars(sa.select(broadcasts.c.name)))


def _progress(connection: sa.Connection, row: Any) -> Progress:
    of = broadcast_channels.c.broadcast == row.id
    sums = sa.select(sa.func.sum(broadcast_channels.c.queued), sa.func.sum(broadcast_channels.c.left_out)).where(of)
    queued, left_out = connection.execute(sums).one()
    counted = sa.select(outbox.c.status, sa.func.count()).where(outbox.c.broadcast == row.id).group_by(outbox.c.status)
    why = (
        sa.select(outbox.c.error, sa.func.count())
        .where(outbox.c.broadcast == row.id, outbox.c.status == sa.literal_column(str(Status.FAILED.value)))
        .group_by(outbox.c.error)
        .order_by(sa.func.count().desc())
        .limit(5)
    )
    return Progress(
        name=row.name,
        status=row.status,
        seed=row.seed,
        people=row.people,
        drawn=row.drawn_at is not None,
        queued=queued or 0,
        left_out=left_out or 0,
        by_status={Status(status).name.lower(): number for status, number in connection.execute(counted)},
        portion=row.portion,
        next_at=row.next_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        by=row.by,
        reasons={str(error): number for error, number in connection.execute(why)},
        source=row.source,
    )


# Pieces -------------------------------------------------------------------------------------------------------------


def _row(name: str) -> sa.Select[Any]:
    return sa.select(broadcasts).where(broadcasts.c.name == name)


def _queued(number: int) -> tuple[sa.ColumnElement[bool], ...]:
    return outbox.c.broadcast == number, outbox.c.status == sa.literal_column("0")


def _step(connection: sa.Connection, name: str, before: tuple[str, ...], after: str, now: datetime, by: str) -> Any:
    row = connection.execute(_row(name).with_for_update()).first()
    if row is None:
        raise BroadcastError(f"{name} was never started: `baraza broadcast status` says which broadcasts were.")
    if row.status not in before:
        raise BroadcastError(
            f"{name} is {row.status}: only a broadcast that is {' or '.join(before)} can become {after}."
        )
    connection.execute(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(status=after, by=by))
    audit.note(connection, by, f"broadcast {after}", name, now)
    return row
