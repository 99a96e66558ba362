"""What people code by hand. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "coding_codings",
        sa.Column("id", ROW, nullable=False),
        sa.Column("answer", ROW, nullable=False),
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("coder", sa.String(length=64), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("moved_to", sa.String(length=64), nullable=True),
        sa.Column("settles", sa.Boolean(), nullable=False),
        sa.Column("codebook", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["answer"], ["answers.id"], name="fk_coding_codings_answer"),
        sa.PrimaryKeyConstraint("id", name="pk_coding_codings"),
    )
    op.create_index("ix_coding_codings_answer", "coding_codings", ["answer"])
    op.create_index("ix_coding_codings_survey_question", "coding_codings", ["survey", "question"])
    op.create_table(
        "coding_versions",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("codebook", sa.String(length=64), nullable=False),
        sa.Column("meanings", sa.JSON(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_coding_versions"),
    )
