"""Whose turn it is: a share is what is open of one kind and one broadcast, on one channel.

What somebody asked for goes first. What is left of the room is parted equally among the others, whoever of them began
first and however long they are, so that a broadcast to twenty is not held up by one to a million.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.store.delivery_tables import ASKED
from gateway.store.schema import outbox


@dataclass(frozen=True, slots=True)
class Share:
    kind: str
    broadcast: int | None = None

    @property
    def asked(self) -> bool:
        return self.kind in ASKED


@dataclass(frozen=True, slots=True)
class Turn:
    """One look at the shares that are open, those that were asked for first. `kept` of the room is for these alone."""

    shares: tuple[Share, ...]
    kept: int = 0
    number: int = 0

    def others(self) -> list[Share]:
        """What nobody asked for, beginning with another each time: where there is room for few, each has its turn."""
        others = [share for share in self.shares if not share.asked]
        begin = self.number % len(others) if others else 0
        return [*others[begin:], *others[:begin]]


# Each looks at one entry of the index on open rows: there may be a million of a kind.
_open = outbox.c.channel == sa.bindparam("channel"), outbox.c.status < sa.literal_column("2")
_of_kind = (*_open, outbox.c.kind == sa.bindparam("kind"))
_kind = sa.select(outbox.c.kind).where(*_open, outbox.c.kind > sa.bindparam("after")).order_by(outbox.c.kind).limit(1)
_single = sa.select(outbox.c.id).where(*_of_kind, outbox.c.broadcast.is_(None)).limit(1)
_broadcast = (
    sa.select(outbox.c.broadcast)
    .where(*_of_kind, outbox.c.broadcast > sa.bindparam("after"))
    .order_by(outbox.c.broadcast)
    .limit(1)
)


_next_channel = (
    sa.select(outbox.c.channel)
    .where(outbox.c.status < sa.literal_column("2"), outbox.c.channel > sa.bindparam("after"))
    .order_by(outbox.c.channel)
    .limit(1)
)


def open_channels(connection: sa.Connection) -> Iterator[str]:
    """Those on which anything is open, whether or not they are still configured."""
    channel = connection.scalar(_next_channel, {"after": ""})
    while channel is not None:
        yield channel
        channel = connection.scalar(_next_channel, {"after": channel})


def open_shares(connection: sa.Connection, channel: str) -> tuple[Share, ...]:
    """What is open on a channel, what was asked for first."""
    return tuple(sorted(_shares(connection, channel), key=lambda share: not share.asked))


def _shares(connection: sa.Connection, channel: str) -> Iterator[Share]:
    kind = connection.scalar(_kind, {"channel": channel, "after": ""})
    while kind is not None:
        of = {"channel": channel, "kind": kind}
        if connection.scalar(_single, of) is not None:
            yield Share(kind)
        number = connection.scalar(_broadcast, of | {"after": 0})
        while number is not None:
            yield Share(kind, number)
            number = connection.scalar(_broadcast, of | {"after": number})
        kind = connection.scalar(_kind, {"channel": channel, "after": kind})
