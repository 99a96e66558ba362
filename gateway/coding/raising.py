"""Answers on which somebody must act: as a coder says, or a keyword that the codebook gives to `escalate` or
`question_back`, looked for in what came since the last look. Each is raised once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from analysis.keywords import Keywords
from gateway.coding.answers import words
from gateway.store import schema
from gateway.store.database import insert_ignoring, reading
from gateway.store.keys import Vault
from gateway.store.quote_tables import looked_through, raised
from surveys.codebook import Codebook
from surveys.model import Survey

ESCALATE = "escalate"
RAISED = (ESCALATE, "question_back")
"""Meta codes on which somebody acts."""
LATE = timedelta(minutes=1)
"""How old an answer is when it is looked at: none that was numbered earlier is still being stored then."""
PART = 1_000
"""Answers that are looked through at a time."""


def keep(
    connection: sa.Connection, survey: str, question: str, answer: int, codes: Iterable[str], now: datetime
) -> None:
    """Raise an answer by those of its codes that ask for it."""
    about = {"answer": answer, "survey": survey, "question": question, "at": now}
    rows = [{**about, "code": code} for code in codes if code in RAISED]
    if rows:
        connection.execute(insert_ignoring(connection.dialect.name, raised), rows)


def read(connection: sa.Connection, survey: str, question: str, code: str) -> set[int]:
    which = raised.c.survey == survey, raised.c.question == question, raised.c.code == code
    return set(connection.scalars(sa.select(raised.c.answer).where(*which)))


def look_through(
    engine: sa.Engine, vault: Vault, survey: Survey, codebooks: Mapping[str, Codebook], now: datetime
) -> None:
    """Look for the keywords in answers that came since the last look; nothing where no codebook has any."""
    rules = {
        question.id: keywords
        for question in survey.questions
        if question.type == "open" and (codebook := codebooks.get(question.codebook))
        for keywords in [Keywords([code for code in codebook.special if code.id in RAISED])]
        if keywords.pattern
    }
    while rules and _part(engine, vault, survey, rules, now):
        pass


def _part(engine: sa.Engine, vault: Vault, survey: Survey, rules: Mapping[str, Keywords], now: datetime) -> bool:
    """Whether there was anything to look at."""
    table, known = schema.answers.c, looked_through.c
    with reading(engine) as connection:
        upto = connection.scalar(sa.select(known.upto).where(known.survey == survey.name)) or 0
        chosen = sa.select(table.id, table.question).where(
            table.survey == survey.id.removeprefix("survey:"),
            table.question.in_(list(rules)),
            table.sealed_text.is_not(None),
            table.id > upto,
            table.at <= now - LATE,
        )
        asked = {row.id: row.question for row in connection.execute(chosen.order_by(table.id).limit(PART))}
        said = words(connection, vault, list(asked))
    if not asked:
        return False
    with engine.begin() as connection:
        for answer, text in said.items():
            keep(connection, survey.name, asked[answer], answer, rules[asked[answer]](text), now)
        connection.execute(sa.delete(looked_through).where(known.survey == survey.name, known.upto <= max(asked)))
        connection.execute(
            insert_ignoring(connection.dialect.name, looked_through), {"survey": survey.name, "upto": max(asked)}
        )
    return True
