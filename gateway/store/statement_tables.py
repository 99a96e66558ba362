"""Participants' own statements, and what moderators made of them. An author's has a row once it is withdrawn."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

statements = sa.Table(
    "statements",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("survey", sa.String(64), nullable=False),  # the poll's name: statements outlive its versions
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("statement", sa.String(64)),  # an author's id; null for a participant's own
    sa.Column("person", sa.ForeignKey("people.id"), index=True),  # null for an author's
    sa.Column("sealed_text", sa.LargeBinary),  # as it came; gone when its person is forgotten
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # waiting, shown, refused, withdrawn
    sa.Column("texts", sa.JSON(none_as_null=True)),  # as others read it, by language: what a moderator let out
    sa.Column("made_at", Time, nullable=False),
    sa.Column("decided_at", Time),
    sa.Column("decided_by", sa.String(64)),
    sa.Index("ix_statements_survey_status", "survey", "status"),
)
