"""What a broadcast would come to: people, segments, cost, time, and what they would read. Reads, and changes nothing.

Goes over people in ranges of ids, so that neither memory nor the time of one statement grows with their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import sqlalchemy as sa

from channels import render
from channels.adapter import Channel, Medium
from gateway.broadcasts.audience import Roads, who
from gateway.broadcasts.model import Broadcast
from gateway.broadcasts.saying import Version, segments
from gateway.quiet import Quiet
from gateway.store.database import reading
from gateway.store.keys import Vault
from gateway.store.schema import addresses, people
from surveys.prompt import Reply

RANGE = 20_000
NUMBERS = 400
"""So many addresses of a channel are opened to see what they begin with, where prices differ by that."""


class Price(Protocol):
    """A row of prices.yaml: what is paid for a segment to the numbers that begin with `country`."""

    @property
    def country(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def sent(self) -> Decimal: ...
    @property
    def example(self) -> bool: ...


Prices = Callable[[Channel], Sequence[Price]]
"""The prices of a channel, one a country."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Over what it would go, how fast (messages a second, by channel), for how much, and when not."""

    channels: Mapping[str, Channel]
    roads: Roads
    rates: Mapping[str, float]
    prices: Prices
    quiet: Quiet | None


@dataclass(frozen=True, slots=True)
class Part:
    """Those of one channel who read one version. `segments` are of one message."""

    channel: str
    version: Version
    people: int
    segments: int

    @property
    def all_segments(self) -> int:
        return self.people * self.segments


@dataclass(frozen=True, slots=True)
class Cost:
    """What a channel takes for it. `example`: the price is made up. `amount` is None where no price is known."""

    channel: str
    segments: int
    seconds: float
    amount: Decimal | None = None
    currency: str = ""
    example: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` are to be written to; `left_out` by reason are described too, and are not. `about`: with a sample, how
    those divide over channels and languages is reckoned, not drawn. `seconds` is what sending takes at the channels'
    rates, `hours` how many of a day they may send in. `cells` is how many of each are drawn."""

    name: str
    kind: str
    people: int
    left_out: Mapping[str, int]
    parts: tuple[Part, ...]
    costs: tuple[Cost, ...]
    segments: int
    seconds: float
    hours: float
    portions: tuple[int, ...]
    about: bool
    cells: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[tuple[Version, str, int], ...] = ()


def plan(
    engine: sa.Engine,
    vault: Vault,
    broadcast: Broadcast,
    said: Mapping[Version, Reply],
    ways: Ways,
    now: datetime,
    seen: Callable[[int, int], None] = lambda _done, _all: None,
) -> Plan:
    """`seen` is told how many people were looked at, of how many."""
    counted: Counter[tuple[str, str, str, bool]] = Counter()  # cell, channel, language, first
    left_out: Counter[str] = Counter()
    for cell, channel, language, first, why, number in _counted(engine, broadcast, ways.roads, now, seen):
        if why:
            left_out[why] += number
        else:
            counted[cell, channel, language, broadcast.kind != "poll" and bool(first)] += number
    cells: Counter[str] = Counter()
    for (cell, *_), number in counted.items():
        cells[cell] += number
    drawn = {cell: min(number, broadcast.sample.most) if broadcast.sample else number for cell, number in cells.items()}
    by_part: Counter[tuple[str, str, bool]] = Counter()
    for (cell, channel, language, first), number in counted.items():
        by_part[channel, language, first] += _share(number, drawn[cell], cells[cell])
    parts = tuple(
        Part(
            channel, version := Version(language, first), number, segments(said[version], ways.channels[channel].medium)
        )
        for (channel, language, first), number in sorted(by_part.items())
        if number
    )
    costs = tuple(_costs(engine, vault, parts, ways))
    total = sum(drawn.values())
    return Plan(
        name=broadcast.name,
        kind=broadcast.kind,
        people=total,
        left_out=dict(left_out),
        parts=parts,
        costs=costs,
        segments=sum(part.all_segments for part in parts),
        seconds=max((cost.seconds for cost in costs), default=0.0),
        hours=_hours(ways.quiet),
        portions=_portions(broadcast.portions, total),
        about=broadcast.sample is not None,
        cells=drawn if broadcast.sample and broadcast.sample.by else {},
        examples=_examples(parts, said, ways.channels),
    )


def _counted(
    engine: sa.Engine, broadcast: Broadcast, roads: Roads, now: datetime, seen: Callable[[int, int], None]
) -> Iterator[tuple[str, str, str, bool, str, int]]:
    found = who(broadcast, roads, now)
    groups = found.c.cell, found.c.channel, found.c.said_in, found.c.first, found.c.why
    counting = sa.select(*groups, sa.func.count()).group_by(*groups)
    after, done = -1, 0
    with reading(engine) as connection:
        everybody = connection.scalar(sa.select(sa.func.count()).select_from(people)) or 0
        while True:
            some = sa.select(people.c.id).where(people.c.id > after).order_by(people.c.id).limit(RANGE).subquery()
            until = connection.scalar(sa.select(sa.func.max(some.c.id)))
            if until is None:
                return
            for row in connection.execute(counting, {"after": after, "until": until}):
                yield row[0], row[1], row[2], row[3], row[4], row[5]
            after, done = until, min(done + RANGE, everybody)
            seen(done, everybody)


def _share(number: int, drawn: int, of: int) -> int:
    return number if drawn == of else round(number * drawn / of)


def _portions(portions: tuple[int, ...], total: int) -> tuple[int, ...]:
    """The sizes of all portions, the last one too."""
    sizes, left = [], total
    for size in portions:
        if left > size:
            sizes.append(size)
            left -= size
    return (*sizes, left)


def _costs(
    engine: sa.Engine,
    vault: Vault,
    parts: tuple[Part, ...],
    ways: Ways,
) -> Iterator[Cost]:
    """A channel's cost: by country, where its prices differ by that; the countries as in a sample of its numbers."""
    for name in sorted({part.channel for part in parts}):
        number = sum(part.all_segments for part in parts if part.channel == name)
        seconds = number / ways.rates.get(name, 1.0)
        found = ways.prices(ways.channels[name])
        if not found:
            yield Cost(name, number, seconds)
            continue
        heard = [start for start, to in ways.roads.by.items() if to == name]
        everywhere = len(found) == 1 and not found[0].country
        shares = {0: 1.0} if everywhere else _countries(engine, vault, heard, found)
        for place, share in shares.items():
            price, of = None if place is None else found[place], round(number * share)
            if price is None:
                yield Cost(name, of, seconds)
            else:
                yield Cost(name, of, seconds, of * price.sent, price.currency, price.example)


def _countries(
    engine: sa.Engine, vault: Vault, heard: Sequence[str], prices: Sequence[Price]
) -> Mapping[int | None, float]:
    """Which part of the addresses last `heard` on these channels falls under which price, None: under none. Numbers
    are opened, counted and forgotten."""
    some = (
        sa.select(addresses.c.sealed_address)
        .where(addresses.c.channel.in_(heard), sa.func.length(addresses.c.sealed_address) > 0)
        .limit(NUMBERS)
    )
    with reading(engine) as connection:
        numbers = [vault.open_text(sealed, "address") for sealed in connection.scalars(some)]
    longest = sorted(range(len(prices)), key=lambda place: -len(prices[place].country))
    found = Counter(
        next((place for place in longest if number.startswith(prices[place].country)), None) for number in numbers
    )
    return {place: many / len(numbers) for place, many in sorted(found.items(), key=str)} or {None: 1.0}


def _hours(quiet: Quiet | None) -> float:
    """Hours of a day in which something may be pushed."""
    if quiet is None or quiet.start == quiet.end:
        return 24.0
    minutes = [time.hour * 60 + time.minute for time in (quiet.start, quiet.end)]
    return (1440 - (minutes[1] - minutes[0]) % 1440) / 60


def _examples(
    parts: tuple[Part, ...], said: Mapping[Version, Reply], channels: Mapping[str, Channel]
) -> tuple[tuple[Version, str, int], ...]:
    """What most people read, one for each version, with its segments."""
    seen: dict[Version, tuple[Version, str, int]] = {}
    for part in sorted(parts, key=lambda part: -part.people):
        reply, medium = said[part.version], channels[part.channel].medium
        seen.setdefault(part.version, (part.version, render.sms(reply), segments(reply, Medium(medium))))
    return tuple(seen.values())
