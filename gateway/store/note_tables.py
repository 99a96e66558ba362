"""What a team keeps beside the map of actors: notes, and ways to look at it."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

actor_notes = sa.Table(
    "actor_notes",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("map", sa.String(64), nullable=False, index=True),
    sa.Column("actor", sa.ForeignKey("actors.id")),  # whom it is about; null: the map
    sa.Column("sealed_text", sa.LargeBinary, nullable=False),  # the note, or what a view is called
    sa.Column("sealed_look", sa.LargeBinary),  # of a view: how the map is looked at, as JSON
    sa.Column("clearance", sa.String(16), nullable=False),  # own, team, mediators
    sa.Column("author", sa.String(32), nullable=False),
    sa.Column("made_at", Time, nullable=False),
)

# What a mediator put into the digests: frozen, so that it says the same whatever comes in later.
map_digests = sa.Table(
    "map_digests",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("map", sa.String(64), nullable=False, index=True),
    sa.Column("sealed_section", sa.LargeBinary, nullable=False),  # gateway.actors.section.Section as JSON
    sa.Column("author", sa.String(32), nullable=False),
    sa.Column("made_at", Time, nullable=False),
)
