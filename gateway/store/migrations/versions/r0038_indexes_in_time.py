"""What each message writes is found by numbers that rise in time, not by people's, which are random: an inbound by its
address, an answer by its conversation, and what became last of a respondent in its row. There is no way down: restore
the back-up that was made before."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ADDRESS = "SELECT min(id) FROM vault_addresses AS own WHERE own.person = inbounds.person"
"""Of several the one that was last heard on the inbound's channel: see below."""


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    address = f"coalesce(({ADDRESS} AND own.channel = inbounds.channel), ({ADDRESS}))"
    op.drop_index("ix_inbounds_person", "inbounds")
    (_copy_inbounds if on_sqlite else _change_inbounds)(address)
    op.create_index("ix_inbounds_address", "inbounds", ["address"])

    # Without its foreign key, too: with it and no index, whoever goes would be looked for in all of them.
    op.drop_index("ix_answers_person", "answers")
    if on_sqlite:
        _free_answers()
    else:
        op.drop_constraint("fk_answers_person", "answers", type_="foreignkey")

    op.add_column("respondents", sa.Column("since", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(
        "UPDATE respondents SET since = last.at FROM "
        "(SELECT person, survey, wave, max(at) AS at FROM dispositions GROUP BY person, survey, wave) AS last "
        "WHERE last.person = respondents.person AND last.survey = respondents.survey AND last.wave = respondents.wave"
    )
    op.drop_index("ix_dispositions_person", "dispositions")


def _copy_inbounds(address: str) -> None:
    before = "id, channel, provider_id, sealed_content, received_at, claimed_at, error"
    op.execute("ALTER TABLE inbounds RENAME TO inbounds_before")
    op.create_table(
        "inbounds",
        sa.Column("id", ROW, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=128), nullable=False),
        sa.Column("address", ROW),
        sa.Column("sealed_content", sa.LargeBinary),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("claimed_at", sa.BigInteger),
        sa.Column("error", sa.String(length=200)),
        sa.ForeignKeyConstraint(["address"], ["vault_addresses.id"], name="fk_inbounds_address"),
        sa.PrimaryKeyConstraint("id", name="pk_inbounds"),
        sa.UniqueConstraint("channel", "provider_id", name="uq_inbounds_channel_provider_id"),
    )
    op.execute(
        f"INSERT INTO inbounds ({before}, address) SELECT {before}, {address} FROM inbounds_before AS inbounds "  # noqa: S608 - our names
        "ORDER BY id"
    )
    op.drop_table("inbounds_before")


def _change_inbounds(address: str) -> None:
    op.add_column("inbounds", sa.Column("address", ROW))
    op.execute(f"UPDATE inbounds SET address = {address}")  # noqa: S608 - our names
    op.create_foreign_key("fk_inbounds_address", "inbounds", "vault_addresses", ["address"], ["id"])
    op.drop_column("inbounds", "person")


def _free_answers() -> None:
    """SQLite's own way to take a constraint out (https://sqlite.org/lang_altertable.html): the rows stay as they are. A
    copy would not do: other tables refer to this one."""
    connection = op.get_bind()
    made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'answers'").scalar_one()
    without, found = re.subn(
        r",\s*CONSTRAINT fk_answers_person FOREIGN KEY\s*\(person\) REFERENCES people \(id\)", "", made
    )
    assert found == 1
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE name = 'answers'", (without,))
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
