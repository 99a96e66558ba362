"""Following up what nobody goes on with: a reminder asks the open question again, and in the end it expires.

Conversations of a poll that has ended are ended too. What is due is found by an index, a few at a time; each person's
row is locked as the intake does it, and who is writing at that moment is passed over. Two workers may do it at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from channels.adapter import DIRECT, Channel
from gateway.ingest.conversing import Converser, RunawayFlow
from gateway.ingest.doors import SAYS
from gateway.ingest.due import look
from gateway.ingest.rules import Rules
from gateway.ingest.unit import ACTIVE, PARKED, Held, Unit, Visitor, survey_of
from gateway.polls import CLOSED
from gateway.quiet import Quiet
from gateway.store import replies
from gateway.store.database import among, reading
from gateway.store.keys import SealError, Vault
from gateway.store.schema import addresses, conversations, inbounds, people
from surveys.flow import Resume, Timeout
from surveys.model import Survey

log = structlog.get_logger(__name__)

BATCH = 25
"""Conversations of one transaction: whoever writes at that moment waits for it on SQLite."""

AFTER_A_PAUSE = timedelta(minutes=10)
"""Until a paused poll is looked at again."""

AFTER_AN_ERROR = timedelta(hours=1)

WITHIN = timedelta(hours=1)
"""How long a reminder may wait to be sent: later the question may be another."""

_in_progress = conversations.c.due_at.is_not(None)


class FollowUp:
    """`channels` by name; reminders go out over those that can push. `quiet` are the gateway's own hours: a poll that
    names a zone has them by its clock. `wake` is told, after each commit, which channels have something to send."""

    def __init__(
        self,
        engine: sa.Engine,
        vault: Vault,
        rules: Callable[[], Rules],
        channels: Mapping[str, Channel],
        *,
        quiet: Quiet,
        clock: Callable[[], datetime],
        wake: Callable[[Iterable[str]], None],
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._rules = rules
        self.channels = channels
        self.pushing = {name for name, channel in channels.items() if channel.medium not in DIRECT}
        self.quiet = quiet
        self._clock = clock
        self._wake = wake

    def run(self) -> int:
        """Look at all that is due. Returns how many were looked at; raises what the database raises."""
        looked = 0
        while True:
            rules, now = self._rules(), self._clock()
            with reading(self._engine) as connection:
                if connection.execute(_due(rules, now).limit(1)).first() is None:
                    return looked
            with self._engine.begin() as connection:
                unit = Unit(connection, self._vault, now)
                some = self._some(unit, rules)
            if unit.woken:
                self._wake(unit.woken)
            looked += some
            if some < BATCH:
                return looked

    def _some(self, unit: Unit, rules: Rules) -> int:
        found = _due(rules, unit.now).limit(BATCH).join(people, people.c.id == conversations.c.person)
        rows = unit.connection.execute(found.with_for_update(of=people, skip_locked=True)).all()
        # Read again under the lock: whoever held it may just have gone on.
        again = unit.connection.execute(_THESE[unit.connection.dialect.name], {"ids": [row.id for row in rows]}).all()
        looking = _Looking(self, unit, rules, _Known(unit.connection, [row.person for row in again]))
        ended = _ended(rules, unit.now)
        for row in again:
            try:
                looking.at(row)
            except (SealError, LookupError, ValueError, RunawayFlow) as error:
                # The error's own text may hold what a person wrote. The others are looked at all the same.
                log.error("follow-up failed", flow=row.flow, error=type(error).__name__)  # noqa: TRY400 - as above
                # Of a poll that has ended all are due at every look: what can't be read is let be.
                again_at = None if row.flow in ended else unit.now + AFTER_AN_ERROR
                _put_off(unit.connection, row.id, again_at)
        unit.flush()
        return len(rows)


class _Looking:
    """One batch of looks, in its transaction."""

    def __init__(self, parts: FollowUp, unit: Unit, rules: Rules, known: _Known) -> None:
        self._parts = parts
        self._unit = unit
        self._rules = rules
        self._known = known
        self._converser = Converser(rules, unit, {})

    def at(self, row: Any) -> None:
        unit = self._unit
        flow = self._rules.router.flows.get(row.flow)
        survey = survey_of(flow) if flow is not None else None
        if row.status not in (ACTIVE, PARKED) or flow is None or survey is None:
            _put_off(unit.connection, row.id, None)
            return
        held = Held.read(row, flow, unit.vault)
        visitor = self._known.visitor(row.person)
        visitor.open.append(held)
        shut = self._rules.doors.shut(held, unit.now)
        due = look(survey.schedule, held.updated_at, held.reminded, unit.now)
        if shut == SAYS[CLOSED] or (not shut and due.act == "expire"):
            channel = self._parts.channels.get(held.channel) or next(iter(self._parts.channels.values()))
            self._converser.follow(visitor, channel, held, Timeout(), "closed" if shut else "expired")
            return
        if shut:
            held.due_at = unit.now + AFTER_A_PAUSE
        elif due.act == "remind":
            held.due_at = self._remind(visitor, held, survey) or due.next_at
        else:
            held.due_at = due.next_at
        unit.keep(visitor, held)

    def _remind(self, visitor: Visitor, held: Held, survey: Survey) -> datetime | None:
        """Ask again, if that may be. Returns when to look again where it may not be now."""
        unit, parts = self._unit, self._parts
        last_word, expires = held.updated_at, held.updated_at + survey.schedule.expires
        way = self._known.way(visitor, held, parts.pushing)
        if visitor.stopped or held.status != ACTIVE or way is None:
            return expires
        channel, quiet = parts.channels[way], self._quiet(survey, held)
        if quiet.holds(unit.now):
            return min(quiet.ends(unit.now), expires)
        turn = self._converser.follow(visitor, channel, held, Resume(), "")
        held.updated_at = last_word
        held.reminded += 1
        if turn.asks:
            poll = self._rules.doors.polls.get(survey.name)
            ends = [poll.closes_at] if poll is not None and poll.closes_at is not None else []
            until = min(unit.now + WITHIN, quiet.begins(unit.now), *ends)
            sealed = unit.vault.seal(replies.dumps(tuple(turn.said)), "reply")
            unit.reply(visitor, channel, sealed, "reminder", survey.name, until)
        return None

    def _quiet(self, survey: Survey, held: Held) -> Quiet:
        """By the clock of the person's region, else of the poll, else of the gateway: without a zone a poll has UTC."""
        region = held.conversation.answers.get(survey.region) if survey.region else None
        zone = survey.schedule.zones.get(str(region), survey.schedule.zone)
        return self._parts.quiet if zone == "UTC" else replace(self._parts.quiet, zone=ZoneInfo(zone))


def _put_off(connection: sa.Connection, conversation: int, until: datetime | None) -> None:
    connection.execute(sa.update(conversations).where(conversations.c.id == conversation).values(due_at=until))


class _Known:
    """The people of one batch, and where they can be reached."""

    def __init__(self, connection: sa.Connection, persons: Sequence[int]) -> None:
        self._connection = connection
        these = {"people": sorted(set(persons))}
        dialect = connection.dialect.name
        self._people = {row.id: row for row in connection.execute(_PEOPLE[dialect], these)}
        self._addresses: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(_ADDRESSES[dialect], these):
            if row.sealed_address:
                self._addresses[row.person].append(row)

    def visitor(self, person: int) -> Visitor:
        row = self._people[person]
        return Visitor(person, 0, row.language, row.stopped, True, "", row.seen_at)

    def way(self, visitor: Visitor, held: Held, pushing: set[str]) -> str | None:
        """The channel on which this person is known to be reached by a push; `visitor` is then at that address.

        Where they were last heard, the conversation's own channel first. One who has a single address and was last
        heard on USSD is reached on the channel of that address on which they last wrote, if they ever did.
        """
        known = self._addresses[visitor.person]
        heard = sorted((row for row in known if row.channel in pushing), key=lambda row: row.channel != held.channel)
        if heard:
            visitor.address, visitor.on_channel = heard[0].id, heard[0].channel
            return str(visitor.on_channel)
        if len(known) != 1:
            return None
        visitor.address = known[0].id
        if held.channel in pushing:
            return held.channel
        here = inbounds.c.address == visitor.address
        last = sa.select(inbounds.c.channel).where(here, inbounds.c.channel.in_(pushing))
        return self._connection.scalar(last.order_by(inbounds.c.id.desc()).limit(1))


def _due(rules: Rules, now: datetime) -> sa.Select[Any]:
    """What is to be looked at now: what is due, and all that goes on of a poll that has ended."""
    ended = conversations.c.flow.in_(_ended(rules, now))
    return (
        sa.select(conversations.c.id, conversations.c.person)
        .where(_in_progress, sa.or_(conversations.c.due_at <= now, ended))
        .order_by(conversations.c.due_at)
    )


def _ended(rules: Rules, now: datetime) -> list[str]:
    """The flows of polls that have ended."""
    ended = {name for name, poll in rules.doors.polls.items() if poll.state(now) == CLOSED}
    return [name for name, flow in rules.router.flows.items() if (survey := survey_of(flow)) and survey.name in ended]


_THESE = {
    dialect: sa.select(conversations).where(among(dialect, conversations.c.id, "ids"), _in_progress)
    for dialect in ("sqlite", "postgresql")
}
_PEOPLE = {
    dialect: sa.select(people).where(among(dialect, people.c.id, "people")) for dialect in ("sqlite", "postgresql")
}
_ADDRESSES = {
    dialect: sa.select(addresses).where(among(dialect, addresses.c.person, "people")).order_by(addresses.c.id)
    for dialect in ("sqlite", "postgresql")
}
