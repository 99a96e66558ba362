"""Campaigns: pieces, letters to representatives, pledges, appeals. There is no way down: restore the back-up that was
made before."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0020"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "campaign_visits",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("piece", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "campaign", "piece", "language", name=op.f("pk_campaign_visits")),
    )
    op.create_table(
        "campaigns",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "representatives",
        sa.Column("id", ROW, nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("post", sa.String(length=120), nullable=False),
        sa.Column("organization", sa.String(length=120), nullable=False),
        sa.Column("gazetteer", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=False),
        sa.Column("batch_hours", sa.SmallInteger(), nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representatives")),
        sa.UniqueConstraint("code", name=op.f("uq_representatives_code")),
    )
    op.create_index(op.f("ix_representatives_place"), "representatives", ["gazetteer", "place"])
    op.create_table(
        "campaign_media",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_campaign_media_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_media")),
        sa.UniqueConstraint("campaign", "file", "form", name=op.f("uq_campaign_media_campaign_file_form")),
    )
    op.create_index(op.f("ix_campaign_media_digest"), "campaign_media", ["digest"])
    op.create_table(
        "channel_posts",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("piece", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=128), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_channel_posts_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_posts")),
        sa.UniqueConstraint(
            "campaign",
            "piece",
            "channel",
            "chat",
            "language",
            name=op.f("uq_channel_posts_campaign_piece_channel_chat_language"),
        ),
    )
    op.create_table(
        "deeds",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("person", ROW, nullable=True),
        sa.Column("sealed_reference", sa.LargeBinary(), nullable=True),
        sa.Column("file", sa.String(length=120), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("fetch_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_deeds_campaign")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_deeds_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deeds")),
    )
    op.create_index(op.f("ix_deeds_person"), "deeds", ["person"])
    op.create_index(op.f("ix_deeds_status"), "deeds", ["campaign", "status"])
    op.create_table(
        "letters",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("representative", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("batch", ROW, nullable=True),
        sa.Column("leased_until", TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_letters_campaign")),
        sa.ForeignKeyConstraint(["representative"], ["representatives.id"], name=op.f("fk_letters_representative")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_letters_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_campaign"), "letters", ["campaign", "place"])
    op.create_index(op.f("ix_letters_person"), "letters", ["person"])
    op.create_index(op.f("ix_letters_status"), "letters", ["status", "representative"])
    op.create_table(
        "pledges",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("reminded_at", TIME, nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_pledges_campaign")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_pledges_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledges")),
        sa.UniqueConstraint("campaign", "measure", "person", name=op.f("uq_pledges_campaign_measure_person")),
    )
    op.create_index(op.f("ix_pledges_person"), "pledges", ["person"])
    op.create_table(
        "removals",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_removals_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
    )
    op.create_index(op.f("ix_removals_status"), "removals", ["status"])
    op.create_table(
        "signatures",
        sa.Column("id", ROW, nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sealed_group", sa.LargeBinary(), nullable=True),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name=op.f("fk_signatures_campaign")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_signatures_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("campaign", "person", name=op.f("uq_signatures_campaign_person")),
    )
    op.create_index(op.f("ix_signatures_person"), "signatures", ["person"])
