"""Freezing a digest: what leaves the gateway is read from a release, and holds only what passed the privacy rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version

import sqlalchemy as sa

from analysis.coding import Coder
from analysis.digest import digest
from analysis.findings import Digest
from analysis.flagged import FLAGS
from analysis.public import published
from analysis.since import since
from analysis.waves import trends
from gateway.coding.coded import by_hand
from gateway.results.guarding import Held, Waits, out
from gateway.results.rows import frames
from gateway.results.snapshot import Snapshot
from gateway.store import schema
from gateway.store.database import reading
from gateway.store.keys import Vault
from gateway.store.poll_tables import polls
from surveys.codebook import Codebook
from surveys.model import Survey

TRIES = 3
"""How often a release is made anew because another came in between."""


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
        rows = frames(connection, vault, survey, coders, hand)
    used = {question.id: question.codebook for question in survey.questions}
    notes = {name: replace(note, version=codebooks[used[name]].version) for name, note in rows.notes.items()}
    return Snapshot(survey.name, survey.hash, now, replace(rows, notes=notes))


def release(
    engine: sa.Engine,
    vault: Vault,
    snapshot: Snapshot,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    now: datetime,
    *,
    minimum_cell: int = 5,
    simulated: bool = False,
) -> Release:
    """Tally, hide, and freeze. Counting and writing are apart, so that nobody's answer waits for this.

    Raises Waits where a reader could hold this against what is out of the same wave and find fewer people than may be
    shown; of a poll that is closed more is hidden instead. Of simulated people that is nobody's harm: theirs are not
    held against each other. Waits too where this is to follow another release than the newest.
    """
    if simulated:  # they answer as fast as a machine does
        people = snapshot.frames.conversations.drop(columns=FLAGS, errors="ignore")
        snapshot = replace(snapshot, frames=replace(snapshot.frames, conversations=people))
    for _ in range(TRIES):
        with reading(engine) as connection:
            before = out(connection, vault, survey.name)
        newest = before[0].id if before else None
        if snapshot.after not in (None, newest or 0):
            raise Waits(f"{survey.name} has a newer release: another was made at the same time.")
        of_wave = [one for one in before if one.digest.wave == snapshot.frames.wave]
        held = Held(survey.name, of_wave, snapshot.final)
        found = digest(
            snapshot.frames,
            survey,
            codebooks,
            now=snapshot.made_at,
            minimum_cell=minimum_cell,
            simulated=simulated,
            telling=snapshot.telling,
            **({} if simulated else {"hiding": held.hide}),
        )
        last = next((one.digest for one in before if one.digest.wave == found.wave - 1), None)
        if snapshot.telling.noise is not None:
            found = published(found, snapshot.telling.noise, of_wave[0].digest if of_wave else None)
        found = replace(
            found,
            since=since(of_wave[0].digest, found) if of_wave else None,
            trends=trends(last, found) if last else None,
            program=f"Baraza {version('baraza')}",
        )
        values = {"survey": survey.name, "made_at": now, "findings": found.to_dict()}
        number = _freeze(engine, survey.name, newest, {**values, "sealed_counts": held.sealed(vault)})
        if number is not None:
            return Release(number, now, found)
    raise Waits(f"{survey.name} has to wait for its next release: others are being made at the same time.")


def _freeze(engine: sa.Engine, survey: str, newest: int | None, values: Mapping[str, object]) -> int | None:
    """The release's number; None where another came since `newest`, which it was not held against."""
    with engine.begin() as connection:
        connection.execute(sa.select(polls.c.name).where(polls.c.name == survey).with_for_update())
        ours = sa.select(sa.func.max(schema.releases.c.id)).where(schema.releases.c.survey == survey)
        if connection.scalar(ours) != newest:
            return None
        made = sa.insert(schema.releases).values(values).returning(schema.releases.c.id)
        return int(connection.execute(made).scalar_one())
