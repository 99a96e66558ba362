"""An index for how many messages somebody was sent unasked. There is no way down: restore the back-up that was made
before."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    got = sa.text("status BETWEEN 2 AND 5 AND kind NOT IN ('reply', 'confirmation')")
    op.create_index("ix_outbox_pushed", "outbox", ["person", "due_at"], sqlite_where=got, postgresql_where=got)
