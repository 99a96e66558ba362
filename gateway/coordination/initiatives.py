"""Initiatives as people meet them by keyword: found near a place, joined, left, and reported on.

Nobody is shown who joined. The exact place is told to those who joined, from the day before on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.coordination import concerns, membership
from gateway.coordination.concerns import in_language
from gateway.coordination.near import places_near
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import WAITING, New, may_submit, submit
from gateway.notices import Notices, Told
from gateway.store import codes, ids
from gateway.store.coordination_tables import initiatives, participations, supports, task_takers, tasks
from gateway.store.database import insert_once
from gateway.store.moderation_tables import submissions
from surveys.flow import Effect, Outcome
from surveys.flows.coordination.effects import (
    FindInitiative,
    FindJoined,
    FindNear,
    JoinInitiative,
    LeaveInitiative,
    ProposeInitiative,
    RateInitiative,
    ReportDone,
    SeenInitiative,
    TakeTask,
    Task,
    TellJoined,
)
from surveys.flows.coordination.words import place_name, when
from surveys.gazetteer import Gazetteer
from surveys.texts import Texts

KIND, MESSAGE = "initiative", "message"
PUBLIC, CLOSED = "public", "closed"
JOINED, IN_LINE = "joined", "waiting"
TOLD_BEFORE = timedelta(days=1)
"""From when on those who joined are told the exact place."""

FOUND = 12
"""Initiatives that are found near a place."""

MESSAGES_A_DAY = 3
"""An organiser's, about one initiative."""

WHERE = "where"

_counted = participations.alias("counted")
joined_count = (
    sa.select(sa.func.count())
    .select_from(_counted)
    .where(_counted.c.initiative == initiatives.c.id, _counted.c.state == JOINED)
    .scalar_subquery()
)
"""How many joined an initiative, beside its row."""


@dataclass(frozen=True, slots=True)
class Initiatives:
    """`pushing` are the channels over which people can be told something."""

    texts: Texts
    gazetteer: Gazetteer
    zone: tzinfo
    pushing: frozenset[str]

    @property
    def handlers(self) -> Mapping[type[Effect], Handler]:
        return {
            ProposeInitiative: self.propose,
            FindNear: self.near,
            FindInitiative: self.find,
            FindJoined: self.mine,
            JoinInitiative: self.join,
            LeaveInitiative: self.leave,
            TakeTask: take,
            ReportDone: report,
            RateInitiative: rate,
            TellJoined: tell,
        }

    def joined(self, unit: Unit, visitor: Visitor, held: Held) -> tuple[str, ...]:
        """What MINE lists: numbers, with the time of an initiative, and nothing that names it on a shared phone."""
        language = held.conversation.language
        rows = unit.connection.execute(_OF_PERSON, {"of": visitor.person, "now": unit.now}).all()
        timed = (f"{row.code} {when(row.starts_at, language, self.zone)}" for row in rows)
        return (*timed, *(group.code for group in membership.theirs(unit.connection, visitor.person)))

    # Finding ---------------------------------------------------------------------------------------------------

    def near(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("FindNear", effect)
        near = UPCOMING.where(initiatives.c.place.in_(places_near(self.gazetteer, effect.place)))
        found = unit.connection.execute(near.limit(FOUND), {"now": unit.now}).all()
        seen = tuple(_seen(row, held.conversation.language) for row in found)
        return Outcome(effect, done=True, found=seen)

    def find(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("FindInitiative", effect)
        unit.flush()
        row = _public(unit.connection, effect.code)
        why = _closed(row, unit)
        if why:
            return Outcome(effect, done=False, detail=why)
        state = unit.connection.scalar(_STATE, {"in": row.id, "of": visitor.person}) or ""
        return Outcome(effect, done=True, found=_seen(row, held.conversation.language, state))

    def mine(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        unit.flush()
        rows = unit.connection.execute(_OF_PERSON, {"of": visitor.person, "now": unit.now}).all()
        found = (_seen(row, held.conversation.language, row.state) for row in rows)
        return Outcome(effect, done=True, found=(*found, *membership.theirs(unit.connection, visitor.person)))

    # Joining and leaving ---------------------------------------------------------------------------------------

    def join(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("JoinInitiative", effect)
        unit.flush()
        row = _public(unit.connection, effect.code, lock=True)
        why = _closed(row, unit)
        if why:
            return Outcome(effect, done=False, detail=why)
        language = held.conversation.language
        state = IN_LINE if _is_full(row) else JOINED
        mine = {"initiative": row.id, "person": visitor.person, "state": state, "language": language, "at": unit.now}
        if not insert_once(unit.connection, participations, **mine):
            return Outcome(effect, done=False, detail="already")
        where = self._where(unit, row, language) if state == JOINED else ""
        seen = _seen(row, language, state, where, _tasks(unit.connection, row.id, language))
        return Outcome(effect, done=True, detail=state, found=seen)

    def _where(self, unit: Unit, row: Any, language: str) -> str:
        """Where it is, as exactly as may be told now; "" where that is to come."""
        if row.sealed_where is None:
            return place_name(self.gazetteer, row.place, language)
        soon = row.starts_at - unit.now <= TOLD_BEFORE
        return unit.vault.open_text(row.sealed_where, WHERE) if soon else ""

    def leave(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("LeaveInitiative", effect)
        unit.flush()
        row = _public(unit.connection, effect.code, lock=True)
        if row is None:
            given_up = membership.leave(unit.connection, visitor.person, effect.code) or _supports_no_more(
                unit.connection, visitor.person, effect.code
            )
            return Outcome(effect, done=given_up, detail="" if given_up else "unknown")
        gone = unit.connection.scalar(
            sa.delete(participations)
            .where(participations.c.initiative == row.id, participations.c.person == visitor.person)
            .returning(participations.c.state)
        )
        if gone is None:
            return Outcome(effect, done=False, detail="unknown")
        own = sa.select(tasks.c.id).where(tasks.c.initiative == row.id)
        given_back = task_takers.c.person == visitor.person, task_takers.c.task.in_(own)
        unit.connection.execute(sa.delete(task_takers).where(*given_back))
        if gone == JOINED:
            notices = Notices(unit.vault, self.texts, self.pushing)
            unit.woken |= self.let_in(unit.connection, notices, row.id, unit.now)
        return Outcome(effect, done=True)

    def let_in(self, connection: sa.Connection, notices: Notices, initiative: int, now: datetime) -> set[str]:
        """Those who wait longest get the places that are free, and are told. Returns the channels to wake."""
        connection.execute(_LOCK, {"row": initiative})
        row = connection.execute(_ONE, {"row": initiative}).first()
        woken: set[str] = set()
        if row is None or row.capacity is None or row.status == CLOSED or row.starts_at <= now:
            return woken
        free = max(0, row.capacity - row.joined)
        for one in connection.execute(_IN_LINE.limit(free), {"in": row.id}).all():
            theirs = participations.c.initiative == row.id, participations.c.person == one.person
            connection.execute(sa.update(participations).where(*theirs).values(state=JOINED))
            told = Told("place_free", {"code": row.code, "when": when(row.starts_at, one.language, self.zone)})
            channel = notices.tell(connection, one.person, one.language, told, now, until=row.starts_at)
            woken |= {channel} if channel else set()
        return woken

    # Proposing -------------------------------------------------------------------------------------------------

    def propose(self, unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
        effect = cast("ProposeInitiative", effect)
        unit.flush()
        if not may_submit(unit.connection, visitor.person, unit.now):
            return Outcome(effect, done=False, detail="many")
        row = ids.rising()
        code = codes.draw(unit.connection, KIND, row)
        language = held.conversation.language
        gathering = bool(effect.where)
        serves = concerns.standing(unit.connection, effect.concern, stays=True) if effect.concern else None
        values = {
            "id": row,
            "code": code,
            "person": visitor.person,
            "language": language,
            "languages": [language] if language else [],
            "gathering": gathering,
            "starts_at": effect.starts_at,
            "place": effect.place,
            "capacity": effect.most or None,
            "named": effect.named,
            "concern": serves.id if serves else None,
            "status": WAITING,
            "made_at": unit.now,
        }
        unit.connection.execute(sa.insert(initiatives).values(values))
        words = {"what": effect.what, WHERE: effect.where, "needs": effect.needs}
        facts = {"code": code, "when": when(effect.starts_at, "en", self.zone), "place": effect.place}
        facts |= {"capacity": str(effect.most)} if effect.most else {}
        facts |= {"concern": serves.code} if serves else {}
        new = New(KIND, row, words, language, visitor.person, facts, needed=2 if gathering else 1)
        submit(unit.connection, unit.vault, new, unit.now)
        return Outcome(effect, done=True)


def _supports_no_more(connection: sa.Connection, person: int, code: str) -> bool:
    """Whether they supported the concern with this code, or the one that it was merged into."""
    row = concerns.standing(connection, code, stays=True)
    mine = supports.c.concern == (row.id if row else None), supports.c.person == person
    return connection.execute(sa.delete(supports).where(*mine)).rowcount > 0


# Tasks, and afterwards ----------------------------------------------------------------------------------------------


def take(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("TakeTask", effect)
    task = unit.connection.execute(sa.select(tasks).where(tasks.c.id == effect.task).with_for_update()).first()
    if task is None:
        return Outcome(effect, done=False, detail="full")
    taken = sa.select(sa.func.count()).where(task_takers.c.task == task.id)
    if (unit.connection.scalar(taken) or 0) >= task.wanted:
        return Outcome(effect, done=False, detail="full")
    insert_once(unit.connection, task_takers, task=task.id, person=visitor.person, at=unit.now)
    return Outcome(effect, done=True)


def report(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("ReportDone", effect)
    row = _public(unit.connection, effect.code, lock=True)
    if row is None or row.person != visitor.person:
        return Outcome(effect, done=False, detail="unknown")
    if row.starts_at > unit.now:
        return Outcome(effect, done=False, detail="early")
    values = {"attended": effect.attended, "status": CLOSED, "closed_at": unit.now}
    unit.connection.execute(sa.update(initiatives).where(initiatives.c.id == row.id).values(values))
    return Outcome(effect, done=True)


def rate(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("RateInitiative", effect)
    row = _public(unit.connection, effect.code)
    if row is None:
        return Outcome(effect, done=False, detail="unknown")
    if row.starts_at > unit.now:
        return Outcome(effect, done=False, detail="early")
    mine = participations.c.initiative == row.id, participations.c.person == visitor.person
    rated = sa.update(participations).where(*mine, participations.c.state == JOINED).values(rating=effect.stars)
    done = unit.connection.execute(rated).rowcount == 1
    return Outcome(effect, done=done, detail="" if done else "unknown")


def tell(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("TellJoined", effect)
    unit.flush()
    row = _public(unit.connection, effect.code)
    if row is None or row.person != visitor.person:
        return Outcome(effect, done=False, detail="unknown")
    if row.status == CLOSED:
        return Outcome(effect, done=False, detail="over")
    today = sa.select(sa.func.count()).where(
        submissions.c.kind == MESSAGE,
        submissions.c.subject == row.id,
        submissions.c.made_at > unit.now - timedelta(days=1),
    )
    if (unit.connection.scalar(today) or 0) >= MESSAGES_A_DAY or not may_submit(
        unit.connection, visitor.person, unit.now
    ):
        return Outcome(effect, done=False, detail="many")
    language = held.conversation.language
    new = New(MESSAGE, row.id, {"message": effect.text}, language, visitor.person, {"code": row.code})
    submit(unit.connection, unit.vault, new, unit.now)
    return Outcome(effect, done=True)


# Reading ------------------------------------------------------------------------------------------------------------


def _public(connection: sa.Connection, code: str, *, lock: bool = False) -> Any:
    """The initiative with this code, if people may know of it, with how many `joined`; None otherwise."""
    row = codes.find(connection, KIND, code)
    if row is None:
        return None
    if lock:
        connection.execute(_LOCK, {"row": row})
    return connection.execute(_ONE, {"row": row}).first()


def _closed(row: Any, unit: Unit) -> str:
    """Why nobody joins it any more; "" where they may."""
    if row is None:
        return "unknown"
    return "over" if row.status == CLOSED or row.starts_at <= unit.now else ""


def _is_full(row: Any) -> bool:
    return row.capacity is not None and row.joined >= row.capacity


def _seen(row: Any, language: str, state: str = "", where: str = "", wanted: tuple[Task, ...] = ()) -> SeenInitiative:
    return SeenInitiative(
        row.code,
        in_language(row.texts, language),
        row.starts_at,
        row.place,
        tuple(row.languages),
        _is_full(row),
        state,
        where,
        wanted,
    )


def _tasks(connection: sa.Connection, row: int, language: str) -> tuple[Task, ...]:
    found = connection.execute(TASKS, {"of": row}).all()
    return tuple(Task(one.id, in_language(one.texts, language), one.wanted - one.taken) for one in found)


_LOCK = sa.select(initiatives.c.id).where(initiatives.c.id == sa.bindparam("row")).with_for_update()
_ONE = sa.select(initiatives, joined_count.label("joined")).where(
    initiatives.c.id == sa.bindparam("row"), initiatives.c.status.in_((PUBLIC, CLOSED))
)
UPCOMING = (
    sa.select(initiatives, joined_count.label("joined"))
    .where(initiatives.c.status == PUBLIC, initiatives.c.starts_at > sa.bindparam("now"))
    .order_by(initiatives.c.starts_at, initiatives.c.id)
)
"""Everything that everybody may know of and is still to come, the next one first."""

_OF_PERSON = (
    sa.select(initiatives, joined_count.label("joined"), participations.c.state.label("state"))
    .join_from(initiatives, participations)
    .where(
        participations.c.person == sa.bindparam("of"),
        initiatives.c.status == PUBLIC,
        initiatives.c.starts_at > sa.bindparam("now"),
    )
    .order_by(initiatives.c.starts_at, initiatives.c.id)
)
_STATE = sa.select(participations.c.state).where(
    participations.c.initiative == sa.bindparam("in"), participations.c.person == sa.bindparam("of")
)
_IN_LINE = (
    sa.select(participations.c.person, participations.c.language)
    .where(participations.c.initiative == sa.bindparam("in"), participations.c.state == IN_LINE)
    .order_by(participations.c.at, participations.c.person)
)
TASKS = (
    sa.select(
        tasks,
        sa.select(sa.func.count())
        .select_from(task_takers)
        .where(task_takers.c.task == tasks.c.id)
        .scalar_subquery()
        .label("taken"),
    )
    .where(tasks.c.initiative == sa.bindparam("of"))
    .order_by(tasks.c.id)
)
"""What an initiative needs, with how many took each on."""
