"""Who represents whom: taken in from a list, and found by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.campaigns.errors import CampaignError
from gateway.campaigns.popolo import Row
from gateway.store import audit
from gateway.store.campaign_tables import representatives
from gateway.store.keys import Vault
from surveys.gazetteer import Gazetteer

PURPOSE = "representative"
MOST = 5
"""How many are offered to choose from."""
MOST_BATCH_HOURS = 168

_c = representatives.c


@dataclass(frozen=True, slots=True)
class Representative:
    """One as people see them: the contact is nobody's to see."""

    id: int
    name: str
    post: str
    area: str
    place: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a list. `gone` are not in it any more, and are written to no longer."""

    new: int
    known: int
    gone: int


@dataclass(frozen=True, slots=True)
class List:
    """A list as it is handed in: its rows, the gazetteer of its places, the language in which mails to them are framed,
    and every how many hours they get what has come (0: each message by itself)."""

    rows: Sequence[Row]
    gazetteer: str
    language: str
    batch_hours: int


def take(connection: sa.Connection, vault: Vault, given: List, now: datetime, by: str) -> Taken:
    """Take a list in, in the place of the one before of the same gazetteer. Raises CampaignError where an id is that of
    a representative of another one."""
    of = _c.gazetteer == given.gazetteer
    rows = connection.execute(sa.select(_c.id, _c.code, _c.gazetteer)).all()
    known = {row.code: row.id for row in rows if row.gazetteer == given.gazetteer}
    others = {row.code: row.gazetteer for row in rows if row.gazetteer != given.gazetteer}
    if taken := next((row.code for row in given.rows if row.code in others), None):
        raise CampaignError(
            f"The id '{taken[:60]}' is that of a representative in the list of {others[taken]}: give each its own."
        )
    standing = set(connection.scalars(sa.select(_c.code).where(of, _c.left_at.is_(None))))
    for row in given.rows:
        values: dict[str, Any] = {
            "name": row.name,
            "post": row.post,
            "organization": row.organization,
            "gazetteer": given.gazetteer,
            "place": row.place,
            "area": row.area,
            "language": given.language,
            "way": row.way,
            "sealed_contact": vault.seal(row.contact, PURPOSE),
            "batch_hours": given.batch_hours,
            "left_at": None,
        }
        if row.code in known:
            connection.execute(sa.update(representatives).where(_c.id == known[row.code]).values(values))
        else:
            connection.execute(sa.insert(representatives).values(code=row.code, **values))
    gone = standing - {row.code for row in given.rows}
    connection.execute(sa.update(representatives).where(of, _c.code.in_(gone)).values(left_at=now))
    new = sum(row.code not in known for row in given.rows)
    audit.note(connection, by, "import representatives", f"{given.gazetteer}: {len(given.rows)}", now)
    return Taken(new, len(given.rows) - new, len(gone))


def standing_for(connection: sa.Connection, gazetteer: Gazetteer, place: str) -> tuple[Representative, ...]:
    """Those of a place, then those of what it lies in; where there are none, those of what lies in it."""
    here = gazetteer.get(place)
    if here is None:
        return ()
    chain = [here.id, *(one.id for one in gazetteer.around(here))]
    found = sorted(_of(connection, gazetteer, chain), key=lambda one: (chain.index(one.place), one.name))
    if not found:
        inside = [one.id for one in gazetteer if here in gazetteer.around(one)]
        found = sorted(_of(connection, gazetteer, inside), key=lambda one: (inside.index(one.place), one.name))
    return tuple(found[:MOST])


def one(connection: sa.Connection, row: int) -> Representative | None:
    """The one of this number, where they still hold their post."""
    found = connection.execute(_select.where(_c.id == row, _c.left_at.is_(None))).first()
    return Representative(*found) if found else None


_select = sa.select(_c.id, _c.name, _c.post, _c.area, _c.place)


def _of(connection: sa.Connection, gazetteer: Gazetteer, places: Sequence[str]) -> list[Representative]:
    chosen = _select.where(_c.gazetteer == gazetteer.name, _c.place.in_(places), _c.left_at.is_(None))
    return [Representative(*row) for row in connection.execute(chosen)]
