"""What the map of actors says in mediators' digests."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0033"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "map_digests",
        sa.Column("id", ROW, nullable=False),
        sa.Column("map", sa.String(length=64), nullable=False),
        sa.Column("sealed_section", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_digests")),
    )
    op.create_index(op.f("ix_map_digests_map"), "map_digests", ["map"])
