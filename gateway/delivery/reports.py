"""Providers' reports: they move a message's status forward by rank, never back, and wait where they come too early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from channels.adapter import Report, Status
from gateway.store import many
from gateway.store.database import among
from gateway.store.schema import early_reports, outbox

_known = sa.select(outbox.c.id, outbox.c.provider_id).where(
    outbox.c.channel == sa.bindparam("channel"),
    outbox.c.provider_id.in_(sa.bindparam("provider_ids", expanding=True)),
)
# A send that broke off has no provider's id; a report that bears our own brings it.
_adopt = (
    sa.update(outbox)
    .where(
        outbox.c.id == sa.bindparam("row"),
        outbox.c.channel == sa.bindparam("of_channel"),
        outbox.c.status == sa.literal_column(str(Status.UNKNOWN.value)),
        outbox.c.provider_id.is_(None),
    )
    .values(provider_id=sa.bindparam("brought"))
)
_forward = sa.update(outbox).where(outbox.c.id == sa.bindparam("row"), outbox.c.status < sa.bindparam("rank"))
_early = (
    sa.select(early_reports.c.id, early_reports.c.status, early_reports.c.error, outbox.c.id.label("row"))
    .join(
        outbox,
        sa.and_(outbox.c.channel == early_reports.c.channel, outbox.c.provider_id == early_reports.c.provider_id),
    )
    .order_by(early_reports.c.id)
)
_early_of = {
    dialect: _early.where(
        early_reports.c.channel == sa.bindparam("channel"), among(dialect, early_reports.c.provider_id, "provider_ids")
    )
    for dialect in ("sqlite", "postgresql")
}
_taken = sa.delete(early_reports).where(early_reports.c.id.in_(sa.bindparam("ids", expanding=True)))
_unreported = (
    sa.update(outbox)
    .where(
        outbox.c.channel == sa.bindparam("of_channel"),
        outbox.c.status == sa.literal_column("3"),
        outbox.c.updated_at < sa.bindparam("before"),
    )
    .values(status=Status.UNREPORTED.value, updated_at=sa.bindparam("now"))
)


def apply_reports(connection: sa.Connection, channel: str, reports: Sequence[Report], now: datetime) -> None:
    """Move messages forward. A report whose message is not known yet waits for it; one without an id says nothing."""
    reports = [report for report in reports if report.provider_id]
    if not reports:
        return
    ours = [{"row": one.outbound, "of_channel": channel, "brought": one.provider_id} for one in reports if one.outbound]
    if ours:
        connection.execute(_adopt, ours)
    wanted = {"channel": channel, "provider_ids": sorted({report.provider_id for report in reports})}
    rows: dict[str, list[int]] = {}
    for row, provider_id in connection.execute(_known, wanted):
        rows.setdefault(provider_id, []).append(row)
    steps = [
        _step(row, report.status, report.error, now) for report in reports for row in rows.get(report.provider_id, ())
    ]
    if steps:
        connection.execute(_forward, steps)
    early = [
        {
            "channel": channel,
            "provider_id": report.provider_id[:128],
            "status": report.status.value,
            "error": report.error[:200] or None,
            "at": now,
        }
        for report in reports
        if report.provider_id not in rows
    ]
    if early:
        connection.execute(sa.insert(early_reports), early)


def apply_early(
    connection: sa.Connection, channel: str, provider_ids: Sequence[str], now: datetime
) -> Callable[[], None]:
    """Ask for the reports that waited for these messages. They are applied when what is returned is called."""
    early = _early_of[connection.dialect.name]
    found = many.run(connection, early, {"channel": channel, "provider_ids": provider_ids})
    return lambda: _apply(connection, found(), now)


def apply_stranded(connection: sa.Connection, now: datetime, keep: float) -> None:
    """Apply reports that came in the very moment in which their send was recorded, so that neither saw the other, and
    drop those older than `keep` seconds."""
    _apply(connection, connection.execute(_early).all(), now)
    connection.execute(sa.delete(early_reports).where(early_reports.c.at < now - timedelta(seconds=keep)))


def mark_unreported(connection: sa.Connection, channel: str, now: datetime, after: float) -> int:
    """Sent messages without a report for `after` seconds become unreported. Returns how many."""
    before = now - timedelta(seconds=after)
    return connection.execute(_unreported, {"of_channel": channel, "before": before, "now": now}).rowcount


def _apply(connection: sa.Connection, found: Sequence[Any], now: datetime) -> None:
    if found:
        connection.execute(_forward, [_step(early.row, early.status, early.error, now) for early in found])
        connection.execute(_taken, {"ids": [early.id for early in found]})


def _step(row: int, status: int, error: str | None, now: datetime) -> dict[str, object]:
    """Keys that are columns are set by the statement."""
    return {
        "row": row,
        "rank": int(status),
        "status": int(status),
        "error": (error or "")[:200] or None,
        "updated_at": now,
    }
