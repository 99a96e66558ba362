"""What concerns and initiatives say to mediators: support by place and kind of group, and what came of it, in bands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from analysis.raised import Carried, Concern, Raised
from gateway.coordination.concerns import PUBLIC as RAISED
from gateway.coordination.groups import SUPPORTERS
from gateway.coordination.initiatives import CLOSED, JOINED, PUBLIC
from gateway.coordination.site import RATED, band, concerns_shown
from gateway.store.broadcast_tables import PLACE, profiles
from gateway.store.coordination_tables import concerns, initiatives, participations, supports
from gateway.store.database import reading
from gateway.store.group_tables import group_concerns, groups
from surveys.flows.coordination.effects import BAND
from surveys.gazetteer import Gazetteer

MOST = 15
"""Concerns that are told."""


def heard_now(engine: sa.Engine, gazetteer: Gazetteer, now: datetime) -> Raised | None:
    """`heard`, in a transaction of its own."""
    with reading(engine) as connection:
        return heard(connection, gazetteer, now)


def heard(connection: sa.Connection, gazetteer: Gazetteer, now: datetime) -> Raised | None:
    """As it stands now; None where there is nothing to tell."""
    # Among those too few to tell, not even the order says which has more.
    shown = sorted(concerns_shown(connection), key=lambda one: (-band(one.support), one.code))[:MOST]
    codes = [one.code for one in shown]
    places = _places(connection, gazetteer, codes)
    kinds, people = _kinds(connection, codes), _people(connection, codes)
    carried = _carried(connection, codes, now)
    found = tuple(
        Concern(
            one.code,
            one.texts,
            band(one.support),
            tuple(places[one.code]),
            tuple(kinds[one.code]),
            tuple(people[one.code]),
            one.outcome,
            _summed(carried[one.code]),
        )
        for one in shown
    )
    beside = _summed(carried[""])
    return Raised(found, beside, BAND, now) if found or beside.planned or beside.done else None


def _places(
    connection: sa.Connection, gazetteer: Gazetteer, codes: list[str]
) -> Mapping[str, list[tuple[Mapping[str, str], int]]]:
    count = sa.func.count()
    chosen = (
        sa.select(concerns.c.code, profiles.c.value, count)
        .select_from(concerns.join(supports).join(profiles, profiles.c.person == supports.c.person))
        .where(concerns.c.code.in_(codes), profiles.c.fact == PLACE)
        .group_by(concerns.c.code, profiles.c.value)
        .having(count >= BAND)
    )
    rows = [(code, place, band(many)) for code, place, many in connection.execute(chosen)]
    found: dict[str, list[tuple[Mapping[str, str], int]]] = defaultdict(list)
    for code, place, many in sorted(rows, key=lambda row: (-row[2], row[1])):
        known = gazetteer.get(place)
        found[code].append(({"": known.names[""], **known.names} if known else {"": place}, many))
    return found


def _kinds(connection: sa.Connection, codes: list[str]) -> Mapping[str, list[tuple[str, int]]]:
    chosen = (
        sa.select(concerns.c.code, groups.c.kind, sa.func.count())
        .select_from(concerns.join(group_concerns).join(groups))
        .where(concerns.c.code.in_(codes))
        .group_by(concerns.c.code, groups.c.kind)
        .order_by(sa.func.count().desc(), groups.c.kind)
    )
    found = defaultdict(list)
    for code, kind, many in connection.execute(chosen):
        found[code].append((kind, many))
    return found


def _people(connection: sa.Connection, codes: list[str]) -> Mapping[str, list[tuple[str, int]]]:
    counted = SUPPORTERS.subquery()
    chosen = sa.select(concerns.c.code, counted.c.kind, counted.c.many).join_from(
        concerns, counted, counted.c.concern == concerns.c.id
    )
    found = defaultdict(list)
    for code, kind, many in connection.execute(chosen.where(concerns.c.code.in_(codes))):
        found[code].append((kind, band(many)))
    return {code: sorted(found[code], key=lambda row: (-row[1], row[0])) for code in codes}


def _carried(connection: sa.Connection, codes: list[str], now: datetime) -> Mapping[str, list[Any]]:
    """Initiatives that everybody may know of, by the concern they serve; "" for those that serve none of these."""
    ratings, mean = sa.func.count(participations.c.rating), sa.func.avg(participations.c.rating)
    own = participations.c.initiative == initiatives.c.id, participations.c.state == JOINED
    chosen = (
        sa.select(
            sa.func.coalesce(concerns.c.code, "").label("code"),
            sa.and_(initiatives.c.status == PUBLIC, initiatives.c.starts_at > now).label("planned"),
            initiatives.c.attended,
            sa.select(ratings).where(*own).scalar_subquery().label("ratings"),
            sa.select(mean).where(*own).scalar_subquery().label("mean"),
        )
        .select_from(
            initiatives.outerjoin(
                concerns, sa.and_(concerns.c.id == initiatives.c.concern, concerns.c.status == RAISED)
            )
        )
        .where(initiatives.c.status.in_((PUBLIC, CLOSED)))
    )
    found = defaultdict(list)
    for row in connection.execute(chosen):
        found[row.code if row.code in codes else ""].append(row)
    return found


def _summed(rows: Iterable[Any]) -> Carried:
    """Done is what its organiser reported on. Ratings count where each initiative's own may be told: a mean with one
    more in it would tell of that one."""
    rows = list(rows)
    done = [row for row in rows if row.attended is not None]
    rated = [row for row in done if row.ratings >= RATED]
    many = sum(row.ratings for row in rated)
    rating = round(sum(float(row.mean) * row.ratings for row in rated) / many, 1) if many else None
    attended = band(sum(row.attended for row in done))
    return Carried(sum(bool(row.planned) for row in rows), len(done), attended, rating)
