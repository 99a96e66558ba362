"""Notes and views kept beside the map of actors."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "actor_notes",
        sa.Column("id", ROW, nullable=False),
        sa.Column("map", sa.String(length=64), nullable=False),
        sa.Column("actor", ROW, nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_look", sa.LargeBinary(), nullable=True),
        sa.Column("clearance", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_actor_notes_actor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor_notes")),
    )
    op.create_index(op.f("ix_actor_notes_map"), "actor_notes", ["map"])
