"""What people send in, before and after somebody looked at it; concerns and initiatives.

There is no way down: restore the back-up that was made before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0028"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", ROW, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", ROW, nullable=False),
        sa.Column("person", ROW, nullable=True),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("needed", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_submissions_person"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_kind_subject", "submissions", ["kind", "subject"])
    op.create_index("ix_submissions_person_made_at", "submissions", ["person", "made_at"])
    op.create_index("ix_submissions_status_made_at", "submissions", ["status", "made_at"])
    op.create_table(
        "approvals",
        sa.Column("id", ROW, nullable=False),
        sa.Column("submission", ROW, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_approvals_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.UniqueConstraint("submission", "by", name="uq_approvals_submission_by"),
    )
    op.create_table(
        "codes",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", ROW, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_codes"),
    )
    op.create_table(
        "concerns",
        sa.Column("id", ROW, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("person", ROW, nullable=True),
        sa.Column("texts", sa.JSON(), nullable=True),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("merged_into", ROW, nullable=True),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("public_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_concerns_person"),
        sa.ForeignKeyConstraint(["merged_into"], ["concerns.id"], name="fk_concerns_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_concerns"),
        sa.UniqueConstraint("code", name="uq_concerns_code"),
    )
    op.create_index("ix_concerns_person", "concerns", ["person"])
    op.create_index("ix_concerns_status", "concerns", ["status"])
    op.create_table(
        "supports",
        sa.Column("concern", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["concern"], ["concerns.id"], name="fk_supports_concern"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_supports_person"),
        sa.PrimaryKeyConstraint("concern", "person", name="pk_supports"),
    )
    op.create_index("ix_supports_person", "supports", ["person"])
    op.create_table(
        "initiatives",
        sa.Column("id", ROW, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("person", ROW, nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("gathering", sa.Boolean(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("sealed_where", sa.LargeBinary(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("concern", ROW, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("attended", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_initiatives_person"),
        sa.ForeignKeyConstraint(["concern"], ["concerns.id"], name="fk_initiatives_concern"),
        sa.PrimaryKeyConstraint("id", name="pk_initiatives"),
        sa.UniqueConstraint("code", name="uq_initiatives_code"),
    )
    op.create_index("ix_initiatives_person", "initiatives", ["person"])
    op.create_index("ix_initiatives_status_starts_at", "initiatives", ["status", "starts_at"])
    op.create_table(
        "participations",
        sa.Column("initiative", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["initiative"], ["initiatives.id"], name="fk_participations_initiative"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_participations_person"),
        sa.PrimaryKeyConstraint("initiative", "person", name="pk_participations"),
    )
    op.create_index("ix_participations_person", "participations", ["person"])
    op.create_table(
        "tasks",
        sa.Column("id", ROW, nullable=False),
        sa.Column("initiative", ROW, nullable=False),
        sa.Column("texts", sa.JSON(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["initiative"], ["initiatives.id"], name="fk_tasks_initiative"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_initiative", "tasks", ["initiative"])
    op.create_table(
        "task_takers",
        sa.Column("task", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_task_takers_task"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_task_takers_person"),
        sa.PrimaryKeyConstraint("task", "person", name="pk_task_takers"),
    )
    op.create_index("ix_task_takers_person", "task_takers", ["person"])
