"""How the draft of a campaign stands, who wrote it last, and its number. There is no way down: restore the back-up
that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("draft_state", sa.String(12)))
    op.add_column("campaigns", sa.Column("draft_by", sa.String(64)))
    op.add_column("campaigns", sa.Column("draft_number", sa.Integer(), nullable=False, server_default="0"))
