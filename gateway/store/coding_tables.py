"""What people coded by hand. Every coding is kept: it stays known who coded what, when, and by which codebook."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

codings = sa.Table(
    "coding_codings",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("answer", sa.ForeignKey("answers.id"), nullable=False, index=True),
    sa.Column("survey", sa.String(64), nullable=False),  # the poll's name
    sa.Column("question", sa.String(64), nullable=False),  # under which it was coded: not where it was moved from
    sa.Column("coder", sa.String(64), nullable=False),  # a user's name
    sa.Column("codes", sa.JSON(none_as_null=True), nullable=False),  # ids of themes, control and meta codes
    sa.Column("moved_to", sa.String(64)),  # the question that it answers, where it was coded as of the wrong one
    sa.Column("settles", sa.Boolean, nullable=False, default=False),  # ends a disagreement of two coders
    sa.Column("codebook", sa.String(64), nullable=False),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Index("ix_coding_codings_survey_question", "survey", "question"),
)

versions = sa.Table(
    "coding_versions",
    metadata,
    sa.Column("version", sa.String(16), primary_key=True),  # of a codebook: a hash of all that it says
    sa.Column("codebook", sa.String(64), nullable=False),
    sa.Column("meanings", sa.JSON, nullable=False),  # by code, a hash of what belongs under it
    sa.Column("seen_at", Time, nullable=False),
)
