"""What delivery keeps beside the outbox: what was spent each day, and which workers there are."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Time, metadata

ASKED = ("reply", "confirmation")
"""Kinds of messages that answer somebody who just wrote: they go out in quiet hours, and while a poll pauses."""


FORGOTTEN = "forgotten"
"""Why what waited for somebody was not sent."""


def asked(kind: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a message of this kind was asked for. Literals: a list of parameters is written out anew each time."""
    return kind.in_([sa.literal_column(f"'{one}'") for one in ASKED])


# What the messages of a day cost. Each worker adds to the row of its shard, so that they don't wait for each other.
spending = sa.Table(
    "spending",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),  # as 2026-03-02, on the clock of the quiet hours
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("currency", sa.String(3), primary_key=True),  # "": no price is known
    sa.Column("shard", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("segments", sa.Integer, nullable=False),
    sa.Column("millionths", sa.BigInteger, nullable=False),  # of the currency's unit: sums stay exact
)

# A row for each worker process, renewed while it runs.
workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),  # as in a lease
    sa.Column("started_at", Time, nullable=False),
    sa.Column("seen_at", Time, nullable=False),
    sa.Column("channels", sa.JSON, nullable=False),  # the state of each one's breaker, by channel
)
