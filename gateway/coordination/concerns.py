"""Concerns: raised by keyword, let out by a moderator, supported once by each person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from rapidfuzz import fuzz

from channels.adapter import Channel, Medium
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Decision, Kind, New, may_submit, submit
from gateway.notices import Told
from gateway.store import audit, codes, ids
from gateway.store.broadcast_tables import PLACE, profiles
from gateway.store.coordination_tables import concerns, initiatives, supports
from gateway.store.database import insert_once
from gateway.store.group_tables import coalitions, group_concerns
from surveys.flow import Effect, Outcome
from surveys.flows.coordination.effects import BAND, FindConcern, FindConcerns, Raise, SeenConcern, SupportConcern
from surveys.match import normalise

KIND = "concern"
WAITING, PUBLIC, MERGED, REFUSED = "waiting", "public", "merged", "refused"
MOST_COMPARED = 300
"""Concerns that are compared with each other at a time."""

LISTED = 5
"""How many are listed for who names none."""

_counted = supports.alias("counted")
supported = (
    sa.select(sa.func.count()).select_from(_counted).where(_counted.c.concern == concerns.c.id).scalar_subquery()
)
"""How many support a concern, beside its row."""


def banded(support: int) -> int:
    """Support as it may be told: 0 where it is fewer than BAND."""
    return support if support >= BAND else 0


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, or in the one that it was written in."""
    return texts.get(language) or next(iter(texts.values()), "")


# What people do -----------------------------------------------------------------------------------------------------


def home(unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> str:
    """The fact `home`: where a person said in a poll that they live, "" where they did not."""
    known = sa.select(profiles.c.value).where(profiles.c.person == visitor.person, profiles.c.fact == PLACE)
    return unit.connection.scalar(known) or ""


def put_up(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("Raise", effect)
    unit.flush()  # the person's row must be there
    if not may_submit(unit.connection, visitor.person, unit.now):
        return Outcome(effect, done=False, detail="many")
    row = ids.rising()
    values = {
        "id": row,
        "code": codes.draw(unit.connection, KIND, row),
        "person": visitor.person,
        "place": effect.place,
        "status": WAITING,
        "source": "",
        "made_at": unit.now,
    }
    unit.connection.execute(sa.insert(concerns).values(values))
    facts = {"place": effect.place} if effect.place else {}
    new = New(KIND, row, {"text": effect.text}, held.conversation.language, visitor.person, facts)
    submit(unit.connection, unit.vault, new, unit.now)
    return Outcome(effect, done=True)


def find(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    most = sa.select(concerns.c.code, concerns.c.texts, supported.label("support")).where(concerns.c.status == PUBLIC)
    rows = unit.connection.execute(most.order_by(supported.desc(), concerns.c.id).limit(LISTED)).all()
    return Outcome(effect, done=True, found=tuple(_seen(row, held.conversation.language) for row in rows))


def find_one(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    row = standing(unit.connection, cast("FindConcern", effect).code)
    if row is None:
        return Outcome(effect, done=False, detail="unknown")
    return Outcome(effect, done=True, found=_seen(row, held.conversation.language))


def support(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("SupportConcern", effect)
    if channel.medium is Medium.WEB:  # who forgets a page's cookie is somebody new, as often as they like
        return Outcome(effect, done=False, detail="phone")
    unit.flush()
    row = standing(unit.connection, effect.code, stays=True)
    if row is None:
        return Outcome(effect, done=False, detail="unknown")
    new = insert_once(unit.connection, supports, concern=row.id, person=visitor.person, at=unit.now)
    count = unit.connection.scalar(sa.select(sa.func.count()).where(supports.c.concern == row.id)) or 0
    seen = SeenConcern(row.code, in_language(row.texts, held.conversation.language), banded(count))
    return Outcome(effect, done=new, detail="" if new else "already", found=seen)


def standing(connection: sa.Connection, code: str, *, stays: bool = False) -> Any:
    """The public concern with this code, or the one that it was merged into; None where there is none. One that `stays`
    is merged by nobody until the transaction ends: what is hung on it now moves with it then."""
    row = codes.find(connection, KIND, code)
    while row is not None:
        if stays:
            held = sa.select(concerns.c.id).where(concerns.c.id == row)
            connection.execute(held.with_for_update(read=True, key_share=True))
        chosen = sa.select(concerns, supported.label("support")).where(concerns.c.id == row)
        found = connection.execute(chosen).one()
        if found.status == PUBLIC:
            return found
        row = found.merged_into
    return None


def _seen(row: Any, language: str) -> SeenConcern:
    return SeenConcern(row.code, in_language(row.texts, language), banded(row.support))


# What moderators do -------------------------------------------------------------------------------------------------


def _let_out(decision: Decision) -> Told | None:
    one = decision.submission
    change = sa.update(concerns).where(concerns.c.id == one.subject, concerns.c.status == WAITING)
    values = {"status": PUBLIC, "texts": {one.language: decision.words["text"]}, "public_at": decision.now}
    code = decision.connection.execute(change.values(values).returning(concerns.c.code)).scalar_one()
    if one.person is not None:  # who raised it stands behind it
        insert_once(decision.connection, supports, concern=one.subject, person=one.person, at=decision.now)
    return Told("concern_public", {"code": code})


def _refuse(decision: Decision) -> Told:
    change = sa.update(concerns).where(concerns.c.id == decision.submission.subject)
    decision.connection.execute(change.values(status=REFUSED))
    return Told("refused_because", {"reason": decision.reason})


DESK_KIND = Kind(KIND, _let_out, _refuse)

HANDLERS = {Raise: put_up, FindConcerns: find, FindConcern: find_one, SupportConcern: support}


# What moderators do with those that are public ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alike:
    """Two public concerns that may say the same; `alike` is how much of their words they share, up to 100."""

    one: str
    other: str
    alike: int


ALIKE = 65
"""Sharing so much, two concerns are shown to a moderator, who decides."""


def suggested(connection: sa.Connection) -> list[Alike]:
    """Pairs of public concerns that may say the same, the most alike first."""
    chosen = sa.select(concerns.c.code, concerns.c.texts).where(concerns.c.status == PUBLIC).order_by(concerns.c.id)
    rows = connection.execute(chosen.limit(MOST_COMPARED)).all()
    pairs = [
        Alike(one.code, other.code, alike)
        for place, one in enumerate(rows)
        for other in rows[place + 1 :]
        if (alike := likeness(one.texts, other.texts)) >= ALIKE
    ]
    return sorted(pairs, key=lambda pair: -pair.alike)[:20]


def likeness(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    """How much of their words two texts share, in the language where they share most: 0 to 100."""
    shared = one.keys() & other.keys()
    return max(
        (round(fuzz.token_set_ratio(normalise(one[said]), normalise(other[said]))) for said in shared), default=0
    )


def merge(connection: sa.Connection, code: str, into: str, by: str, now: datetime) -> bool:
    """What supports one supports the other from now on; SUPPORT with the old number too. False where that can't be."""
    # Locked in one order, then looked at again: two that are merged into each other at once would lead in a circle.
    rows = [row.id for row in (standing(connection, code), standing(connection, into)) if row is not None]
    locked = sa.select(concerns.c.id).where(concerns.c.id.in_(rows)).order_by(concerns.c.id)
    connection.execute(locked.with_for_update()).all()
    gone, stays = standing(connection, code), standing(connection, into)
    if gone is None or stays is None or gone.id == stays.id or not {gone.id, stays.id} <= {*rows}:
        return False
    for table, whose in ((supports, supports.c.person), (group_concerns, group_concerns.c.group)):
        already = sa.select(whose).where(table.c.concern == stays.id)
        connection.execute(sa.delete(table).where(table.c.concern == gone.id, whose.in_(already)))
    for table in (supports, group_concerns, initiatives, coalitions):
        connection.execute(sa.update(table).where(table.c.concern == gone.id).values(concern=stays.id))
    change = sa.update(concerns).where(concerns.c.id == gone.id)
    connection.execute(change.values(status=MERGED, merged_into=stays.id))
    audit.note(connection, by, "concern merged", f"{code} {into}", now)
    return True


def came_of(connection: sa.Connection, code: str, texts: Mapping[str, str], by: str, now: datetime) -> bool:
    """Say in public what came of a concern, in this language beside others. False where there is none."""
    row = standing(connection, code)
    if row is None:
        return False
    change = sa.update(concerns).where(concerns.c.id == row.id)
    connection.execute(change.values(outcome={**(row.outcome or {}), **texts}))
    audit.note(connection, by, "concern's outcome", code, now)
    return True


def lift(connection: sa.Connection, text: str, language: str, source: str, by: str, now: datetime) -> str:
    """Put up a concern in a moderator's words, from a poll's open answers (`source` says which). Returns its code."""
    row = ids.rising()
    values = {
        "id": row,
        "code": codes.draw(connection, KIND, row),
        "texts": {language: text},
        "place": "",
        "status": PUBLIC,
        "source": source,
        "made_at": now,
        "public_at": now,
    }
    connection.execute(sa.insert(concerns).values(values))
    audit.note(connection, by, "concern lifted", f"{values['code']} {source}", now)
    return str(values["code"])
