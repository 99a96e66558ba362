"""The tables of broadcasts: what is sent to many, whom it goes to, and what is known of people to choose them by."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

RUNNING, WAITING, PAUSED, CANCELLED, DONE = "running", "waiting", "paused", "cancelled", "done"
"""How a broadcast stands. One that is waiting has sent a portion, and goes on at a word, or at its time."""

PLACE, ZONE = "~place", "~zone"
"""Facts of a profile that come from the question which a poll names as its region. No question's id is like them."""

# What people said of themselves where a question is marked `profile`, and what they were imported with: the last of it.
profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("fact", sa.String(64), primary_key=True),
    sa.Column("value", sa.String(96), nullable=False),
)


def fact_named(name: str) -> str:
    """The fact that people mean by a name: by `place` where somebody lives, as they said or were imported with."""
    return PLACE if name == "place" else name


# Named groups, and who belongs to them.
memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("joined_at", Time, nullable=False),
    sa.Index("ix_memberships_name", "name"),
)

# One that was started: frozen as its file was. Its people are drawn first (`drawn_to` is how far, `drawn_at` when that
# was done), then put into the outbox in the order of their draws, portion by portion.
broadcasts = sa.Table(
    "broadcasts",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("seed", sa.String(64), nullable=False),
    sa.Column("poll", sa.String(64)),  # which it invites to
    sa.Column("wave", sa.SmallInteger),
    sa.Column("drawn_to", sa.BigInteger, nullable=False),  # the last person looked at
    sa.Column("drawn_at", Time),
    sa.Column("people", sa.Integer, nullable=False),  # drawn
    sa.Column("portion", sa.SmallInteger, nullable=False),  # which goes out now, from 0
    sa.Column("reach", sa.BigInteger),  # the last draw of this portion; null: all the rest
    sa.Column("next_at", Time),  # when the next portion begins by itself
    sa.Column("started_at", Time, nullable=False),
    sa.Column("ended_at", Time),
    sa.Column("by", sa.String(64), nullable=False),
)

# Its channels, each with how far its people are in the outbox: those up to (draw, person).
broadcast_channels = sa.Table(
    "broadcast_channels",
    metadata,
    sa.Column("broadcast", sa.ForeignKey("broadcasts.id"), primary_key=True),
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("draw", sa.BigInteger, nullable=False),
    sa.Column("person", sa.BigInteger, nullable=False),
    sa.Column("queued", sa.Integer, nullable=False),
    sa.Column("left_out", sa.Integer, nullable=False),  # at their turn they might not be written to any more
)

# What is said, by language; `first` to those who never wrote to this gateway. Sealed once for all who get it.
broadcast_texts = sa.Table(
    "broadcast_texts",
    metadata,
    sa.Column("broadcast", sa.ForeignKey("broadcasts.id"), primary_key=True),
    sa.Column("language", sa.String(16), primary_key=True),
    sa.Column("first", sa.Boolean, primary_key=True),
    sa.Column("sealed_reply", sa.LargeBinary, nullable=False),
)

# Whom it goes to: in the order in which they are sent to, and each person once.
recipients = sa.Table(
    "broadcast_people",
    metadata,
    sa.Column("broadcast", sa.ForeignKey("broadcasts.id"), primary_key=True),
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("draw", sa.BigInteger, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), nullable=False),
    sa.Column(
        "cell", sa.String(200), nullable=False
    ),  # made of their facts: "" once it has ended, or they are forgotten
    sa.UniqueConstraint("person", "broadcast"),
)


def forget_cells(connection: sa.Connection, broadcast: int) -> None:
    """It has ended: nothing is drawn by facts of its people any more, and they are not kept twice."""
    drawn = recipients.c.broadcast == broadcast, recipients.c.cell != ""
    connection.execute(sa.update(recipients).where(*drawn).values(cell=""))
