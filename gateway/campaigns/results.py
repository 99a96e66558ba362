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
from gateway.store.broadcast_tables import broadcasts
from gateway.store.campaign_tables import campaign_visits, deeds, letters, pledges, signatures
from gateway.store.schema import outbox
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
    """How many people, and of which areas, languages and kinds."""

    people: int
    by_area: Bands
    by_language: Bands
    by_kind: Bands


@dataclass(frozen=True, slots=True)
class Sent:
    """A broadcast to those who joined the topic, in bands: each got one message. How many are in the topic now is not
    told, since that falls as somebody leaves."""

    broadcast: str
    sent: int
    delivered: int


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


def results(connection: sa.Connection, campaign: Campaign, gazetteer: Gazetteer | None) -> Results:
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
        letters=_counted(_rows(connection, letters, *passed), gazetteer),
        pledged={name: _counted(rows, gazetteer) for name, rows in made.items()},
        kept={name: band(sum(row.status == "done" for row in rows)) for name, rows in made.items()},
        signed=_counted(_rows(connection, signatures, s.campaign == campaign.name), gazetteer, "kind"),
        broadcasts=tuple(_sent(connection, campaign.topic)),
    )


def shown(connection: sa.Connection, campaign: str) -> tuple[Deed, ...]:
    """The deeds that others see, the newest first."""
    d = deeds.c
    query = sa.select(d.id, d.measure, d.text, d.file).where(d.campaign == campaign, d.status == "shown")
    rows = connection.execute(query.order_by(d.id.desc()).limit(50))
    return tuple(Deed(row.id, row.measure, row.text or "", row.file or "") for row in rows)


def _rows(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Any]:
    return list(connection.execute(sa.select(table).where(*where)).all())


def _counted(rows: Iterable[Any], gazetteer: Gazetteer | None, kind: str = "") -> Counted:
    people: set[int] = set()
    by: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    for row in rows:
        if row.person in people:  # who wrote twice is one person
            continue
        people.add(row.person)
        keys = _area(gazetteer, row.place), row.language, getattr(row, kind) if kind else ""
        for counter, key in zip(by, keys, strict=True):
            counter[key] += 1
    area, language, kinds = ({key: band(count) for key, count in sorted(counter.items())} for counter in by)
    return Counted(band(len(people)), area, language, kinds if kind else {})


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


def _groups(source: str) -> Collection[str]:
    """The groups that a broadcast's file names."""
    match read(source, "broadcast").data:
        case {"audience": {"groups": str(name)}}:
            return (name,)
        case {"audience": {"groups": list(names)}}:
            return [name for name in names if isinstance(name, str)]
    return ()


def _sent(connection: sa.Connection, topic: str) -> Iterable[Sent]:
    """Broadcasts whose file names the topic as a group."""
    if not topic:
        return
    chosen = sa.select(broadcasts.c.id, broadcasts.c.name, broadcasts.c.source).order_by(broadcasts.c.id)
    for row in connection.execute(chosen).all():
        if topic in _groups(row.source):
            of = outbox.c.broadcast == row.id
            counts = sa.select(
                sa.func.count().filter(outbox.c.status.in_((Status.SENT, Status.UNREPORTED, Status.DELIVERED))),
                sa.func.count().filter(outbox.c.status == Status.DELIVERED),
            ).where(of)
            sent, delivered = connection.execute(counts).one()
            yield Sent(row.name, band(sent), band(delivered))
