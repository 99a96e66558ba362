"""Deleting what has reached its end date, and writing down that it was done.

Runs beside everything else: rows are looked for in transactions that only read, and changed a few hundred at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from channels.adapter import Status
from gateway.retention_settings import Retention
from gateway.store import audit
from gateway.store.broadcast_tables import broadcasts, recipients
from gateway.store.campaign_tables import letters, signatures
from gateway.store.database import reading
from gateway.store.group_tables import group_invitations, space_invitations, space_posts
from gateway.store.incentive_tables import incentives
from gateway.store.moderation_tables import submissions
from gateway.store.poll_tables import polls
from gateway.store.results_tables import order_tries, orders, posts
from gateway.store.schema import (
    early_reports,
    inbounds,
    invitations,
    link_tries,
    links,
    outbox,
    sessions,
    sign_in_tries,
    timers,
    users,
    ussd_sessions,
)

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes from a table once `due` holds: the row, or only the columns in `emptied`."""

    table: sa.Table
    days: Callable[[Retention], int]
    due: Callable[[datetime], sa.ColumnElement[bool]]
    emptied: Mapping[str, bytes | str | None] | None = None
    hushed: bool = False
    """Whether the audit log is not told of it: whoever reads that log may not know that there is any."""

    @property
    def key(self) -> sa.ColumnElement[Any]:
        columns = self.table.primary_key.columns.values()
        return columns[0] if len(columns) == 1 else sa.tuple_(*columns)

    @property
    def name(self) -> str:
        return f"{self.table.name}.{next(iter(self.emptied))}" if self.emptied else self.table.name


_later = posts.alias("later")
_has_later = sa.exists().where(_later.c.for_order == posts.c.for_order, _later.c.id > posts.c.id)


def _still_counted(end: datetime) -> sa.ColumnElement[bool]:
    """Whether a broadcast's poll is open, or was then."""
    later = sa.or_(polls.c.closed_at.is_(None), polls.c.closed_at >= end)
    return sa.exists().where(polls.c.name == broadcasts.c.poll, later)


def _ended(end: datetime) -> sa.Select[int]:
    """The broadcasts that ended before."""
    return sa.select(broadcasts.c.id).where(broadcasts.c.ended_at < end)


RULES = (
    Rule(
        inbounds,
        lambda keep: keep.payload_days,
        lambda end: sa.and_(inbounds.c.received_at < end, inbounds.c.sealed_content.is_not(None)),
        {"sealed_content": None},
    ),
    Rule(
        outbox,
        lambda keep: keep.payload_days,
        lambda end: sa.and_(
            outbox.c.updated_at < end, outbox.c.status >= Status.UNKNOWN, sa.func.length(outbox.c.sealed_reply) > 0
        ),
        {"sealed_reply": b""},
    ),
    # Messages to representatives: how many there were stays.
    Rule(
        letters,
        lambda keep: keep.payload_days,
        lambda end: sa.and_(
            sa.func.coalesce(letters.c.sent_at, letters.c.decided_at) < end,
            letters.c.status.not_in(("waiting", "passed", "sending")),
            letters.c.sealed_text.is_not(None),
        ),
        {"sealed_text": None},
    ),
    # What moderators decided on: others read what was let out of it, which lies elsewhere.
    Rule(
        submissions,
        lambda keep: keep.payload_days,
        lambda end: sa.and_(
            submissions.c.decided_at < end,
            sa.or_(submissions.c.sealed_words.is_not(None), submissions.c.sealed_reason.is_not(None)),
        ),
        {"sealed_words": None, "sealed_reason": None},
    ),
    Rule(ussd_sessions, lambda keep: keep.ussd_session_days, lambda end: ussd_sessions.c.updated_at < end),
    Rule(early_reports, lambda keep: keep.early_report_days, lambda end: early_reports.c.at < end),
    Rule(links, lambda keep: keep.link_days, lambda end: sa.or_(links.c.expires_at < end, links.c.used_at < end)),
    Rule(link_tries, lambda keep: keep.link_days, lambda end: link_tries.c.at < end),
    Rule(order_tries, lambda keep: keep.link_days, lambda end: order_tries.c.at < end),
    Rule(timers, lambda keep: keep.timer_days, lambda end: timers.c.fired_at < end),
    Rule(sessions, lambda keep: keep.sign_in_days, lambda end: sessions.c.expires_at < end),
    Rule(invitations, lambda keep: keep.sign_in_days, lambda end: invitations.c.expires_at < end),
    Rule(sign_in_tries, lambda keep: keep.sign_in_days, lambda end: sign_in_tries.c.at < end),
    # By what they were drawn: it was looked at while they were.
    Rule(
        recipients,
        lambda keep: keep.payload_days,
        lambda end: sa.and_(recipients.c.broadcast.in_(_ended(end)), recipients.c.cell != ""),
        {"cell": ""},
    ),
    # While its poll is open, rates are counted from them, and later waves may leave them out.
    Rule(
        recipients,
        lambda keep: keep.broadcast_days,
        lambda end: recipients.c.broadcast.in_(_ended(end).where(~_still_counted(end))),
    ),
    # All but the last of an order, by which nothing is handed out twice.
    Rule(
        posts,
        lambda keep: keep.digest_days,
        lambda end: sa.and_(posts.c.at < end, posts.c.status != "waiting", _has_later),
    ),
    Rule(
        orders,
        lambda keep: keep.digest_days,
        lambda end: orders.c.user.in_(sa.select(users.c.id).where(users.c.disabled_at < end)),
    ),
    Rule(group_invitations, lambda keep: keep.sign_in_days, lambda end: group_invitations.c.expires_at < end),
    Rule(space_posts, lambda keep: keep.space_days, lambda end: space_posts.c.at < end, hushed=True),
    Rule(
        space_invitations,
        lambda keep: keep.sign_in_days,
        lambda end: space_invitations.c.expires_at < end,
        hushed=True,
    ),
    # That a group of a kind signed stays.
    Rule(
        signatures,
        lambda keep: keep.signature_days,
        lambda end: sa.and_(signatures.c.at < end, signatures.c.sealed_group.is_not(None)),
        {"sealed_group": None},
    ),
    # The rows stay for good, so that nobody is given it twice.
    Rule(
        incentives,
        lambda keep: keep.incentive_days,
        lambda end: sa.and_(
            incentives.c.updated_at < end,
            incentives.c.status.in_(("delivered", "failed")),
            incentives.c.provider_id.is_not(None),
        ),
        {"provider_id": None},
    ),
)


def purge(engine: sa.Engine, keep: Retention, now: datetime) -> dict[str, int]:
    """Apply every rule, and note in the audit log what went, unless the rule is hushed. Returns how many rows, by the
    rule's name."""
    counts: dict[str, int] = {}
    for rule in RULES:
        counts[rule.name] = 0
        due = rule.due(now - timedelta(days=rule.days(keep)))
        for ids in _batches(engine, rule, due):
            # Asked again: what was looked for may have changed since.
            still = sa.and_(rule.key.in_(ids), due)
            change = rule.table.update().values(rule.emptied) if rule.emptied else rule.table.delete()
            with engine.begin() as connection:
                gone = connection.execute(change.where(still)).rowcount
                if not rule.hushed:
                    audit.note(connection, "system", "purge", f"{rule.name} {gone}", now)
            counts[rule.name] += gone
    return counts


def _batches(engine: sa.Engine, rule: Rule, due: sa.ColumnElement[bool]) -> Iterator[list[Any]]:
    """Their keys."""
    columns = rule.table.primary_key.columns.values()
    query = sa.select(*columns).where(due).order_by(*columns).limit(BATCH)
    after = query
    while True:
        with reading(engine) as connection:
            found = connection.execute(after).all()
        if not found:
            return
        yield [row[0] if len(columns) == 1 else tuple(row) for row in found]
        last = [sa.literal(value, column.type) for value, column in zip(found[-1], columns, strict=True)]
        after = query.where(rule.key > (last[0] if len(columns) == 1 else sa.tuple_(*last)))
