"""The open answers that there are to code: which, to what, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.store import schema
from gateway.store.database import among
from gateway.store.keys import Vault
from surveys.model import Survey


@dataclass(frozen=True, slots=True)
class Open:
    """An answer in somebody's own words: its number, the language they spoke in, and the question that was asked."""

    id: int
    language: str
    asked: str


def to_code(
    connection: sa.Connection, survey: Survey, question: str, moves: Mapping[int, str], only: int | None = None
) -> dict[int, Open]:
    """The open answers that count under a question, of people who agreed: the last of each conversation, without those
    that were moved away, and with those that were moved here. Words that were removed at a person's wish are none.

    With `only` no other conversation is looked at than the one that this answer is from."""
    table = schema.answers
    key = survey.id.removeprefix("survey:")
    asked = (question, *sorted(set(_from(connection, key, moves, question))))
    columns = (table.c.id, table.c.conversation, table.c.question, table.c.language, table.c.sealed_text.is_not(None))
    whose = table.c.person.in_(agreed(survey, key))
    chosen = sa.select(*columns).where(table.c.survey == key, table.c.question.in_(asked), whose).order_by(table.c.id)
    if only is not None:
        chosen = chosen.where(
            table.c.conversation == sa.select(table.c.conversation).where(table.c.id == only).scalar_subquery()
        )
    last = {(row[1], row[2]): row for row in connection.execute(chosen)}
    return {
        number: Open(number, language, under)
        for number, conversation, under, language, there in last.values()
        if there
        and moves.get(number, under) == question
        and (under == question or not _stands(last.get((conversation, question)), moves))
    }


def _stands(own: sa.Row[Any] | None, moves: Mapping[int, str]) -> bool:
    """Whether the person answered that question too, or left it out: then what was moved there is not counted."""
    return own is not None and own[0] not in moves


def agreed(survey: Survey, key: str) -> sa.Select[int]:
    """The people whose last word on being asked was yes: a consent to something else, such as a call, is none."""
    table = schema.consents
    others = [f"{question.id}/{question.version}" for question in survey.questions if question.version]
    ours = sa.and_(table.c.survey == key, table.c.version.not_in(others))
    last = sa.select(sa.func.max(table.c.id)).where(ours).group_by(table.c.person)
    return sa.select(table.c.person).where(table.c.id.in_(last), table.c.given)


def _from(connection: sa.Connection, key: str, moves: Mapping[int, str], question: str) -> Sequence[str]:
    """The questions from which something was moved to this one."""
    here = [answer for answer, to in moves.items() if to == question]
    if not here:
        return ()
    table = schema.answers
    chosen = sa.select(table.c.question).where(table.c.survey == key, among(connection.dialect.name, table.c.id, "ids"))
    return list(connection.scalars(chosen, {"ids": here}))


def words(connection: sa.Connection, vault: Vault, answers: Sequence[int]) -> dict[int, str]:
    """What these people wrote, in their order; without those whose words are gone."""
    table = schema.answers
    found: dict[int, str] = {}
    for first in range(0, len(answers), 1000):
        ids = list(answers[first : first + 1000])
        chosen = sa.select(table.c.id, table.c.sealed_text).where(among(connection.dialect.name, table.c.id, "ids"))
        sealed = {row.id: row.sealed_text for row in connection.execute(chosen, {"ids": ids})}
        found |= {one: vault.open_text(sealed[one], "answer") for one in ids if sealed.get(one) is not None}
    return found
