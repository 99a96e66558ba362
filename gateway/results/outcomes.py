"""What came of what people said: taken up, in discussion, agreed, not taken up, each with its day and a sentence.

A mediator or an operator tells it; participants read the newest with RESULTS. Nothing is changed once it is told: it
is withdrawn, and told anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from analysis.render.language import language as speak
from gateway.store import audit
from gateway.store.results_tables import outcomes
from surveys.model import Survey

STATUSES = ("taken_up", "discussed", "agreed", "refused")
MOST = 120
"""Letters of a sentence: it goes out in an SMS, behind the results."""


class OutcomeError(ValueError):
    """It can't be told so. Its text is why: "status", "words" (none in the poll's languages), "long", or "future"."""


@dataclass(frozen=True, slots=True)
class Outcome:
    id: int
    status: str
    day: date
    texts: Mapping[str, str]
    by: str

    def said(self, language: str) -> str:
        """In a line: the day, the status, and the sentence in this language or in any."""
        words = speak(language)
        when = words.date(datetime(self.day.year, self.day.month, self.day.day))  # noqa: DTZ001 - a day, wherever
        return words.say(f"outcome_{self.status}", date=when, text=words.text(self.texts))


def told(connection: sa.Connection, survey: str) -> tuple[Outcome, ...]:
    """What came of this poll, the newest first."""
    table = outcomes.c
    chosen = sa.select(table.id, table.status, table.day, table.texts, table.by).where(
        table.survey == survey, table.withdrawn_at.is_(None)
    )
    return tuple(Outcome(*row) for row in connection.execute(chosen.order_by(table.day.desc(), table.id.desc())))


def tell(
    connection: sa.Connection, survey: Survey, status: str, day: date, texts: Mapping[str, str], by: str, now: datetime
) -> None:
    """Raises OutcomeError."""
    written = {language: text.strip() for language, text in texts.items() if text.strip()}
    if status not in STATUSES:
        raise OutcomeError("status")
    if not set(written) & set(survey.languages):
        raise OutcomeError("words")
    if any(len(text) > MOST for text in written.values()):
        raise OutcomeError("long")
    if day > now.date():
        raise OutcomeError("future")
    values = {"survey": survey.name, "status": status, "day": day, "texts": written, "by": by, "at": now}
    connection.execute(sa.insert(outcomes).values(values))
    audit.note(connection, by, f"outcome {status}", survey.name, now)


def withdraw(connection: sa.Connection, survey: str, row: int, by: str, now: datetime) -> bool:
    """Take one back; False where there is none such."""
    which = outcomes.c.id == row, outcomes.c.survey == survey, outcomes.c.withdrawn_at.is_(None)
    done = connection.execute(sa.update(outcomes).where(*which).values(withdrawn_at=now)).rowcount == 1
    if done:
        audit.note(connection, by, "outcome withdrawn", survey, now)
    return done
