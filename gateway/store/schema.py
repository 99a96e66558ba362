"""The tables. Columns named `sealed_*` hold ciphertext (gateway/store/keys.py); nothing else holds what a person typed.

Rows that nothing refers to inside their own transaction get their id from the database; people and conversations
get theirs from gateway/store/ids.py. Times are aware and UTC.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store import (
    actor_tables,
    broadcast_tables,
    campaign_tables,
    coding_tables,
    columns,
    coordination_tables,
    delivery_tables,
    draft_tables,
    group_tables,
    guide_tables,
    incentive_tables,
    interview_tables,
    moderation_tables,
    note_tables,
    poll_tables,
    quote_tables,
    results_tables,
    statement_tables,
)
from gateway.store.columns import Row, Time

metadata = columns.metadata
surveys = poll_tables.surveys  # the tables of a poll's life are in poll_tables
statements = statement_tables.statements
drafts = draft_tables.drafts
groups, spaces = group_tables.groups, group_tables.spaces
interviews = interview_tables.interviews
actors = actor_tables.actors
interviewers = guide_tables.interviewers
codings = coding_tables.codings
letters, deeds = campaign_tables.letters, campaign_tables.deeds
incentives = incentive_tables.incentives
outcomes = results_tables.outcomes
quotes = quote_tables.quotes
actor_notes, map_digests = note_tables.actor_notes, note_tables.map_digests
concerns, submissions = coordination_tables.concerns, moderation_tables.submissions
spending, workers = delivery_tables.spending, delivery_tables.workers
profiles, memberships = broadcast_tables.profiles, broadcast_tables.memberships
broadcasts, recipients = broadcast_tables.broadcasts, broadcast_tables.recipients

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),  # the pseudonym: random
    sa.Column("language", sa.String(16), nullable=False, default=""),
    sa.Column("stopped", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("seen_at", Time, nullable=False),
)

# The vault: where people are reached, apart from what they said. A wipe destroys its keys.
addresses = sa.Table(
    "vault_addresses",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("hmac", sa.LargeBinary, nullable=False, unique=True),  # keyed, of kind and value; bears its key's version
    sa.Column("sealed_address", sa.LargeBinary, nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),  # last heard on: where to push to
)

# Who asked to be forgotten, so that no list brings them back: a hash of kind and address under a purpose of its own,
# which is found by the address alone and says nothing of whom it was. Gone once they write by themselves.
forgotten = sa.Table("forgotten", metadata, sa.Column("hmac", sa.LargeBinary, primary_key=True))

inbounds = sa.Table(
    "inbounds",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("channel", sa.String(64), nullable=False),
    # The provider's id, or a hash that stands for one. Unique, so that a webhook sent twice has one effect.
    sa.Column("provider_id", sa.String(128), nullable=False),
    # Where it came from, and so whom. Addresses are numbered as they come, people at random: see
    # docs/decisions/0035-indexes-in-time.md.
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), index=True),
    sa.Column("sealed_content", sa.LargeBinary),
    sa.Column("received_at", Time, nullable=False),
    sa.Column("claimed_at", Time),
    sa.Column("error", sa.String(200)),  # set where it could not be handled: quarantined, its neighbours went on
    sa.UniqueConstraint("channel", "provider_id"),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("flow", sa.String(160), nullable=False, index=True),
    # active (at most one a person), parked, or how it ended. `begun`, `channel` and `language` are for the counts.
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False, default=""),
    sa.Column("sealed_state", sa.LargeBinary, nullable=False),
    sa.Column("started_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),  # the person's last word
    sa.Column("wave", sa.SmallInteger, nullable=False, server_default="1"),
    # When somebody must look whether to remind or to give up; null once it is over. Not moved by each answer: whoever
    # looks reckons from `updated_at`.
    sa.Column("due_at", Time),
    sa.Column("reminded", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Index(
        "ix_conversations_due",
        "due_at",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
)

ussd_sessions = sa.Table(
    "ussd_sessions",
    metadata,
    sa.Column("id", Row, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("session", sa.LargeBinary, nullable=False),  # keyed hash of session id, number and service code
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("sealed_state", sa.LargeBinary, nullable=False),  # transcript taken, screens, the page shown
    sa.Column("updated_at", Time, nullable=False),
    sa.UniqueConstraint("session", "channel"),  # found by session
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("conversation", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("person", Row, nullable=False),  # the conversation's: somebody's answers are found by it
    sa.Column("survey", sa.String(160), nullable=False),  # name@hash
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("value", sa.JSON(none_as_null=True)),  # an option's id, several, a number; null where skipped or open
    sa.Column("sealed_text", sa.LargeBinary),  # a person's own words
    sa.Column("state", sa.String(16), nullable=False, server_default="answered"),  # or skipped, given-up
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Index("ix_answers_survey_question", "survey", "question"),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("survey", sa.String(160), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("at", Time, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Row, primary_key=True),  # of one person, the order in which they go out
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # gateway.delivery.policy.POLICIES
    sa.Column("sealed_reply", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False, default=0),  # channels.adapter.Status
    sa.Column("attempts", sa.SmallInteger, nullable=False, default=0),
    # How often it was sent again after it may have been taken: such a message is marked as a repeat.
    sa.Column("repeats", sa.SmallInteger, nullable=False, default=0),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("lease", sa.String(64)),  # who is sending it
    sa.Column("leased_until", Time),
    sa.Column("provider_id", sa.String(128)),
    sa.Column("segments", sa.SmallInteger),
    sa.Column("error", sa.String(200)),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("poll", sa.String(64)),  # whose end ends it too; null: goes out whatever becomes of the poll
    sa.Column("until", Time),  # later it may not go out
    sa.Column("broadcast", sa.Integer),  # null: of none
    sa.Column("again_at", Time),  # when somebody put it back by hand, and its time began anew
    sa.Index("ix_outbox_channel_provider_id", "channel", "provider_id"),
    # Open rows only: what waits or is being sent stays small, however many were sent before. Kind and broadcast are a
    # share: there are few of them, and each is looked at by itself (gateway/delivery/shares.py).
    sa.Index(
        "ix_outbox_open",
        "channel",
        "kind",
        "broadcast",
        "due_at",
        "id",  # many are due at the same time: without it each look at the first few would sort them all
        sqlite_where=sa.text("status < 2"),
        postgresql_where=sa.text("status < 2"),
    ),
    sa.Index(
        "ix_outbox_person",
        "person",
        "channel",
        "id",
        sqlite_where=sa.text("status < 2"),
        postgresql_where=sa.text("status < 2"),
    ),
    # What is being sent, for leases that run out; what was sent, for reports that don't come.
    sa.Index(
        "ix_outbox_sending", "leased_until", sqlite_where=sa.text("status = 1"), postgresql_where=sa.text("status = 1")
    ),
    sa.Index(
        "ix_outbox_sent",
        "channel",
        "updated_at",
        sqlite_where=sa.text("status = 3"),
        postgresql_where=sa.text("status = 3"),
    ),
    # What did not arrive, or of which nobody knows: for those who look after it.
    sa.Index(
        "ix_outbox_lost",
        "updated_at",
        sqlite_where=sa.text("status IN (2, 6)"),
        postgresql_where=sa.text("status IN (2, 6)"),
    ),
    # Of each person: what they got unasked, for how much of it they may get in a day.
    sa.Index(
        "ix_outbox_pushed",
        "person",
        "due_at",
        sqlite_where=sa.text("status BETWEEN 2 AND 5 AND kind NOT IN ('reply', 'confirmation')"),
        postgresql_where=sa.text("status BETWEEN 2 AND 5 AND kind NOT IN ('reply', 'confirmation')"),
    ),
    # Of each broadcast: what is held back or taken out, and what became of it.
    sa.Index(
        "ix_outbox_broadcast",
        "broadcast",
        "status",
        "person",
        sqlite_where=sa.text("broadcast IS NOT NULL"),
        postgresql_where=sa.text("broadcast IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # providers take the id as an idempotency key: a deleted row's is not used again
)

# Reports whose message is not known yet: the provider was faster than its own answer to us.
early_reports = sa.Table(
    "early_reports",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("provider_id", sa.String(128), nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("error", sa.String(200)),
    sa.Column("at", Time, nullable=False),
    sa.Index("ix_early_reports_provider_id", "channel", "provider_id"),
)

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(160), nullable=False),
    sa.Column("due_at", Time, nullable=False),
    sa.Column("stale_after", Time, nullable=False),
    sa.Column("fired_at", Time),
    sa.Column("note", sa.String(200)),
    sa.UniqueConstraint("kind", "subject", "due_at"),
    sa.Index(
        "ix_timers_open",
        "due_at",
        sqlite_where=sa.text("fired_at IS NULL"),
        postgresql_where=sa.text("fired_at IS NULL"),
    ),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("address", sa.ForeignKey("vault_addresses.id"), nullable=False),  # where LINK came from
    sa.Column("code", sa.LargeBinary, nullable=False, unique=True),  # keyed hash
    sa.Column("expires_at", Time, nullable=False),
    sa.Column("used_at", Time),
)

link_tries = sa.Table(
    "link_tries",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("at", Time, nullable=False),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("survey", sa.String(160), nullable=False, index=True),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False),  # analysis.digest.Digest, after the privacy rules
    # The true counts behind it, and which are hidden: later releases are held against them. Null: simulated, or old.
    sa.Column("sealed_counts", sa.LargeBinary),
)

# Who signs in: staff, not participants. No table here refers to people; of those, only `interviews` refers to users.
users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("name", sa.String(32), nullable=False, unique=True),
    sa.Column("password", sa.String(200)),  # an argon2 hash with its parameters; null until the invitation is taken
    sa.Column("sealed_totp", sa.LargeBinary),
    sa.Column("totp_step", sa.BigInteger, nullable=False, default=0),  # of the last code taken: no earlier one counts
    sa.Column("created_at", Time, nullable=False),
    sa.Column("disabled_at", Time),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("survey", sa.String(64), nullable=False, default=""),  # "": all of them
    sa.Column("granted_at", Time, nullable=False),
    sa.UniqueConstraint("user", "role", "survey"),
)

# Tokens and codes here are keyed hashes: whoever reads the database can't use them.
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("token", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("expires_at", Time, nullable=False),
    sa.Column("used_at", Time),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("token", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("started_at", Time, nullable=False),
    sa.Column("seen_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id"), nullable=False, index=True),
    sa.Column("code", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("used_at", Time),
)

# Tries to sign in that failed or are under way. Keyed hashes: a name that nobody has may be somebody's password.
sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("account", sa.LargeBinary, nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("near", sa.Boolean, nullable=False, default=False),  # the password was right, the code was not
    sa.Column("at", Time, nullable=False),
    sa.Index("ix_sign_in_tries_account_at", "account", "at"),
    sa.Index("ix_sign_in_tries_address_at", "address", "at"),
)

# Counts that need nobody's row: kept when somebody is forgotten.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Row, primary_key=True),
    sa.Column("at", Time, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(160), nullable=False),
)

# What the database knows of itself: the id of the key file that it belongs to.
meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.String(160), nullable=False),
)
