"""The tables that a map comes in from: their columns, and what other programs call these.

docs/focal-point/actor-map.md lists them; tests hold that page to COLUMNS and CALLED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.actors.sheets import Sheet

NODES, TIES, ATTITUDES, STATEMENTS, SESSIONS = "nodes", "ties", "attitudes", "statements", "sessions"

REPORTED = ("reporter", "interview", "confidence", "clearance", "readers")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    NODES: (
        "id",
        "name",
        "kind",
        "area",
        "aliases",
        "same_as",
        "reason",
        "wave",
        "asked",
        "reporter",
        "clearance",
        "readers",
    ),
    TIES: ("wave", "source", "target", "type", "sign", "strength", "directed", "state", "note", *REPORTED),
    ATTITUDES: ("wave", "actor", "issue", "attitude", "note", *REPORTED),
    STATEMENTS: ("wave", "actor", "kind", "about", "text", "strength", *REPORTED),
    SESSIONS: ("interview", "wave", "kind", "size", "composition", "dissent", "reporter", "clearance"),
}
"""What each table may hold. Any other column of `nodes` says what an actor counts to."""

MUST: Mapping[str, tuple[str, ...]] = {
    NODES: ("id",),
    TIES: ("wave", "source", "target"),
    ATTITUDES: ("wave", "actor", "issue", "attitude"),
    STATEMENTS: ("wave", "actor", "kind"),
    SESSIONS: ("interview", "wave", "kind"),
}

CALLED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    NODES: {
        "id": ("node", "actor", "label", "code", "name"),
        "wave": ("year", "week", "period", "round", "time"),
        "asked": ("present", "active"),
    },
    TIES: {
        "wave": ("year", "week", "period", "round", "time"),
        "source": ("from", "ego", "sender", "source_id", "actor1", "actor_1"),
        "target": ("to", "alter", "receiver", "target_id", "actor2", "actor_2"),
        "strength": ("weight", "value"),
        "type": ("relation", "relationship", "tie"),
    },
}
"""What other programs call a column: read so where the column itself is not there, the first that is."""


def renamed(sheet: Sheet, called: Mapping[str, tuple[str, ...]], left_out: frozenset[str]) -> Sheet:
    """The sheet with its columns as they are called here, without those that are left out."""
    taken = set(sheet.columns)
    names = {}
    for column, others in called.items():
        if column not in taken and (found := next((other for other in others if other in taken), None)):
            names[found] = column
    columns = tuple("" if column in left_out else names.get(column, column) for column in sheet.columns)
    if columns == sheet.columns:
        return sheet
    lines = tuple(
        replace(line, cells={names.get(of, of): cell for of, cell in line.cells.items() if of not in left_out})
        for line in sheet.lines
    )
    return Sheet(sheet.name, columns, lines)
