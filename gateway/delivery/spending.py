"""What sending costs, by day, and the limit that stops it.

Money is counted in millionths of a currency's unit, in whole numbers, so that sums are exact. A message whose outcome
nobody knows counts as paid for. The limit is looked at in the transaction that leases, and what this process has in
flight counts: so several workers overshoot it by no more than what they have in flight at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import many
from gateway.store.schema import spending

UNIT = 1_000_000
SHARDS = 16


@dataclass(frozen=True, slots=True)
class Price:
    """Of one segment; on chats of one message. `currency` is "" where no price is known."""

    currency: str = ""
    millionths: int = 0
    country: str = ""
    """The beginning of the numbers that it is for, "" for all."""


FREE = Price()


@dataclass(frozen=True, slots=True)
class Charge:
    """What was paid for one message."""

    price: Price
    segments: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """`prices` by channel; `limits` by currency, in millionths a day; a day is one of `zone`."""

    prices: Mapping[str, tuple[Price, ...]]
    limits: Mapping[str, int]
    zone: tzinfo

    def price(self, channel: str, address: str) -> Price:
        """Of a segment to this address: the row with the longest beginning."""
        fitting = [price for price in self.prices.get(channel, ()) if address.startswith(price.country)]
        return max(fitting, key=lambda price: len(price.country), default=FREE)

    def limited(self, channel: str) -> Mapping[str, int]:
        """The dearest segment of a channel by each currency that has a limit."""
        dearest: dict[str, int] = {}
        for price in self.prices.get(channel, ()):
            if price.currency in self.limits and price.millionths:
                dearest[price.currency] = max(dearest.get(price.currency, 0), price.millionths)
        return dearest

    def day(self, now: datetime) -> str:
        return now.astimezone(self.zone).date().isoformat()


_spent = (
    sa.select(spending.c.currency, sa.func.sum(spending.c.millionths).label("total"))
    .where(spending.c.day == sa.bindparam("today"))
    .group_by(spending.c.currency)
)


def spent(connection: sa.Connection, day: str) -> dict[str, int]:
    """Millionths spent on a day, by currency."""
    return {currency: int(total) for currency, total in many.run(connection, _spent, {"today": day})()}


def room(connection: sa.Connection, tariff: Tariff, channel: str, now: datetime, in_flight: int) -> int | None:
    """How many more segments today's limits leave a channel; None: no limit is on it."""
    limited = tariff.limited(channel)
    if not limited:
        return None
    so_far = spent(connection, tariff.day(now))
    left = (
        (tariff.limits[currency] - so_far.get(currency, 0)) // dearest - in_flight
        for currency, dearest in limited.items()
    )
    return max(0, min(left))


def charge(
    connection: sa.Connection, tariff: Tariff, channel: str, worker: str, charges: Iterable[Charge], now: datetime
) -> None:
    """Add what was paid to the day's sum."""
    sums: dict[str, list[int]] = {}
    for one in charges:
        sum_ = sums.setdefault(one.price.currency, [0, 0, 0])
        sum_[0] += 1
        sum_[1] += one.segments
        sum_[2] += one.segments * one.price.millionths
    shard = zlib.crc32(worker.encode()) % SHARDS
    for currency, (messages, segments, millionths) in sorted(sums.items()):
        row = {"day": tariff.day(now), "channel": channel, "currency": currency, "shard": shard}
        more = {"messages": messages, "segments": segments, "millionths": millionths}
        many.run(connection, _ADD[connection.dialect.name], row | more)


def _add(insert: Callable[[sa.Table], sqlite.Insert | postgresql.Insert]) -> sa.Insert:
    new = insert(spending)
    more = {name: spending.c[name] + new.excluded[name] for name in ("messages", "segments", "millionths")}
    return new.on_conflict_do_update(index_elements=list(spending.primary_key), set_=more)


_ADD = {"sqlite": _add(sqlite.insert), "postgresql": _add(postgresql.insert)}
