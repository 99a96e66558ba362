"""Groups and coalitions, closed spaces, the provisions of an agreement.

There is no way down: restore the back-up that was made before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", ROW, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("name", name="uq_groups_name"),
    )
    op.create_table(
        "group_members",
        sa.Column("group", ROW, nullable=False),
        sa.Column("user", ROW, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["groups.id"], name="fk_group_members_group"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_group_members_user"),
        sa.PrimaryKeyConstraint("group", "user", name="pk_group_members"),
    )
    op.create_index("ix_group_members_user", "group_members", ["user"])
    op.create_table(
        "group_concerns",
        sa.Column("group", ROW, nullable=False),
        sa.Column("concern", ROW, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["group"], ["groups.id"], name="fk_group_concerns_group"),
        sa.ForeignKeyConstraint(["concern"], ["concerns.id"], name="fk_group_concerns_concern"),
        sa.PrimaryKeyConstraint("group", "concern", name="pk_group_concerns"),
    )
    op.create_index("ix_group_concerns_concern", "group_concerns", ["concern"])
    op.create_table(
        "spaces",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
    )
    op.create_table(
        "space_members",
        sa.Column("space", sa.String(length=32), nullable=False),
        sa.Column("user", ROW, nullable=False),
        sa.Column("steward", sa.Boolean(), nullable=False),
        sa.Column("address", ROW, nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["space"], ["spaces.id"], name="fk_space_members_space"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_space_members_user"),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_space_members_address"),
        sa.PrimaryKeyConstraint("space", "user", name="pk_space_members"),
    )
    op.create_index("ix_space_members_address", "space_members", ["address"])
    op.create_index("ix_space_members_user", "space_members", ["user"])
    op.create_table(
        "space_invitations",
        sa.Column("id", ROW, nullable=False),
        sa.Column("space", sa.String(length=32), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["space"], ["spaces.id"], name="fk_space_invitations_space"),
        sa.PrimaryKeyConstraint("id", name="pk_space_invitations"),
        sa.UniqueConstraint("token", name="uq_space_invitations_token"),
    )
    op.create_index("ix_space_invitations_space", "space_invitations", ["space"])
    op.create_table(
        "space_posts",
        sa.Column("id", ROW, nullable=False),
        sa.Column("space", sa.String(length=32), nullable=False),
        sa.Column("user", ROW, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["space"], ["spaces.id"], name="fk_space_posts_space"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_space_posts_user"),
        sa.PrimaryKeyConstraint("id", name="pk_space_posts"),
    )
    op.create_index("ix_space_posts_space", "space_posts", ["space"])
    op.create_table(
        "coalitions",
        sa.Column("id", ROW, nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_statement", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("concern", ROW, nullable=True),
        sa.Column("space", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["concern"], ["concerns.id"], name="fk_coalitions_concern"),
        sa.ForeignKeyConstraint(["space"], ["spaces.id"], name="fk_coalitions_space"),
        sa.PrimaryKeyConstraint("id", name="pk_coalitions"),
    )
    op.create_table(
        "coalition_groups",
        sa.Column("coalition", ROW, nullable=False),
        sa.Column("group", ROW, nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["coalition"], ["coalitions.id"], name="fk_coalition_groups_coalition"),
        sa.ForeignKeyConstraint(["group"], ["groups.id"], name="fk_coalition_groups_group"),
        sa.PrimaryKeyConstraint("coalition", "group", name="pk_coalition_groups"),
    )
    op.create_index("ix_coalition_groups_group", "coalition_groups", ["group"])
    op.create_table(
        "provisions",
        sa.Column("id", ROW, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provisions"),
        sa.UniqueConstraint("number", name="uq_provisions_number"),
    )
    op.create_table(
        "initiative_provisions",
        sa.Column("initiative", ROW, nullable=False),
        sa.Column("provision", ROW, nullable=False),
        sa.ForeignKeyConstraint(["initiative"], ["initiatives.id"], name="fk_initiative_provisions_initiative"),
        sa.ForeignKeyConstraint(["provision"], ["provisions.id"], name="fk_initiative_provisions_provision"),
        sa.PrimaryKeyConstraint("initiative", "provision", name="pk_initiative_provisions"),
    )
    op.create_index("ix_initiative_provisions_provision", "initiative_provisions", ["provision"])
