"""Interviews that fill the actor map: who may hold them from which address, where something was heard, and which names
a person has said to be of two actors.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# The one table where a person's row meets a user's name: from this person's addresses that user runs guides.
interviewers = sa.Table(
    "interviewers",
    metadata,
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("user", sa.String(32), nullable=False),
    sa.Column("since", Time, nullable=False),
)

# Where statements come from that name it as their interview. Words lie sealed.
actor_sources = sa.Table(
    "actor_sources",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("map", sa.ForeignKey("actor_maps.name"), nullable=False),
    sa.Column("interview", sa.String(64), nullable=False),
    sa.Column("reporter", sa.String(32), nullable=False, default=""),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # surveys.cast.SOURCES
    sa.Column("size", sa.Integer),  # how many were there; null: not known
    sa.Column("sealed_composition", sa.LargeBinary),
    sa.Column("sealed_dissent", sa.LargeBinary),
    sa.Column("clearance", sa.String(16), nullable=False),
    sa.Column("made_at", Time, nullable=False),
    sa.UniqueConstraint("map", "interview", "reporter"),
)

# Names that look alike and are two actors, as somebody has said. The smaller row first.
actors_apart = sa.Table(
    "actors_apart",
    metadata,
    sa.Column("one", sa.ForeignKey("actors.id"), primary_key=True),
    sa.Column("other", sa.ForeignKey("actors.id"), primary_key=True),
    sa.Column("said_by", sa.String(32), nullable=False),
    sa.Column("at", Time, nullable=False),
)
