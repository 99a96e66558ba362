"""Freezing a digest: what leaves the gateway is read from a release, and holds only what passed the privacy rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from analysis.digest import digest
from analysis.findings import Digest
from analysis.keywords import Codes
from gateway.results.rows import frames
from gateway.store import schema
from gateway.store.database import reading
from gateway.store.keys import Vault
from surveys.codebook import Codebook
from surveys.model import Survey


@dataclass(frozen=True, slots=True)
class Release:
    id: int
    made_at: datetime
    digest: Digest


def release(
    engine: sa.Engine,
    vault: Vault,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    now: datetime,
    *,
    minimum_cell: int = 5,
    coded: Mapping[str, Mapping[str, Codes]] | None = None,
    simulated: bool = False,
) -> Release:
    """Count, code, hide, and freeze. Open answers are coded here, each time: codes lie nowhere else yet.

    Reads in one transaction and writes in another, so that nobody's answer waits for the counting.
    """
    with reading(engine) as connection:
        rows = frames(connection, vault, survey)
    found = digest(rows, survey, codebooks, now=now, minimum_cell=minimum_cell, coded=coded, simulated=simulated)
    with engine.begin() as connection:
        values = {"survey": survey.name, "made_at": now, "findings": found.to_dict()}
        number = connection.execute(
            sa.insert(schema.releases).values(values).returning(schema.releases.c.id)
        ).scalar_one()
    return Release(number, now, found)
