"""Quotes that people approved, answers that were raised, and who wants to be told of results."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0025"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "quotes",
        sa.Column("id", ROW, nullable=False),
        sa.Column("answer", ROW, nullable=False),
        sa.Column("survey", sa.String(64), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("marks", sa.SmallInteger(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["answer"], ["answers.id"], name="fk_quotes_answer"),
        sa.PrimaryKeyConstraint("id", name="pk_quotes"),
        sa.UniqueConstraint("answer", name="uq_quotes_answer"),
    )
    op.create_index("ix_quotes_survey", "quotes", ["survey"])
    op.create_table(
        "raised_answers",
        sa.Column("id", ROW, nullable=False),
        sa.Column("answer", ROW, nullable=False),
        sa.Column("survey", sa.String(64), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["answer"], ["answers.id"], name="fk_raised_answers_answer"),
        sa.PrimaryKeyConstraint("id", name="pk_raised_answers"),
        sa.UniqueConstraint("answer", "code", name="uq_raised_answers_answer_code"),
    )
    op.create_index("ix_raised_answers_survey", "raised_answers", ["survey"])
    op.create_table(
        "looked_through",
        sa.Column("survey", sa.String(64), nullable=False),
        sa.Column("upto", ROW, nullable=False),
        sa.PrimaryKeyConstraint("survey", name="pk_looked_through"),
    )
    op.create_table(
        "results_wanted",
        sa.Column("person", ROW, nullable=False),
        sa.Column("survey", sa.String(64), nullable=False),
        sa.Column("address", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_results_wanted_person"),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_results_wanted_address"),
        sa.PrimaryKeyConstraint("person", "survey", name="pk_results_wanted"),
    )


def downgrade() -> None:
    for table in ("results_wanted", "looked_through", "raised_answers", "quotes"):
        op.drop_table(table)
