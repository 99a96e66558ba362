"""What everybody may see of concerns and initiatives. Nothing here tells who joined or supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.coordination import concerns as concern
from gateway.coordination import groups
from gateway.coordination.initiatives import CLOSED, JOINED, KIND, PUBLIC, TASKS, UPCOMING, joined_count
from gateway.coordination.near import places_near
from gateway.store import codes
from gateway.store.broadcast_tables import PLACE, profiles
from gateway.store.coordination_tables import concerns, initiatives, participations, supports
from surveys.flows.coordination.effects import BAND
from surveys.gazetteer import Gazetteer

BANDS = (BAND, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Where support is shown by place, it is at least this much: exact figures of places and of all together would tell
the small ones."""

MOST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """An initiative. `full`: who joins waits. What was `called_off` is `over`, too.
    `attended` once its organiser reported; `rating` from RATED people on."""

    code: str
    texts: Mapping[str, str]
    starts_at: datetime
    place: str
    languages: tuple[str, ...]
    full: bool
    over: bool
    called_off: bool = False
    attended: int | None = None
    needs: tuple[tuple[Mapping[str, str], int], ...] = ()
    concern: str = ""
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class ShownConcern:
    """`support` is 0 where it is fewer than BAND. `places` are those that BAND supporters at least named as
    their home, `kinds` those of the groups that so many are in, with the band of how many."""

    code: str
    texts: Mapping[str, str]
    place: str
    support: int
    places: tuple[tuple[str, int], ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    outcome: Mapping[str, str] | None = None


RATED = 10
"""Ratings before their mean is shown."""


def band(count: int) -> int:
    """The band that a count lies in, by its lower end; 0 below the first."""
    return max((one for one in BANDS if one <= count), default=0)


def upcoming(connection: sa.Connection, gazetteer: Gazetteer, now: datetime, near: str = "") -> list[Shown]:
    """What is still to come, near the place with this id or anywhere."""
    chosen = UPCOMING.where(initiatives.c.place.in_(places_near(gazetteer, near))) if near else UPCOMING
    return [_shown(row, now) for row in connection.execute(chosen.limit(MOST), {"now": now})]


def initiative(connection: sa.Connection, code: str, now: datetime) -> Shown | None:
    """One that is or was public."""
    row = codes.find(connection, KIND, code)
    found = connection.execute(_ONE, {"row": row}).first() if row is not None else None
    if found is None:
        return None
    needs = [(one.texts, one.wanted - one.taken) for one in connection.execute(TASKS, {"of": row})]
    rated, mean = connection.execute(_RATING, {"row": row}).one()
    rating = round(float(mean), 1) if rated >= RATED else None
    return _shown(found, now, tuple(one for one in needs if one[1] > 0), found.concern_code or "", rating)


def concerns_shown(connection: sa.Connection) -> list[ShownConcern]:
    """Those that are public, those with most support first."""
    chosen = sa.select(concerns, concern.supported.label("support")).where(concerns.c.status == concern.PUBLIC)
    ranked = chosen.order_by(concern.supported.desc(), concerns.c.id).limit(MOST)
    return [_shown_concern(row) for row in connection.execute(ranked)]


def concern_shown(connection: sa.Connection, code: str) -> ShownConcern | None:
    """One, or the one that it was merged into, with where its support comes from."""
    row = concern.standing(connection, code)
    if row is None:
        return None
    of = sa.select(profiles.c.value, sa.func.count()).join_from(
        supports, profiles, profiles.c.person == supports.c.person
    )
    counted = of.where(supports.c.concern == row.id, profiles.c.fact == PLACE).group_by(profiles.c.value)
    places = connection.execute(counted.order_by(profiles.c.value)).all()
    # That somebody of a small place supports it at all may name them there.
    told = tuple((place, least) for place, count in places if (least := band(count)))
    kinds = connection.execute(groups.SUPPORTERS.where(supports.c.concern == row.id)).all()
    return _shown_concern(row, told, tuple((one.kind, band(one.many)) for one in kinds))


def serving(connection: sa.Connection, code: str, now: datetime) -> list[Shown]:
    """What is planned for a concern."""
    row = concern.standing(connection, code)
    found = connection.execute(UPCOMING.where(initiatives.c.concern == (row.id if row else None)), {"now": now}).all()
    return [_shown(one, now) for one in found]


def _shown(
    row: Any,
    now: datetime,
    needs: tuple[tuple[Mapping[str, str], int], ...] = (),
    concern_code: str = "",
    rating: float | None = None,
) -> Shown:
    return Shown(
        code=row.code,
        texts=row.texts,
        starts_at=row.starts_at,
        place=row.place,
        languages=tuple(row.languages),
        full=row.capacity is not None and row.joined >= row.capacity,
        over=row.status == CLOSED or row.starts_at <= now,
        called_off=row.status == CLOSED and row.closed_at is not None and row.closed_at < row.starts_at,
        attended=row.attended,
        needs=needs,
        concern=concern_code,
        rating=rating,
    )


def _shown_concern(
    row: Any, places: tuple[tuple[str, int], ...] = (), kinds: tuple[tuple[str, int], ...] = ()
) -> ShownConcern:
    support = concern.banded(row.support)
    return ShownConcern(row.code, row.texts, row.place, support, places, kinds, row.outcome)


_ONE = (
    sa.select(initiatives, joined_count.label("joined"), concerns.c.code.label("concern_code"))
    .select_from(initiatives.outerjoin(concerns, concerns.c.id == initiatives.c.concern))
    .where(initiatives.c.id == sa.bindparam("row"), initiatives.c.status.in_((PUBLIC, CLOSED)))
)
_RATING = sa.select(sa.func.count(participations.c.rating), sa.func.avg(participations.c.rating)).where(
    participations.c.initiative == sa.bindparam("row"), participations.c.state == JOINED
)
