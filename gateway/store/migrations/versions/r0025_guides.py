"""Interviews that fill the actor map. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0026"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "interviewers",
        sa.Column("person", ROW, nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_interviewers_person"),
        sa.PrimaryKeyConstraint("person", name="pk_interviewers"),
    )
    op.create_table(
        "actor_sources",
        sa.Column("id", ROW, nullable=False),
        sa.Column("map", sa.String(length=64), nullable=False),
        sa.Column("interview", sa.String(length=64), nullable=False),
        sa.Column("reporter", sa.String(length=32), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sealed_composition", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_dissent", sa.LargeBinary(), nullable=True),
        sa.Column("clearance", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["map"], ["actor_maps.name"], name="fk_actor_sources_map"),
        sa.PrimaryKeyConstraint("id", name="pk_actor_sources"),
        sa.UniqueConstraint("map", "interview", "reporter", name="uq_actor_sources_map_interview_reporter"),
    )
    op.create_table(
        "actors_apart",
        sa.Column("one", ROW, nullable=False),
        sa.Column("other", ROW, nullable=False),
        sa.Column("said_by", sa.String(length=32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["one"], ["actors.id"], name="fk_actors_apart_one"),
        sa.ForeignKeyConstraint(["other"], ["actors.id"], name="fk_actors_apart_other"),
        sa.PrimaryKeyConstraint("one", "other", name="pk_actors_apart"),
    )
