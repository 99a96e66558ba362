"""What moderators do with participants' statements: read what waits, let it out, refuse it, take it back.

Nobody but a moderator sees a statement before one let it out. What others then read is the moderator's text by
language: names and places that give somebody away are taken out, not shown with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.statements.decks import REFUSED, SHOWN, WAITING, WITHDRAWN, own, votes
from gateway.store import audit
from gateway.store.database import reading
from gateway.store.keys import Vault
from gateway.store.statement_tables import statements
from surveys.model import Survey
from surveys.statements import Votes
from surveys.types.statements import MOST


class ModerationError(ValueError):
    """What was asked can't be done. Its text is why: "words" (none in the poll's languages), "long" (more than MOST
    letters), "decided" (already, or its person was forgotten), or "none" (no such statement is shown)."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A statement that waits: `text` as the person wrote it, in their language."""

    id: int
    question: str
    text: str
    language: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A statement that people are shown, or were: `name` is its id in votes, `row` 0 for an author's own."""

    name: str
    row: int
    question: str
    texts: Mapping[str, str]
    votes: Votes
    withdrawn: bool


def waiting_by_survey(engine: sa.Engine) -> dict[str, int]:
    """How many statements wait, by poll."""
    open_ones = statements.c.status == WAITING, statements.c.sealed_text.is_not(None)
    counted = (
        sa.select(statements.c.survey, sa.func.count().label("waiting")).where(*open_ones).group_by(statements.c.survey)
    )
    with reading(engine) as connection:
        return {row.survey: row.waiting for row in connection.execute(counted.order_by(statements.c.survey))}


class Moderation:
    """The moderators' side of the statements."""

    def __init__(self, engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.vault = vault
        self.clock = clock

    def waiting(self, survey: Survey) -> list[Proposed]:
        """What waits, the oldest first."""
        chosen = (
            sa.select(statements)
            .where(
                statements.c.survey == survey.name,
                statements.c.status == WAITING,
                statements.c.sealed_text.is_not(None),
            )
            .order_by(statements.c.id)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(chosen).all()
        return [
            Proposed(
                row.id, row.question, self.vault.open_text(row.sealed_text, "statement"), row.language, row.made_at
            )
            for row in rows
        ]

    def standing(self, survey: Survey) -> list[Standing]:
        """Everything that people are shown or were, with its votes, in the author's order and then by age."""
        chosen = (
            sa.select(statements)
            .where(statements.c.survey == survey.name, statements.c.status.in_((SHOWN, WITHDRAWN)))
            .order_by(statements.c.id)
        )
        written = {
            (one.id.rpartition(".")[0], option.id): option.label
            for one in survey.questions
            if one.type == "statement"
            for option in one.options
        }
        questions = dict.fromkeys(question for question, _ in written)
        with reading(self.engine) as connection:
            rows = connection.execute(chosen).all()
            counted = {question: votes(connection, survey.name, question) for question in questions}
        back = {(row.question, row.statement): row.id for row in rows if row.statement and row.status == WITHDRAWN}
        found = [
            Standing(name, 0, question, texts, counted[question].get(name, Votes()), (question, name) in back)
            for (question, name), texts in written.items()
        ]
        for row in rows:
            if row.statement is None and row.question in counted and row.texts:
                count = counted[row.question].get(own(row.id), Votes())
                found.append(Standing(own(row.id), row.id, row.question, row.texts, count, row.status == WITHDRAWN))
        return found

    def let_out(self, survey: Survey, row: int, texts: Mapping[str, str], by: str) -> None:
        """Show a statement to others, in these words. A language without words is not shown it."""
        written = {language: " ".join(text.split()) for language, text in texts.items() if text.strip()}
        if not written or not written.keys() <= set(survey.languages):
            raise ModerationError("words")
        if any(len(text) > MOST for text in written.values()):
            raise ModerationError("long")
        self._decide(survey, row, {WAITING}, SHOWN, by, texts=written)

    def refuse(self, survey: Survey, row: int, by: str) -> None:
        self._decide(survey, row, {WAITING}, REFUSED, by)

    def withdraw(self, survey: Survey, name: str, by: str) -> None:
        """Show it to nobody any more; its votes stay."""
        row = next((one for one in self.standing(survey) if one.name == name and not one.withdrawn), None)
        if row is None:
            raise ModerationError("none")
        if row.row:
            self._decide(survey, row.row, {SHOWN}, WITHDRAWN, by)
            return
        now = self.clock()
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(statements),
                {
                    "survey": survey.name,
                    "question": row.question,
                    "statement": name,
                    "language": "",
                    "status": WITHDRAWN,
                    "made_at": now,
                    "decided_at": now,
                    "decided_by": by,
                },
            )
            audit.note(connection, by, "statement withdrawn", f"{survey.name}/{name}", now)

    def _decide(self, survey: Survey, row: int, before: set[str], status: str, by: str, **changes: object) -> None:
        now = self.clock()
        decided = (
            sa.update(statements)
            .where(statements.c.id == row, statements.c.survey == survey.name, statements.c.status.in_(before))
            .values(status=status, decided_at=now, decided_by=by, **changes)
        )
        with self.engine.begin() as connection:
            if connection.execute(decided).rowcount != 1:
                raise ModerationError("decided")
            audit.note(connection, by, f"statement {status}", f"{survey.name}/{own(row)}", now)
