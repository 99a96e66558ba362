"""Word that somebody must act, waiting with its order for a mail server. There is no way down: restore the back-up that
was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("digest_orders", sa.Column("notice_due_at", sa.BigInteger()))
    op.add_column("digest_orders", sa.Column("notice_tries", sa.SmallInteger(), nullable=False, server_default="0"))
