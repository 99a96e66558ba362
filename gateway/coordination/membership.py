"""Groups on phones: registered, joined by a number that works once, and spoken for. Nobody is shown who is in one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.coordination import concerns, groups
from gateway.coordination.concerns import banded, in_language
from gateway.ingest.rules import Handler
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.moderation.desk import Decision, DeskError, Kind, New, may_submit, submit
from gateway.notices import Told
from gateway.store import codes, ids
from gateway.store.database import insert_once
from gateway.store.group_tables import group_concerns, group_invitations, group_people
from gateway.store.group_tables import groups as rows
from gateway.store.schema import link_tries
from surveys.flow import Effect, Outcome
from surveys.flows.coordination.effects import (
    ComeIn,
    Endorse,
    FindGroups,
    FindInvitation,
    InviteInto,
    RegisterGroup,
    SeenConcern,
    SeenGroup,
    SeenInvitation,
    StepBack,
)
from surveys.flows.coordination.members import DAYS, SPEAKER
from surveys.match import normalise

KIND = groups.KIND
DIGITS = 8
"""Of an invitation: it opens something, so that it must not be guessed."""

INVITATIONS_A_DAY = 50
"""Of one group."""

TRIES = 5
"""Wrong numbers in an hour, of this and of LINK together."""

NUMBER = "group invitation"


# Registering --------------------------------------------------------------------------------------------------------


def register(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("RegisterGroup", effect)
    unit.flush()
    if not may_submit(unit.connection, visitor.person, unit.now):
        return Outcome(effect, done=False, detail="many")
    if normalise(effect.name) in {normalise(name) for name in unit.connection.scalars(sa.select(rows.c.name))}:
        return Outcome(effect, done=False, detail="taken")
    words = {"name": effect.name, "about": effect.about}
    facts = {"kind": effect.kind, "place": effect.place, "post": effect.post}
    new = New(KIND, ids.rising(), words, held.conversation.language, visitor.person, facts)
    submit(unit.connection, unit.vault, new, unit.now)
    return Outcome(effect, done=True)


def _let_out(decision: Decision) -> Told:
    connection, one = decision.connection, decision.submission
    about = decision.words.get("about", "")
    texts = {one.language: about} if about else {}
    group = groups.Group(one.subject, decision.words["name"][:120], one.facts["kind"], texts, one.facts["place"], ())
    if not groups.register(connection, group, decision.by, decision.now):
        raise DeskError("taken")
    if one.person is not None:
        row = {"group": one.subject, "person": one.person, "role": SPEAKER, "at": decision.now}
        connection.execute(sa.insert(group_people).values(row))
    return Told("group_public", {"code": connection.scalar(sa.select(rows.c.code).where(rows.c.id == one.subject))})


def _refuse(decision: Decision) -> Told:
    return Told("refused_because", {"reason": decision.reason})


DESK_KIND = Kind(KIND, _let_out, _refuse)


# Inviting and coming in ---------------------------------------------------------------------------------------------


def spoken_for(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    unit.flush()
    own = group_people.c.person == visitor.person, group_people.c.role == SPEAKER
    return Outcome(effect, done=True, found=_of(unit.connection, *own))


def theirs(connection: sa.Connection, person: int) -> tuple[SeenGroup, ...]:
    """The groups that somebody is in."""
    return _of(connection, group_people.c.person == person)


def _of(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> tuple[SeenGroup, ...]:
    chosen = sa.select(rows.c.code, rows.c.name).join_from(group_people, rows).where(*which).order_by(rows.c.name)
    return tuple(SeenGroup(row.code, row.name) for row in connection.execute(chosen))


def invite(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("InviteInto", effect)
    group = _spoken(unit, visitor, effect.group)
    if group is None:
        return Outcome(effect, done=False, detail="unknown")
    today = group_invitations.c.group == group, group_invitations.c.made_at > unit.now - timedelta(days=1)
    if (unit.connection.scalar(sa.select(sa.func.count()).where(*today)) or 0) >= INVITATIONS_A_DAY:
        return Outcome(effect, done=False, detail="many")
    number = str(10 ** (DIGITS - 1) + secrets.randbelow(9 * 10 ** (DIGITS - 1)))
    values = {
        "group": group,
        "number": unit.vault.fingerprint(NUMBER, number),
        "role": effect.role,
        "made_at": unit.now,
        "expires_at": unit.now + timedelta(days=DAYS),
    }
    unit.connection.execute(sa.insert(group_invitations).values(values))
    return Outcome(effect, done=True, found=number)


def find(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("FindInvitation", effect)
    row, why = _invitation(unit, visitor, effect.code)
    return Outcome(effect, done=not why, detail=why, found=None if why else _seen(row))


def come_in(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("ComeIn", effect)
    row, why = _invitation(unit, visitor, effect.code)
    if why:
        return Outcome(effect, done=False, detail=why)
    invitation = group_invitations.c.id == row.id, group_invitations.c.used_at.is_(None)
    used = sa.update(group_invitations).where(*invitation).values(used_at=unit.now)
    if unit.connection.execute(used).rowcount != 1:
        return Outcome(effect, done=False, detail="used")  # somebody was faster
    own = {"group": row.group, "person": visitor.person}
    if not insert_once(unit.connection, group_people, **own, role=row.role, at=unit.now):
        mine = group_people.c.group == row.group, group_people.c.person == visitor.person
        unit.connection.execute(sa.update(group_people).where(*mine).values(role=row.role))
    return Outcome(effect, done=True, found=_seen(row))


def _invitation(unit: Unit, visitor: Visitor, number: str) -> tuple[Any, str]:
    """The invitation of this number, with its group's code and name, and why it does not hold; "" where it does."""
    unit.flush()
    tried = link_tries.c.person == visitor.person, link_tries.c.at > unit.now - timedelta(hours=1)
    if (unit.connection.scalar(sa.select(sa.func.count()).where(*tried)) or 0) >= TRIES:
        return None, "tries"
    chosen = sa.select(group_invitations, rows.c.code, rows.c.name).join_from(group_invitations, rows)
    known = group_invitations.c.number.in_(unit.vault.fingerprints(NUMBER, number))
    row = unit.connection.execute(chosen.where(known)).first()
    if row is None:
        unit.add(link_tries, person=visitor.person, at=unit.now)
        return None, "unknown"
    mine = group_people.c.group == row.group, group_people.c.person == visitor.person
    role = unit.connection.scalar(sa.select(group_people.c.role).where(*mine))
    if role in {SPEAKER, row.role}:
        return row, "already"
    if row.used_at is not None:
        return row, "used"
    return row, "old" if row.expires_at <= unit.now else ""


def _seen(row: Any) -> SeenInvitation:
    return SeenInvitation(row.code, row.name, row.role)


def leave(connection: sa.Connection, person: int, code: str) -> bool:
    """Whether they were in the group of this code, which they are no more."""
    group = codes.find(connection, KIND, code)
    own = group_people.c.group == group, group_people.c.person == person
    return group is not None and connection.execute(sa.delete(group_people).where(*own)).rowcount > 0


# What a group stands behind -----------------------------------------------------------------------------------------


def endorse(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("Endorse", effect)
    group = _spoken(unit, visitor, effect.group)
    row = concerns.standing(unit.connection, effect.code, stays=True)
    if group is None or row is None:
        return Outcome(effect, done=False, detail="unknown")
    if not insert_once(unit.connection, group_concerns, group=group, concern=row.id, at=unit.now):
        return Outcome(effect, done=False, detail="already")
    seen = SeenConcern(row.code, in_language(row.texts, held.conversation.language), banded(row.support))
    return Outcome(effect, done=True, found=seen)


def step_back(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("StepBack", effect)
    group = _spoken(unit, visitor, effect.group)
    if group is None:
        return Outcome(effect, done=False, detail="unknown")
    groups.step_back(unit.connection, group, effect.code)
    return Outcome(effect, done=True)


def _spoken(unit: Unit, visitor: Visitor, code: str) -> int | None:
    """The group of this code, if they speak for it."""
    unit.flush()
    group = codes.find(unit.connection, KIND, code)
    mine = group_people.c.group == group, group_people.c.person == visitor.person, group_people.c.role == SPEAKER
    return group if unit.connection.scalar(sa.select(group_people.c.group).where(*mine)) else None


HANDLERS: Mapping[type[Effect], Handler] = {
    RegisterGroup: register,
    FindGroups: spoken_for,
    InviteInto: invite,
    FindInvitation: find,
    ComeIn: come_in,
    Endorse: endorse,
    StepBack: step_back,
}
