"""Quotes: an answer's own words in a digest, redacted, and only once a person has approved them.

A release holds no quote. Whoever shows a release asks here for what is approved now, so that a quote that is withdrawn,
or whose person was forgotten or took their consent back, is gone from everything that is shown afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from analysis.findings import Digest, Quote
from analysis.redaction import SHOWN, redact
from gateway.coding import hand as hands
from gateway.coding.answers import Open, agreed, to_code, words
from gateway.store import audit, schema
from gateway.store.database import insert_ignoring
from gateway.store.keys import Vault
from gateway.store.quote_tables import quotes
from surveys.model import Survey

APPROVED, REFUSED, WITHDRAWN = "approved", "refused", "withdrawn"
SEALED = "quote"
"""What the words of a quote are sealed for."""
MOST = 300
"""Letters of a quote."""
AT_ONCE = 10
"""How many answers are shown at a time."""


class QuoteError(ValueError):
    """It can't be quoted so. Its text is why: "gone" (no such answer waits), "words" (others than the person's),
    "names" (something is left that is taken out of quotes), "long" or "empty"."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that nobody decided on yet, as it may be quoted: never the words as they came."""

    answer: int
    language: str
    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    id: int
    question: str
    text: str
    language: str
    by: str


@dataclass(frozen=True, slots=True)
class Quoting:
    """The choice of one poll's quotes. `names` are taken out of them."""

    vault: Vault
    survey: Survey
    names: tuple[str, ...]

    def candidates(self, connection: sa.Connection, question: str) -> list[Candidate]:
        """Those that people coded come first, and then by lot: neither who wrote first, nor who wrote last."""
        survey = self.survey
        decided = set(connection.scalars(sa.select(quotes.c.answer).where(quotes.c.survey == survey.name)))
        there = to_code(connection, survey, question, hands.moved(connection, survey.name))
        hand = hands.read(connection, survey.name, question)
        waiting = sorted(there.keys() - decided, key=lambda one: (hand.final(one) is None, hands.draw(one)))
        said = words(connection, self.vault, waiting[:AT_ONCE])
        return [
            Candidate(one, there[one].language, redact(text, self.names).text, _themes(hand, one))
            for one, text in said.items()
        ]

    def approve(self, connection: sa.Connection, question: str, answer: int, text: str, by: str, now: datetime) -> None:
        """Quote an answer with these words: those of the redacted answer, or fewer. Raises QuoteError."""
        there, said = self._answer(connection, question, answer)
        kept = " ".join(text.split())
        if not kept:
            raise QuoteError("empty")
        if len(kept) > MOST:
            raise QuoteError("long")
        if redact(kept, self.names).text != kept:
            raise QuoteError("names")
        if not _within(kept, redact(said, self.names).text):
            raise QuoteError("words")
        hand = hands.read(connection, self.survey.name, question)
        values = {
            "language": there.language,
            "codes": list(_themes(hand, answer)),
            "sealed_text": self.vault.seal(kept, SEALED),
            "status": APPROVED,
            "marks": sum(kept.count(mark) for mark in SHOWN.values()),
        }
        self._decide(connection, question, answer, values, by, now)

    def refuse(self, connection: sa.Connection, question: str, answer: int, by: str, now: datetime) -> None:
        """Not this one: nobody is shown it again. Raises QuoteError."""
        self._answer(connection, question, answer)
        values = {"language": "", "codes": [], "status": REFUSED, "marks": 0}
        self._decide(connection, question, answer, values, by, now)

    def withdraw(self, connection: sa.Connection, row: int, by: str, now: datetime) -> bool:
        """Take a quote back, with its words; False where there is none such."""
        which = quotes.c.id == row, quotes.c.survey == self.survey.name, quotes.c.status == APPROVED
        change = sa.update(quotes).where(*which).values(status=WITHDRAWN, sealed_text=None, by=by, at=now)
        done = connection.execute(change).rowcount == 1
        if done:
            audit.note(connection, by, "quote withdrawn", self.survey.name, now)
        return done

    def _answer(self, connection: sa.Connection, question: str, answer: int) -> tuple[Open, str]:
        moves = hands.moved(connection, self.survey.name)
        there = to_code(connection, self.survey, question, moves, answer).get(answer)
        said = words(connection, self.vault, [answer]).get(answer) if there else None
        if there is None or said is None:
            raise QuoteError("gone")
        return there, said

    def _decide(
        self,
        connection: sa.Connection,
        question: str,
        answer: int,
        values: Mapping[str, object],
        by: str,
        now: datetime,
    ) -> None:
        about = {"answer": answer, "survey": self.survey.name, "question": question, "by": by, "at": now}
        place = insert_ignoring(connection.dialect.name, quotes).returning(quotes.c.id)
        if connection.execute(place, [{**about, **values}]).first() is None:
            raise QuoteError("gone")  # somebody else was faster
        audit.note(connection, by, f"quote {values['status']}", self.survey.name, now)


def _themes(hand: hands.Hand, answer: int) -> tuple[str, ...]:
    final = hand.final(answer)
    return hands.themes(final.codes) if final else ()


_WORD = re.compile(r"\S+")


def _within(kept: str, whole: str) -> bool:
    """Whether these are words of the whole, in its order; "..." or "…" may stand for what was left out."""
    there = iter(_WORD.findall(whole))
    wanted = [word.strip("…").removesuffix("...") for word in _WORD.findall(kept)]
    return all(any(word in (other, other.strip(".,;:!?،؛؟")) for other in there) for word in wanted if word)


# Showing ------------------------------------------------------------------------------------------------------------


def approved(connection: sa.Connection, vault: Vault, survey: Survey) -> list[Approved]:
    """What may be shown now: of people who still agree to take part, the newest last."""
    return [
        Approved(row.id, row.question, vault.open_text(row.sealed_text, SEALED), row.language, row.by)
        for row in _rows(connection, survey)
    ]


def with_quotes(connection: sa.Connection, vault: Vault, survey: Survey, digest: Digest) -> Digest:
    """A release as it is shown: with what is approved of the questions whose number is shown, under those of their
    themes whose count is."""
    told = {one.id: {cell.id for cell in one.cells if cell.count} for one in digest.questions if one.n}
    found = tuple(
        Quote(
            row.question,
            tuple(code for code in row.codes if code in told[row.question]),
            row.language,
            vault.open_text(row.sealed_text, SEALED),
        )
        for row in _rows(connection, survey)
        if row.question in told
    )
    return replace(digest, quotes=found)


def _rows(connection: sa.Connection, survey: Survey) -> Sequence[sa.Row[tuple[object, ...]]]:
    answers = schema.answers
    chosen = (
        sa.select(quotes)
        .join(answers, answers.c.id == quotes.c.answer)
        .where(quotes.c.survey == survey.name, quotes.c.status == APPROVED, answers.c.sealed_text.is_not(None))
        .where(answers.c.person.in_(agreed(survey, survey.id.removeprefix("survey:"))))
        .order_by(quotes.c.id)
    )
    return connection.execute(chosen).all()
