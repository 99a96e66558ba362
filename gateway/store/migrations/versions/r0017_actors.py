"""The actor map. There is no way down: restore the back-up that was made before."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "actor_maps",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_actor_maps")),
    )
    op.create_table(
        "actors",
        sa.Column("id", ROW, nullable=False),
        sa.Column("map", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sealed_profile", sa.LargeBinary(), nullable=False),
        sa.Column("clearance", sa.String(length=16), nullable=False),
        sa.Column("reporter", sa.String(length=32), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["map"], ["actor_maps.name"], name=op.f("fk_actors_map")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
        sa.UniqueConstraint("map", "code", name=op.f("uq_actors_map_code")),
    )
    op.create_index(op.f("ix_actors_map"), "actors", ["map"])
    op.create_table(
        "actor_statements",
        sa.Column("id", ROW, nullable=False),
        sa.Column("map", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", ROW, nullable=False),
        sa.Column("other", ROW),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sign", sa.SmallInteger()),
        sa.Column("strength", sa.Float()),
        sa.Column("directed", sa.Boolean()),
        sa.Column("attitude", sa.Float()),
        sa.Column("sealed_text", sa.LargeBinary()),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reporter", sa.String(length=32), nullable=False),
        sa.Column("interview", sa.String(length=64), nullable=False),
        sa.Column("clearance", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["map"], ["actor_maps.name"], name=op.f("fk_actor_statements_map")),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_actor_statements_actor")),
        sa.ForeignKeyConstraint(["other"], ["actors.id"], name=op.f("fk_actor_statements_other")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor_statements")),
    )
    op.create_index(op.f("ix_actor_statements_actor"), "actor_statements", ["actor"])
    op.create_index(op.f("ix_actor_statements_other"), "actor_statements", ["other"])
    op.create_index("ix_actor_statements_map_kind_wave", "actor_statements", ["map", "kind", "wave"])
    op.create_table(
        "actor_readers",
        sa.Column("actor", ROW, nullable=False),
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_actor_readers_actor")),
        sa.PrimaryKeyConstraint("actor", "reader", name=op.f("pk_actor_readers")),
    )
    op.create_table(
        "statement_readers",
        sa.Column("statement", ROW, nullable=False),
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["statement"], ["actor_statements.id"], name=op.f("fk_statement_readers_statement")),
        sa.PrimaryKeyConstraint("statement", "reader", name=op.f("pk_statement_readers")),
    )
