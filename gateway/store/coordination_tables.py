"""Concerns and who supports them; initiatives, who joins them, and what they need."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

# An issue that people raise. Its own words lie with its submission; here is what others read.
concerns = sa.Table(
    "concerns",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(12), nullable=False, unique=True),
    sa.Column("person", sa.ForeignKey("people.id"), index=True),  # null: lifted from a poll, or its person is forgotten
    sa.Column("texts", sa.JSON(none_as_null=True)),  # by language, as a moderator let them out
    sa.Column("place", sa.String(64), nullable=False),  # of the gazetteer; "" where none was named
    sa.Column("status", sa.String(16), nullable=False),  # waiting, public, merged, refused, closed
    sa.Column("merged_into", sa.ForeignKey("concerns.id")),
    sa.Column("source", sa.String(160), nullable=False),  # the poll's question it was lifted from
    sa.Column("outcome", sa.JSON(none_as_null=True)),  # by language: what came of it
    sa.Column("made_at", Time, nullable=False),
    sa.Column("public_at", Time),
    sa.Index("ix_concerns_status", "status"),
)

# Once for each person. Of a merged concern they are moved to the one that stays.
supports = sa.Table(
    "supports",
    metadata,
    sa.Column("concern", sa.ForeignKey("concerns.id"), primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True, index=True),
    sa.Column("at", Time, nullable=False),
)

initiatives = sa.Table(
    "initiatives",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(12), nullable=False, unique=True),
    sa.Column("person", sa.ForeignKey("people.id"), index=True),  # the organiser; null once forgotten
    sa.Column("language", sa.String(16), nullable=False),  # the organiser's
    sa.Column("texts", sa.JSON(none_as_null=True)),  # what it is, by language, as a moderator let it out
    sa.Column("languages", sa.JSON, nullable=False),  # spoken there
    sa.Column("gathering", sa.Boolean, nullable=False),  # people come together: two must have looked at it
    sa.Column("starts_at", Time, nullable=False),
    sa.Column("place", sa.String(64), nullable=False),  # of the gazetteer: what everybody may know
    sa.Column("sealed_where", sa.LargeBinary),  # where exactly: for those who joined
    sa.Column("capacity", sa.Integer),  # null: as many as come
    sa.Column("named", sa.Boolean, nullable=False),  # reminders may say what it is: phones are shared
    sa.Column("concern", sa.ForeignKey("concerns.id")),  # which it serves
    sa.Column("status", sa.String(16), nullable=False),  # waiting, public, refused, closed
    sa.Column("made_at", Time, nullable=False),
    sa.Column("closed_at", Time),
    sa.Column("attended", sa.Integer),  # as the organiser said afterwards
    sa.Index("ix_initiatives_status_starts_at", "status", "starts_at"),
)

participations = sa.Table(
    "participations",
    metadata,
    sa.Column("initiative", sa.ForeignKey("initiatives.id"), primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True, index=True),
    sa.Column("state", sa.String(16), nullable=False),  # joined, waiting
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("at", Time, nullable=False),  # the order of the waiting list
    sa.Column("rating", sa.SmallInteger),  # 1 to 5, afterwards
)

# What an initiative needs: things and tasks, which people take on.
tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("initiative", sa.ForeignKey("initiatives.id"), nullable=False, index=True),
    sa.Column("texts", sa.JSON(none_as_null=True)),  # by language, as a moderator let them out
    sa.Column("wanted", sa.Integer, nullable=False),  # how many people
)

task_takers = sa.Table(
    "task_takers",
    metadata,
    sa.Column("task", sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True, index=True),
    sa.Column("at", Time, nullable=False),
)

_OF = ((supports, "concern"), (participations, "initiative"), (task_takers, "task"))


def join(connection: sa.Connection, own: int, other: int) -> None:
    """Two people turn out to be one: they support and join each thing once, and in a place if either had one."""
    placed = sa.select(participations.c.initiative).where(
        participations.c.person == own, participations.c.state == "joined"
    )
    theirs_too = participations.c.person == other, participations.c.initiative.in_(placed)
    connection.execute(sa.update(participations).where(*theirs_too).values(state="joined"))
    for table, key in _OF:
        theirs = sa.select(table.c[key]).where(table.c.person == other)
        connection.execute(sa.delete(table).where(table.c.person == own, table.c[key].in_(theirs)))
        connection.execute(sa.update(table).where(table.c.person == own).values(person=other))
    for owned in (concerns, initiatives):
        connection.execute(sa.update(owned).where(owned.c.person == own).values(person=other))


_PERSON: sa.BindParameter[int] = sa.bindparam("of")
FORGETTING = (
    sa.delete(participations).where(participations.c.person == _PERSON),
    sa.delete(task_takers).where(task_takers.c.person == _PERSON),
    sa.update(concerns).where(concerns.c.person == _PERSON, concerns.c.status == "waiting").values(status="refused"),
    sa.update(concerns).where(concerns.c.person == _PERSON).values(person=None),
    sa.update(initiatives)
    .where(initiatives.c.person == _PERSON, initiatives.c.status == "waiting")
    .values(status="refused"),
    sa.update(initiatives)
    .where(initiatives.c.person == _PERSON, initiatives.c.status == "public")
    .values(status="closed"),
    sa.update(initiatives).where(initiatives.c.person == _PERSON).values(person=None, sealed_where=None),
)
"""What forgetting somebody does, beside what `leaving` notes. What they supported counts on, by the pseudonym."""
