"""From a started broadcast to rows of the outbox: its people are drawn, then queued as fast as their channels send.

Everything goes in chunks. Each is one transaction that also moves a cursor, so that a process that is killed in the
middle doubles nothing and leaves nobody out; memory doesn't grow with the number of people. Several workers may do it:
the broadcast's row is the lock. People are taken in the order of their ids, as the intake locks them.

Of a broadcast no more is queued than its channels send in the next minutes. So what was queued long ago can't be wrong
by now, a pause has little to hold back, and the replies of live conversations never wait behind a million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from gateway.broadcasts.audience import Roads, asked, has_never_written, in_groups, said_in
from gateway.broadcasts.drawing import draw_some
from gateway.broadcasts.life import begin_portion
from gateway.broadcasts.model import Broadcast
from gateway.broadcasts.settling import Settling
from gateway.polls import CLOSED, OPEN, Poll
from gateway.quiet import Quiet
from gateway.store import dispositions, many
from gateway.store.broadcast_tables import (
    CANCELLED,
    DONE,
    RUNNING,
    WAITING,
    ZONE,
    broadcast_channels,
    broadcast_texts,
    broadcasts,
    forget_cells,
    profiles,
    recipients,
)
from gateway.store.database import reading
from gateway.store.schema import addresses, outbox, people
from surveys.problem import SurveyError

log = structlog.get_logger(__name__)

CHUNK = 5_000
"""People of one transaction: whoever writes at that moment waits for it, at most a good tenth of a second."""

AHEAD = 60.0
"""Seconds of sending that are queued ahead."""

LEAST = 50
"""So many are queued ahead on the slowest channel."""


@dataclass(frozen=True, slots=True)
class Means:
    """What sending needs: `load` makes a Broadcast of a frozen source, `polls` by name, `rates` of messages a second by
    channel, `zones` that people may live in, and `wake`, told which channels have something to send."""

    engine: sa.Engine
    load: Callable[[str, str], Broadcast]
    polls: Callable[[], Mapping[str, Poll]]
    roads: Callable[[str], Roads]
    rates: Mapping[str, float]
    quiet: Quiet | None
    clock: Callable[[], datetime]
    wake: Callable[[Iterable[str]], None]
    ahead: float | None = AHEAD  # seconds of sending; None: as much as there is
    chunk: int = CHUNK


class Sending:
    """Brings every running broadcast forward. One a process, called every few seconds."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._loaded: dict[int, Broadcast] = {}
        self._unread: set[int] = set()
        self._settling = Settling(means.engine)

    def run(self) -> int:
        """Do all that can be done now. Returns how many chunks that were; raises what the database raises."""
        means, done = self._means, 0
        now = means.clock()
        going = sa.or_(
            broadcasts.c.status == RUNNING,
            sa.and_(broadcasts.c.status == WAITING, broadcasts.c.next_at <= now),
        )
        with reading(means.engine) as connection:
            numbers = list(connection.scalars(sa.select(broadcasts.c.id).where(going).order_by(broadcasts.c.id)))
            settling = self._settling.going(connection, now)
        while numbers:  # in turn, a chunk each: a small one doesn't wait for a large one
            numbers = [number for number in numbers if self._try(number)]
            done += len(numbers)
        for row in settling:
            self._settling.settle(row, is_over=self._poll_is(row, now) == CLOSED, now=now)
        return done

    def _try(self, number: int) -> bool:
        """One that can't be read any more stands still, and the others go on."""
        try:
            return self._step(number)
        except SurveyError as error:
            if number not in self._unread:  # said once a process, not every few seconds
                self._unread.add(number)
                problem = error.problems[0]
                log.warning("broadcast can't be read", broadcast=problem.file, why=problem.message)
            return False

    def _step(self, number: int) -> bool:
        """One chunk of one broadcast. False where nothing more can be done now."""
        means, now = self._means, self._means.clock()
        woken: set[str] = set()
        with means.engine.begin() as connection:
            row = connection.execute(_lock(number, now)).first()
            if row is None:
                return False  # somebody else has it, or it was paused
            more = self._chunk(connection, row, now, woken)
        if woken:
            means.wake(woken)
        return more

    def _chunk(self, connection: sa.Connection, row: Any, now: datetime, woken: set[str]) -> bool:
        broadcast = self._load(connection, row)
        if (broadcast.ends is not None and now >= broadcast.ends) or self._poll_is(row, now) == CLOSED:
            return _end(connection, row, now)
        if row.status == WAITING:
            begin_portion(connection, row.id, row.portion + 1)
            return True
        if row.drawn_at is None:
            return draw_some(connection, row, broadcast, self._means.roads(broadcast.ussd_by), now, self._means.chunk)
        may = self._poll_is(row, now) == OPEN and (broadcast.begins is None or now >= broadcast.begins)
        if not may or (self._means.quiet is not None and self._means.quiet.holds(now)):
            return False
        return self._queue(connection, row, broadcast, now, woken)

    def _load(self, connection: sa.Connection, row: Any) -> Broadcast:
        known = self._loaded.get(row.id)
        if known is None or known.topic:  # a campaign may have been taken back, or its piece taken down
            loaded = self._means.load(row.source, row.name)
            # Its texts were frozen too: a language that its poll has got since is not among them.
            texts = sa.select(broadcast_texts.c.language).where(broadcast_texts.c.broadcast == row.id)
            said = sorted(set(connection.scalars(texts)))
            languages = [one for one in dict.fromkeys((*loaded.languages, *said)) if one in said]
            self._loaded[row.id] = replace(loaded, wave=row.wave or 1, languages=tuple(languages))
        return self._loaded[row.id]

    def _poll_is(self, row: Any, now: datetime) -> str:
        """How the poll stands that it invites to: open where it invites to none, closed once the wave is over."""
        if row.poll is None:
            return OPEN
        poll = self._means.polls().get(row.poll)
        if poll is None or poll.wave < row.wave:  # this process has not noticed yet
            return ""
        return CLOSED if poll.wave > row.wave else poll.state(now)

    # Queueing --------------------------------------------------------------------------------------------------------

    def _queue(self, connection: sa.Connection, row: Any, broadcast: Broadcast, now: datetime, woken: set[str]) -> bool:
        many.by_indexes(connection)  # what was just drawn has no statistics yet, and is read a chunk at a time
        reach = row.reach
        if row.reach is None and row.portion < len(broadcast.portions):
            reach = _reach(connection, row.id, sum(broadcast.portions[: row.portion + 1]))
            connection.execute(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(reach=reach))
        queued, finished = 0, True
        of = sa.select(broadcast_channels).where(broadcast_channels.c.broadcast == row.id)
        for channel in connection.execute(of.order_by(broadcast_channels.c.channel)).all():
            room = self._room(connection, row.id, channel.channel, now)
            last = _last(connection, channel, reach, min(room, self._means.chunk)) if room else None
            if last is None:
                finished = finished and _last(connection, channel, reach, 1) is None
                continue
            finished = False
            written = self._put(connection, row, broadcast, channel, last, now)
            queued += last.number
            moved = {
                "draw": last.draw,
                "person": last.person,
                "queued": channel.queued + written,
                "left_out": channel.left_out + last.number - written,
            }
            connection.execute(_channel(row.id, channel.channel).values(moved))
            if written:
                woken.add(channel.channel)
        if finished:
            return _portion_is_out(connection, row, broadcast, reach, now)
        return queued > 0

    def _room(self, connection: sa.Connection, number: int, channel: str, now: datetime) -> int:
        """How many more may be queued on this channel now."""
        ahead = self._means.ahead
        if ahead is None:
            return self._means.chunk
        most = max(LEAST, int(self._means.rates.get(channel, 1.0) * ahead))
        waiting = sa.select(sa.func.count()).where(
            outbox.c.broadcast == number,
            outbox.c.status == sa.literal_column("0"),
            outbox.c.channel == channel,
            outbox.c.due_at <= now + timedelta(seconds=AHEAD),
        )
        room = most - (connection.scalar(waiting) or 0)
        return room if room >= most // 4 else 0

    def _put(
        self, connection: sa.Connection, row: Any, broadcast: Broadcast, channel: Any, last: Any, now: datetime
    ) -> int:
        """Put those up to `last` into the outbox, save who may not be written to any more. Returns how many."""
        these = _between(channel, last)
        language = said_in(broadcast.languages, people.c.language)
        first = has_never_written(people.c.id) if broadcast.kind != "poll" else sa.false()
        values: dict[str, Any] = {
            "person": these.c.person,
            "address": these.c.address,
            "channel": sa.literal(channel.channel),
            "kind": sa.literal("broadcast"),
            "sealed_reply": broadcast_texts.c.sealed_reply,
            "status": sa.literal(0),
            "attempts": sa.literal(0),
            "repeats": sa.literal(0),
            "due_at": self._due(these.c.person, now),
            "created_at": _time(now),
            "updated_at": _time(now),
            "poll": sa.literal(row.poll, sa.String),
            "until": _time(broadcast.ends),
            "broadcast": sa.literal(row.id),
        }
        chosen = (
            sa.select(*values.values())
            .join_from(these, people, people.c.id == these.c.person)
            .join(addresses, addresses.c.id == these.c.address)
            .join(
                broadcast_texts,
                sa.and_(
                    broadcast_texts.c.broadcast == row.id,
                    broadcast_texts.c.language == language,
                    broadcast_texts.c.first == first,
                ),
            )
            .where(
                ~people.c.stopped,
                sa.func.length(addresses.c.sealed_address) > 0,
                ~asked(broadcast, these.c.person),
                in_groups(broadcast.audience, these.c.person),  # who left meanwhile is left out
            )
            .order_by(these.c.person)
        )
        put = sa.insert(outbox).from_select(list(values), chosen, include_defaults=False)
        if row.poll is None:
            return connection.execute(put).rowcount
        invited = list(connection.scalars(put.returning(outbox.c.person)))
        dispositions.register(connection, row.poll, row.wave, invited, now)
        return len(invited)

    def _due(self, person: sa.ColumnElement[int], now: datetime) -> sa.ColumnElement[Any]:
        """Now, or at the end of the quiet hours where somebody lives."""
        quiet = self._means.quiet
        if quiet is None:
            return _time(now)
        schedules = [poll.survey.schedule for poll in self._means.polls().values()]
        zones = {zone for one in schedules for zone in (one.zone, *one.zones.values())}
        asleep = {}
        for zone in sorted(zones):
            there = replace(quiet, zone=ZoneInfo(zone))
            if there.holds(now):
                asleep[zone] = _time(there.ends(now))
        if not asleep:
            return _time(now)
        lives = (
            sa.select(profiles.c.value).where(profiles.c.person == person, profiles.c.fact == ZONE).scalar_subquery()
        )
        return sa.case(asleep, value=lives, else_=_time(now))


# Statements ---------------------------------------------------------------------------------------------------------


def _lock(number: int, now: datetime) -> sa.Select[Any]:
    going = sa.or_(broadcasts.c.status == RUNNING, sa.and_(broadcasts.c.status == WAITING, broadcasts.c.next_at <= now))
    return sa.select(broadcasts).where(broadcasts.c.id == number, going).with_for_update(skip_locked=True)


def _reach(connection: sa.Connection, number: int, people: int) -> int | None:
    """The last draw of the first so many; None where there are not more than that."""
    in_order = (
        sa.select(recipients.c.draw)
        .where(recipients.c.broadcast == number)
        .order_by(recipients.c.draw, recipients.c.person)
    )
    last, beyond = (connection.scalar(in_order.offset(place).limit(1)) for place in (people - 1, people))
    return None if beyond is None else last


def _after(channel: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        recipients.c.broadcast == channel.broadcast,
        recipients.c.channel == channel.channel,
        sa.tuple_(recipients.c.draw, recipients.c.person) > sa.tuple_(channel.draw, channel.person),
    )


def _last(connection: sa.Connection, channel: Any, reach: int | None, many: int) -> Any:
    """Where the next so many of a channel end, with their `number`; None where there are none."""
    within = () if reach is None else (recipients.c.draw <= reach,)
    some = (
        sa.select(recipients.c.draw, recipients.c.person)
        .where(*_after(channel), *within)
        .order_by(recipients.c.draw, recipients.c.person)
        .limit(many)
        .subquery()
    )
    number = sa.func.count().over().label("number")
    ends = sa.select(some.c.draw, some.c.person, number).order_by(some.c.draw.desc(), some.c.person.desc()).limit(1)
    return connection.execute(ends).first()


def _between(channel: Any, last: Any) -> sa.CTE:
    """The next of a channel, up to `last`, read before anything is joined to them. PostgreSQL can't tell how few lie
    between two pairs; told how many at most, it doesn't start from everybody there is."""
    some = (
        sa.select(recipients.c.person, recipients.c.address)
        .where(*_after(channel), sa.tuple_(recipients.c.draw, recipients.c.person) <= sa.tuple_(last.draw, last.person))
        .order_by(recipients.c.draw, recipients.c.person)
        .limit(last.number)
    )
    return some.cte("these").prefix_with("MATERIALIZED")


def _channel(number: int, channel: str) -> sa.Update:
    return sa.update(broadcast_channels).where(
        broadcast_channels.c.broadcast == number, broadcast_channels.c.channel == channel
    )


def _portion_is_out(
    connection: sa.Connection, row: Any, broadcast: Broadcast, reach: int | None, now: datetime
) -> bool:
    """All of a portion is queued: whoever watches it says when to go on, or the clock; after the last one it is done
    once everything is sent."""
    if reach is not None:
        after = broadcast.portion_after
        values = {"status": WAITING, "next_at": None if after is None else now + after}
        connection.execute(sa.update(broadcasts).where(broadcasts.c.id == row.id).values(values))
        log.info("portion queued", broadcast=broadcast.name, portion=row.portion + 1)
        return False
    open_one = sa.select(outbox.c.id).where(
        outbox.c.broadcast == row.id, outbox.c.status.in_((sa.literal_column("0"), sa.literal_column("1")))
    )
    if connection.execute(open_one.limit(1)).first() is None:
        _end(connection, row, now)
    return False


def _end(connection: sa.Connection, row: Any, now: datetime) -> bool:
    connection.execute(
        sa.update(broadcasts)
        .where(broadcasts.c.id == row.id, broadcasts.c.status != CANCELLED)
        .values(status=DONE, ended_at=now)
    )
    forget_cells(connection, row.id)
    return False


def _time(moment: datetime | None) -> sa.ColumnElement[Any]:
    return sa.literal(moment, outbox.c.due_at.type)
