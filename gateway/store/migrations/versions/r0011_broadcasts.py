"""Broadcasts, groups and profiles. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("person", ROW, nullable=False),
        sa.Column("fact", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=96), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_profiles_person"),
        sa.PrimaryKeyConstraint("person", "fact", name="pk_profiles"),
    )
    op.create_table(
        "memberships",
        sa.Column("person", ROW, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("joined_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_memberships_person"),
        sa.PrimaryKeyConstraint("person", "name", name="pk_memberships"),
    )
    op.create_index("ix_memberships_name", "memberships", ["name"])
    op.create_table(
        "broadcasts",
        sa.Column("id", ROW, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("poll", sa.String(length=64), nullable=True),
        sa.Column("wave", sa.SmallInteger(), nullable=True),
        sa.Column("drawn_to", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", TIME, nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("portion", sa.SmallInteger(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("name", name="uq_broadcasts_name"),
    )
    op.create_table(
        "broadcast_channels",
        sa.Column("broadcast", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcasts.id"], name="fk_broadcast_channels_broadcast"),
        sa.PrimaryKeyConstraint("broadcast", "channel", name="pk_broadcast_channels"),
    )
    op.create_table(
        "broadcast_texts",
        sa.Column("broadcast", ROW, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("sealed_reply", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcasts.id"], name="fk_broadcast_texts_broadcast"),
        sa.PrimaryKeyConstraint("broadcast", "language", "first", name="pk_broadcast_texts"),
    )
    op.create_table(
        "broadcast_people",
        sa.Column("broadcast", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("address", ROW, nullable=False),
        sa.Column("cell", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["broadcast"], ["broadcasts.id"], name="fk_broadcast_people_broadcast"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_broadcast_people_person"),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_broadcast_people_address"),
        sa.PrimaryKeyConstraint("broadcast", "channel", "draw", "person", name="pk_broadcast_people"),
        sa.UniqueConstraint("person", "broadcast", name="uq_broadcast_people_person_broadcast"),
    )
    op.create_index(
        "ix_outbox_broadcast",
        "outbox",
        ["broadcast", "status", "person"],
        sqlite_where=sa.text("broadcast IS NOT NULL"),
        postgresql_where=sa.text("broadcast IS NOT NULL"),
    )
