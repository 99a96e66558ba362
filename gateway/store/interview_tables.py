"""Interviews that the polling app sent: each device's id once, who interviewed, and what could not be replayed."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# The keys to which phones seal interviews. The public halves are given out; the private ones lie sealed.
interview_keys = sa.Table(
    "interview_keys",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("public", sa.LargeBinary, nullable=False),  # an uncompressed point of P-256
    sa.Column("sealed_private", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Time, nullable=False),
)

# The one table where participants' rows meet a user's: who asked is kept, whom they asked only as a pseudonym.
interviews = sa.Table(
    "interviews",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("interview", sa.String(64), nullable=False, unique=True),  # made on the device: a second one is a repeat
    sa.Column("status", sa.String(16), nullable=False),  # taken, or aside: kept whole because it could not be replayed
    sa.Column("survey", sa.String(160), nullable=False, default=""),  # name@hash, "" where it does not open
    sa.Column("conversation", sa.ForeignKey("conversations.id"), index=True),
    sa.Column("user", sa.ForeignKey("users.id"), index=True),  # the interviewer
    sa.Column("sent_by", sa.String(64), nullable=False),  # a user's name, or the command line
    sa.Column("late", sa.Boolean, nullable=False, default=False),  # its poll was not open any more, or another version
    sa.Column("started_at", Time),  # the device's word, as is
    sa.Column("finished_at", Time),
    sa.Column("received_at", Time, nullable=False),
    sa.Column("note", sa.String(200), nullable=False, default=""),  # why aside, or what of it was not taken
    sa.Column("sealed_interview", sa.LargeBinary),  # what was sent, where there is a note
)
