"""The first schema.

There is no way down: restore the back-up that was made before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", ROW, autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )

    op.create_table(
        "vault_addresses",
        sa.Column("id", ROW, autoincrement=False, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("hmac", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_vault_addresses_person"),
        sa.PrimaryKeyConstraint("id", name="pk_vault_addresses"),
        sa.UniqueConstraint("hmac", name="uq_vault_addresses_hmac"),
    )
    op.create_index("ix_vault_addresses_person", "vault_addresses", ["person"])

    op.create_table(
        "inbounds",
        sa.Column("id", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=128), nullable=False),
        sa.Column("person", ROW, nullable=True),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME, nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_inbounds_person"),
        sa.PrimaryKeyConstraint("id", name="pk_inbounds"),
        sa.UniqueConstraint("channel", "provider_id", name="uq_inbounds_channel_provider_id"),
    )
    op.create_index("ix_inbounds_person", "inbounds", ["person"])

    op.create_table(
        "conversations",
        sa.Column("id", ROW, autoincrement=False, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("flow", sa.String(length=160), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("sealed_state", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_conversations_person"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_flow", "conversations", ["flow"])
    op.create_index("ix_conversations_person", "conversations", ["person"])

    op.create_table(
        "ussd_sessions",
        sa.Column("id", ROW, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("sealed_state", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_ussd_sessions_person"),
        sa.PrimaryKeyConstraint("id", name="pk_ussd_sessions"),
        sa.UniqueConstraint("session", "channel", name="uq_ussd_sessions_session_channel"),
    )

    op.create_table(
        "answers",
        sa.Column("id", ROW, nullable=False),
        sa.Column("conversation", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("survey", sa.String(length=160), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="fk_answers_conversation"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_answers_person"),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    op.create_index("ix_answers_conversation", "answers", ["conversation"])
    op.create_index("ix_answers_person", "answers", ["person"])
    op.create_index("ix_answers_survey_question", "answers", ["survey", "question"])

    op.create_table(
        "consents",
        sa.Column("id", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("survey", sa.String(length=160), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_consents_person"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_person", "consents", ["person"])

    op.create_table(
        "outbox",
        sa.Column("id", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("address", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sealed_reply", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("repeats", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease", sa.String(length=64), nullable=True),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("provider_id", sa.String(length=128), nullable=True),
        sa.Column("segments", sa.SmallInteger(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_outbox_address"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_outbox_person"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_channel_provider_id", "outbox", ["channel", "provider_id"])
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "due_at", "id"],
        sqlite_where=sa.text("status < 2"),
        postgresql_where=sa.text("status < 2"),
    )
    op.create_index(
        "ix_outbox_person",
        "outbox",
        ["person", "channel", "id"],
        sqlite_where=sa.text("status < 2"),
        postgresql_where=sa.text("status < 2"),
    )
    op.create_index(
        "ix_outbox_sending",
        "outbox",
        ["leased_until"],
        sqlite_where=sa.text("status = 1"),
        postgresql_where=sa.text("status = 1"),
    )
    op.create_index(
        "ix_outbox_sent",
        "outbox",
        ["channel", "updated_at"],
        sqlite_where=sa.text("status = 3"),
        postgresql_where=sa.text("status = 3"),
    )

    op.create_table(
        "early_reports",
        sa.Column("id", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_early_reports"),
    )
    op.create_index("ix_early_reports_provider_id", "early_reports", ["channel", "provider_id"])

    op.create_table(
        "timers",
        sa.Column("id", ROW, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("stale_after", TIME, nullable=False),
        sa.Column("fired_at", TIME, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sa.UniqueConstraint("kind", "subject", "due_at", name="uq_timers_kind_subject_due_at"),
    )
    op.create_index(
        "ix_timers_open",
        "timers",
        ["due_at"],
        sqlite_where=sa.text("fired_at IS NULL"),
        postgresql_where=sa.text("fired_at IS NULL"),
    )

    op.create_table(
        "links",
        sa.Column("id", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_links_person"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.UniqueConstraint("code", name="uq_links_code"),
    )

    op.create_table(
        "link_tries",
        sa.Column("id", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_link_tries_person"),
        sa.PrimaryKeyConstraint("id", name="pk_link_tries"),
    )
    op.create_index("ix_link_tries_person", "link_tries", ["person"])

    op.create_table(
        "surveys",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", "hash", name="pk_surveys"),
    )

    op.create_table(
        "releases",
        sa.Column("id", ROW, nullable=False),
        sa.Column("survey", sa.String(length=160), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
    )
    op.create_index("ix_releases_survey", "releases", ["survey"])

    op.create_table(
        "audit",
        sa.Column("id", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )

    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
