"""The map as the tables that `baraza actors import` takes, for one viewer.

Sources are not told to others: a reporter is `source-1`, an interview `interview-1`, numbered over what the viewer may
see. Their own reports bear their name; of those named as readers they see themselves.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from analysis.cells import harmless
from gateway.actors.clearance import NAMED, Viewer, seen_actors, seen_sources, seen_statements
from gateway.actors.columns import ATTITUDES, COLUMNS, NODES, SESSIONS, STATEMENTS, TIES
from gateway.actors.known import PURPOSE, by_rows, known_actors
from gateway.actors.profile import ASKED, ATTITUDE, KINDS, TIE, WORDED
from gateway.store.actor_tables import actor_readers, actor_statements, actors, statement_readers
from gateway.store.guide_tables import actor_sources
from gateway.store.keys import Vault

Cells = Mapping[str, str]


def tables(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> dict[str, str]:
    """CSV texts by what they hold (gateway.actors.rows.COLUMNS); in one order, whatever else is in the database."""
    known = known_actors(connection, vault, who, of_map, for_files=True)
    of = by_rows(known)
    chosen = sa.select(actors).where(actors.c.id.in_(seen_actors(who, of_map)))
    found = [row for row in connection.execute(chosen) if row.id in known]
    told = sa.select(actor_statements).where(actor_statements.c.id.in_(seen_statements(who, of_map, KINDS)))
    said = [row for row in connection.execute(told) if of[row.actor] is not of.get(row.other)]
    heard = connection.execute(sa.select(actor_sources).where(actor_sources.c.id.in_(seen_sources(who, of_map)))).all()
    reporter = _called("source", {row.reporter for row in (*found, *said, *heard)}, who)
    interview = _called("interview", {row.interview for row in (*said, *heard)}, who)
    of_actors = _readers(connection, actor_readers, "actor", [row.id for row in found if row.clearance == NAMED], who)
    of_said = _readers(
        connection, statement_readers, "statement", [row.id for row in said if row.clearance == NAMED], who
    )

    def borne(row: Any, readers: Mapping[int, str]) -> Cells:
        return {"reporter": reporter(row.reporter), "clearance": row.clearance, "readers": readers.get(row.id, "")}

    def reported(row: Any) -> Cells:
        return {
            "wave": str(row.wave),
            **borne(row, of_said),
            "interview": interview(row.interview),
            "confidence": _number(row.confidence),
        }

    def text(sealed: bytes | None) -> str:
        return harmless(vault.open_text(sealed, PURPOSE)) if sealed is not None else ""

    def actor(row: Any) -> Cells:
        one = known[row.id].profile
        return {
            **{harmless(name): harmless(value) for name, value in one.groups.items()},
            "id": harmless(one.ref),
            "name": harmless(one.name),
            "kind": harmless(row.kind),
            "area": harmless(one.area),
            "aliases": harmless(";".join(one.aliases)),
            "reason": harmless(one.reason),
        }

    def statement(row: Any) -> Cells:
        ref = harmless(of[row.actor].profile.ref)
        if row.kind == TIE:
            return {
                **reported(row),
                "source": ref,
                "target": harmless(of[row.other].profile.ref),
                "type": row.about,
                "sign": str(row.sign),
                "strength": _number(row.strength),
                "directed": "yes" if row.directed else "no",
                "state": row.state,
                "note": text(row.sealed_text),
            }
        if row.kind == ATTITUDE:
            level = "unknown" if row.attitude is None else _number(row.attitude)
            return {
                **reported(row),
                "actor": ref,
                "issue": harmless(row.about),
                "attitude": level,
                "note": text(row.sealed_text),
            }
        return {
            **reported(row),
            "actor": ref,
            "kind": row.kind,
            "about": row.about,
            "text": text(row.sealed_text),
            "strength": _number(row.strength),
        }

    def session(row: Any) -> Cells:
        return {
            "interview": interview(row.interview),
            "wave": str(row.wave),
            "kind": row.kind,
            "size": str(row.size or ""),
            "composition": text(row.sealed_composition),
            "dissent": text(row.sealed_dissent),
            "reporter": reporter(row.reporter),
            "clearance": row.clearance,
        }

    of_row = {row.id: actor(row) for row in found}
    asked = [
        {
            **of_row[of[row.actor].row],
            "wave": str(row.wave),
            "asked": "yes" if row.state == "present" else "no",
            **borne(row, of_said),
        }
        for row in said
        if row.kind == ASKED
    ]
    kinds: Mapping[str, Sequence[str]] = {TIES: (TIE,), ATTITUDES: (ATTITUDE,), STATEMENTS: WORDED}
    return {
        NODES: _csv(NODES, [{**of_row[row.id], **borne(row, of_actors)} for row in found], asked),
        **{holds: _csv(holds, [statement(row) for row in said if row.kind in kinds[holds]]) for holds in kinds},
        SESSIONS: _csv(SESSIONS, [session(row) for row in heard]),
    }


def _called(what: str, names: Iterable[str], who: Viewer) -> Callable[[str], str]:
    """How what would tell a source is called for this viewer."""
    if who.everything:
        return lambda name: name
    hidden = sorted({*names} - {"", who.name})
    called = {name: f"{what}-{number}" for number, name in enumerate(hidden, start=1)}
    return lambda name: called.get(name, name)


def _readers(
    connection: sa.Connection, table: sa.Table, of: str, rows: Sequence[int], who: Viewer
) -> Mapping[int, str]:
    if not rows:
        return {}
    if not who.everything:
        return dict.fromkeys(rows, who.name)
    found: dict[int, list[str]] = {}
    for row, reader in connection.execute(sa.select(table.c[of], table.c.reader).order_by(table.c.reader)):
        found.setdefault(row, []).append(reader)
    return {row: ";".join(found.get(row, ())) for row in rows}


def _csv(holds: str, *blocks: Sequence[Cells]) -> str:
    known = COLUMNS[holds]
    own = sorted({column for block in blocks for row in block for column in row} - {*known})
    columns = [*known, *own]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for block in blocks:
        writer.writerows(sorted([row.get(column, "") for column in columns] for row in block))
    return out.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"
