"""Pieces of a campaign that were taken down. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("hidden", sa.Text(), nullable=True))
