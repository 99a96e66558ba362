"""What becomes of a row that was leased, and writing it down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from channels.adapter import SendError, Sent, Status
from gateway.delivery.policy import policy
from gateway.delivery.reports import apply_early
from gateway.delivery.settings import DeliverySettings
from gateway.store.schema import outbox, people

Random = Callable[[], float]
"""A number from 0 (included) to 1."""

ERROR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Leased:
    """A row that this worker sends now."""

    id: int
    person: int
    kind: str
    attempts: int
    repeats: int
    due_at: datetime
    created_at: datetime
    sealed_address: bytes
    sealed_reply: bytes


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a leased row."""

    id: int
    status: Status
    attempts: int
    repeats: int
    due_at: datetime
    error: str | None = None
    provider_id: str | None = None
    segments: int | None = None


# What becomes of a row ----------------------------------------------------------------------------------------------


def sent(row: Leased, result: Sent) -> Settlement:
    return Settlement(
        row.id,
        Status.SENT,
        row.attempts + 1,
        row.repeats,
        row.due_at,
        provider_id=result.provider_id or None,
        segments=result.segments,
    )


def failed(row: Leased, reason: str) -> Settlement:
    return Settlement(row.id, Status.FAILED, row.attempts + 1, row.repeats, row.due_at, reason[:ERROR_LENGTH])


def interrupted(row: Leased, reason: str, now: datetime) -> Settlement:
    """Nobody knows whether it was taken: sent again and marked where the policy of its kind says so, else unknown."""
    again = row.repeats < policy(row.kind).repeats
    return Settlement(
        row.id,
        Status.QUEUED if again else Status.UNKNOWN,
        row.attempts + 1,
        row.repeats + again,
        now,
        reason[:ERROR_LENGTH],
    )


def retry(
    row: Leased, reason: str, now: datetime, random: Random, settings: DeliverySettings, *, counted: bool = True
) -> Settlement:
    """Nothing was taken: later again, until attempts or time are used up. `counted` is False where the channel is
    known to be down, so that an outage doesn't use up the attempts of those who wait."""
    attempts = row.attempts + counted
    if attempts >= settings.attempts or now >= row.created_at + timedelta(seconds=settings.give_up):
        return failed(row, reason)
    wait = min(settings.backoff * 2.0 ** max(attempts - 1, 0), settings.backoff_cap) * (0.5 + random())
    due = now + timedelta(seconds=wait)
    return Settlement(row.id, Status.QUEUED, attempts, row.repeats, due, reason[:ERROR_LENGTH])


def throttled(row: Leased, reason: str, now: datetime, wait: float, settings: DeliverySettings) -> Settlement:
    """The provider asked to wait: that long, and no attempt is used up."""
    if now >= row.created_at + timedelta(seconds=settings.give_up):
        return failed(row, reason)
    due = now + timedelta(seconds=wait)
    return Settlement(row.id, Status.QUEUED, row.attempts, row.repeats, due, reason[:ERROR_LENGTH])


def reason(error: SendError) -> str:
    return f"{error.code}: {error}" if error.code else str(error)


# Recording ----------------------------------------------------------------------------------------------------------

# A result that comes after its lease ran out still counts, as long as nobody else has taken the row up.
_settle = (
    sa.update(outbox)
    .where(
        outbox.c.id == sa.bindparam("row"),
        outbox.c.lease == sa.bindparam("worker"),
        outbox.c.status <= sa.literal_column("2"),
    )
    .values(lease=None, leased_until=None)
)
_leave = sa.update(people).where(people.c.id.in_(sa.bindparam("ids", expanding=True))).values(stopped=True)


def record(
    connection: sa.Connection,
    channel: str,
    worker: str,
    settlements: Sequence[Settlement],
    now: datetime,
    left: Iterable[int] = (),
) -> None:
    """Store what became of leased rows, then the reports that were faster than we are. `left` are people who, as the
    provider says, don't want messages any more: nothing is pushed to them from now on."""
    if settlements:
        connection.execute(_settle, [_values(settlement, now) | {"worker": worker} for settlement in settlements])
    if known := [settlement.provider_id for settlement in settlements if settlement.provider_id]:
        apply_early(connection, channel, known, now)
    if gone := sorted(set(left)):
        connection.execute(_leave, {"ids": gone})


def _values(settlement: Settlement, now: datetime) -> dict[str, object]:
    """Keys that are columns are set by the statement."""
    return {
        "row": settlement.id,
        "status": settlement.status.value,
        "attempts": settlement.attempts,
        "repeats": settlement.repeats,
        "due_at": settlement.due_at,
        "error": settlement.error,
        "provider_id": settlement.provider_id,
        "segments": settlement.segments,
        "updated_at": now,
    }


# Leases that ran out ------------------------------------------------------------------------------------------------

_expired = (
    sa.select(
        outbox.c.id,
        outbox.c.person,
        outbox.c.kind,
        outbox.c.attempts,
        outbox.c.repeats,
        outbox.c.due_at,
        outbox.c.created_at,
        sa.literal(b"", sa.LargeBinary),
        sa.literal(b"", sa.LargeBinary),
    )
    .where(outbox.c.status == sa.literal_column("1"), outbox.c.leased_until < sa.bindparam("now"))
    .limit(500)
)
# The worker's name stays: should it be alive after all, its result still counts.
_expire = (
    sa.update(outbox)
    .where(
        outbox.c.id == sa.bindparam("row"),
        outbox.c.status == sa.literal_column("1"),
        outbox.c.leased_until < sa.bindparam("now"),
    )
    .values(leased_until=None)
)


def has_expired(connection: sa.Connection, now: datetime) -> bool:
    return connection.execute(_expired, {"now": now}).first() is not None


def expire(connection: sa.Connection, now: datetime) -> list[Settlement]:
    """Settle rows whose worker did not come back: it may have called the provider."""
    found = connection.execute(_expired.with_for_update(skip_locked=True), {"now": now}).all()
    settlements = [interrupted(Leased(*row), "interrupted while sending", now) for row in found]
    if settlements:
        connection.execute(_expire, [_values(settlement, now) | {"now": now} for settlement in settlements])
    return settlements
