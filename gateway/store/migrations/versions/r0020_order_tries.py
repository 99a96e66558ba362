"""Tries to order digests by a code, and the address to which a code went.

Codes hold a quarter of an hour: those that are out are made void. There is no way down: restore the back-up that was
made before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.drop_table("links")
    op.create_table(
        "links",
        sa.Column("id", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("address", ROW, nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_links_person"),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_links_address"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.UniqueConstraint("code", name="uq_links_code"),
    )
    op.create_table(
        "digest_order_tries",
        sa.Column("id", ROW, nullable=False),
        sa.Column("user", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_digest_order_tries_user"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_order_tries"),
    )
    op.create_index("ix_digest_order_tries_user", "digest_order_tries", ["user"])
