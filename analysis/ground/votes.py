"""Votes on statements, as many numbers as there are votes: people and statements by place, one vote each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

AGREE, PASS, DISAGREE = 1, 0, -1


@dataclass(frozen=True)
class Votes:
    """`people` and `statements` are their ids; each row says that a person (a place in `people`) gave a vote to a
    statement (a place in `statements`).

    `person` and `statement` are int32, `vote` is int8: 1 agree, 0 pass, -1 disagree. Nobody votes twice on one
    statement, and rows are ordered by person, then statement. Somebody without a row voted on nothing.
    """

    people: tuple[str, ...]
    statements: tuple[str, ...]
    person: NDArray[np.int32]
    statement: NDArray[np.int32]
    vote: NDArray[np.int8]

    @cached_property
    def by_person(self) -> NDArray[np.int64]:
        """How many votes each gave, passes included."""
        return np.bincount(self.person, minlength=len(self.people))

    @cached_property
    def by_statement(self) -> NDArray[np.int64]:
        """How many votes each got, passes included."""
        return np.bincount(self.statement, minlength=len(self.statements))

    def of(self, people: NDArray[np.intp]) -> Votes:
        """The votes of these people alone, given by their places, which rise; the statements stay."""
        place = np.full(len(self.people), -1, np.int32)
        place[people] = np.arange(len(people), dtype=np.int32)
        person = place[self.person]
        kept = person >= 0
        names = tuple(self.people[one] for one in people)
        return Votes(names, self.statements, person[kept], self.statement[kept], self.vote[kept])

    def on(self, statements: NDArray[np.intp]) -> Votes:
        """The votes on these statements alone, given by their places, which rise; the people stay."""
        place = np.full(len(self.statements), -1, np.int32)
        place[statements] = np.arange(len(statements), dtype=np.int32)
        statement = place[self.statement]
        kept = statement >= 0
        names = tuple(self.statements[one] for one in statements)
        return Votes(self.people, names, self.person[kept], statement[kept], self.vote[kept])


def last(
    people: Sequence[str],
    statements: Sequence[str],
    person: Iterable[int],
    statement: Iterable[int],
    vote: Iterable[int],
    when: NDArray[np.float64] | None = None,
) -> Votes:
    """Votes as they were given, of which the last of one person on one statement counts: the latest by `when`, of two
    at the same time, or without `when`, the one that comes later here."""
    who, what = np.asarray(person, np.int32), np.asarray(statement, np.int32)
    how = np.asarray(vote, np.int8)
    order = np.arange(len(who)) if when is None else np.argsort(when, kind="stable")
    order = order[np.lexsort((what[order], who[order]))]  # stable: the order in time stays among one pair's
    pair = who[order].astype(np.int64) * max(len(statements), 1) + what[order]
    kept = order[np.append(pair[1:] != pair[:-1], True)] if len(order) else order
    return Votes(tuple(people), tuple(statements), who[kept], what[kept], how[kept])
