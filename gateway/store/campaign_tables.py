"""Campaigns: what is shown, how often it was opened, who represents whom, and what people sent, pledged and signed.

Counts of people are taken from rows by person, and leave in bands only. What people wrote lies sealed; what others
read of it is what a moderator let out.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Row, Time, metadata

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
"""How a campaign stands. A draft is written on a page; one that was withdrawn is shown to nobody."""

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # as it is published, or "" before it was
    sa.Column("draft", sa.Text, nullable=False),  # as it is written on the page, "" where nobody does
    sa.Column("changed_at", Time, nullable=False),
    sa.Column("published_at", Time),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("hidden", sa.Text),  # pieces taken down since, with a blank after each
    sa.Column("draft_state", sa.String(12)),  # writing, submitted, returned
    sa.Column("draft_by", sa.String(64)),  # who wrote it last, or submitted it
    sa.Column("draft_number", sa.Integer, nullable=False, server_default="0"),  # one more with each change
)

# The pictures, videos and sounds, cleaned; found by a hash of their content. `piece` is "" for what belongs to a deed.
campaign_media = sa.Table(
    "campaign_media",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("file", sa.String(120), nullable=False),  # as the campaign names it
    sa.Column("form", sa.String(16), nullable=False),  # 640.webp, video, audio
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(32), nullable=False, index=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("campaign", "file", "form"),
)

# How often pages were opened, by day. Nothing is kept of who did.
campaign_visits = sa.Table(
    "campaign_visits",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("campaign", sa.String(64), primary_key=True),
    sa.Column("piece", sa.String(64), primary_key=True),  # "" for the campaign's own page
    sa.Column("language", sa.String(16), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

# Who represents whom. Their names and posts are public; where messages to them go is sealed all the same.
representatives = sa.Table(
    "representatives",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("code", sa.String(128), nullable=False, unique=True),  # its membership's id in the file
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("post", sa.String(120), nullable=False),
    sa.Column("organization", sa.String(120), nullable=False),
    sa.Column("gazetteer", sa.String(64), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),  # of the gazetteer
    sa.Column("area", sa.String(120), nullable=False),  # its name
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("way", sa.String(8), nullable=False),  # mail, sms
    sa.Column("sealed_contact", sa.LargeBinary, nullable=False),
    sa.Column("batch_hours", sa.SmallInteger, nullable=False),  # 0: each message by itself
    sa.Column("left_at", Time),  # not in the newest list any more
    sa.Index("ix_representatives_place", "gazetteer", "place"),
)

# One message to a representative: waiting, passed, sending, sent, refused, failed, unknown. Its words lie with the
# moderators until they are passed.
letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("representative", sa.ForeignKey("representatives.id"), nullable=False),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("sealed_text", sa.LargeBinary),  # gone when its person is forgotten, and some time after it was sent
    sa.Column("suggested", sa.Boolean, nullable=False),  # the campaign's words, which need no moderator
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("decided_at", Time),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("sent_at", Time),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("batch", Row),  # the first letter of those that go together, once they are tried
    sa.Column("leased_until", Time),
    sa.Index("ix_letters_status", "status", "representative"),
    sa.Index("ix_letters_campaign", "campaign", "place"),
)

pledges = sa.Table(
    "pledges",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("measure", sa.String(64), nullable=False),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),  # made, done, left
    sa.Column("made_at", Time, nullable=False),
    sa.Column("reminded_at", Time),
    sa.Column("done_at", Time),
    sa.UniqueConstraint("campaign", "measure", "person"),
)

# What people sent to show that they did it: fetching (its picture), waiting, shown, refused, withdrawn. Its words lie
# with the moderators until they let them out.
deeds = sa.Table(
    "deeds",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("measure", sa.String(64), nullable=False),
    sa.Column("person", sa.ForeignKey("people.id"), index=True),  # null where it came by the web
    sa.Column("sealed_reference", sa.LargeBinary),  # of a picture that is still with its provider
    sa.Column("file", sa.String(120)),  # the picture in campaign_media, once it was fetched
    sa.Column("text", sa.Text),  # as others read it: what a moderator let out
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("fetch_at", Time),  # when the picture is asked for (again)
    sa.Index("ix_deeds_status", "campaign", "status"),
)

# Who wants something taken down in which they are seen or heard. `subject` is a piece, or a deed's number.
removals = sa.Table(
    "removals",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("sealed_text", sa.LargeBinary),
    sa.Column("status", sa.String(12), nullable=False),  # waiting, done, refused
    sa.Column("made_at", Time, nullable=False),
    sa.Column("decided_at", Time),
    sa.Column("decided_by", sa.String(64)),
    sa.Index("ix_removals_status", "status"),
)

signatures = sa.Table(
    "signatures",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # gateway.campaigns.model.GROUPS
    sa.Column("sealed_group", sa.LargeBinary),  # the group's name
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.UniqueConstraint("campaign", "person"),
)

# What the bot put into a public channel of a chat: waiting, sent, failed, unknown.
channel_posts = sa.Table(
    "channel_posts",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("campaign", sa.ForeignKey("campaigns.name"), nullable=False),
    sa.Column("piece", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("chat", sa.String(64), nullable=False),  # @name
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("provider_id", sa.String(128)),
    sa.Column("error", sa.String(200)),
    sa.Column("at", Time, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.UniqueConstraint("campaign", "piece", "channel", "chat", "language"),
)

_OF: sa.BindParameter[int] = sa.bindparam("of")
FORGETTING = (
    # What was not handed over yet is not any more; counts stay.
    sa.update(letters)
    .where(letters.c.person == _OF, letters.c.status.in_(("waiting", "passed")))
    .values(status="withdrawn"),
    sa.update(letters).where(letters.c.person == _OF).values(sealed_text=None),
    # Their pictures are deleted before the rows that name them forget their names.
    sa.delete(campaign_media).where(campaign_media.c.file.in_(sa.select(deeds.c.file).where(deeds.c.person == _OF))),
    sa.update(deeds)
    .where(deeds.c.person == _OF)
    .values(status="withdrawn", text=None, file=None, sealed_reference=None, fetch_at=None),
    sa.update(signatures).where(signatures.c.person == _OF).values(sealed_group=None),
)
"""What FORGET ME takes, in order. Binds `of`."""


def join(connection: sa.Connection, own: int, other: int) -> None:
    """`own` is one with `other`: what both pledged or signed counts once, and as done where one of them did it."""
    ours = pledges.alias()
    kept = [ours.c[key] == pledges.c[key] for key in ("campaign", "measure")]
    when = sa.select(ours.c.done_at).where(ours.c.person == own, ours.c.status == "done", *kept).scalar_subquery()
    done = sa.update(pledges).where(pledges.c.person == other, pledges.c.status == "made", when.is_not(None))
    connection.execute(done.values(status="done", done_at=when))
    for table, keys in ((pledges, ("campaign", "measure")), (signatures, ("campaign",))):
        twin = table.alias()
        same = [twin.c[key] == table.c[key] for key in keys]
        theirs = sa.exists().where(twin.c.person == other, *same)
        connection.execute(sa.delete(table).where(table.c.person == own, theirs))
    for table in (letters, pledges, deeds, signatures):
        connection.execute(sa.update(table).where(table.c.person == own).values(person=other))
