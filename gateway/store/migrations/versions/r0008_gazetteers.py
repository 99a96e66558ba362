"""Gazetteers, as they were when a poll was opened. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gazetteers",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_gazetteers"),
    )
    op.add_column("surveys", sa.Column("gazetteers", sa.JSON(), nullable=True))
