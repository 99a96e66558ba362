"""Actors, statements and sources into the tables of one map, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.actors.known import PURPOSE
from gateway.actors.profile import Profile
from gateway.actors.rows import ActorRow, SourceRow, StatementRow
from gateway.store.actor_tables import actor_maps, actor_readers, actor_statements, actors, statement_readers
from gateway.store.database import insert_ignoring
from gateway.store.guide_tables import actor_sources
from gateway.store.keys import Vault

CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 5
BATCH = 5_000


def lock(connection: sa.Connection, of_map: str, now: datetime) -> None:
    """Make the map where it is new, and let nobody else change it meanwhile."""
    connection.execute(insert_ignoring(connection.dialect.name, actor_maps), {"name": of_map, "changed_at": now})
    connection.execute(sa.update(actor_maps).where(actor_maps.c.name == of_map).values(changed_at=now))


class Writer:
    """Writes into one map. `places` are the rows of the actors that may be named, by what files call them."""

    def __init__(self, connection: sa.Connection, vault: Vault, of_map: str, now: datetime) -> None:
        self._connection = connection
        self._vault = vault
        self._map = of_map
        self._now = now
        self.places: dict[str, int] = {}

    def write_actors(
        self, known: Mapping[str, int], grown: Mapping[str, Profile], new: Mapping[str, ActorRow], by: str = ""
    ) -> None:
        """Those known before, of whom some have grown, and new ones. `by` is whoever may not see everything: what they
        call somebody may be what somebody whom they don't see is called."""
        used = set(self._connection.scalars(sa.select(actors.c.code).where(actors.c.map == self._map)))
        self.places = dict(known)
        for ref, profile in grown.items():
            self._connection.execute(
                sa.update(actors)
                .where(actors.c.id == self.places[ref])
                .values(sealed_profile=self._vault.seal(profile.dumps(), PURPOSE))
            )
        for ref, row in new.items():
            code = _code(self._vault.fingerprint("actor", "\0".join(filter(None, (self._map, ref, by))))[-16:], used)
            used.add(code)
            self.places[ref] = self._connection.execute(
                sa.insert(actors).returning(actors.c.id),
                {
                    "map": self._map,
                    "code": code,
                    "kind": row.kind,
                    "sealed_profile": self._vault.seal(row.profile.dumps(), PURPOSE),
                    "clearance": row.cleared.clearance,
                    "reporter": row.cleared.reporter,
                    "made_at": self._now,
                },
            ).scalar_one()
            readers = [{"actor": self.places[ref], "reader": reader} for reader in row.cleared.readers]
            if readers:
                self._connection.execute(sa.insert(actor_readers), readers)

    def write(self, statements: Sequence[StatementRow]) -> None:
        plain = [row for row in statements if not row.cleared.readers]
        for start in range(0, len(plain), BATCH):
            self._connection.execute(
                sa.insert(actor_statements), [self._row(row) for row in plain[start : start + BATCH]]
            )
        for row in statements:
            if row.cleared.readers:
                made = self._connection.execute(
                    sa.insert(actor_statements).returning(actor_statements.c.id), self._row(row)
                ).scalar_one()
                readers = [{"statement": made, "reader": reader} for reader in set(row.cleared.readers)]
                self._connection.execute(sa.insert(statement_readers), readers)

    def write_sources(self, sources: Sequence[SourceRow]) -> None:
        seal = self._vault.seal
        rows = [
            {
                "map": self._map,
                "interview": one.interview,
                "reporter": one.cleared.reporter,
                "wave": one.wave,
                "kind": one.kind,
                "size": one.size,
                "sealed_composition": seal(one.composition, PURPOSE) if one.composition else None,
                "sealed_dissent": seal(one.dissent, PURPOSE) if one.dissent else None,
                "clearance": one.cleared.clearance,
                "made_at": self._now,
            }
            for one in sources
        ]
        if rows:
            self._connection.execute(sa.insert(actor_sources), rows)

    def _row(self, row: StatementRow) -> dict[str, Any]:
        return {
            "map": self._map,
            "wave": row.wave,
            "kind": row.kind,
            "actor": self.places[row.actor],
            "other": self.places[row.other] if row.other else None,
            "about": row.about,
            "state": row.state,
            "sign": row.sign,
            "strength": row.strength,
            "directed": row.directed,
            "attitude": row.attitude,
            "sealed_text": self._vault.seal(row.text, PURPOSE) if row.text else None,
            "confidence": row.confidence,
            "reporter": row.cleared.reporter,
            "interview": row.interview,
            "clearance": row.cleared.clearance,
            "made_at": self._now,
        }


def _code(keyed: bytes, used: set[str]) -> str:
    """Neither counted nor drawn: a gap between two numbers would tell of an actor that somebody may not see, and a code
    that hung on who was there before would, too."""
    number = int.from_bytes(keyed)
    while True:
        number, letters = number // 7, number
        code = ""
        for _ in range(CODE_LENGTH):
            letters, one = divmod(letters, len(CODE_LETTERS))
            code += CODE_LETTERS[one]
        if code not in used:
            return code
