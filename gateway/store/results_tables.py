"""What becomes of results: what came of them, who wants digests and where, and the mails that carry them."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# What came of what people said, as a mediator or an operator tells it: participants read it with RESULTS.
outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("survey", sa.String(64), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False),  # gateway.results.outcomes.STATUSES
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("texts", sa.JSON, nullable=False),  # by language: written for everybody to read
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("withdrawn_at", Time),
)

# Who gets a poll's digests: a user, at an address of their own that they proved, or by mail.
orders = sa.Table(
    "digest_orders",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("survey", sa.String(64), nullable=False),
    sa.Column("every", sa.String(16), nullable=False),  # release, daily, weekly, closing
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), index=True),  # null: by mail
    sa.Column("sealed_mail", sa.LargeBinary),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("notice_due_at", Time),  # when to mail that somebody must act; null: nothing of that waits
    sa.Column("notice_tries", sa.SmallInteger, nullable=False, server_default="0"),
)

# Codes that a user entered to order digests: they are six digits, and could be guessed.
order_tries = sa.Table(
    "digest_order_tries",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("at", Time, nullable=False),
)

# What was handed out, once for each order and release. Mails wait here until a server took them.
posts = sa.Table(
    "digest_posts",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("for_order", sa.ForeignKey("digest_orders.id", ondelete="CASCADE"), nullable=False),
    sa.Column("release", sa.ForeignKey("releases.id"), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # waiting, sent, failed
    sa.Column("tries", sa.SmallInteger, nullable=False, default=0),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("error", sa.String(64)),
    sa.UniqueConstraint("for_order", "release"),
    sa.Index(
        "ix_digest_posts_waiting",
        "due_at",
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    ),
)
