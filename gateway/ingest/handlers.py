"""What the effects that every flow may ask for do in the database, and the facts about a person.

The rooms above add the effects and facts of their own flows in gateway/assembly.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa

from channels import registry
from channels.adapter import Channel, Medium
from gateway.ingest.routing import is_guide
from gateway.ingest.rules import Handler, Reader
from gateway.ingest.unit import ACTIVE, PARKED, Held, Unit, Visitor, end_all, family, survey_of
from gateway.store import (
    campaign_tables,
    coordination_tables,
    dispositions,
    erasing,
    group_tables,
    incentive_tables,
    leaving,
    moderation_tables,
    quotas,
    quote_tables,
    schema,
)
from gateway.store.broadcast_tables import PLACE, ZONE
from gateway.store.database import insert_ignoring
from gateway.store.poll_tables import respondents
from surveys.cast import NOBODY
from surveys.disposition import COMPLETED, ENDS
from surveys.flow import (
    Consent,
    Effect,
    Forget,
    IssueLink,
    Outcome,
    Record,
    RedeemLink,
    Reserve,
    SetLanguage,
    Stop,
    WantResults,
    Welcome,
)
from surveys.flows import mine

LINK_MINUTES = 15
LINK_TRIES = 5
FAREWELL = timedelta(minutes=10)
"""How long an address is kept after FORGET ME, so that the confirmation can still be sent."""


def record(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> None:
    effect = cast("Record", effect)
    if is_guide(held.flow):
        return  # it becomes reports in the map of actors, and lies nowhere else
    sealed = unit.vault.seal(str(effect.value), "answer") if effect.open else None
    unit.keep(visitor, held)  # its row must be there before the answer's
    unit.add(
        schema.answers,
        conversation=held.id,
        person=visitor.person,
        survey=held.flow.id.removeprefix("survey:"),
        question=effect.question,
        value=None if effect.open else effect.value,
        sealed_text=sealed,
        state=effect.state,
        channel=channel.name,
        language=held.conversation.language,
        at=unit.now,
    )
    if effect.value is not None and not effect.open:
        _know(unit, visitor, held, effect)


def _know(unit: Unit, visitor: Visitor, held: Held, effect: Record) -> None:
    """Keep what was said of oneself where a question asks for that: broadcasts choose people by it."""
    survey = survey_of(held.flow)
    question = survey.question(effect.question) if survey is not None else None
    if survey is None or question is None or not question.profile:
        return
    unit.know(visitor.person, question.id, effect.value)
    if survey.region == question.id:
        unit.know(visitor.person, PLACE, effect.value)
        zone = survey.schedule.zones.get(str(effect.value), survey.schedule.zone)
        if zone != "UTC":  # a poll that names none
            unit.know(visitor.person, ZONE, zone)


def consent(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> None:
    effect = cast("Consent", effect)
    unit.add(
        schema.consents,
        person=visitor.person,
        survey=held.flow.id.removeprefix("survey:"),
        version=effect.version,
        given=effect.given,
        channel=channel.name,
        at=unit.now,
    )


def reserve(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    effect = cast("Reserve", effect)
    survey = survey_of(held.flow)
    assert survey is not None
    cell = quotas.cell_name(survey.question(effect.cell))
    taken = quotas.take(unit.connection, survey.name, held.wave, cell, effect.limit, held.id, unit.now)
    return Outcome(effect, done=taken, detail="" if taken else "full")


def set_language(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> None:
    visitor.language = cast("SetLanguage", effect).language
    unit.keep_person(visitor)


def stop(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> None:
    visitor.stopped = True
    unit.keep_person(visitor)


def welcome(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> None:
    visitor.stopped = False
    unit.keep_person(visitor)


def forget(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> None:
    """Free text goes at once, in every table, and what waits to be sent; the address is found no more, and goes when
    the farewell has gone out."""
    unit.flush()
    end_all(unit.connection, visitor.person, "forgotten", unit.now, besides=held.id)
    visitor.open[:] = [held]
    for address in erasing.erase(unit.connection, unit.vault, visitor.person, unit.now):
        unit.add(
            schema.timers,
            kind="farewell",
            subject=str(address),
            due_at=unit.now + FAREWELL,
            stale_after=unit.now + timedelta(days=3650),
        )
    unit.add(schema.audit, at=unit.now, who="participant", what="forget", subject=str(visitor.person))
    visitor.forgotten = True
    visitor.stopped = True
    unit.keep_person(visitor)


def issue_link(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    code = f"{secrets.randbelow(10**6):06d}"
    table = schema.links
    unit.connection.execute(sa.delete(table).where(table.c.person == visitor.person))
    unit.add(
        table,
        person=visitor.person,
        address=visitor.address,
        code=unit.vault.fingerprint("link", code),
        expires_at=unit.now + timedelta(minutes=LINK_MINUTES),
    )
    unit.flush()
    return Outcome(effect, done=True, detail=code)


def want_results(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome | None:
    """By each poll in which they took part, or under no name; told from where they said so."""
    unit.flush()
    took = sa.select(respondents.c.survey).where(respondents.c.person == visitor.person).distinct()
    names = list(unit.connection.scalars(took)) or [""]
    about = {"person": visitor.person, "address": visitor.address, "at": unit.now}
    place = insert_ignoring(unit.connection.dialect.name, quote_tables.wanted)
    unit.connection.execute(place, [{**about, "survey": name} for name in names])
    return None


def redeem_link(unit: Unit, visitor: Visitor, held: Held, channel: Channel, effect: Effect) -> Outcome:
    """Five tries an hour; a code that is used, too old or somebody's own is no code."""
    unit.flush()
    effect = cast("RedeemLink", effect)
    tries, links = schema.link_tries, schema.links
    recent = sa.select(sa.func.count()).where(
        tries.c.person == visitor.person, tries.c.at > unit.now - timedelta(hours=1)
    )
    if unit.connection.execute(recent).scalar_one() >= LINK_TRIES:
        return Outcome(effect, done=False, detail="tries")
    unit.add(tries, person=visitor.person, at=unit.now)
    codes = unit.vault.fingerprints("link", effect.code)
    row = unit.connection.execute(
        sa.select(links.c.id, links.c.person, links.c.expires_at).where(
            links.c.code.in_(codes), links.c.used_at.is_(None)
        )
    ).first()
    if row is None or row.person == visitor.person:
        return Outcome(effect, done=False, detail="wrong")
    if row.expires_at <= unit.now:
        return Outcome(effect, done=False, detail="expired")
    unit.flush()
    use = sa.update(links).where(links.c.id == row.id, links.c.used_at.is_(None)).values(used_at=unit.now)
    if unit.connection.execute(use).rowcount == 0:
        return Outcome(effect, done=False, detail="wrong")  # somebody was faster
    _join(unit, visitor, row.person)
    return Outcome(effect, done=True)


def _join(unit: Unit, visitor: Visitor, other: int) -> None:
    """Make the person at this address one with `other`: everything of theirs moves; STOP on either holds for both.

    What `other` was in the middle of goes on; what this one was in the middle of is parked, or given up if it is the
    same survey, or one that `other` has answered where each person answers once. Of two finished conversations in one
    survey the earlier counts, when results are made.
    """
    own = visitor.person
    lock = sa.select(schema.people.c.stopped, schema.people.c.language).where(schema.people.c.id == other)
    stopped, language = unit.connection.execute(lock.with_for_update()).one()
    there, here = (unit.connection.execute(_BEGUN, {"of": person}).all() for person in (other, own))
    going = [row for row in there if row.status not in ENDS]
    for earlier, later in _completed_twice(there, here):
        quotas.give_back(unit.connection, max(earlier, later, key=lambda row: (row.started_at, row.id)).id)
    conversations = sa.select(_conversations.id).where(_conversations.person == own)
    of_own = schema.answers.c.conversation.in_(conversations)
    unit.connection.execute(sa.update(schema.answers).where(of_own).values(person=other))
    for table in (
        schema.addresses,
        schema.conversations,
        schema.ussd_sessions,
        schema.consents,
        schema.outbox,
        schema.links,
        schema.link_tries,
        schema.statements,
    ):
        unit.connection.execute(sa.update(table).where(table.c.person == own).values(person=other))
    table = schema.interviewers
    theirs_already = sa.select(table.c.person).where(table.c.person == other)
    unit.connection.execute(sa.delete(table).where(table.c.person == own, theirs_already.exists()))
    unit.connection.execute(sa.update(table).where(table.c.person == own).values(person=other))
    for table, key in ((schema.profiles, "fact"), (schema.memberships, "name"), (schema.recipients, "broadcast")):
        theirs_too = sa.select(table.c[key]).where(table.c.person == other)
        double = sa.delete(table).where(table.c.person == own, table.c[key].in_(theirs_too))
        unit.connection.execute(double)
        unit.connection.execute(sa.update(table).where(table.c.person == own).values(person=other))
    dispositions.join(unit.connection, own, other, unit.now)
    leaving.joined(unit.connection, own, other, unit.now)
    for tables in (
        incentive_tables,
        moderation_tables,
        coordination_tables,
        group_tables,
        campaign_tables,
        quote_tables,
    ):
        tables.join(unit.connection, own, other)
    unit.connection.execute(sa.delete(schema.people).where(schema.people.c.id == own))
    visitor.person = other
    visitor.stopped = visitor.stopped or stopped
    visitor.language = language or visitor.language
    unit.keep_person(visitor)
    families = {family(row.flow) for row in going}
    ended = {(family(row.flow), row.wave) for row in there if row.status in ENDS}
    busy = any(row.status == ACTIVE for row in going)
    for one in [one for one in visitor.open if not one.flow.brief]:
        survey = survey_of(one.flow)
        answered = survey is not None and survey.one_answer and (family(one.flow.id), one.wave) in ended
        if answered or family(one.flow.id) in families:
            unit.end(visitor, one, "superseded", "linked")
        elif busy:
            one.status = PARKED
            visitor.open.remove(one)
            unit.keep(visitor, one)


def _completed_twice(there: Sequence[Any], here: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Conversations that both completed in one wave of one survey: of these one counts, and one keeps its places."""
    done = {(family(row.flow), row.wave): row for row in there if row.status == COMPLETED}
    for row in here:
        if row.status == COMPLETED and (other := done.get((family(row.flow), row.wave))) is not None:
            yield other, row


def held_about(unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> mine.Held:
    unit.flush()  # what was answered a moment ago counts too
    answers, consents, facts, groups = schema.answers, schema.consents.c, schema.profiles.c, schema.memberships.c

    def scalars(what: sa.ColumnElement[Any], person: sa.Column[Any]) -> list[Any]:
        return list(unit.connection.scalars(sa.select(what).where(person == visitor.person).order_by(what)))

    answered = sa.select(answers.c.survey).join_from(answers, schema.conversations)
    several = list(unit.connection.scalars(answered.where(_conversations.person == visitor.person)))
    return mine.Held(
        len(several),
        len({*several, *scalars(consents.survey, consents.person)}),
        tuple(scalars(groups.name, groups.person)),
        len(scalars(facts.fact, facts.person)),
        visitor.known,
    )


def carried(unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> frozenset[str]:
    """What the person can send on this channel beside text."""
    return registry.capabilities(channel.adapter).carries if channel.medium is Medium.CHAT else frozenset()


HANDLERS: Mapping[type[Effect], Handler] = {
    Record: record,
    Consent: consent,
    SetLanguage: set_language,
    Stop: stop,
    Welcome: welcome,
    Forget: forget,
    IssueLink: issue_link,
    RedeemLink: redeem_link,
    WantResults: want_results,
    Reserve: reserve,
}

READERS: Mapping[str, Reader] = {
    "held": held_about,
    "carries": carried,
    "joined": lambda *_of: (),
    "actors": lambda *_of: NOBODY,
}
"""What somebody joined is known by the parts of the gateway, in whose place `joined` is put together."""

_conversations = schema.conversations.c
_BEGUN = sa.select(
    _conversations.id, _conversations.flow, _conversations.status, _conversations.wave, _conversations.started_at
).where(_conversations.person == sa.bindparam("of"), _conversations.status.in_((ACTIVE, PARKED, *ENDS)))
