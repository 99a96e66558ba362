"""The outbox: which rows go out next. SQL is the queue of record; what becomes of them is in settling.py.

A row is leased by being marked SENDING, in the same commit that records what came back from earlier sends, and only
when a thread is free to call the provider at once. There is no second mark for "leased, not begun": it would cost a
commit for each message to save the few rows of one commit, and a row so marked could still not be told from one
whose call was made. So a crash leaves at most one row a thread in doubt, and the policy of its kind says what then.

Of one person and channel only the oldest open row goes out, so that order holds. On different channels a person's
messages don't wait for each other (a provider that is down must not hold up another), and a reply does not wait for
a broadcast.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from channels.adapter import Status
from gateway.delivery.policy import policy
from gateway.delivery.settling import Leased
from gateway.delivery.shares import Share, Turn, open_shares
from gateway.lifecycle import ENDED, HELD
from gateway.polls import CLOSED, PAUSED
from gateway.quiet import Quiet
from gateway.store import many
from gateway.store.broadcast_tables import CANCELLED, ZONE, broadcasts, profiles
from gateway.store.database import among
from gateway.store.delivery_tables import ASKED, asked
from gateway.store.poll_tables import polls, respondents
from gateway.store.schema import addresses, outbox, people

PASSES = 2
"""Over the shares in one lease: each is a few queries, and whoever is left waiting has the next."""
LOOKS = 50
"""At one share in one lease: those who are put off, or get nothing, make room for who is behind them."""
STOPPED = "stopped"
LATE = "too late"
CALLED_OFF = "the broadcast was cancelled"
BEGUN = "they have begun by themselves"
NOBODY_S = "no worker has this channel"
DAY = timedelta(days=1)

_NOT_BEGUN = (None, "registered", "contacted", "unresponsive", "failed")
"""What somebody may be in the wave of a poll that an invitation is for."""


# Leasing ------------------------------------------------------------------------------------------------------------

# Literals, not parameters: a database uses a partial index only where it can see that the condition implies the index'.
_other, _before = outbox.alias("other"), outbox.alias("before")
_asked = asked(outbox.c.kind)
_unasked_now = sa.bindparam("unasked", type_=sa.Boolean)
_waiting = outbox.c.status < sa.literal_column("2"), outbox.c.status == sa.literal_column("0")
# A scalar subquery and a subquery with a limit stay what they are: left to choose, PostgreSQL joins whole tables where
# it has no statistics yet, as right after the first large broadcast was put in.
# What waits behind one that may not go out yet, or may have a million before it, is not on its way itself.
_waits_too = (
    sa.select(_before.c.id)
    .where(
        _before.c.person == _other.c.person,
        _before.c.channel + "" == _other.c.channel,
        _before.c.id < _other.c.id,
        _before.c.status < sa.literal_column("2"),
        ~asked(_before.c.kind),
        sa.or_(_before.c.due_at > sa.bindparam("now"), _before.c.broadcast.is_not(None)),
    )
    .limit(1)
)
_in_its_way = (
    sa.select(_other.c.id)
    .where(
        _other.c.person == outbox.c.person,
        _other.c.channel + "" == outbox.c.channel,  # not by the index that begins with the channel: by the person's
        _other.c.id != outbox.c.id,
        _other.c.status < sa.literal_column("2"),
        sa.or_(
            _other.c.status == sa.literal_column("1"),
            sa.and_(
                _other.c.id < outbox.c.id,
                # An older one that may not go out yet holds up what was sent unasked, but no reply; one of a broadcast,
                # which may have a million before it, holds up no reply ever.
                sa.or_(
                    asked(_other.c.kind),
                    ~_asked,
                    sa.and_(
                        _unasked_now,
                        _other.c.due_at <= sa.bindparam("now"),
                        _other.c.broadcast.is_(None),
                        _waits_too.scalar_subquery().is_(None),
                    ),
                ),
            ),
        ),
    )
    .limit(1)
)
_due = (
    outbox.c.channel == sa.bindparam("channel"),
    outbox.c.kind == sa.bindparam("kind"),
    outbox.c.due_at <= sa.bindparam("now"),
    *_waiting,
)
# Of what nobody asked for and somebody got, the so many newest but one: while it is young, they have had enough.
_pushed = (
    sa.select(_other.c.due_at)
    .where(
        _other.c.person == sa.literal_column("next.person"),
        ~asked(_other.c.kind),
        _other.c.status.between(sa.literal_column("2"), sa.literal_column("5")),
    )
    .order_by(_other.c.due_at.desc())
    .offset(sa.bindparam("pushes", type_=sa.Integer) - 1)
    .limit(1)
)
_of_none, _of_one = outbox.c.broadcast.is_(None), outbox.c.broadcast == sa.bindparam("broadcast")


def _candidates(of: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The first few that are due of a share, with what says whether they may go out. Locked where they may be."""
    first = (
        sa.select(outbox)
        .where(*_due, of, _in_its_way.scalar_subquery().is_(None))
        # By the broadcast too, though there is one: PostgreSQL sorts all rows before it sees that null is one value.
        .order_by(outbox.c.broadcast, outbox.c.due_at, outbox.c.id)
        .limit(sa.bindparam("limit"))
        .with_for_update(of=outbox, skip_locked=True)
        .subquery("next")
    )
    return (
        sa.select(
            first.c.id,
            first.c.person,
            first.c.kind,
            first.c.attempts,
            first.c.repeats,
            first.c.due_at,
            first.c.created_at,
            sa.func.coalesce(first.c.again_at, first.c.created_at).label("since"),
            addresses.c.sealed_address,
            first.c.sealed_reply,
            people.c.stopped,
            first.c.until,
            polls.c.status.label("poll"),
            polls.c.closes_at,
            broadcasts.c.status.label("broadcast"),
            respondents.c.disposition,
            profiles.c.value.label("zone"),
            sa.case((~asked(first.c.kind), _pushed.scalar_subquery())).label("pushed"),
        )
        .join(people, people.c.id == first.c.person)
        .join(addresses, addresses.c.id == first.c.address)
        .outerjoin(polls, polls.c.name == first.c.poll)
        .outerjoin(broadcasts, broadcasts.c.id == first.c.broadcast)
        .outerjoin(
            respondents,
            sa.and_(
                first.c.broadcast.is_not(None),
                respondents.c.person == first.c.person,
                respondents.c.survey == first.c.poll,
                respondents.c.wave == polls.c.wave,
            ),
        )
        .outerjoin(
            profiles,
            sa.and_(~asked(first.c.kind), profiles.c.person == first.c.person, profiles.c.fact == ZONE),
        )
        .order_by(first.c.due_at, first.c.id)
    )


# Two statements: that a column is null is another question to an index than what it equals.
_candidates_of_none, _candidates_of_one = _candidates(_of_none), _candidates(_of_one)
# One statement however many rows there are: it is planned once.
_mark = {
    dialect: sa.update(outbox)
    .where(among(dialect, outbox.c.id, "ids"))
    .values(
        status=Status.SENDING.value,
        lease=sa.bindparam("worker"),
        leased_until=sa.bindparam("lease_ends"),
        updated_at=sa.bindparam("now"),
    )
    for dialect in ("sqlite", "postgresql")
}
_drop = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(status=Status.FAILED.value, error=sa.bindparam("why"), updated_at=sa.bindparam("now"))
)
_hold = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(due_at=sa.bindparam("not_before", type_=outbox.c.due_at.type))
)
_oldest_of_none, _oldest_of_one = (
    sa.select(outbox.c.due_at).where(*_due, of).order_by(outbox.c.broadcast, outbox.c.due_at).limit(1)
    for of in (_of_none, _of_one)
)


def lease(  # noqa: PLR0913 - who leases, what, and by which rules
    connection: sa.Connection,
    channel: str,
    worker: str,
    now: datetime,
    limit: int,
    seconds: float,
    *,
    unasked: bool = True,
    quiet: Quiet | None = None,
    pushes: int = 1_000,
    turn: Turn | None = None,
) -> list[Leased]:
    """Mark up to `limit` due rows as being sent by `worker`, and return them; commit before calling the provider.

    What was asked for goes first; the rest of the room is parted among the other shares, as `turn` says.

    Rows of people who left are failed instead, except those whose kind goes out after STOP; so are those of a poll that
    has ended, and those that come too late. What nobody asked for waits while its poll or its broadcast pauses, and
    while it is quiet (by `quiet`) where its person lives, or while they have had `pushes` such messages within 24
    hours. `unasked` is False in the gateway's own quiet hours. On PostgreSQL rows that another worker looks at are
    passed over; on SQLite the transaction has the write lock.
    """
    turn = turn or Turn(open_shares(connection, channel))
    leased: list[Leased] = []

    def take(share: Share, room: int) -> bool:
        """Whether there may be more."""
        wanted = {"channel": channel, "kind": share.kind, "broadcast": share.broadcast, "now": now}
        statement = _candidates_of_none if share.broadcast is None else _candidates_of_one
        for _ in range(LOOKS):
            found = many.run(connection, statement, wanted | {"limit": room, "unasked": unasked, "pushes": pushes})()
            rows = _allowed(connection, found, now, quiet)
            # At once: the next share may hold a message for one of the same people, who gets one at a time.
            _mark_sending(connection, rows, worker, now, now + timedelta(seconds=seconds))
            leased.extend(rows)
            if len(found) < room or len(rows) == room:
                return len(found) == room
            room -= len(rows)
        return True

    for share in turn.shares:
        if share.asked and len(leased) < limit:
            take(share, limit - len(leased))
    hungry = turn.others() if unasked else []
    limit -= turn.kept
    for _ in range(PASSES):  # where one has less than its part, the others have what it leaves
        hungry = [
            share
            for place, share in enumerate(hungry)
            if (room := -((len(leased) - limit) // (len(hungry) - place))) > 0 and take(share, room)
        ]
    return leased


def _allowed(connection: sa.Connection, found: Sequence[Any], now: datetime, quiet: Quiet | None) -> list[Leased]:
    """Those that may go out. The others are put off, or fail."""
    allowed: list[Leased] = []
    never: dict[str, list[int]] = {}
    later: dict[datetime, list[int]] = {}
    for row in found:
        if why := _why_not(row, now):
            never.setdefault(why, []).append(row.id)
        elif until := _held_until(row, now, quiet):
            later.setdefault(until, []).append(row.id)
        else:
            allowed.append(Leased(*row[:10]))
    for until, rows in later.items():
        connection.execute(_hold, {"ids": rows, "not_before": until})
    for why, rows in never.items():
        connection.execute(_drop, {"ids": rows, "now": now, "why": why})
    return allowed


def _mark_sending(
    connection: sa.Connection, rows: Sequence[Leased], worker: str, now: datetime, until: datetime
) -> None:
    if rows:
        mark = _mark[connection.dialect.name]
        wanted = {"ids": [row.id for row in rows], "worker": worker, "lease_ends": until, "now": now}
        many.run(connection, mark, wanted)


def _why_not(row: Any, now: datetime) -> str:
    """Why a row that is due may not go out, ever; "" where it may."""
    if row.stopped and not policy(row.kind).after_stop:
        return STOPPED
    if row.poll == CLOSED or (row.closes_at is not None and row.closes_at <= now):
        return ENDED
    if row.until is not None and row.until <= now:
        return LATE
    if row.broadcast == CANCELLED:
        return CALLED_OFF
    return "" if row.disposition in _NOT_BEGUN else BEGUN


def _held_until(row: Any, now: datetime, quiet: Quiet | None) -> datetime | None:
    """When a row that is due may go out; None: now."""
    if row.kind in ASKED:
        return None
    if PAUSED in (row.poll, row.broadcast):
        return HELD
    if row.pushed is not None and row.pushed + DAY > now:
        return row.pushed + DAY  # type: ignore[no-any-return]  # a row's columns have no types
    zone = _zone(row.zone) if quiet else None
    there = replace(quiet, zone=zone) if quiet and zone else None
    return there.ends(now) if there and there.holds(now) else None


def _zone(name: str | None) -> ZoneInfo | None:
    """None where there is none of the name: nobody's messages wait for what was stored of one person."""
    with contextlib.suppress(KeyError, ValueError, OSError):  # no such file, no path of one, a folder
        return ZoneInfo(name) if name else None
    return None


_let_go_of_none, _let_go_of_one = (
    sa.update(outbox)
    .where(
        outbox.c.channel == sa.bindparam("of_channel"),
        outbox.c.kind == sa.bindparam("of_kind"),
        of,
        outbox.c.due_at == HELD,
        *_waiting,
        sa.or_(outbox.c.poll.is_(None), outbox.c.poll.not_in(sa.select(polls.c.name).where(polls.c.status == PAUSED))),
        sa.or_(
            outbox.c.broadcast.is_(None),
            outbox.c.broadcast.not_in(sa.select(broadcasts.c.id).where(broadcasts.c.status == PAUSED)),
        ),
    )
    .values(due_at=sa.bindparam("now", type_=outbox.c.due_at.type))
    for of in (_of_none, outbox.c.broadcast == sa.bindparam("of_broadcast"))
)


def let_go(connection: sa.Connection, channel: str, now: datetime) -> None:
    """What is held for a pause that is over: whoever resumes doesn't see what is held back in that very moment."""
    for share in open_shares(connection, channel):
        wanted = {"of_channel": channel, "of_kind": share.kind, "now": now}
        if share.broadcast is None:
            connection.execute(_let_go_of_none, wanted)
        else:
            connection.execute(_let_go_of_one, wanted | {"of_broadcast": share.broadcast})


_too_old = (
    sa.select(outbox.c.id)
    .where(
        outbox.c.channel == sa.bindparam("of_channel"),
        *_waiting,
        sa.func.coalesce(outbox.c.again_at, outbox.c.created_at) < sa.bindparam("before", type_=outbox.c.due_at.type),
    )
    .limit(10_000)  # at once: the next look finds more
)
_abandon = (
    sa.update(outbox)
    .where(outbox.c.id.in_(_too_old.scalar_subquery()), *_waiting)
    .values(status=Status.FAILED.value, error=NOBODY_S, updated_at=sa.bindparam("now", type_=outbox.c.due_at.type))
)


def abandon(connection: sa.Connection, channel: str, now: datetime, after: float) -> int:
    """Fail what waits on a channel that is no worker's any more, once it is `after` seconds old. Returns how many."""
    before = now - timedelta(seconds=after)
    return connection.execute(_abandon, {"of_channel": channel, "before": before, "now": now}).rowcount


def oldest_due(connection: sa.Connection, channel: str, now: datetime, *, unasked: bool = True) -> datetime | None:
    """Since when the oldest row of a channel is due, None where none is."""
    oldest = [
        connection.scalar(
            _oldest_of_none if share.broadcast is None else _oldest_of_one,
            {"channel": channel, "kind": share.kind, "broadcast": share.broadcast, "now": now},
        )
        for share in open_shares(connection, channel)
        if unasked or share.asked
    ]
    return min(filter(None, oldest), default=None)
