"""The actor map: actors, what was reported about them, and who may see it.

Whatever was reported is a statement of one kind or another, with its reporter, wave, sureness and clearance; that an
actor was asked about in a wave is one too. Names and words lie sealed; signs, strengths and places on a scale are
values. No row number leaves the gateway: a gap would tell of what is hidden.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

actor_maps = sa.Table(
    "actor_maps",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),  # its row is the lock of whoever changes the map
    sa.Column("changed_at", Time, nullable=False),
)

actors = sa.Table(
    "actors",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("map", sa.ForeignKey("actor_maps.name"), nullable=False, index=True),
    sa.Column(
        "code", sa.String(8), nullable=False
    ),  # a keyed hash: how the actor is called where a name may not be read
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("sealed_profile", sa.LargeBinary, nullable=False),  # gateway.actors.profile.Profile as JSON
    sa.Column("clearance", sa.String(16), nullable=False),
    sa.Column("reporter", sa.String(32), nullable=False, default=""),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("same_as", Row),  # another row, of which somebody said that it is the same actor; rings are never made
    sa.UniqueConstraint("map", "code"),
)

actor_statements = sa.Table(
    "actor_statements",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("map", sa.ForeignKey("actor_maps.name"), nullable=False),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # gateway.actors.profile.KINDS
    sa.Column("actor", sa.ForeignKey("actors.id"), nullable=False, index=True),
    sa.Column("other", sa.ForeignKey("actors.id"), index=True),  # of a tie: the other end
    sa.Column("about", sa.String(64), nullable=False, default=""),  # type of a tie; issue; kind of power
    sa.Column("state", sa.String(8), nullable=False, default="present"),  # or absent, unknown
    sa.Column("sign", sa.SmallInteger),
    sa.Column("strength", sa.Float),
    sa.Column("directed", sa.Boolean),
    sa.Column("attitude", sa.Float),  # -2 opposes to 2 supports; null: not known
    sa.Column("sealed_text", sa.LargeBinary),
    sa.Column("confidence", sa.Float, nullable=False, default=1.0),
    sa.Column("reporter", sa.String(32), nullable=False, default=""),
    sa.Column("interview", sa.String(64), nullable=False, default=""),
    sa.Column("clearance", sa.String(16), nullable=False),  # team, mediators, own, named
    sa.Column("made_at", Time, nullable=False),
    sa.Index("ix_actor_statements_map_kind_wave", "map", "kind", "wave"),
)

# Who may see what is cleared for named people. Names of users, who need not have an account yet.
actor_readers = sa.Table(
    "actor_readers",
    metadata,
    sa.Column("actor", sa.ForeignKey("actors.id"), primary_key=True),
    sa.Column("reader", sa.String(32), primary_key=True),
)

statement_readers = sa.Table(
    "statement_readers",
    metadata,
    sa.Column("statement", sa.ForeignKey("actor_statements.id"), primary_key=True),
    sa.Column("reader", sa.String(32), primary_key=True),
)
