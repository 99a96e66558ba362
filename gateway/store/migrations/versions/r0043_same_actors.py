"""Which actors of the map somebody said to be one. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actors", sa.Column("same_as", sa.BigInteger().with_variant(sa.Integer, "sqlite")))
