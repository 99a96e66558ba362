"""People of registered groups who are no users, the numbers that let them in, and the number of each group.

There is no way down: restore the back-up that was made before.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0038"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.BigInteger()  # microseconds since 1970

groups = sa.table("groups", sa.column("id", ROW), sa.column("code", sa.String))
codes = sa.table("codes", sa.column("code", sa.String), sa.column("kind", sa.String), sa.column("subject", ROW))


def upgrade() -> None:
    op.add_column("groups", sa.Column("code", sa.String(length=12), nullable=True))
    connection = op.get_bind()
    taken = set(connection.scalars(sa.select(codes.c.code)))
    for row in connection.scalars(sa.select(groups.c.id)).all():
        code = next(code for code in iter(_five, None) if code not in taken)
        taken.add(code)
        connection.execute(sa.insert(codes).values(code=code, kind="group", subject=row))
        connection.execute(sa.update(groups).where(groups.c.id == row).values(code=code))
    op.create_index("ix_groups_code", "groups", ["code"], unique=True)
    op.create_table(
        "group_people",
        sa.Column("group", ROW, nullable=False),
        sa.Column("person", ROW, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["group"], ["groups.id"], name="fk_group_people_group"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_group_people_person"),
        sa.PrimaryKeyConstraint("group", "person", name="pk_group_people"),
    )
    op.create_index("ix_group_people_person", "group_people", ["person"])
    op.create_table(
        "group_invitations",
        sa.Column("id", ROW, nullable=False),
        sa.Column("group", ROW, nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["group"], ["groups.id"], name="fk_group_invitations_group"),
        sa.PrimaryKeyConstraint("id", name="pk_group_invitations"),
        sa.UniqueConstraint("number", name="uq_group_invitations_number"),
    )
    op.create_index("ix_group_invitations_group", "group_invitations", ["group"])


def _five() -> str:
    return str(10_000 + secrets.randbelow(90_000))
