"""The tables of a poll's life: versions, what is open, what became of each person, and the cells of quotas."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# Every content that was ever opened. One that only mends the wording of a version `fixes` that version's hash.
surveys = sa.Table(
    "surveys",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("opened_at", Time, nullable=False),
    sa.Column("closed_at", Time),
    sa.Column("fixes", sa.String(64)),
    sa.Column("gazetteers", sa.JSON(none_as_null=True)),  # the digests of those that it asks for, by name
    sa.Column("worded_at", Time),  # when its wording was last taken up; null: when it was opened
)

# Lists of places as they were when a version that asks for them was opened: the file may change under it.
gazetteers = sa.Table(
    "gazetteers",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
)

# A poll that has no row here is a draft.
polls = sa.Table(
    "polls",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(8), nullable=False),  # open, paused, closed
    sa.Column("hash", sa.String(64), nullable=False),  # of the content that newcomers get
    sa.Column("wave", sa.SmallInteger, nullable=False),
    sa.Column("invite", sa.String(16), nullable=False),  # of this wave: everybody, panel, fresh
    sa.Column("opens_at", Time),
    sa.Column("closes_at", Time),
    sa.Column("opened_at", Time, nullable=False),  # this wave
    sa.Column("closed_at", Time),
    sa.Column("by", sa.String(64), nullable=False),  # who did the last of it
)

respondents = sa.Table(
    "respondents",
    metadata,
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("survey", sa.String(64), primary_key=True),
    sa.Column("wave", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("disposition", sa.String(16), nullable=False),
    sa.Column("since", Time, nullable=False, server_default="0"),
    sa.Index("ix_respondents_counts", "survey", "wave", "disposition"),
)

# The ledger. Rows are added and nothing else: no foreign key, so that a pseudonym stays when its row goes.
dispositions = sa.Table(
    "dispositions",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("person", sa.BigInteger, nullable=False),
    sa.Column("survey", sa.String(64), nullable=False),
    sa.Column("wave", sa.SmallInteger, nullable=False),
    sa.Column("before", sa.String(16), nullable=False),  # surveys.disposition, "" for nothing
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("why", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
)

quota_cells = sa.Table(
    "quota_cells",
    metadata,
    sa.Column("survey", sa.String(64), primary_key=True),
    sa.Column("wave", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("cell", sa.String(96), primary_key=True),  # its id, and a hash of its condition
    sa.Column("taken", sa.Integer, nullable=False),
)

# Who holds a place: while it goes on, and for good once it is completed.
quota_places = sa.Table(
    "quota_places",
    metadata,
    sa.Column("conversation", Row, primary_key=True, autoincrement=False),
    sa.Column("cell", sa.String(96), primary_key=True),
    sa.Column("survey", sa.String(64), nullable=False),
    sa.Column("wave", sa.SmallInteger, nullable=False),
    sa.Column("at", Time, nullable=False),
)

_REFUSAL = "the ledger of dispositions is only added to"
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER dispositions_update BEFORE UPDATE ON dispositions {_REFUSE}",
        f"CREATE TRIGGER dispositions_delete BEFORE DELETE ON dispositions {_REFUSE}",
    ),
    "postgresql": (
        f"""CREATE FUNCTION dispositions_guard() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$""",
        """CREATE TRIGGER dispositions_guard BEFORE UPDATE OR DELETE ON dispositions
        FOR EACH ROW EXECUTE FUNCTION dispositions_guard()""",
    ),
}
"""What makes the database itself refuse to change the ledger, by dialect. The migration holds its own copy."""

for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call] # the library has no type for it
        sa.event.listen(dispositions, "after_create", _ddl.execute_if(dialect=_dialect))
