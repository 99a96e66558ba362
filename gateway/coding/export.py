"""Every open answer of a poll with its codes, and where they come from, for one's own further work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from analysis.cells import harmless
from analysis.coding import By, Coder
from analysis.tongue import Tongues
from gateway.coding import hand as hands
from gateway.coding.answers import to_code, words
from gateway.coding.coded import by_hand
from gateway.coding.desk import coded_questions
from gateway.store.keys import Vault
from surveys.codebook import Codebook
from surveys.model import Survey

SEPARATOR = ";"


def rows(
    connection: sa.Connection, vault: Vault, survey: Survey, codebooks: Mapping[str, Codebook], *, text: bool = False
) -> Iterator[dict[str, str | int]]:
    """A row an answer: its number, the question, its language, its codes, by what ("people", "model" ...), who coded it
    and by which version of the codebook; `text` adds what was written, harmless to a spreadsheet."""
    hand = by_hand(connection, vault, survey, codebooks)
    tongues = Tongues(survey.languages)
    for name, (_, codebook) in coded_questions(survey, codebooks.values()).items():
        answers = to_code(connection, survey, name, hand.moved)
        given = hands.read(connection, survey.name, name)
        said = words(connection, vault, sorted(answers))
        coded = Coder(codebook, hand.texts.get(codebook.name))(list(said.values()))
        for (answer, wrote), one in zip(said.items(), coded, strict=True):
            final = given.final(answer)
            yield {
                "answer": answer,
                "question": name,
                "asked": answers[answer].asked,
                "language": tongues(wrote, answers[answer].language),
                "codes": SEPARATOR.join(final.codes if final else one.codes),
                "by": str(By.PEOPLE) if final else str(one.by),
                "chance": "" if final else f"{one.chance:.4f}",
                "coders": SEPARATOR.join(sorted(given.coders(answer))),
                "version": final.version if final else codebook.version,
                **({"text": harmless(wrote)} if text else {}),
            }
