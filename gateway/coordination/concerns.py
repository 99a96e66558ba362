"""Concerns: raised by keyword, let out by a moderator, supported once by each person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Decision, Kind, New, may_submit, submit
from gateway.notices import Told
from gateway.store import codes, ids
from gateway.store.broadcast_tables import PLACE, profiles
from gateway.store.coordination_tables import concerns, supports
from gateway.store.database import insert_once
from surveys.flow import Effect, Outcome
from surveys.flows.coordination.effects import BAND, FindConcerns, Raise, SeenConcern, SupportConcern

KIND = "concern"
WAITING, PUBLIC, MERGED, REFUSED = "waiting", "public", "merged", "refused"
LISTED = 5
"""How many are listed for who names none."""

supported = (
    sa.select(sa.func.count()).select_from(supports).where(supports.c.concern == concerns.c.id).scalar_subquery()
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


def support(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("SupportConcern", effect)
    unit.flush()
    row = _standing(unit.connection, effect.code)
    if row is None:
        return Outcome(effect, done=False, detail="unknown")
    new = insert_once(unit.connection, supports, concern=row.id, person=visitor.person, at=unit.now)
    count = unit.connection.scalar(sa.select(sa.func.count()).where(supports.c.concern == row.id)) or 0
    seen = SeenConcern(row.code, in_language(row.texts, held.conversation.language), banded(count))
    return Outcome(effect, done=new, detail="" if new else "already", found=seen)


def _standing(connection: sa.Connection, code: str) -> Any:
    """The public concern with this code, or the one that it was merged into; None where there is none."""
    row = codes.find(connection, KIND, code)
    while row is not None:
        found = connection.execute(sa.select(concerns).where(concerns.c.id == row)).one()
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

HANDLERS = {Raise: put_up, FindConcerns: find, SupportConcern: support}
