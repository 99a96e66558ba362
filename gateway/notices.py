"""Messages that the gateway sends somebody by itself, one at a time: what became of what they sent in, what is near.

A notice goes to where its person was last heard, over a channel that can push. Who sent STOP or was forgotten gets
none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store import replies, schema
from gateway.store.keys import Vault
from surveys.prompt import Prompt
from surveys.texts import Texts

WAYS = (
    sa.select(schema.addresses.c.id, schema.addresses.c.channel)
    .select_from(schema.addresses.join(schema.people))
    .where(
        schema.addresses.c.person == sa.bindparam("of"),
        schema.people.c.stopped.is_(False),
        sa.func.length(schema.addresses.c.sealed_address) > 0,
    )
    .order_by(schema.addresses.c.id)
)
_last_heard = (
    sa.select(schema.inbounds.c.channel)
    .where(
        schema.inbounds.c.address == sa.bindparam("at"),
        schema.inbounds.c.channel.in_(sa.bindparam("these", expanding=True)),
    )
    .order_by(schema.inbounds.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told: a key of the catalogues with its values."""

    key: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Notices:
    """`pushing` are the names of the channels that can push. Without any, nobody is told anything."""

    vault: Vault
    texts: Texts
    pushing: Collection[str]

    def tell(
        self,
        connection: sa.Connection,
        person: int,
        language: str,
        told: Told,
        now: datetime,
        *,
        due_at: datetime | None = None,
        until: datetime | None = None,
    ) -> str | None:
        """Put a notice into the outbox; after `until` it does not go out. Returns the channel to wake, None where
        this person can't be reached."""
        language = language or self.texts.languages[0]
        words = {meaning: self.texts.word(meaning, language) for meaning in ("stop", "help", *self.texts.called)}
        text = self.texts.say(told.key, language, **words | told.values)
        return self.send(connection, person, Prompt(text, language), now, due_at=due_at, until=until)

    def send(
        self,
        connection: sa.Connection,
        person: int,
        prompt: Prompt,
        now: datetime,
        *,
        due_at: datetime | None = None,
        until: datetime | None = None,
    ) -> str | None:
        """The same with a prompt that is made already."""
        way = self._way(connection, person)
        if way is None:
            return None
        address, channel = way
        values = {
            "person": person,
            "address": address,
            "channel": channel,
            "kind": "notice",
            "sealed_reply": self.vault.seal(replies.dumps((prompt,)), "reply"),
            "due_at": due_at or now,
            "created_at": now,
            "updated_at": now,
            "until": until,
        }
        connection.execute(sa.insert(schema.outbox).values(values))
        return channel

    def _way(self, connection: sa.Connection, person: int) -> tuple[int, str] | None:
        """Their address, and the channel on which it is reached. Who dials is reached where they last wrote."""
        ways = connection.execute(WAYS, {"of": person}).all()
        heard = next(((row.id, row.channel) for row in ways if row.channel in self.pushing), None)
        if heard or len(ways) != 1 or not self.pushing:
            return heard
        last = connection.scalar(_last_heard, {"at": ways[0].id, "these": sorted(self.pushing)})
        return (ways[0].id, last) if last else None
