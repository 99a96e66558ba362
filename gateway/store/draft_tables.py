"""What authors write on the pages, each version a row: added, decided on, and never changed in between."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("survey", sa.String(64), nullable=False),  # the poll's name
    sa.Column("source", sa.Text, nullable=False),  # as typed, which may be no poll yet
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # draft, submitted, taken, refused; aside: not the newest
    sa.Column("note", sa.String(500), nullable=False, default=""),  # why it was refused
    sa.Column("decided_at", Time),
    sa.Column("decided_by", sa.String(64)),
    sa.Index("ix_drafts_survey_id", "survey", "id"),
    sqlite_autoincrement=True,  # a number is not used again: pages refer to it
)
