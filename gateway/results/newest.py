"""The newest release of a poll, for whoever reads one: what makes them loads libraries that reading does not need."""

from __future__ import annotations

import sqlalchemy as sa

from analysis.findings import Digest
from gateway.store import schema

_NEWEST = (
    sa.select(schema.releases.c.findings)
    .where(schema.releases.c.survey == sa.bindparam("name"))
    .order_by(schema.releases.c.id.desc())
    .limit(1)
)


def latest(connection: sa.Connection, survey: str) -> Digest | None:
    """The newest release of this poll, whichever of its versions that was of; None where nothing is out."""
    findings = connection.scalar(_NEWEST, {"name": survey})
    return None if findings is None else Digest.from_dict(findings)
