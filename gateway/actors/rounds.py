"""Rounds of interviews: what each focal point still has to hold in a wave, and telling them so.

Due is every actor of whom somebody reported in an earlier wave and not in this one. Whoever is not asked about again
stays "not asked": nothing is ever taken over from an earlier wave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from channels.adapter import DIRECT, Channel, Medium
from gateway.accounts.roles import Role
from gateway.actors.clearance import seen_statements
from gateway.actors.guides import viewer_of, wave_of
from gateway.actors.known import Known, known_actors
from gateway.actors.profile import KINDS
from gateway.lifecycle import ROUND
from gateway.polls import OPEN, Poll, Polls
from gateway.store import replies
from gateway.store.actor_tables import actor_statements
from gateway.store.database import insert_ignoring
from gateway.store.guide_tables import interviewers
from gateway.store.keys import Vault
from gateway.store.schema import addresses, grants, outbox, people, timers, users
from surveys.model import Guide
from surveys.prompt import Prompt
from surveys.texts import Texts

AGAIN = timedelta(days=5)
MOST = 3
"""So often is somebody told of one wave."""


def due(connection: sa.Connection, vault: Vault, user: str, guide: Guide, wave: int) -> tuple[Known, ...]:
    """Whom this user reported on before, and not yet in the guide's wave; as far as they may see them."""
    who, of_map = viewer_of(connection, user), wave_of(guide, wave)
    table = actor_statements.c
    mine = sa.select(table.actor, table.other, table.wave).where(
        table.id.in_(seen_statements(who, guide.map, KINDS)), table.reporter == user
    )
    rows = connection.execute(mine).all()
    again = {actor for row in rows if row.wave >= of_map for actor in (row.actor, row.other)}
    before = {actor for row in rows if row.wave < of_map for actor in (row.actor, row.other)}
    known = known_actors(connection, vault, who, guide.map)
    return tuple(one for one in known.values() if before & {*one.rows} and not again & {*one.rows})


@dataclass(frozen=True, slots=True)
class Caller:
    """Tells focal points of their rounds. `channels` are those that this process can send over, and others."""

    vault: Vault
    texts: Texts
    channels: Mapping[str, Channel]

    def tell(self, connection: sa.Connection, polls: Polls, subject: str, now: datetime) -> None:
        """Tell those who hold a guide that a wave is open; those who were told before, if something is still due.
        Neither the guide nor anybody on the map is named: a message on a phone may be read by others."""
        name, wave, number = subject.rsplit(" ", 2)
        poll = next((one for one in polls.polls if one.survey.name == name), None)
        if poll is None or poll.survey.guide is None or poll.wave != int(wave) or poll.state(now) != OPEN:
            return
        told = int(number)
        for user in _holders(connection, name):
            left = len(due(connection, self.vault, user, poll.survey.guide, poll.wave))
            if left or told == 1:
                self._write(connection, poll, user, left, now)
        if told < MOST:
            later = now + AGAIN
            row = {"kind": ROUND, "subject": f"{name} {wave} {told + 1}", "due_at": later, "stale_after": later + AGAIN}
            connection.execute(insert_ignoring(connection.dialect.name, timers), row)

    def _write(self, connection: sa.Connection, poll: Poll, user: str, left: int, now: datetime) -> None:
        """Once, to the address that they were heard from last."""
        for row in connection.execute(_ADDRESSES, {"user": user}):
            if not (over := self._over(row.kind, row.channel)):
                continue
            spoken = row.language or poll.survey.languages[0]
            key = "interviews_due" if left else "interviews_open"
            said = Prompt(self.texts.say(key, spoken, count=left), spoken)
            values = {
                "person": row.person,
                "address": row.id,
                "channel": over,
                "kind": "reminder",
                "sealed_reply": self.vault.seal(replies.dumps((said,)), "reply"),
                "poll": poll.survey.name,
                **dict.fromkeys(("status", "attempts", "repeats"), 0),
                **dict.fromkeys(("due_at", "created_at", "updated_at"), now),
            }
            connection.execute(sa.insert(outbox), values)
            return

    def _over(self, kind: str, channel: str) -> str:
        """The channel that pushes to an address: the one it was heard on, or, of a number that dials, one for texts."""
        heard = self.channels.get(channel)
        if heard is not None and heard.medium not in DIRECT:
            return channel
        texting = (one.name for one in self.channels.values() if one.medium is Medium.SMS)
        return next(texting, "") if kind == "tel" else ""


def _holders(connection: sa.Connection, guide: str) -> list[str]:
    """The users who may hold it, and have somewhere to be written to."""
    query = (
        sa.select(users.c.name)
        .join_from(users, grants, grants.c.user == users.c.id)
        .join(interviewers, interviewers.c.user == users.c.name)
        .where(
            users.c.disabled_at.is_(None),
            grants.c.role == Role.FOCAL_POINT.value,
            grants.c.survey.in_((guide, "")),
        )
    )
    return sorted(set(connection.scalars(query)))


_ADDRESSES = (
    sa.select(addresses.c.id, addresses.c.person, addresses.c.kind, addresses.c.channel, people.c.language)
    .join_from(interviewers, addresses, addresses.c.person == interviewers.c.person)
    .join(people, people.c.id == addresses.c.person)
    .where(interviewers.c.user == sa.bindparam("user"), people.c.stopped.is_(False))
    .order_by(people.c.seen_at.desc(), addresses.c.id)
)
