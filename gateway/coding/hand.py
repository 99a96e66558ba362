"""What people coded, as it stands: of each coder the last word on an answer, and what holds where several spoke."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from analysis.keywords import Codes
from gateway.store.coding_tables import codings, versions
from surveys.codebook import CONTROL, META, Codebook

DOUBLE = 0.2
"""The share of answers that two people code, each without seeing what the other gave."""


@dataclass(frozen=True, slots=True)
class Coding:
    """Who gave an answer which codes (themes, control and meta codes), and by which version of the codebook."""

    answer: int
    coder: str
    codes: Codes
    moved_to: str | None
    settles: bool
    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hand:
    """One question's codings by answer, in the order in which coders first came to it, and what settled it."""

    by_answer: Mapping[int, tuple[Coding, ...]]
    settled: Mapping[int, Coding]

    def final(self, answer: int) -> Coding | None:
        """What holds: what settled it, or the first coder's last word."""
        return self.settled.get(answer) or next(iter(self.by_answer.get(answer, ())), None)

    def coders(self, answer: int) -> frozenset[str]:
        return frozenset(one.coder for one in self.by_answer.get(answer, ()))

    def disputed(self) -> list[int]:
        """Answers that two coded, not alike, and that nobody settled."""
        return [
            answer
            for answer, given in self.by_answer.items()
            if answer not in self.settled and len({(frozenset(one.codes), one.moved_to) for one in given}) > 1
        ]

    def doubled(self) -> list[tuple[Coding, ...]]:
        """What each coder gave on their own to those answers that several coded."""
        return [given for given in self.by_answer.values() if len(given) > 1]


def read(connection: sa.Connection, survey: str, question: str) -> Hand:
    chosen = sa.select(codings).where(codings.c.survey == survey, codings.c.question == question).order_by(codings.c.id)
    by_answer: dict[int, dict[str, Coding]] = {}
    settled: dict[int, Coding] = {}
    for row in connection.execute(chosen):
        coding = Coding(row.answer, row.coder, tuple(row.codes), row.moved_to, row.settles, row.version, row.at)
        if coding.settles:
            settled[coding.answer] = coding
        else:
            by_answer.setdefault(coding.answer, {})[coding.coder] = coding
    return Hand({answer: tuple(given.values()) for answer, given in by_answer.items()}, settled)


def moved(connection: sa.Connection, survey: str) -> dict[int, str]:
    """The answers that were coded as of the wrong question, and the question that they answer."""
    asked = sa.select(codings.c.question).where(codings.c.survey == survey, codings.c.moved_to.is_not(None))
    found: dict[int, str] = {}
    for question in sorted(set(connection.scalars(asked))):
        hand = read(connection, survey, question)
        finals = (hand.final(answer) for answer in {*hand.by_answer, *hand.settled})
        found |= {one.answer: one.moved_to for one in finals if one and one.moved_to}
    return found


def themes(codes: Iterable[str]) -> Codes:
    return tuple(code for code in codes if code not in (*CONTROL, *META))


# Chance -------------------------------------------------------------------------------------------------------------


def draw(answer: int) -> float:
    """A number in [0, 1) that hangs on nothing but the answer's own: those below a threshold are a random part of all
    answers, whenever they came."""
    return _share("random", answer)


def doubled(answer: int) -> bool:
    """Whether two people are to code it. Independent of `draw`."""
    return _share("twice", answer) < DOUBLE


def random_part(answers: Iterable[int], hand: Hand) -> list[int]:
    """The answers before the first, in the order of `draw`, that nobody coded: a random sample, whatever else was."""
    found = []
    for answer in sorted(answers, key=draw):
        if hand.final(answer) is None:
            break
        found.append(answer)
    return found


def _share(purpose: str, answer: int) -> float:
    return int.from_bytes(sha256(f"{purpose}/{answer}".encode()).digest()[:7]) / 2**56


# Versions -----------------------------------------------------------------------------------------------------------


def meanings(codebook: Codebook) -> dict[str, str]:
    return {code.id: code.meaning for code in (*codebook.codes, *codebook.special)}


def outdated(connection: sa.Connection, codebook: Codebook) -> dict[str, frozenset[str]]:
    """By earlier version of this codebook: the codes that have changed or gone since, and "" where a theme was added.

    Whoever coded by that version looks again at answers with one of these codes; "" says: at all of them.
    """
    now = meanings(codebook)
    found = {}
    for row in connection.execute(sa.select(versions).where(versions.c.codebook == codebook.name)):
        then: dict[str, str] = row.meanings
        changed = {code for code, meaning in then.items() if now.get(code) != meaning}
        added = {""} if set(themes(now)) - set(then) else set()
        found[row.version] = frozenset(changed | added)
    return found


def is_outdated(coding: Coding, changed: Mapping[str, frozenset[str]]) -> bool:
    since = changed.get(coding.version, frozenset())
    return "" in since or not since.isdisjoint(coding.codes)
