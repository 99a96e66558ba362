"""Results to those who asked for them before there were any: each is told once, from the first release after that.

What was said yes to is taken out in the transaction that puts the message into the outbox, so that nobody is told
twice whatever breaks off. STOP, quiet hours and rates hold as for everything that is pushed.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

import sqlalchemy as sa

from channels.adapter import DIRECT, Channel, Medium
from gateway.results.released import texts_of
from gateway.store import replies, schema
from gateway.store.keys import Vault
from gateway.store.quote_tables import wanted
from surveys.model import Survey
from surveys.prompt import Prompt

AT_ONCE = 500
"""People told in one transaction."""


def tell(
    engine: sa.Engine, vault: Vault, survey: Survey, channels: Mapping[str, Channel], out_at: datetime, now: datetime
) -> AbstractSet[str]:
    """Tell whoever waits for results of this poll, of which a release was made at `out_at`. Returns the channels on
    which something is to be sent."""
    used: set[str] = set()
    while True:
        with engine.begin() as connection:
            told = _some(connection, vault, survey, channels, out_at, now)
            if told is None:
                return used
            used |= told


def _some(
    connection: sa.Connection,
    vault: Vault,
    survey: Survey,
    channels: Mapping[str, Channel],
    out_at: datetime,
    now: datetime,
) -> set[str] | None:
    """None where nobody waits."""
    people, addresses = schema.people, schema.addresses
    chosen = (
        sa.select(
            wanted.c.person,
            wanted.c.address,
            people.c.language,
            people.c.stopped,
            addresses.c.channel,
            addresses.c.kind,
        )
        .join(people, people.c.id == wanted.c.person)
        .join(addresses, addresses.c.id == wanted.c.address)
        .where(wanted.c.survey.in_((survey.name, "")), wanted.c.at < out_at)
        .order_by(wanted.c.person)
        .limit(AT_ONCE)
        .with_for_update(of=wanted, skip_locked=True)
    )
    waiting = {row.person: row for row in connection.execute(chosen)}
    if not waiting:
        return None
    connection.execute(sa.delete(wanted).where(wanted.c.person.in_(list(waiting))))
    texts, rows, used = texts_of(connection, survey), [], set()
    for row in waiting.values():
        channel = _way(row.channel, row.kind, channels)
        if row.stopped or channel is None or not texts:
            continue
        language = row.language if row.language in texts else next(iter(texts))
        sealed = vault.seal(replies.dumps((Prompt(texts[language], language),)), "reply")
        about = {"person": row.person, "address": row.address, "channel": channel, "kind": "notice"}
        rows.append({**about, "sealed_reply": sealed, "due_at": now, "created_at": now, "updated_at": now})
        used.add(channel)
    if rows:
        connection.execute(sa.insert(schema.outbox), rows)
    return used


def _way(channel: str, kind: str, channels: Mapping[str, Channel]) -> str | None:
    """Where they were last heard; whoever was heard where nothing can be pushed gets an SMS, if there is a number."""
    pushing = {name: one for name, one in channels.items() if one.medium not in DIRECT}
    if channel in pushing:
        return channel
    texted = sorted(name for name, one in pushing.items() if one.medium == Medium.SMS)
    return texted[0] if kind == "tel" and texted else None
