"""What those who run the gateway look at: what waits, what was lost and why, the workers, and sending again by hand.

Lost is what failed, or of which nobody knows whether it was taken; not what was rightly not sent: after STOP or
FORGET ME, after the end of its poll, too late. Nothing here says to whom a message was, nor what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from channels.adapter import Status
from gateway.delivery.outbox import BEGUN, CALLED_OFF, LATE, STOPPED, oldest_due
from gateway.delivery.presence import ALIVE
from gateway.delivery.shares import Share, open_shares
from gateway.lifecycle import ENDED
from gateway.store import audit
from gateway.store.delivery_tables import FORGOTTEN
from gateway.store.schema import outbox, workers

MOST = 10_000
"""Rows of a share that are counted: whoever looks wants to know whether it is few or many."""
LOOK_BACK = timedelta(days=7)
RIGHTLY = (STOPPED, LATE, ENDED, CALLED_OFF, BEGUN, FORGOTTEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is open of a share. `rows` ends at MOST."""

    channel: str
    share: Share
    rows: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Rows that ended alike. `newest` is when the last of them did."""

    channel: str
    status: Status
    reason: str
    rows: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """One of them."""

    id: int
    channel: str
    kind: str
    status: Status
    reason: str
    attempts: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    name: str
    started_at: datetime
    channels: dict[str, str]  # the state of each one's breaker


_of_share = (
    outbox.c.channel == sa.bindparam("channel"),
    outbox.c.kind == sa.bindparam("kind"),
    outbox.c.status < sa.literal_column("2"),
)
# Literal, as the index' condition is written.
_lost = sa.literal_column("outbox.status IN (2, 6)", sa.Boolean)
_missed = (
    _lost,
    outbox.c.updated_at > sa.bindparam("since"),
    sa.or_(outbox.c.error.is_(None), outbox.c.error.not_in(RIGHTLY)),
)
_reasons = (
    sa.select(outbox.c.channel, outbox.c.status, outbox.c.error, sa.func.count(), sa.func.max(outbox.c.updated_at))
    .where(*_missed)
    .group_by(outbox.c.channel, outbox.c.status, outbox.c.error)
    .order_by(sa.func.count().desc())
    .limit(50)
)
_letters = (
    sa.select(
        outbox.c.id,
        outbox.c.channel,
        outbox.c.kind,
        outbox.c.status,
        outbox.c.error,
        outbox.c.attempts,
        outbox.c.updated_at,
    )
    .where(*_missed)
    .order_by(outbox.c.updated_at.desc())
)


def waiting(connection: sa.Connection, channels: Iterable[str]) -> list[Waiting]:
    found = []
    for channel in channels:
        for share in open_shares(connection, channel):
            of = outbox.c.broadcast.is_(None) if share.broadcast is None else outbox.c.broadcast == share.broadcast
            few = sa.select(outbox.c.id).where(*_of_share, of).limit(MOST).subquery()
            counted = connection.scalar(
                sa.select(sa.func.count()).select_from(few), {"channel": channel, "kind": share.kind}
            )
            found.append(Waiting(channel, share, counted or 0))
    return found


def since_when(connection: sa.Connection, channels: Iterable[str], now: datetime) -> dict[str, float]:
    """For how many seconds the oldest message of each channel has been due; 0 where none is."""
    due = {channel: oldest_due(connection, channel, now) for channel in channels}
    return {channel: (now - oldest).total_seconds() if oldest else 0.0 for channel, oldest in due.items()}


def reasons(connection: sa.Connection, now: datetime) -> list[Lost]:
    """Of the last week, the most frequent first."""
    rows = connection.execute(_reasons, {"since": now - LOOK_BACK})
    return [Lost(channel, Status(status), error or "", count, at) for channel, status, error, count, at in rows]


def letters(connection: sa.Connection, now: datetime, limit: int = 100) -> list[Letter]:
    """Of the last week, the newest first."""
    rows = connection.execute(_letters.limit(limit), {"since": now - LOOK_BACK})
    return [
        Letter(number, channel, kind, Status(status), error or "", *more)
        for number, channel, kind, status, error, *more in rows
    ]


def present(connection: sa.Connection, now: datetime) -> list[Worker]:
    rows = connection.execute(sa.select(workers).where(workers.c.seen_at > now - ALIVE).order_by(workers.c.started_at))
    return [Worker(row.name, row.started_at, row.channels) for row in rows]


def send_again(connection: sa.Connection, who: str, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    """Put lost rows back, by hand: with all their attempts, and marked as a repeat where they may have been taken.
    Returns how many; those whose text was deleted meanwhile stay. What holds for every row holds for these again."""
    lost = (*_missed, *which, sa.func.length(outbox.c.sealed_reply) > 0)
    change = (
        sa.update(outbox)
        .where(*lost)
        .values(
            repeats=outbox.c.repeats + sa.case((outbox.c.status == Status.UNKNOWN.value, 1), else_=0),
            status=Status.QUEUED.value,
            attempts=0,
            error=None,
            provider_id=None,
            lease=None,
            due_at=now,
            again_at=now,
            updated_at=now,
        )
    )
    count = connection.execute(change, {"since": now - LOOK_BACK}).rowcount
    audit.note(connection, who, "send again", f"outbox {count}", now)
    return count


def ended_as(channel: str, status: Status, reason: str) -> tuple[sa.ColumnElement[bool], ...]:
    """For `send_again`: all that ended alike."""
    why = outbox.c.error == reason if reason else sa.or_(outbox.c.error.is_(None), outbox.c.error == "")
    return outbox.c.channel == channel, outbox.c.status == status.value, why


def numbered(ids: Sequence[int]) -> tuple[sa.ColumnElement[bool], ...]:
    """For `send_again`: these."""
    return (outbox.c.id.in_(ids),)
