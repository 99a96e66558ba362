"""What came of a campaign, as it may be told: numbers of people in bands, by area and language; openings and messages.

A band is told by its lower end: 25 stands for 25 to 49. What is counted is only added to: STOP, FORGET ME and what
becomes of a letter later take nothing away, so no band falls because somebody left. Areas are those of the
gazetteer's highest level.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from channels.adapter import Status
from gateway.campaigns.model import Campaign
from gateway.store.broadcast_tables import PLACE, broadcasts, profiles
from gateway.store.campaign_tables import campaign_visits, deeds, letters, pledges, signatures
from gateway.store.schema import outbox, people
from surveys.gazetteer import Gazetteer
from surveys.reader import read

BANDS = (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000)
"""Their lower ends; fewer than the first are 0."""


def band(count: int) -> int:
    """The lower end of the band that a number lies in, 0 for fewer than ten."""
    place = bisect_right(BANDS, count)
    return BANDS[place - 1] if place else 0


Bands = Mapping[str, int]
"""Lower ends of bands by what they are counted by; "" for people of whom that is not known."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people, and of which areas, languages and kinds: those who wrote from a phone or a chat. `on_web` is how
    many browsers there were beside, which may be fewer people: who closes one and opens it again is somebody new."""

    people: int
    on_web: int
    by_area: Bands
    by_language: Bands
    by_kind: Bands


@dataclass(frozen=True, slots=True)
class Reached:
    """Messages, in bands."""

    sent: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A broadcast to those who joined the topic, in bands: each got one message. How many are in the topic now is not
    told, since that falls as somebody leaves. Areas and languages are people's newest: who moves is counted there."""

    broadcast: str
    sent: int
    delivered: int
    by_area: Mapping[str, Reached]
    by_language: Mapping[str, Reached]


@dataclass(frozen=True, slots=True)
class Results:
    """`opened` counts openings of pages by piece ("" for the campaign's own), `opened_in` by language. `pledged` and
    `kept` are by measure. `letters` are those that were passed on, whatever became of them."""

    opened: Mapping[str, int]
    opened_in: Mapping[str, int]
    letters: Counted
    pledged: Mapping[str, Counted]
    kept: Mapping[str, int]
    signed: Counted
    broadcasts: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """What others see of a pledge that was kept."""

    id: int
    measure: str
    text: str
    file: str


def results(
    connection: sa.Connection, campaign: Campaign, gazetteer: Gazetteer | None, web: Collection[str]
) -> Results:
    """`web` are the names of channels on which nobody knows one person from many."""
    p, s = pledges.c, signatures.c
    passed = letters.c.campaign == campaign.name, letters.c.decided_at.is_not(None), letters.c.status != "refused"
    made = {
        one.id: _rows(connection, pledges, p.campaign == campaign.name, p.measure == one.id)
        for one in campaign.measures
    }
    visits = campaign_visits.c
    opened = sa.select(visits.piece, visits.language, visits.count.label("times")).where(
        visits.campaign == campaign.name
    )
    seen = connection.execute(opened).all()
    return Results(
        opened=_summed((row.piece, row.times) for row in seen),
        opened_in=_summed((row.language, row.times) for row in seen),
        letters=_counted(_rows(connection, letters, *passed), gazetteer, web),
        pledged={name: _counted(rows, gazetteer, web) for name, rows in made.items()},
        kept={
            name: band(sum(row.status == "done" and row.channel not in web for row in rows))
            for name, rows in made.items()
        },
        signed=_counted(_rows(connection, signatures, s.campaign == campaign.name), gazetteer, web, "kind"),
        broadcasts=tuple(
            _sent(connection, row, gazetteer) for row in broadcasts_of(connection, campaign.name, campaign.topic)
        ),
    )


def shown(connection: sa.Connection, campaign: str, most: int | None = None) -> tuple[Deed, ...]:
    """The deeds that were let out, the newest first: all of them, or as many as a page shows."""
    d = deeds.c
    query = sa.select(d.id, d.measure, d.text, d.file).where(d.campaign == campaign, d.status == "shown")
    rows = connection.execute(query.order_by(d.id.desc()).limit(most))
    return tuple(Deed(row.id, row.measure, row.text or "", row.file or "") for row in rows)


def _rows(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Any]:
    return list(connection.execute(sa.select(table).where(*where)).all())


def _counted(rows: Iterable[Any], gazetteer: Gazetteer | None, web: Collection[str], kind: str = "") -> Counted:
    known: set[int] = set()
    browsers: set[int] = set()
    by: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    for row in rows:
        if row.channel in web:
            browsers.add(row.person)
            continue
        if row.person in known:  # who wrote twice is one person
            continue
        known.add(row.person)
        keys = _area(gazetteer, row.place), row.language, getattr(row, kind) if kind else ""
        for counter, key in zip(by, keys, strict=True):
            counter[key] += 1
    area, language, kinds = ({key: band(count) for key, count in sorted(counter.items())} for counter in by)
    return Counted(band(len(known)), band(len(browsers - known)), area, language, kinds if kind else {})


def _area(gazetteer: Gazetteer | None, place: str) -> str:
    """What the place lies in, as coarse as the gazetteer has it."""
    found = gazetteer.get(place) if gazetteer is not None else None
    if gazetteer is None or found is None:
        return ""
    return (*gazetteer.around(found)[-1:], found)[0].id


def _summed(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for key, count in pairs:
        found[key] += count
    return dict(sorted(found.items()))


def _is_of(source: str, campaign: str, topic: str) -> bool:
    """Whether a broadcast's file names a campaign, or the topic among its groups."""
    match read(source, "broadcast").data:
        case {"campaign": str(name)}:
            return name == campaign
        case {"audience": {"groups": str(name)}}:
            return name == topic
        case {"audience": {"groups": list(names)}}:
            return topic in names
    return False


def broadcasts_of(connection: sa.Connection, campaign: str, topic: str) -> Iterable[Any]:
    """Broadcasts to those who joined a campaign's topic, as rows, the first started first."""
    if topic:
        columns = broadcasts.c.id, broadcasts.c.name, broadcasts.c.source, broadcasts.c.status
        for row in connection.execute(sa.select(*columns).order_by(broadcasts.c.id)).all():
            if _is_of(row.source, campaign, topic):
                yield row


def _sent(connection: sa.Connection, row: Any, gazetteer: Gazetteer | None) -> Sent:
    """What became of a broadcast's messages, by where people live as they said last, and by their language."""
    lives = sa.and_(profiles.c.person == outbox.c.person, profiles.c.fact == PLACE)
    keys = outbox.c.status == Status.DELIVERED, profiles.c.value, people.c.language
    out = outbox.c.broadcast == row.id, outbox.c.status.in_((Status.SENT, Status.UNREPORTED, Status.DELIVERED))
    counted = (
        sa.select(*keys, sa.func.count())
        .join_from(outbox, people, people.c.id == outbox.c.person)
        .outerjoin(profiles, lives)
        .where(*out)
        .group_by(*keys)
    )
    sent: dict[tuple[str, str], int] = Counter()
    delivered: dict[tuple[str, str], int] = Counter()
    for came, place, language, count in connection.execute(counted):
        for key in (("", ""), ("area", _area(gazetteer, place or "")), ("language", language or "")):
            sent[key] += count
            delivered[key] += count if came else 0

    def reached(by: str) -> Mapping[str, Reached]:
        named = sorted(key for key in sent if key[0] == by)
        return {key[1]: Reached(band(sent[key]), band(delivered[key])) for key in named}

    whole = reached("").get("", Reached(0, 0))
    return Sent(row.name, whole.sent, whole.delivered, reached("area"), reached("language"))
