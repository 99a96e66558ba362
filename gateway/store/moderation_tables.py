"""What people send in that others may see, before and after somebody looked at it; the codes by which it is named."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # gateway.moderation.desk.Kind
    sa.Column("subject", Row, nullable=False),  # the row of the kind's own table
    sa.Column("person", sa.ForeignKey("people.id")),  # null: sent in by somebody who signs in
    sa.Column("sealed_words", sa.LargeBinary),  # as they came, by name; gone when their person is forgotten
    sa.Column("facts", sa.JSON, nullable=False),  # what was chosen beside, by name, as a moderator reads it
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("needed", sa.SmallInteger, nullable=False),  # people who must let it out
    sa.Column("status", sa.String(16), nullable=False),  # held, waiting, approved, refused
    sa.Column("made_at", Time, nullable=False),
    sa.Column("decided_at", Time),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("sealed_reason", sa.LargeBinary),  # why it was refused, as its sender was told
    sa.Index("ix_submissions_status_made_at", "status", "made_at"),
    sa.Index("ix_submissions_person_made_at", "person", "made_at"),
    sa.Index("ix_submissions_kind_subject", "kind", "subject"),
)

# Who let it out, so that where two are needed they are two.
approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("submission", sa.ForeignKey("submissions.id"), nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.UniqueConstraint("submission", "by"),
)

# One space of numbers for everything that people name by one: a wrong code is known for what it is.
codes = sa.Table(
    "codes",
    metadata,
    sa.Column("code", sa.String(12), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", Row, nullable=False),
)


def join(connection: sa.Connection, own: int, other: int) -> None:
    """Two people turn out to be one: what `own` sent in is `other`'s."""
    connection.execute(sa.update(submissions).where(submissions.c.person == own).values(person=other))


_OWN = submissions.c.person == sa.bindparam("of")
FORGETTING = (
    sa.update(submissions).where(_OWN, submissions.c.status.in_(("held", "waiting"))).values(status="refused"),
    sa.update(submissions).where(_OWN).values(sealed_words=None, sealed_reason=None),
)
"""What forgetting somebody does: what waits is let out by nobody."""
