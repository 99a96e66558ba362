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
from gateway.delivery.spending import FREE, Charge, Price, Tariff, charge
from gateway.store import many
from gateway.store.database import among
from gateway.store.delivery_tables import asked
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
    since: datetime  # when its time began: anew, where it was put back by hand
    sealed_address: bytes
    sealed_reply: bytes


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a leased row. `charge` is what is paid for it, None where nothing was taken."""

    id: int
    person: int
    status: Status
    attempts: int
    repeats: int
    due_at: datetime
    error: str | None = None
    provider_id: str | None = None
    segments: int | None = None
    charge: Charge | None = None


# What becomes of a row ----------------------------------------------------------------------------------------------


def sent(row: Leased, result: Sent, price: Price = FREE) -> Settlement:
    return Settlement(
        row.id,
        row.person,
        Status.SENT,
        row.attempts + 1,
        row.repeats,
        row.due_at,
        provider_id=result.provider_id or None,
        segments=result.segments,
        charge=Charge(price, result.segments),
    )


def failed(row: Leased, reason: str) -> Settlement:
    return _ended(row, Status.FAILED, row.attempts + 1, reason)


def given_up(row: Leased, reason: str, attempts: int) -> Settlement:
    """It was not taken this time; one that may have been taken before is as unknown as it was."""
    return _ended(row, Status.UNKNOWN if row.repeats else Status.FAILED, attempts, reason)


def _ended(row: Leased, status: Status, attempts: int, reason: str) -> Settlement:
    return Settlement(row.id, row.person, status, attempts, row.repeats, row.due_at, reason[:ERROR_LENGTH])


def interrupted(row: Leased, reason: str, now: datetime, wait: float = 0, price: Price = FREE) -> Settlement:
    """Nobody knows whether it was taken: sent again after `wait` seconds, and marked, where the policy of its kind says
    so, else unknown. It is paid for as if it was."""
    again = row.repeats < policy(row.kind).repeats
    return Settlement(
        row.id,
        row.person,
        Status.QUEUED if again else Status.UNKNOWN,
        row.attempts + 1,
        row.repeats + again,
        now + timedelta(seconds=wait if again else 0),
        reason[:ERROR_LENGTH],
        charge=Charge(price, 1),
    )


def retry(
    row: Leased, reason: str, now: datetime, random: Random, settings: DeliverySettings, *, counted: bool = True
) -> Settlement:
    """Nothing was taken: later again, until attempts or time are used up. `counted` is False where the channel is
    known to be down, so that an outage doesn't use up the attempts of those who wait."""
    attempts = row.attempts + counted
    if attempts >= settings.attempts or now >= row.since + timedelta(seconds=settings.give_up):
        return given_up(row, reason, attempts)
    wait = min(settings.backoff * 2.0 ** max(attempts - 1, 0), settings.backoff_cap) * (0.5 + random())
    due = now + timedelta(seconds=wait)
    return Settlement(row.id, row.person, Status.QUEUED, attempts, row.repeats, due, reason[:ERROR_LENGTH])


def throttled(row: Leased, reason: str, now: datetime, wait: float, settings: DeliverySettings) -> Settlement:
    """The provider asked to wait: that long, and no attempt is used up."""
    if now >= row.since + timedelta(seconds=settings.give_up):
        return given_up(row, reason, row.attempts + 1)
    due = now + timedelta(seconds=wait)
    return Settlement(row.id, row.person, Status.QUEUED, row.attempts, row.repeats, due, reason[:ERROR_LENGTH])


def reason(error: SendError) -> str:
    return f"{error.code}: {error}" if error.code else str(error)


# Recording ----------------------------------------------------------------------------------------------------------

SETTLED = ("status", "attempts", "repeats", "due_at", "error", "provider_id", "segments")

# A result that comes after its lease ran out still counts, as long as nobody else has taken the row up.
_ours = outbox.c.lease == sa.bindparam("worker"), outbox.c.status <= sa.literal_column("2")
_settle = sa.update(outbox).where(outbox.c.id == sa.bindparam("row"), *_ours).values(lease=None, leased_until=None)
_given = many.given(outbox, (*SETTLED, "id"))
_settle_all = (
    sa.update(outbox)
    .where(outbox.c.id == _given.c.id, *_ours)
    .values({name: _given.c[name] for name in SETTLED})
    .values(lease=None, leased_until=None, updated_at=sa.bindparam("now", type_=outbox.c.updated_at.type))
)
"""For PostgreSQL: one statement for all rows, planned once."""
_leave = sa.update(people).where(people.c.id.in_(sa.bindparam("ids", expanding=True))).values(stopped=True)


@dataclass(frozen=True, slots=True)
class Terms:
    """`pace` seconds pass between any message to somebody and one that nobody asked for, `gap` between any two on the
    channel. `tariff` says what messages cost."""

    tariff: Tariff | None = None
    pace: float = 0
    gap: float = 0


_rest = sa.update(outbox).where(
    outbox.c.status < sa.literal_column("2"),
    outbox.c.status == sa.literal_column("0"),
    outbox.c.due_at < sa.bindparam("due_at"),
)
_unasked, _here = ~asked(outbox.c.kind), outbox.c.channel == sa.bindparam("of_channel")
_rest_of = {
    dialect: tuple(
        _rest.where(among(dialect, outbox.c.person, "sent_to"), of).values(due_at=sa.bindparam("due_at"))
        for of in (_unasked, _here)
    )
    for dialect in ("sqlite", "postgresql")
}


def record(
    connection: sa.Connection,
    channel: str,
    worker: str,
    settlements: Sequence[Settlement],
    now: datetime,
    left: Iterable[int] = (),
    terms: Terms = Terms(),
) -> Callable[[], None]:
    """Store what became of leased rows, and what was paid, and let those who were sent something rest. `left` are
    people who, as the provider says, don't want messages any more: nothing is pushed to them from now on. What is
    returned is to be called before the commit: it stores the reports that were faster than we are."""
    early: Callable[[], None] = _nothing
    if settlements:
        rows = [_values(settlement, now) for settlement in settlements]
        if connection.dialect.name == "postgresql":
            arrays = many.arrays((*SETTLED, "id"), [row | {"id": row["row"]} for row in rows])
            many.run(connection, _settle_all, arrays | {"worker": worker, "now": now})
        else:
            connection.execute(_settle, [row | {"worker": worker} for row in rows])
    if known := [settlement.provider_id for settlement in settlements if settlement.provider_id]:
        early = apply_early(connection, channel, known, now)
    if gone := sorted(set(left)):
        connection.execute(_leave, {"ids": gone})
    if terms.pace or terms.gap:
        _let_rest(connection, channel, settlements, now, terms)
    if terms.tariff and (charges := [one.charge for one in settlements if one.charge]):
        charge(connection, terms.tariff, channel, worker, charges, now)
    return early


def _nothing() -> None:
    pass


def _let_rest(
    connection: sa.Connection, channel: str, settlements: Sequence[Settlement], now: datetime, terms: Terms
) -> None:
    """Put off what waits for those who were just sent something. In the transaction that lets the next one of theirs
    be leased, so that no worker can be faster."""
    people = sorted({one.person for one in settlements if one.charge})
    unasked, here = _rest_of[connection.dialect.name]
    for statement, seconds in ((unasked, terms.pace), (here, terms.gap)):
        if people and seconds:
            due = now + timedelta(seconds=seconds)
            many.run(connection, statement, {"sent_to": people, "due_at": due, "of_channel": channel})


def _values(settlement: Settlement, now: datetime) -> dict[str, object]:
    """Keys that are columns are set by the statement. What was sent was due when it was: days are counted by it."""
    return {
        "row": settlement.id,
        "status": settlement.status.value,
        "attempts": settlement.attempts,
        "repeats": settlement.repeats,
        "due_at": now if settlement.status is Status.SENT else settlement.due_at,
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
        sa.func.coalesce(outbox.c.again_at, outbox.c.created_at),
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
