"""Registered groups, what they stand behind together, and coalitions of them.

A coalition begins with one group that asks others. It is public once two groups at least have confirmed its statement
and a moderator has let it out; until then nobody but its groups' speakers knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.coordination import concerns as concern
from gateway.coordination.spaces import Spaces
from gateway.moderation.desk import Decision, Kind, New, submit
from gateway.store import audit, codes, ids
from gateway.store.coordination_tables import concerns, supports
from gateway.store.database import insert_once
from gateway.store.group_tables import (
    coalition_groups,
    coalitions,
    group_concerns,
    group_members,
    group_people,
    groups,
)
from gateway.store.keys import Vault
from gateway.store.schema import users
from surveys.flows.coordination.effects import BAND
from surveys.flows.coordination.members import SPEAKER

FORMING, WAITING, PUBLIC, REFUSED = "forming", "waiting", "public", "refused"
ENOUGH = 2
"""Groups that have confirmed before a coalition goes before the moderators."""

NAME, STATEMENT = "coalition", "statement"
KIND, DESK = "group", "coalition"


@dataclass(frozen=True, slots=True)
class Group:
    """A registered group, with the codes of the public concerns that it stands behind."""

    id: int
    name: str
    kind: str
    texts: Mapping[str, str]
    place: str
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coalition:
    """As its groups see it. `waits` are the groups that did not confirm yet."""

    id: int
    name: str
    statement: str
    status: str
    confirmed: tuple[str, ...]
    waits: tuple[str, ...]
    space: str


@dataclass(frozen=True, slots=True)
class ShownCoalition:
    """As everybody sees it: who confirmed, and nobody who was asked and did not."""

    name: str
    texts: Mapping[str, str]
    groups: tuple[str, ...]
    concern: str


# Groups -------------------------------------------------------------------------------------------------------------


def register(connection: sa.Connection, group: Group, by: str, now: datetime) -> bool:
    """Put up a group, under its `id` if that is not 0; `concerns` are not looked at. False where there is one of that
    name."""
    values = {"name": group.name, "kind": group.kind, "texts": dict(group.texts), "place": group.place, "made_at": now}
    row = group.id or ids.rising()
    if not insert_once(connection, groups, id=row, **values):
        return False
    code = codes.draw(connection, KIND, row)
    connection.execute(sa.update(groups).where(groups.c.id == row).values(code=code))
    audit.note(connection, by, "register group", group.name, now)
    return True


def appoint(connection: sa.Connection, group: int, user: str, role: str, by: str, now: datetime) -> bool:
    """Make a user act for a group. False where there is no such user."""
    found = connection.scalar(sa.select(users.c.id).where(users.c.name == user, users.c.disabled_at.is_(None)))
    if found is None:
        return False
    own = group_members.c.group == group, group_members.c.user == found
    connection.execute(sa.delete(group_members).where(*own))
    connection.execute(sa.insert(group_members).values(group=group, user=found, role=role))
    audit.note(connection, by, f"group {role}", f"{group}: {user}", now)
    return True


def every(connection: sa.Connection) -> list[Group]:
    """All registered groups, by name."""
    behind: dict[int, list[str]] = {}
    chosen = sa.select(group_concerns.c.group, concerns.c.code).join_from(group_concerns, concerns)
    for row in connection.execute(chosen.where(concerns.c.status == concern.PUBLIC).order_by(concerns.c.code)):
        behind.setdefault(row.group, []).append(row.code)
    rows = connection.execute(sa.select(groups).order_by(groups.c.name)).all()
    return [Group(row.id, row.name, row.kind, row.texts, row.place, tuple(behind.get(row.id, ()))) for row in rows]


def speaks_for(connection: sa.Connection, user: int) -> list[int]:
    """The groups that a user is a speaker of."""
    own = group_members.c.user == user, group_members.c.role == SPEAKER
    return list(connection.scalars(sa.select(group_members.c.group).where(*own).order_by(group_members.c.group)))


def stand_behind(connection: sa.Connection, group: int, code: str, now: datetime) -> bool:
    """False where there is no such public concern."""
    row = concern.standing(connection, code, stays=True)
    if row is None:
        return False
    insert_once(connection, group_concerns, group=group, concern=row.id, at=now)
    return True


def step_back(connection: sa.Connection, group: int, code: str) -> None:
    row = concern.standing(connection, code)
    own = group_concerns.c.group == group, group_concerns.c.concern == (row.id if row else None)
    connection.execute(sa.delete(group_concerns).where(*own))


def suggested(known: list[Group], group: int) -> list[tuple[Group, float]]:
    """Other groups whose concerns overlap with this one's, most first: by the share that the two have in common of what
    either stands behind (Jaccard, 1912)."""
    mine = next((set(one.concerns) for one in known if one.id == group), set())
    shares = [
        (one, len(mine & set(one.concerns)) / len(mine | set(one.concerns)))
        for one in known
        if one.id != group and mine & set(one.concerns)
    ]
    return sorted(shares, key=lambda pair: (-pair[1], pair[0].name))[:10]


def kinds_behind(connection: sa.Connection, code: str) -> list[tuple[str, int]]:
    """How many registered groups of each kind stand behind a concern: they are public."""
    row = concern.standing(connection, code)
    chosen = sa.select(groups.c.kind, sa.func.count()).join_from(group_concerns, groups)
    counted = chosen.where(group_concerns.c.concern == (row.id if row else None)).group_by(groups.c.kind)
    return [(kind, count) for kind, count in connection.execute(counted.order_by(groups.c.kind))]


SUPPORTERS = (
    sa.select(supports.c.concern, groups.c.kind, sa.func.count(sa.distinct(supports.c.person)).label("many"))
    .join_from(supports, group_people, group_people.c.person == supports.c.person)
    .join(groups, groups.c.id == group_people.c.group)
    .group_by(supports.c.concern, groups.c.kind)
    .having(sa.func.count(sa.distinct(supports.c.person)) >= BAND)
    .order_by(groups.c.kind)
)
"""How many who support a concern are in a group of a kind, where they are enough to be told."""


# Coalitions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a group asks others to say together."""

    name: str
    statement: str
    language: str
    concern: str
    others: tuple[int, ...]


def propose(connection: sa.Connection, spaces: Spaces, group: int, user: int, what: Proposal, now: datetime) -> int:
    """A coalition of this group with those that it asks, and a closed space for their speakers. Returns its id."""
    row = ids.rising()
    vault = spaces.vault
    space = spaces.make(connection, what.name, {user: what.language})
    served = concern.standing(connection, what.concern, stays=True) if what.concern else None
    values = {
        "id": row,
        "sealed_name": vault.seal(what.name, NAME),
        "sealed_statement": vault.seal(what.statement, STATEMENT),
        "language": what.language,
        "concern": served.id if served else None,
        "space": space,
        "status": FORMING,
        "made_at": now,
    }
    connection.execute(sa.insert(coalitions).values(values))
    insert_once(connection, coalition_groups, coalition=row, group=group, confirmed_at=now)
    for other in what.others:
        if other != group:
            insert_once(connection, coalition_groups, coalition=row, group=other, confirmed_at=None)
    return row


@dataclass(frozen=True, slots=True)
class Voice:
    """A user who speaks for a group, and the language in which they do."""

    group: int
    user: int
    language: str


def confirm(connection: sa.Connection, spaces: Spaces, coalition: int, voice: Voice, now: datetime) -> bool:
    """A speaker says that their group is in it, and comes into its space. False where their group was not asked."""
    asked = coalition_groups.c.coalition == coalition, coalition_groups.c.group == voice.group
    done = sa.update(coalition_groups).where(*asked, coalition_groups.c.confirmed_at.is_(None)).values(confirmed_at=now)
    if connection.execute(done).rowcount != 1:
        return False
    row = connection.execute(sa.select(coalitions).where(coalitions.c.id == coalition).with_for_update()).one()
    spaces.let_in(connection, row.space, voice.user, voice.language)
    count = sa.select(sa.func.count()).where(
        coalition_groups.c.coalition == coalition, coalition_groups.c.confirmed_at.is_not(None)
    )
    if row.status == FORMING and (connection.scalar(count) or 0) >= ENOUGH:
        connection.execute(sa.update(coalitions).where(coalitions.c.id == coalition).values(status=WAITING))
        vault = spaces.vault
        name, statement = vault.open_text(row.sealed_name, NAME), vault.open_text(row.sealed_statement, STATEMENT)
        words = {NAME: name, STATEMENT: statement}
        submit(connection, vault, New(DESK, coalition, words, row.language), now)
    return True


def of_groups(connection: sa.Connection, vault: Vault, mine: list[int]) -> list[Coalition]:
    """The coalitions that these groups are in or were asked into."""
    asked = sa.select(coalition_groups.c.coalition).where(coalition_groups.c.group.in_(mine))
    rows = connection.execute(sa.select(coalitions).where(coalitions.c.id.in_(asked)).order_by(coalitions.c.id)).all()
    members = _members(connection, [row.id for row in rows])
    return [
        Coalition(
            row.id,
            vault.open_text(row.sealed_name, NAME),
            vault.open_text(row.sealed_statement, STATEMENT),
            row.status,
            tuple(name for name, confirmed in members[row.id] if confirmed),
            tuple(name for name, confirmed in members[row.id] if not confirmed),
            row.space,
        )
        for row in rows
    ]


def public_coalitions(connection: sa.Connection) -> list[ShownCoalition]:
    chosen = (
        sa.select(coalitions, concerns.c.code)
        .select_from(coalitions.outerjoin(concerns, concerns.c.id == coalitions.c.concern))
        .where(coalitions.c.status == PUBLIC)
        .order_by(coalitions.c.id)
    )
    rows = connection.execute(chosen).all()
    members = _members(connection, [row.id for row in rows])
    return [
        ShownCoalition(
            row.name, row.texts, tuple(name for name, confirmed in members[row.id] if confirmed), row.code or ""
        )
        for row in rows
    ]


def _members(connection: sa.Connection, these: list[int]) -> Mapping[int, list[tuple[str, Any]]]:
    found: dict[int, list[tuple[str, Any]]] = {row: [] for row in these}
    chosen = sa.select(coalition_groups, groups.c.name).join_from(coalition_groups, groups)
    for row in connection.execute(chosen.where(coalition_groups.c.coalition.in_(these)).order_by(groups.c.name)):
        found[row.coalition].append((row.name, row.confirmed_at))
    return found


# What moderators do -------------------------------------------------------------------------------------------------


def _let_out(decision: Decision) -> None:
    one = decision.submission
    values = {"status": PUBLIC, "name": decision.words[NAME][:120], "texts": {one.language: decision.words[STATEMENT]}}
    decision.connection.execute(sa.update(coalitions).where(coalitions.c.id == one.subject).values(values))


def _refuse(decision: Decision) -> None:
    refused = sa.update(coalitions).where(coalitions.c.id == decision.submission.subject).values(status=REFUSED)
    decision.connection.execute(refused)


DESK_KIND = Kind(DESK, _let_out, _refuse)
