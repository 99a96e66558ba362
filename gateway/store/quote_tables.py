"""Single answers that leave the crowd: quoted with a person's approval, or raised because somebody must act; and who
wants to be told when results are out."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# What people decided of quoting an answer, once. Words are there only of approved ones: redacted, and still sealed, so
# that they go with the person who is forgotten.
quotes = sa.Table(
    "quotes",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("answer", sa.ForeignKey("answers.id"), nullable=False, unique=True),
    sa.Column("survey", sa.String(64), nullable=False, index=True),
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("codes", sa.JSON, nullable=False),  # themes it stood under when it was approved
    sa.Column("sealed_text", sa.LargeBinary),
    sa.Column("status", sa.String(16), nullable=False),  # approved, refused, withdrawn
    sa.Column(
        "marks", sa.SmallInteger, nullable=False, default=0
    ),  # how many numbers, addresses and names were taken out
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
)

# Answers on which somebody must act, or that ask us something: as a coder said, or a keyword of the codebook.
raised = sa.Table(
    "raised_answers",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("answer", sa.ForeignKey("answers.id"), nullable=False),
    sa.Column("survey", sa.String(64), nullable=False, index=True),
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("code", sa.String(16), nullable=False),  # escalate, question_back
    sa.Column("at", Time, nullable=False),
    sa.Column("told_at", Time),  # when the poll's team was told that there is something to look at
    sa.UniqueConstraint("answer", "code"),
)

# How far keywords were looked for: by poll, the newest answer that was.
looked_through = sa.Table(
    "looked_through",
    metadata,
    sa.Column("survey", sa.String(64), primary_key=True),
    sa.Column("upto", Row, nullable=False),
)

# Who asked for results before there were any, and said yes to being told. Gone once they are.
wanted = sa.Table(
    "results_wanted",
    metadata,
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("survey", sa.String(64), primary_key=True),
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), nullable=False),
    sa.Column("at", Time, nullable=False),
)

_CONVERSATIONS = sa.table("conversations", sa.column("id"), sa.column("person"))
_ANSWERS: sa.Select[int] = (
    sa.select(sa.column("id"))
    .select_from(sa.table("answers"))
    .where(
        sa.column("conversation").in_(
            sa.select(_CONVERSATIONS.c.id).where(_CONVERSATIONS.c.person == sa.bindparam("of"))
        )
    )
)
FORGETTING = (
    sa.delete(quotes).where(quotes.c.answer.in_(_ANSWERS)),
    sa.delete(raised).where(raised.c.answer.in_(_ANSWERS)),
    sa.delete(wanted).where(wanted.c.person == sa.bindparam("of")),
)
"""What forgetting somebody does: their words are quoted nowhere any more."""


def join(connection: sa.Connection, own: int, other: int) -> None:
    """Two people turn out to be one: what `own` wanted `other` does, once."""
    theirs = sa.select(wanted.c.survey).where(wanted.c.person == other)
    connection.execute(sa.delete(wanted).where(wanted.c.person == own, wanted.c.survey.in_(theirs)))
    connection.execute(sa.update(wanted).where(wanted.c.person == own).values(person=other))
