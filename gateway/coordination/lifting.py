"""What people answered polls in their own words, for moderators to lift concerns from."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from gateway.store.keys import SealError, Vault
from gateway.store.schema import answers

MOST = 100


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    question: str
    text: str
    language: str


def answers_to_lift(connection: sa.Connection, vault: Vault, survey: str) -> list[OpenAnswer]:
    """The newest open answers of a poll, in all its versions."""
    chosen = (
        sa.select(answers.c.question, answers.c.sealed_text, answers.c.language)
        .where(answers.c.survey.startswith(f"{survey}@", autoescape=True), answers.c.sealed_text.is_not(None))
        .order_by(answers.c.id.desc())
        .limit(MOST)
    )
    found = []
    for row in connection.execute(chosen):
        try:
            found.append(OpenAnswer(row.question, vault.open_text(row.sealed_text, "answer"), row.language))
        except SealError:  # of a key that is gone
            continue
    return found
