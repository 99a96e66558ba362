"""Freezing a digest: what leaves the gateway is read from a release, and holds only what passed the privacy rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from analysis.coding import Coder
from analysis.digest import digest
from analysis.findings import Digest
from gateway.coding.coded import by_hand
from gateway.results.rows import frames
from gateway.results.snapshot import Snapshot
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


def count(
    engine: sa.Engine,
    vault: Vault,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    now: datetime,
) -> Snapshot:
    """The rows of this moment. Open answers are coded here, each time, by what people coded up to now.

    What learns from that does so before the rows are read.
    """
    with reading(engine) as connection:
        hand = by_hand(connection, vault, survey, codebooks)
    needed = {question.codebook for question in survey.questions if question.type == "open"} & set(codebooks)
    coders = {name: Coder(codebooks[name], hand.texts.get(name)) for name in sorted(needed)}
    with reading(engine) as connection:
        return Snapshot(survey.name, survey.hash, now, frames(connection, vault, survey, coders, hand))


def release(
    engine: sa.Engine,
    snapshot: Snapshot,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    now: datetime,
    *,
    minimum_cell: int = 5,
    simulated: bool = False,
) -> Release:
    """Tally, hide, and freeze. Reading and writing are two transactions, so that nobody's answer waits for this."""
    rows = snapshot.frames
    found = digest(rows, survey, codebooks, now=snapshot.made_at, minimum_cell=minimum_cell, simulated=simulated)
    with engine.begin() as connection:
        values = {"survey": survey.name, "made_at": now, "findings": found.to_dict()}
        number = connection.execute(
            sa.insert(schema.releases).values(values).returning(schema.releases.c.id)
        ).scalar_one()
    return Release(number, now, found)
