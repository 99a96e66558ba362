"""Each release held against those that are out: their true counts lie sealed beside them, for nothing else.

held = Held(before)
digest(..., hiding=held.hide)     raises Waits, or
held.sealed(vault)                what to keep with the new release
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from analysis.findings import Digest
from analysis.releases import Released, extra, guard, without
from analysis.suppression import Cell, Relation, System
from gateway.store import schema
from gateway.store.keys import Vault

SEALED = "counts"
"""What the counts are sealed for."""

NAMED = 3
"""How many of the places that a release waits for are named."""


class Waits(Exception):
    """The next release has to wait. Its text says what for, and holds no number that is hidden."""


@dataclass(frozen=True, slots=True)
class Before:
    """A release that is out. `counts` is None where they were not kept: of simulated people, or by an older Baraza."""

    id: int
    made_at: datetime
    digest: Digest
    counts: Released | None


@dataclass(slots=True)
class Held:
    """`before` are the releases of this wave that are out. `final`: nobody more will answer, so it is no use to wait;
    what would give somebody away is hidden instead."""

    survey: str
    before: Sequence[Before]
    final: bool = False
    released: Released | None = field(default=None, init=False)

    def hide(self, system: System, minimum: int) -> frozenset[Cell]:
        """What must be hidden. Raises Waits where more than usual would have to be, because of what is out.

        Of some parts nearly every number changes each time (analysis.releases.EXTRA): they are hidden rather than
        waited for, or left out where that would hide anything else.
        """
        earlier = [one.counts for one in self.before if one.counts]
        found, whole = guard(system, earlier, minimum), system
        if found.wait and not self.final and not extra(found.hidden - found.alone):
            system = without(system)
            if len(system.cells) < len(whole.cells):
                found = guard(system, earlier, minimum)
            if found.wait:
                raise Waits(self._sentence(found.hidden - found.alone, minimum))
        self.released = Released(system, found.hidden)
        return found.hidden | (whole.cells.keys() - system.cells.keys())

    def sealed(self, vault: Vault) -> bytes | None:
        return None if self.released is None else vault.seal(_dumps(self.released), SEALED)

    def _sentence(self, cells: frozenset[Cell], minimum: int) -> str:
        where = sorted({_named(cell) for cell in cells})
        listed = ", ".join(where[:NAMED]) + (f" and {len(where) - NAMED} more" if len(where) > NAMED else "")
        return (
            f"{self.survey} has to wait for its next release: since what is out fewer than {minimum} people changed "
            f"what would be shown of {listed}, and a reader of both could tell who. It goes out when more answered."
        )


def out(connection: sa.Connection, vault: Vault, survey: str) -> list[Before]:
    """What is out about a poll, the newest first."""
    table = schema.releases.c
    chosen = sa.select(table.id, table.made_at, table.findings, table.sealed_counts).where(table.survey == survey)
    return [
        Before(
            row.id,
            row.made_at,
            Digest.from_dict(row.findings),
            None if row.sealed_counts is None else _loads(vault.open_text(row.sealed_counts, SEALED)),
        )
        for row in connection.execute(chosen.order_by(table.id.desc()))
    ]


def _dumps(released: Released) -> str:
    system = released.system
    return json.dumps(
        {
            "cells": [[list(cell), count, cell in released.hidden] for cell, count in system.cells.items()],
            "relations": [
                [[[list(cell), factor] for cell, factor in one.terms], one.low, one.high] for one in system.relations
            ],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _loads(text: str) -> Released:
    kept: Mapping[str, Any] = json.loads(text)
    cells = {tuple(cell): count for cell, count, _ in kept["cells"]}
    relations = tuple(
        Relation(tuple((tuple(cell), factor) for cell, factor in terms), low, high)
        for terms, low, high in kept["relations"]
    )
    hidden = frozenset(tuple(cell) for cell, _, is_hidden in kept["cells"] if is_hidden)
    return Released(System(cells, relations), hidden)


def _named(cell: Cell) -> str:
    """What a count is of, as an operator knows it."""
    match cell:
        case ("n" | "skipped" | "answer" | "not" | "coded", question, *_):
            return f"question {question}"
        case ("by", by, _, question, *_):
            return f"question {question} by {by}"
        case ("began", by, _):
            return f"who began by {by}"
        case ("ground", *_):
            return "common ground"
        case _:
            return "how many answered"
