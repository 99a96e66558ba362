"""Whoever asked to be forgotten is brought back by no list. There is no way down: restore the back-up made before."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgotten",
        sa.Column("hmac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hmac", name=op.f("pk_forgotten")),
    )
    # Facts of people in the lists of broadcasts that have ended.
    op.execute(
        "UPDATE broadcast_people SET cell = '' "
        "WHERE broadcast IN (SELECT id FROM broadcasts WHERE ended_at IS NOT NULL)"
    )
