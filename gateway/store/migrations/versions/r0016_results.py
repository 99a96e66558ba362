"""What came of results, and who gets digests. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.add_column("releases", sa.Column("sealed_counts", sa.LargeBinary(), nullable=True))
    op.create_table(
        "outcomes",
        sa.Column("id", ROW, nullable=False),
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_survey", "outcomes", ["survey"])
    op.create_table(
        "digest_orders",
        sa.Column("id", ROW, nullable=False),
        sa.Column("user", ROW, nullable=False),
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("every", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("address", ROW, nullable=True),
        sa.Column("sealed_mail", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_digest_orders_address"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_digest_orders_user"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_orders"),
    )
    op.create_index("ix_digest_orders_address", "digest_orders", ["address"])
    op.create_index("ix_digest_orders_user", "digest_orders", ["user"])
    op.create_table(
        "digest_posts",
        sa.Column("id", ROW, nullable=False),
        sa.Column("for_order", ROW, nullable=False),
        sa.Column("release", ROW, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["for_order"], ["digest_orders.id"], name="fk_digest_posts_for_order", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_digest_posts_release"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_posts"),
        sa.UniqueConstraint("for_order", "release", name="uq_digest_posts_for_order_release"),
    )
    op.create_index(
        "ix_digest_posts_waiting",
        "digest_posts",
        ["due_at"],
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
