"""Notes on the map and ways to look at it that a mediation team keeps: sealed, for oneself, for mediators, or for the
team. A note about an actor is seen by who may see the actor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.actors.clearance import MEDIATORS, OWN, TEAM, Viewer, seen_actors
from gateway.actors.known import by_rows, known_actors
from gateway.store.actor_tables import actors
from gateway.store.keys import Vault
from gateway.store.note_tables import actor_notes

PURPOSE = "actor note"
AUDIENCES = (OWN, MEDIATORS, TEAM)
MOST = 2_000
"""Letters of a note."""


class NoteError(ValueError):
    """What is asked for can't be kept: "words", "long", "whom" or "actor"."""


@dataclass(frozen=True, slots=True)
class Note:
    """`code` stands for it in addresses: a keyed hash of what it says, for a row number would tell of others'. `look`
    is there for a view: how the map is looked at. `actor`: the code of whom it is about, "" for the map."""

    code: str
    text: str
    look: Mapping[str, Any] | None
    actor: str
    clearance: str
    author: str
    made_at: datetime


def add(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, note: Note) -> None:
    """Keep a note or a view of this viewer's. Raises NoteError."""
    if not note.text.strip():
        raise NoteError("words")
    if len(note.text) > MOST:
        raise NoteError("long")
    if note.clearance not in AUDIENCES or (note.clearance == MEDIATORS and not who.mediator):
        raise NoteError("whom")
    actor = None
    if note.actor:
        found = sa.select(actors.c.id).where(actors.c.code == note.actor, actors.c.id.in_(seen_actors(who, of_map)))
        actor = connection.scalar(found)
        if actor is None:
            raise NoteError("actor")
    connection.execute(
        sa.insert(actor_notes),
        {
            "map": of_map,
            "actor": actor,
            "sealed_text": vault.seal(note.text.strip(), PURPOSE),
            "sealed_look": None if note.look is None else vault.seal(json.dumps(dict(note.look)), PURPOSE),
            "clearance": note.clearance,
            "author": who.name,
            "made_at": note.made_at,
        },
    )


def notes(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> tuple[Note, ...]:
    """What this viewer may see, the newest first."""
    return tuple(note for _, note in _seen(connection, vault, who, of_map))


def remove(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, code: str) -> bool:
    """Take away a note of one's own; False where there is none."""
    own = [row for row, note in _seen(connection, vault, who, of_map) if (note.code, note.author) == (code, who.name)]
    if own:
        connection.execute(sa.delete(actor_notes).where(actor_notes.c.id == own[0]))
    return bool(own)


def _seen(connection: sa.Connection, vault: Vault, who: Viewer, of_map: str) -> Sequence[tuple[int, Note]]:
    table = actor_notes.c
    known = by_rows(known_actors(connection, vault, who, of_map))
    open_to = [level for level, is_in in ((TEAM, who.team), (MEDIATORS, who.mediator)) if is_in]
    rows = connection.execute(
        sa.select(actor_notes).where(
            table.map == of_map,
            sa.or_(table.clearance.in_(open_to), table.author == who.name),
            sa.or_(table.actor.is_(None), table.actor.in_(seen_actors(who, of_map))),
        )
    )
    found = []
    for row in rows:
        text = vault.open_text(row.sealed_text, PURPOSE)
        look = None if row.sealed_look is None else vault.open_text(row.sealed_look, PURPOSE)
        actor = "" if row.actor is None else known[row.actor].code
        said = "\0".join((row.author, row.made_at.isoformat(), text, look or "", actor))
        code = vault.fingerprint(PURPOSE, said)[-8:].hex()
        told = None if look is None else json.loads(look)
        found.append((row.id, Note(code, text, told, actor, row.clearance, row.author, row.made_at)))
    return sorted(found, key=lambda each: (each[1].made_at, each[1].code), reverse=True)
