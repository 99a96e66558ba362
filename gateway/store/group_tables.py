"""Registered groups and coalitions, closed spaces, and the provisions of an agreement."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("code", sa.String(12), index=True, unique=True),  # by which its people leave it
    sa.Column("name", sa.String(120), nullable=False, unique=True),  # public, as a moderator wrote it
    sa.Column("kind", sa.String(24), nullable=False),  # surveys.flows.coordination.group.KINDS
    sa.Column("texts", sa.JSON, nullable=False),  # its profile by language, public
    sa.Column("place", sa.String(64), nullable=False),  # of the gazetteer, or ""
    sa.Column("made_at", Time, nullable=False),
)

# Who acts for a group: users. Shown to nobody but themselves and who registers groups.
group_members = sa.Table(
    "group_members",
    metadata,
    sa.Column("group", sa.ForeignKey("groups.id"), primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), primary_key=True, index=True),
    sa.Column("role", sa.String(16), nullable=False),  # speaker, member
)

# Its people by keyword, who are no users. A speaker invites others, and says what the group stands behind.
group_people = sa.Table(
    "group_people",
    metadata,
    sa.Column("group", sa.ForeignKey("groups.id"), primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True, index=True),
    sa.Column("role", sa.String(16), nullable=False),  # speaker, member
    sa.Column("at", Time, nullable=False),
)

# A number lets one in, until it expires; it is kept as a keyed hash.
group_invitations = sa.Table(
    "group_invitations",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("group", sa.ForeignKey("groups.id"), nullable=False, index=True),
    sa.Column("number", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False),
    sa.Column("used_at", Time),
)

group_concerns = sa.Table(
    "group_concerns",
    metadata,
    sa.Column("group", sa.ForeignKey("groups.id"), primary_key=True),
    sa.Column("concern", sa.ForeignKey("concerns.id"), primary_key=True, index=True),
    sa.Column("at", Time, nullable=False),
)

# A closed space is found by its token, which nobody guesses; nothing else leads to it.
spaces = sa.Table(
    "spaces",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("sealed_name", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Time, nullable=False),
)

space_members = sa.Table(
    "space_members",
    metadata,
    sa.Column("space", sa.ForeignKey("spaces.id"), primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), primary_key=True, index=True),
    sa.Column("steward", sa.Boolean, nullable=False),  # invites others
    sa.Column(
        "address", sa.ForeignKey("vault_addresses.id"), index=True
    ),  # where they are told that there is something
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("seen_at", Time, nullable=False),
    sa.Column("told_at", Time),
)

# A token works once, until it expires; it is kept as a keyed hash.
space_invitations = sa.Table(
    "space_invitations",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("space", sa.ForeignKey("spaces.id"), nullable=False, index=True),
    sa.Column("token", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("expires_at", Time, nullable=False),
    sa.Column("used_at", Time),
)

space_posts = sa.Table(
    "space_posts",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("space", sa.ForeignKey("spaces.id"), nullable=False, index=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("sealed_text", sa.LargeBinary, nullable=False),  # "" beside a document
    sa.Column("sealed_name", sa.LargeBinary),  # of the document, null where there is none
    sa.Column("sealed_document", sa.LargeBinary),
    sa.Column("at", Time, nullable=False),
)

coalitions = sa.Table(
    "coalitions",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),
    sa.Column("sealed_name", sa.LargeBinary, nullable=False),
    sa.Column("sealed_statement", sa.LargeBinary, nullable=False),  # as its groups confirm it
    sa.Column("name", sa.String(120)),  # once it is public
    sa.Column("texts", sa.JSON(none_as_null=True)),  # the statement by language, as a moderator let it out
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("concern", sa.ForeignKey("concerns.id")),
    sa.Column("space", sa.ForeignKey("spaces.id"), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # forming, waiting, public, refused
    sa.Column("made_at", Time, nullable=False),
)

coalition_groups = sa.Table(
    "coalition_groups",
    metadata,
    sa.Column("coalition", sa.ForeignKey("coalitions.id"), primary_key=True),
    sa.Column("group", sa.ForeignKey("groups.id"), primary_key=True, index=True),
    sa.Column("confirmed_at", Time),  # null: asked
)

# What an agreement says, point by point, and how far each is.
provisions = sa.Table(
    "provisions",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("number", sa.String(16), nullable=False, unique=True),  # as the agreement has it: 3.2
    sa.Column("texts", sa.JSON, nullable=False),  # by language
    sa.Column("status", sa.String(16), nullable=False),  # gateway.coordination.provisions.STATUSES
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("changed_at", Time, nullable=False),
)

initiative_provisions = sa.Table(
    "initiative_provisions",
    metadata,
    sa.Column("initiative", sa.ForeignKey("initiatives.id"), primary_key=True),
    sa.Column("provision", sa.ForeignKey("provisions.id"), primary_key=True, index=True),
)

_addresses = sa.table("vault_addresses", sa.column("id", Row), sa.column("person", Row))
_THEIRS = sa.select(space_members.c.user).where(
    space_members.c.address.in_(sa.select(_addresses.c.id).where(_addresses.c.person == sa.bindparam("of")))
)
FORGETTING = (
    sa.delete(group_people).where(group_people.c.person == sa.bindparam("of")),
    sa.delete(space_posts).where(space_posts.c.user.in_(_THEIRS)),
    sa.update(space_members).where(space_members.c.user.in_(_THEIRS)).values(address=None, told_at=None),
)
"""What forgetting somebody does: they leave their groups. Where they are told of news in a closed space, what they said
there goes, in all of theirs, and they are told no more. They stay members, by their account."""


def join(connection: sa.Connection, own: int, other: int) -> None:
    """Two people turn out to be one: in each group once, as its speaker if either was."""
    mine = group_people.c.person == own
    spoken = sa.select(group_people.c.group).where(mine, group_people.c.role == "speaker")
    theirs_too = group_people.c.person == other, group_people.c.group.in_(spoken)
    connection.execute(sa.update(group_people).where(*theirs_too).values(role="speaker"))
    there = sa.select(group_people.c.group).where(group_people.c.person == other)
    connection.execute(sa.delete(group_people).where(mine, group_people.c.group.in_(there)))
    connection.execute(sa.update(group_people).where(mine).values(person=other))
