"""The life of a poll: what is open, dispositions with their ledger, quotas, reminders and expiry.

There is no way down: restore the back-up that was made before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
REFUSAL = "the ledger of dispositions is only added to"
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER dispositions_update BEFORE UPDATE ON dispositions {_REFUSE}",
        f"CREATE TRIGGER dispositions_delete BEFORE DELETE ON dispositions {_REFUSE}",
    ),
    "postgresql": (
        f"""CREATE FUNCTION dispositions_guard() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
        """CREATE TRIGGER dispositions_guard BEFORE UPDATE OR DELETE ON dispositions
        FOR EACH ROW EXECUTE FUNCTION dispositions_guard()""",
    ),
}


def upgrade() -> None:
    op.add_column("surveys", sa.Column("fixes", sa.String(length=64)))
    op.add_column("surveys", sa.Column("worded_at", sa.BigInteger))
    op.add_column("conversations", sa.Column("wave", sa.SmallInteger, nullable=False, server_default="1"))
    op.add_column("conversations", sa.Column("due_at", sa.BigInteger))
    op.add_column("conversations", sa.Column("reminded", sa.SmallInteger, nullable=False, server_default="0"))
    op.create_index(
        "ix_conversations_due",
        "conversations",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.add_column("outbox", sa.Column("poll", sa.String(length=64)))
    op.add_column("outbox", sa.Column("until", sa.BigInteger))
    op.create_table(
        "polls",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.SmallInteger, nullable=False),
        sa.Column("invite", sa.String(length=16), nullable=False),
        sa.Column("opens_at", sa.BigInteger),
        sa.Column("closes_at", sa.BigInteger),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_polls")),
    )
    op.create_table(
        "respondents",
        sa.Column("person", BIG, nullable=False),
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("disposition", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_respondents_person")),
        sa.PrimaryKeyConstraint("person", "survey", "wave", name=op.f("pk_respondents")),
    )
    op.create_index("ix_respondents_counts", "respondents", ["survey", "wave", "disposition"])
    op.create_table(
        "dispositions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person", sa.BigInteger, nullable=False),
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.SmallInteger, nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispositions")),
    )
    op.create_index("ix_dispositions_person", "dispositions", ["person"])
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "quota_cells",
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("cell", sa.String(length=96), nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("survey", "wave", "cell", name=op.f("pk_quota_cells")),
    )
    op.create_table(
        "quota_places",
        sa.Column("conversation", BIG, autoincrement=False, nullable=False),
        sa.Column("cell", sa.String(length=96), nullable=False),
        sa.Column("survey", sa.String(length=64), nullable=False),
        sa.Column("wave", sa.SmallInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("conversation", "cell", name=op.f("pk_quota_places")),
    )
    # Until now every poll of the configuration was open: its newest content goes on to be.
    op.execute(
        'INSERT INTO polls (name, status, hash, wave, invite, opened_at, "by") '
        "SELECT name, 'open', hash, 1, 'everybody', opened_at, 'upgrade' FROM surveys AS one WHERE NOT EXISTS "
        "(SELECT 1 FROM surveys AS other WHERE other.name = one.name AND (other.opened_at > one.opened_at "
        "OR (other.opened_at = one.opened_at AND other.hash > one.hash)))"
    )
