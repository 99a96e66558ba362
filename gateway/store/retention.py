"""Deleting what has reached its end date, and writing down that it was done.

Runs beside everything else: rows are looked for in transactions that only read, and changed a few hundred at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from channels.adapter import Status
from gateway.settings import Retention
from gateway.store import audit
from gateway.store.database import reading
from gateway.store.results_tables import order_tries
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
    ussd_sessions,
)

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes from a table once `due` holds: the row, or only the columns in `emptied`."""

    table: sa.Table
    days: Callable[[Retention], int]
    due: Callable[[datetime], sa.ColumnElement[bool]]
    emptied: Mapping[str, bytes | None] | None = None

    @property
    def name(self) -> str:
        return f"{self.table.name}.{next(iter(self.emptied))}" if self.emptied else self.table.name


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
            outbox.c.updated_at < end, outbox.c.status >= Status.SENT, sa.func.length(outbox.c.sealed_reply) > 0
        ),
        {"sealed_reply": b""},
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
)


def purge(engine: sa.Engine, keep: Retention, now: datetime) -> dict[str, int]:
    """Apply every rule, and note in the audit log what went. Returns how many rows, by the rule's name."""
    counts: dict[str, int] = {}
    for rule in RULES:
        counts[rule.name] = 0
        due = rule.due(now - timedelta(days=rule.days(keep)))
        for ids in _batches(engine, rule.table, due):
            # Asked again: what was looked for may have changed since.
            still = sa.and_(rule.table.c.id.in_(ids), due)
            change = rule.table.update().values(rule.emptied) if rule.emptied else rule.table.delete()
            with engine.begin() as connection:
                gone = connection.execute(change.where(still)).rowcount
                audit.note(connection, "system", "purge", f"{rule.name} {gone}", now)
            counts[rule.name] += gone
    return counts


def _batches(engine: sa.Engine, table: sa.Table, due: sa.ColumnElement[bool]) -> Iterator[list[int]]:
    last = -1
    while True:
        query = sa.select(table.c.id).where(due, table.c.id > last).order_by(table.c.id).limit(BATCH)
        with reading(engine) as connection:
            ids = list(connection.scalars(query))
        if not ids:
            return
        yield ids
        last = ids[-1]
