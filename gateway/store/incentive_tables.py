"""What people are given for finishing a poll: who, how much, what became of it, and how much is spoken for."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# One for each person and poll, for good. No foreign key to people, so that a pseudonym stays when its row goes.
incentives = sa.Table(
    "incentives",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("person", sa.BigInteger, nullable=False),
    sa.Column("poll", sa.String(64), nullable=False),
    # A keyed hash of number and poll: who was forgotten and comes back as a stranger is not paid again.
    sa.Column("mark", sa.LargeBinary, nullable=False),
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),  # whose account pays
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("millionths", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),  # gateway.incentives.ledger.State
    sa.Column("key", sa.String(32), nullable=False, unique=True),  # random: the provider knows it again
    sa.Column("attempts", sa.SmallInteger, nullable=False, default=0),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("leased_until", Time),
    sa.Column("provider_id", sa.String(128)),
    sa.Column("error", sa.String(200)),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.UniqueConstraint("person", "poll"),
    sa.UniqueConstraint("poll", "mark"),
    sa.Index("ix_incentives_status_due_at", "status", "due_at"),
    sa.Index("ix_incentives_provider_id", "provider_id"),
    sa.Index("ix_incentives_address", "address"),
)

# How much of a poll's budget is spoken for: what was given, is being given, or may have been.
incentive_budgets = sa.Table(
    "incentive_budgets",
    metadata,
    sa.Column("poll", sa.String(64), primary_key=True),
    sa.Column("currency", sa.String(3), primary_key=True),
    sa.Column("millionths", sa.BigInteger, nullable=False),
)


def join(connection: sa.Connection, own: int, other: int) -> None:
    """Two people turn out to be one: what `own` was given counts for `other`, who is given nothing for those again."""
    had = sa.select(incentives.c.poll).where(incentives.c.person == other)
    connection.execute(
        sa.update(incentives).where(incentives.c.person == own, incentives.c.poll.not_in(had)).values(person=other)
    )
