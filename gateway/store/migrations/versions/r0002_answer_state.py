"""Whether a question was answered, skipped or given up. There is no way down: restore the back-up made before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("state", sa.String(length=16), nullable=False, server_default="answered"))
    # Until now an answer without a value was one that the person skipped.
    op.execute("UPDATE answers SET state = 'skipped' WHERE value IS NULL AND sealed_text IS NULL")
