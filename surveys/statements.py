"""Who is shown which statement: the one whose next vote teaches most, drawn so that every statement has its chance.

A statement's share of agreement, among those who agree or disagree, has the posterior Beta(agree + 1, disagree + 1).
One more vote reduces its variance, in expectation, by Var / (a + b + 1), with a and b the posterior's parameters:

    gain = a b / ((a + b)^2 (a + b + 1)^2)

(the law of total variance for the beta-binomial model; DeGroot, Optimal Statistical Decisions, 1970), times the chance
that the vote is no pass, (votes - passes + 1) / (votes + 2). A new statement gains most, one often passed little.
Statements are drawn with these weights as Efraimidis and Spirakis (2006) do: the smallest -ln(u) / gain, u from the
person's seed; so the same seed and the same votes give the same statement.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

AGREE, DISAGREE, PASS = "agree", "disagree", "pass"
VOTES = (AGREE, DISAGREE, PASS)


@dataclass(frozen=True, slots=True)
class Votes:
    """How often a statement was agreed with, disagreed with, and passed."""

    agree: int = 0
    disagree: int = 0
    passed: int = 0

    @property
    def gain(self) -> float:
        """What one more vote teaches: the expected reduction of the variance of the share that agrees."""
        a, b = self.agree + 1, self.disagree + 1
        told = (self.agree + self.disagree + 1) / (self.agree + self.disagree + self.passed + 2)
        return told * a * b / ((a + b) ** 2 * (a + b + 1) ** 2)


@dataclass(frozen=True, slots=True)
class Deck:
    """What a question of statements has beside those that its author wrote.

    `added` are participants' own ones that a moderator let in: text by language, by id. `withdrawn` are ids that are
    shown no more. `votes` are counted by statement's id.
    """

    added: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    votes: Mapping[str, Votes] = field(default_factory=dict)


def choose(candidates: Iterable[str], seen: Collection[str], votes: Mapping[str, Votes], seed: int, at: str) -> str:
    """The id of the statement to show at this place, among those not seen yet; "" where none is left."""
    left = [name for name in candidates if name not in seen]
    return min(left, key=lambda name: _race(name, votes.get(name, Votes()).gain, seed, at), default="")


def _race(name: str, weight: float, seed: int, at: str) -> float:
    """Exponentially distributed with this rate, from the seed: the smallest of several wins as often as its weight."""
    digest = hashlib.sha256(f"{seed}:{at}:{name}".encode()).digest()
    uniform = (int.from_bytes(digest[:7]) + 1) / (256**7 + 1)
    return -math.log(uniform) / weight
