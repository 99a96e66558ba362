"""Whom a broadcast goes to, as SQL: one row a person, with the way to reach them, their draw, and why not, if so.

    who(connection, broadcast, roads, now) -> SELECT person, channel, address, draw, cell, language, first, why

Nothing here looks at all people at once: whoever uses it binds a range of ids, and walks through them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.broadcasts.model import AGAIN, Audience, Broadcast
from gateway.store.broadcast_tables import PLACE, broadcasts, fact_named, memberships, profiles, recipients
from gateway.store.poll_tables import respondents
from gateway.store.schema import addresses, answers, conversations, outbox, people

PRIME = 2**31 - 1
"""Draws are numbers below it (a Mersenne prime): (a id + b) mod PRIME. Carter and Wegman, 1979: of two people each
order is as likely as the other over seeds, and people's ids are random by themselves."""

STOPPED, ASKED, UNREACHABLE = "stopped", "asked", "unreachable"
"""Why somebody whom the audience describes is not written to."""

AFTER, UNTIL = sa.bindparam("after", type_=sa.BigInteger), sa.bindparam("until", type_=sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Roads:
    """Over which channels people are written to: where they were last heard, or what stands for that.

    `by` is the channel to write to, by the one where somebody was last heard.
    """

    by: Mapping[str, str]


def roads(channels: Mapping[str, Channel], ussd_by: str) -> Roads:
    pushing = {name: name for name, one in channels.items() if one.medium in (Medium.SMS, Medium.CHAT)}
    dialled = {name: ussd_by for name, one in channels.items() if one.medium is Medium.USSD and ussd_by in channels}
    return Roads({**pushing, **dialled})


def factors(seed: str) -> tuple[int, int]:
    """a and b of the draws of this seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    return 1 + int.from_bytes(digest[:8]) % (PRIME - 1), int.from_bytes(digest[8:16]) % PRIME


def in_groups(audience: Audience, person: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether somebody belongs to one of the groups that it is for; true where it names none."""
    if not audience.groups:
        return sa.true()
    return sa.exists().where(memberships.c.person == person, memberships.c.name.in_(audience.groups))


def draw(seed: str, person: int) -> int:
    """The number that is drawn for a person: those with the smallest come first."""
    a, b = factors(seed)
    return (person % PRIME * a + b) % PRIME


def _drawn(seed: str) -> sa.ColumnElement[int]:
    a, b = factors(seed)
    return (people.c.id % PRIME * a + b) % PRIME


def fact(name: str) -> sa.ScalarSelect[Any]:
    return (
        sa.select(profiles.c.value).where(profiles.c.person == people.c.id, profiles.c.fact == name).scalar_subquery()
    )


def who(broadcast: Broadcast, roads: Roads, now: datetime) -> sa.Subquery:
    """Those whom the audience describes. `why` is "" for who is to be written to. Binds `after` and `until`: the ids
    looked at are above the one and not above the other."""
    way = _ways(roads)
    why = sa.case(
        (people.c.stopped, STOPPED), (way.c.id.is_(None), UNREACHABLE), (asked(broadcast, people.c.id), ASKED), else_=""
    )
    cells = [_cell(name, way) for name in broadcast.sample.by] if broadcast.sample else []
    return (
        sa.select(
            people.c.id.label("person"),
            way.c.id.label("address"),
            sa.case(roads.by, value=way.c.channel, else_="").label("channel"),
            _drawn(broadcast.seed).label("draw"),
            _joined(cells).label("cell"),
            said_in(broadcast.languages, people.c.language).label("said_in"),
            has_never_written(people.c.id).label("first"),
            why.label("why"),
        )
        .outerjoin_from(people, way, sa.and_(way.c.person == people.c.id, way.c.place == 1))
        .where(
            people.c.id > AFTER,
            people.c.id <= UNTIL,
            *_described(broadcast.audience, now),
            *(_invited(broadcast) if broadcast.poll else ()),
        )
        .subquery("who")
    )


def _ways(roads: Roads) -> sa.Subquery:
    """Where people can be written to, the best first: where it can be pushed to, then the address that came first.

    Walks the addresses by the same range of people, so that no plan looks at all of them for each range.
    """
    pushed = [name for name, to in roads.by.items() if name == to]
    better = sa.case((addresses.c.channel.in_(pushed), 0), else_=1), addresses.c.id
    return (
        sa.select(
            addresses.c.person,
            addresses.c.id,
            addresses.c.channel,
            sa.func.row_number().over(partition_by=addresses.c.person, order_by=better).label("place"),
        )
        .where(
            addresses.c.person > AFTER,
            addresses.c.person <= UNTIL,
            addresses.c.channel.in_(list(roads.by)),
            sa.func.length(addresses.c.sealed_address) > 0,  # else they asked to be forgotten
        )
        .subquery("way")
    )


def _described(audience: Audience, now: datetime) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if audience.languages:
        found.append(people.c.language.in_(audience.languages))
    if audience.places:
        found.append(fact(PLACE).in_(audience.places))
    if audience.channels:
        heard = addresses.c.person == people.c.id, addresses.c.channel.in_(audience.channels)
        found.append(sa.exists().where(*heard))
    if audience.groups:
        found.append(in_groups(audience, people.c.id))
    found.extend(_answered(one.surveys, one.question, one.values) for one in audience.answered)
    for part in audience.took_part:
        became = (
            respondents.c.person == people.c.id,
            respondents.c.survey == part.poll,
            respondents.c.wave == part.wave,
            respondents.c.disposition.in_(part.became),
        )
        found.append(sa.exists().where(*became))
    if audience.not_seen_for is not None:
        found.append(people.c.seen_at <= now - audience.not_seen_for)
    if audience.seen_within is not None:
        found.append(people.c.seen_at >= now - audience.seen_within)
    if audience.without:
        got = (
            recipients.c.person == people.c.id,
            recipients.c.broadcast == broadcasts.c.id,
            broadcasts.c.name.in_(audience.without),
        )
        found.append(~sa.exists().where(*got))
    return found


def _answered(surveys: Sequence[str], question: str, values: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether the last answer to a question is one of these, or, of several options chosen, holds one of them.

    An answer lies as JSON: an option's id as "id", several as ["id","id"]; ids have small letters, digits and _. By the
    conversation's flow: asked for the answer's survey, SQLite would look through all that was answered to the question.
    """
    last = (
        sa.select(sa.cast(answers.c.value, sa.Text))
        .join_from(answers, conversations)
        .where(
            conversations.c.person == people.c.id,
            conversations.c.flow.in_([f"survey:{name}" for name in surveys]),
            answers.c.question == question,
        )
        .order_by(answers.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    is_one = last.in_([written for value in values for written in _written(value)])
    holds = [sa.and_(last.like("[%"), last.contains(json.dumps(value), autoescape=True)) for value in values]
    return sa.or_(is_one, *holds)


def _written(value: str) -> set[str]:
    """A value as JSON has it: a text, or a number or truth value that was written as one."""
    bare = {"yes": "true", "no": "false"}.get(value, value)
    return {json.dumps(value, ensure_ascii=False), *([bare] if bare != value or value.isdigit() else [])}


def _invited(broadcast: Broadcast) -> list[sa.ColumnElement[bool]]:
    """Whom the poll lets in: what gateway/ingest/doors.py says, for many; of results, those who answered."""
    completed = (
        respondents.c.person == people.c.id,
        respondents.c.survey == broadcast.poll,
        respondents.c.disposition == "completed",
    )
    if broadcast.kind == "results":
        answered = completed[0], completed[1], respondents.c.disposition.in_(("completed", "partial"))
        return [sa.exists().where(*answered)]
    if broadcast.wave == 1 or broadcast.invite == "everybody":
        return []
    if broadcast.invite == "panel":
        return [sa.exists().where(*completed, respondents.c.wave == broadcast.wave - 1)]
    return [~sa.exists().where(*completed, respondents.c.wave < broadcast.wave)]


def asked(broadcast: Broadcast, person: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether somebody was asked in this wave already, and is not to be asked again, or has begun.

    Who is merely registered was not asked yet, unless an invitation waits for them.
    """
    if broadcast.kind != "poll":
        return sa.false()
    known = (
        respondents.c.person == person,
        respondents.c.survey + "" == broadcast.poll,  # by the person's index: the poll's other one holds all of them
        respondents.c.wave == broadcast.wave,
    )
    may = ("registered", *AGAIN) if broadcast.again else ("registered",)
    waits = (
        outbox.c.person == person,
        outbox.c.status < sa.literal_column("2"),
        outbox.c.kind == "broadcast",
        outbox.c.poll == broadcast.poll,
    )
    is_known = sa.exists().where(*known, respondents.c.disposition.not_in(may)).correlate_except(respondents)
    return sa.or_(is_known, sa.exists().where(*waits).correlate_except(outbox))


def has_never_written(person: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(conversations.c.person == person).correlate_except(conversations)


def said_in(languages: Sequence[str], language: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Somebody's language, where it is one of these, else the first of them."""
    return sa.case((language.in_(languages), language), else_=languages[0])


def _cell(name: str, way: sa.Subquery) -> sa.ColumnElement[str]:
    if name == "language":
        return sa.cast(people.c.language, sa.Text)
    if name == "channel":
        return sa.func.coalesce(way.c.channel, "")
    return sa.func.coalesce(fact(fact_named(name)), "")


def _joined(parts: Sequence[sa.ColumnElement[str]]) -> sa.ColumnElement[str]:
    """The name of a cell: what is known of somebody, "-" for what is not."""
    if not parts:
        return sa.literal("")
    known: list[sa.ColumnElement[str]] = [sa.func.coalesce(sa.func.nullif(part, ""), "-") for part in parts]
    cell, *others = known
    for part in others:
        cell = cell.op("||")(sa.literal(" / ")).op("||")(part)
    return cell
