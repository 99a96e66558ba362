"""The outbox: which rows go out next, and what becomes of them. SQL is the queue of record.

A row is leased by being marked SENDING, in the same commit that records what came back from earlier sends, and only
when a thread is free to call the provider at once. There is no second mark for "leased, not begun": it would cost a
commit for each message to save the few rows of one commit, and a row so marked could still not be told from one
whose call was made. So a crash leaves at most one row a thread in doubt, and the policy of its kind says what then.

Of one person and channel only the oldest open row goes out, so that order holds. On different channels a person's
messages don't wait for each other (a provider that is down must not hold up another), and a reply does not wait for
a broadcast that may not go out before the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from channels.adapter import SendError, Sent, Status
from gateway.delivery.policy import ASKED, policy
from gateway.delivery.reports import apply_early
from gateway.delivery.settings import DeliverySettings
from gateway.lifecycle import ENDED, HELD
from gateway.polls import CLOSED, PAUSED
from gateway.quiet import Quiet
from gateway.store.broadcast_tables import CANCELLED, broadcasts, profiles
from gateway.store.poll_tables import polls, respondents
from gateway.store.schema import addresses, outbox, people

Random = Callable[[], float]
"""A number from 0 (included) to 1."""

ERROR_LENGTH = 200
STOPPED = "stopped"
LATE = "too late"
CALLED_OFF = "the broadcast was cancelled"
BEGUN = "they have begun by themselves"

_NOT_BEGUN = (None, "registered", "contacted", "unresponsive", "failed")
"""What somebody may be in the wave of a poll that an invitation is for."""


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


# Leasing ------------------------------------------------------------------------------------------------------------

# Literals, not parameters: a database uses a partial index only where it can see that the condition implies the index'.
_other = outbox.alias("other")
_asked = outbox.c.kind.in_(ASKED)
_unasked_now = sa.bindparam("unasked", type_=sa.Boolean)
# A scalar subquery and a subquery with a limit stay what they are: left to choose, PostgreSQL joins whole tables where
# it has no statistics yet, as right after the first large broadcast was put in.
_in_its_way = (
    sa.select(_other.c.id)
    .where(
        _other.c.person == outbox.c.person,
        _other.c.channel == outbox.c.channel,
        _other.c.id != outbox.c.id,
        _other.c.status < sa.literal_column("2"),
        sa.or_(
            _other.c.status == sa.literal_column("1"),
            sa.and_(
                _other.c.id < outbox.c.id,
                # An older one that may not go out yet holds up what was sent unasked, but no reply.
                sa.or_(
                    _other.c.kind.in_(ASKED), ~_asked, sa.and_(_unasked_now, _other.c.due_at <= sa.bindparam("now"))
                ),
            ),
        ),
    )
    .limit(1)
)
_due = (
    outbox.c.channel == sa.bindparam("channel"),
    outbox.c.due_at <= sa.bindparam("now"),
    outbox.c.status < sa.literal_column("2"),
    outbox.c.status == sa.literal_column("0"),
)
_next = (
    sa.select(outbox)
    .where(*_due, sa.or_(_asked, _unasked_now), _in_its_way.scalar_subquery().is_(None))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
    .subquery("next")
)
_is_asked = _next.c.kind.in_(ASKED)
_candidates = (
    sa.select(
        _next.c.id,
        _next.c.person,
        _next.c.kind,
        _next.c.attempts,
        _next.c.repeats,
        _next.c.due_at,
        _next.c.created_at,
        addresses.c.sealed_address,
        _next.c.sealed_reply,
        people.c.stopped,
        _next.c.until,
        polls.c.status.label("poll"),
        polls.c.closes_at,
        broadcasts.c.status.label("broadcast"),
        respondents.c.disposition,
        profiles.c.value.label("zone"),
    )
    .join(people, people.c.id == _next.c.person)
    .join(addresses, addresses.c.id == _next.c.address)
    .outerjoin(polls, polls.c.name == _next.c.poll)
    .outerjoin(broadcasts, broadcasts.c.id == _next.c.broadcast)
    .outerjoin(
        respondents,
        sa.and_(
            _next.c.broadcast.is_not(None),
            respondents.c.person == _next.c.person,
            respondents.c.survey == _next.c.poll,
            respondents.c.wave == polls.c.wave,
        ),
    )
    .outerjoin(profiles, sa.and_(~_is_asked, profiles.c.person == _next.c.person, profiles.c.fact == "zone"))
    .order_by(_next.c.due_at, _next.c.id)
)
_mark = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        status=Status.SENDING.value,
        lease=sa.bindparam("worker"),
        leased_until=sa.bindparam("lease_ends"),
        updated_at=sa.bindparam("now"),
    )
)
_drop = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(status=Status.FAILED.value, error=sa.bindparam("why"), updated_at=sa.bindparam("now"))
)
_hold = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(due_at=sa.bindparam("not_before", type_=outbox.c.due_at.type))
)
_oldest_due = sa.select(outbox.c.due_at).where(*_due, sa.or_(_asked, _unasked_now)).order_by(outbox.c.due_at).limit(1)


def lease(
    connection: sa.Connection,
    channel: str,
    worker: str,
    now: datetime,
    limit: int,
    seconds: float,
    *,
    unasked: bool = True,
    quiet: Quiet | None = None,
) -> list[Leased]:
    """Mark up to `limit` due rows as being sent by `worker`, and return them; commit before calling the provider.

    Rows of people who left are failed instead, except those whose kind goes out after STOP; so are those of a poll that
    has ended, and those that come too late. What nobody asked for waits while its poll or its broadcast pauses, and
    while it is quiet (by `quiet`) where its person lives. `unasked` is False in the gateway's own quiet hours. On
    PostgreSQL rows that another worker looks at are passed over; on SQLite the transaction has the write lock.
    """
    found = connection.execute(_candidates, {"channel": channel, "now": now, "limit": limit, "unasked": unasked}).all()
    leased: list[Leased] = []
    never: dict[str, list[int]] = {}
    later: dict[datetime, list[int]] = {}
    for row in found:
        if why := _why_not(row, now):
            never.setdefault(why, []).append(row.id)
        elif until := _held_until(row, now, quiet):
            later.setdefault(until, []).append(row.id)
        else:
            leased.append(Leased(*row[:9]))
    for until, rows in later.items():
        connection.execute(_hold, {"ids": rows, "not_before": until})
    for why, rows in never.items():
        connection.execute(_drop, {"ids": rows, "now": now, "why": why})
    if leased:
        until = now + timedelta(seconds=seconds)
        connection.execute(
            _mark, {"ids": [row.id for row in leased], "worker": worker, "lease_ends": until, "now": now}
        )
    return leased


def _why_not(row: Any, now: datetime) -> str:
    """Why a row that is due may not go out, ever; "" where it may."""
    if row.stopped and not policy(row.kind).after_stop:
        return STOPPED
    if row.poll == CLOSED or (row.closes_at is not None and row.closes_at <= now):
        return ENDED
    if row.until is not None and row.until <= now:
        return LATE
    if row.broadcast == CANCELLED:
        return CALLED_OFF
    return "" if row.disposition in _NOT_BEGUN else BEGUN


def _held_until(row: Any, now: datetime, quiet: Quiet | None) -> datetime | None:
    """When a row that is due may go out; None: now."""
    if policy(row.kind).asked:
        return None
    if PAUSED in (row.poll, row.broadcast):
        return HELD
    there = replace(quiet, zone=ZoneInfo(row.zone)) if quiet and row.zone else None
    return there.ends(now) if there and there.holds(now) else None


def oldest_due(connection: sa.Connection, channel: str, now: datetime, *, unasked: bool = True) -> datetime | None:
    """Since when the oldest row of a channel is due, None where none is."""
    found: datetime | None = connection.execute(
        _oldest_due, {"channel": channel, "now": now, "unasked": unasked}
    ).scalar()
    return found


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
