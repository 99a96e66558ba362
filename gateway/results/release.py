"""Freezing a digest: what leaves the gateway is read from a release, and holds only what passed the privacy rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version

import sqlalchemy as sa

from analysis.coding import Coder
from analysis.digest import digest
from analysis.findings import Digest
from analysis.since import since
from analysis.waiting import between
from gateway.coding.coded import by_hand
from gateway.results.rows import frames
from gateway.results.snapshot import Snapshot
from gateway.store import schema
from gateway.store.database import reading
from gateway.store.keys import Vault
from gateway.store.poll_tables import polls
from surveys.codebook import Codebook
from surveys.model import Survey

_RELEASES = (
    sa.select(schema.releases.c.findings)
    .where(schema.releases.c.survey == sa.bindparam("name"))
    .order_by(schema.releases.c.id.desc())
)


class Waits(Exception):
    """The next release has to wait. Its text says what for, and holds no number that is hidden."""


def latest(connection: sa.Connection, survey: str) -> Digest | None:
    """The newest release of this poll, whichever of its versions that was of; None where nothing is out."""
    findings = connection.scalar(_RELEASES.limit(1), {"name": survey})
    return None if findings is None else Digest.from_dict(findings)


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
    snapshot: Snapshot,
    survey: Survey,
    codebooks: Mapping[str, Codebook],
    now: datetime,
    *,
    minimum_cell: int = 5,
    simulated: bool = False,
) -> Release:
    """Tally, hide, and freeze. Reading and writing are two transactions, so that nobody's answer waits for this.

    Raises Waits where a reader could subtract a release that is out from this one and find fewer people than may be
    shown. Of simulated people that is nobody's harm.
    """
    rows = snapshot.frames
    found = digest(
        rows,
        survey,
        codebooks,
        now=snapshot.made_at,
        minimum_cell=minimum_cell,
        simulated=simulated,
        program=f"Baraza {version('baraza')}",
    )
    with engine.begin() as connection:
        # One release of a poll at a time: each is held against all that are out.
        connection.execute(sa.select(polls.c.name).where(polls.c.name == survey.name).with_for_update())
        earlier = connection.scalars(_RELEASES.limit(1) if simulated else _RELEASES, {"name": survey.name})
        out = [Digest.from_dict(findings) for findings in earlier]
        if not simulated:
            _wait(out, found)
        if out:
            found = replace(found, since=since(out[0], found))
        values = {"survey": survey.name, "made_at": now, "findings": found.to_dict()}
        number = connection.execute(
            sa.insert(schema.releases).values(values).returning(schema.releases.c.id)
        ).scalar_one()
    return Release(number, now, found)


def _wait(out: Sequence[Digest], found: Digest) -> None:
    """Raise Waits where a count of this wave differs by a hidden number from one that is out."""
    for before in out:
        if before.wave != found.wave:
            continue
        cells = between(before, found, max(before.minimum_cell, found.minimum_cell))
        if cells:
            where = sorted({_named(cell, found) for cell in cells})
            listed = ", ".join(where[:NAMED]) + (f" and {len(where) - NAMED} more" if len(where) > NAMED else "")
            raise Waits(
                f"{found.survey} has to wait for its next release: since that of {before.made_at:%Y-%m-%d %H:%M} fewer "
                f"than {found.minimum_cell} people changed what is shown of {listed}, and a reader of both could tell "
                "who. It can go out when more have answered, or when these stand as they did."
            )


NAMED = 3


def _named(cell: tuple[str, ...], digest: Digest) -> str:
    """What a count is of, as an operator knows it."""
    match cell:
        case ("n" | "skipped" | "cell" | "coding", question, *_):
            return f"question {question}"
        case ("by", by, _, question, *_):
            return f"question {question} by {by}"
        case ("began", by, _):
            return f"who began by {by}"
        case _:
            return "how many answered"
