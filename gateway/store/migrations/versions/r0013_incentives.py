"""What people are given for finishing a poll. There is no way down: restore the back-up made before."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incentives",
        sa.Column("id", ROW, nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("poll", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("address", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("millionths", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("leased_until", TIME),
        sa.Column("provider_id", sa.String(length=128)),
        sa.Column("error", sa.String(length=200)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name=op.f("fk_incentives_address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentives")),
        sa.UniqueConstraint("key", name=op.f("uq_incentives_key")),
        sa.UniqueConstraint("person", "poll", name=op.f("uq_incentives_person_poll")),
        sa.UniqueConstraint("poll", "mark", name=op.f("uq_incentives_poll_mark")),
    )
    op.create_index("ix_incentives_status_due_at", "incentives", ["status", "due_at"])
    op.create_index("ix_incentives_provider_id", "incentives", ["provider_id"])
    op.create_index("ix_incentives_address", "incentives", ["address"])
    op.create_table(
        "incentive_budgets",
        sa.Column("poll", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("millionths", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("poll", "currency", name=op.f("pk_incentive_budgets")),
    )
