"""Open answers in a gateway's store, as intake leaves them there."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.assembly import Assembly
from gateway.store import schema
from surveys.model import Survey


def answered(assembly: Assembly, survey: Survey, question: str, said: Sequence[tuple[str, str]]) -> list[int]:
    """One conversation for each text, with its language; the answers' numbers."""
    now, key = assembly.clock(), survey.id.removeprefix("survey:")
    numbers = []
    with assembly.engine.begin() as connection:
        for person, (text, language) in enumerate(said, start=1):
            connection.execute(sa.insert(schema.people).values(id=person, created_at=now, seen_at=now))
            told = {"person": person, "channel": "web"}
            connection.execute(sa.insert(schema.consents).values(survey=key, version="1", given=True, at=now, **told))
            connection.execute(
                sa.insert(schema.conversations).values(
                    id=person,
                    flow=survey.id,
                    status="completed",
                    language=language,
                    sealed_state=b"-",
                    started_at=now,
                    updated_at=now,
                    **told,
                )
            )
            row = {"conversation": person, "survey": key, "question": question, "language": language, "at": now, **told}
            sealed = assembly.vault.seal(text, "answer")
            made = sa.insert(schema.answers).values(sealed_text=sealed, **row).returning(schema.answers.c.id)
            numbers.append(connection.execute(made).scalar_one())
    return numbers
