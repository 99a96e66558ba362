"""Interviews of the polling app. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "interview_keys",
        sa.Column("id", ROW, nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interview_keys"),
    )
    op.create_table(
        "interviews",
        sa.Column("id", ROW, nullable=False),
        sa.Column("interview", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("survey", sa.String(length=160), nullable=False),
        sa.Column("conversation", ROW, nullable=True),
        sa.Column("user", ROW, nullable=True),
        sa.Column("sent_by", sa.String(length=64), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("sealed_interview", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="fk_interviews_conversation"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_interviews_user"),
        sa.PrimaryKeyConstraint("id", name="pk_interviews"),
        sa.UniqueConstraint("interview", name="uq_interviews_interview"),
    )
    op.create_index("ix_interviews_conversation", "interviews", ["conversation"])
    op.create_index("ix_interviews_user", "interviews", ["user"])
