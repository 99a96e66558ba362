"""What was done with the answers of one wave after they came, for the processing log: counts, and nothing else."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store import schema
from gateway.store.coding_tables import codings
from gateway.store.poll_tables import dispositions
from surveys.disposition import NOBODY
from surveys.model import Survey

OPEN = ("open", "picture", "voice")


def changed(connection: sa.Connection, survey: Survey, wave: int) -> dict[str, int]:
    """`recoded` answers that people coded anew or settled, `merged` people who were linked, `redacted` answers whose
    words were removed."""
    again = (
        sa.select(codings.c.answer)
        .where(codings.c.survey == survey.name)
        .group_by(codings.c.answer)
        .having(sa.or_(sa.func.count() > sa.func.count(codings.c.coder.distinct()), sa.func.max(_settles()) > 0))
    )
    ledger = dispositions.c
    merged = sa.select(sa.func.count(ledger.person.distinct())).where(
        ledger.survey == survey.name, ledger.wave == wave, ledger.why == "linked", ledger.after == NOBODY
    )
    table, asked = schema.answers.c, [question.id for question in survey.questions if question.type in OPEN]
    gone = sa.select(sa.func.count()).where(
        table.survey == survey.id.removeprefix("survey:"),
        table.question.in_(asked),
        table.sealed_text.is_(None),
        table.state == "answered",
    )
    return {
        "recoded": connection.scalar(sa.select(sa.func.count()).select_from(again.subquery())) or 0,
        "merged": connection.scalar(merged) or 0,
        "redacted": connection.scalar(gone) or 0 if asked else 0,
    }


def _settles() -> sa.ColumnElement[int]:
    return sa.case((codings.c.settles, 1), else_=0)
