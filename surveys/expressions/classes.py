"""A few answers that stand for all: no condition of a poll can tell two answers of one class apart.

The answers to one question fall into classes at the constants that any condition of the poll compares them with. One
answer stands for each; the class 0 is that of no answer. A set of classes is an int, one bit for each, so that what a
comparison allows is found by evaluating it on every one of them, and "both" is `&`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise
from math import ceil, floor
from typing import Final

from surveys.expressions.evaluate import Expression
from surveys.expressions.tree import (
    Answered,
    Arithmetic,
    Compare,
    Condition,
    Constant,
    In,
    Includes,
    Name,
    Node,
    Number,
    Of,
    parts,
    whole,
)
from surveys.expressions.types import LENGTHS, Domain, days
from surveys.flow import Value

MOST_CLASSES: Final = 300
"""A question whose answers fall into more classes is not looked into."""

NONE: Final = 1
"""The set that holds no answer, and nothing else."""


@dataclass(slots=True)
class Mentions:
    """What conditions hold against the answers to one question."""

    constants: set[str | int | float] = field(default_factory=set)
    included: set[str] = field(default_factory=set)
    counted: bool = False


def subject(atom: Node) -> str:
    """The one question that a comparison looks at, where it does so with constants alone; else ""."""
    match atom:
        case Answered(name) | Includes(name):
            return name.text
        case Compare(Name(text) | Of(_, Name(text)), _, right) if isinstance(right, Constant):
            return text
        case Compare(left, _, Name(text) | Of(_, Name(text))) if isinstance(left, Constant):
            return text
        case In(Name(text) | Of(_, Name(text))):
            return text
    return ""


def mentions(conditions: Iterable[Node]) -> dict[str, Mentions]:
    found: dict[str, Mentions] = {}
    for condition in conditions:
        for atom in whole(condition):
            if name := subject(atom):
                _mention(atom, found.setdefault(name, Mentions()))
    return found


def _mention(atom: Node, known: Mentions) -> None:
    for part in parts(atom):
        match part:
            case Of("count"):
                known.counted = True
            case Number(value):
                known.constants.add(value)
            case _ if isinstance(part, Constant):
                (known.included if isinstance(atom, Includes) else known.constants).add(part.text)


class Classes:
    """The classes of the answers to one question. `answers` is None where there are too many.

    `full` says that a ranking ranks as many as it must: with options left out, or broken off, it may be fewer.
    """

    def __init__(self, name: str, domain: Domain, known: Mentions, full: bool = True) -> None:
        self.name = name
        self.full = full
        self.exact = True
        found = self._answers(domain, known)
        self.answers: tuple[Value, ...] | None = None if found is None else (None, *found)
        self.every = 0 if self.answers is None else (1 << len(self.answers)) - 1
        self._sets: dict[Node, int] = {}

    def holding(self, atom: Condition) -> int | None:
        """The classes for which the comparison is true; None where that can't be told."""
        if self.answers is None or (not self.exact and _looks_past_the_first(atom)):
            return None
        if atom not in self._sets:
            holds = Expression(atom).value
            self._sets[atom] = sum(
                1 << place for place, answer in enumerate(self.answers) if holds({self.name: answer})
            )
        return self._sets[atom]

    def _answers(self, domain: Domain, known: Mentions) -> list[Value] | None:
        found: list[Value] | None
        match domain.kind:
            case "number":
                numbers = [value for value in known.constants if isinstance(value, int | float)]
                found = list(_numbers(domain, numbers))
            case "date":
                found = list(_dates(domain, [str(value) for value in known.constants]))
            case "options":
                found = _several(domain, known)
            case "ranking":
                found = self._rankings(domain, known)
            case "text":
                found = ["x"]
            case "nothing":
                found = None
            case _:
                found = list(_ids(domain, known.constants))
        return found if found is not None and len(found) <= MOST_CLASSES else None

    def _rankings(self, domain: Domain, known: Mentions) -> list[Value]:
        """By what comes first. What else is ranked can be told only where all must be."""
        ids = list(domain.ids)
        most = domain.maximum if isinstance(domain.maximum, int) else len(ids)
        self.exact = self.full and (most == len(ids) or not (known.counted or known.included))
        return [[first, *(other for other in ids if other != first)][:most] for first in _ids(domain, known.constants)]


def _looks_past_the_first(atom: Node) -> bool:
    return isinstance(atom, Includes) or any(isinstance(part, Of) and part.function == "count" for part in parts(atom))


def _ids(domain: Domain, mentioned: Iterable[object]) -> Iterator[str]:
    """The ids that are mentioned, and one for all others."""
    known = set(mentioned)
    yield from sorted(word for word in known if isinstance(word, str) and word in domain.ids)
    other = next((word for word in domain.ids if word not in known), None)
    if other is not None:
        yield other


def _numbers(domain: Domain, constants: list[int | float]) -> Iterator[int | float]:
    low = domain.minimum if isinstance(domain.minimum, int | float) else None
    high = domain.maximum if isinstance(domain.maximum, int | float) else None
    points: set[int | float]
    bounds = [bound for bound in (low, high) if bound is not None]
    if domain.whole:
        points = {ceil(bound) if bound is low else floor(bound) for bound in bounds}
        for constant in constants:
            down, up = floor(constant), ceil(constant)
            points |= {down - 1, down, up, up + 1}
    else:
        edges = sorted({*constants, *bounds})
        points = {*edges, *((first + second) / 2 for first, second in pairwise(edges))}
        if edges:
            points |= {edges[0] - 1, edges[-1] + 1}
    for point in sorted(points or {0}):
        if (low is None or point >= low) and (high is None or point <= high):
            yield point


def _dates(domain: Domain, constants: list[str]) -> Iterator[str]:
    """As numbers would be, each constant being as long as a day, a month or a year."""
    length = LENGTHS[domain.precision]
    low = _edges(domain.minimum, length, "0001-01-01")[0]
    high = _edges(domain.maximum, length, "9999-12-31")[1]
    points = {low, high}
    for constant in constants:
        if days(constant):
            first, last = _edges(constant, length, constant)
            points |= {_step(first, length, -1), first, last, _step(last, length, 1)}
    yield from sorted(point for point in points if low <= point <= high)


def _edges(text: object, length: int, default: str) -> tuple[str, str]:
    """The first and the last date of this length in a date."""
    reach = days(text if isinstance(text, str) else default) or days(default)
    assert reach is not None  # a default is a date
    return reach[0].isoformat()[:length], reach[1].isoformat()[:length]


def _step(text: str, length: int, by: int) -> str:
    """The date before or after, of the same length; the same one at the ends of the calendar."""
    reach = days(text)
    assert reach is not None  # it was written by _edges
    ordinal = (reach[0].toordinal() - 1) if by < 0 else (reach[1].toordinal() + 1)
    if not date.min.toordinal() <= ordinal <= date.max.toordinal():
        return text
    return date.fromordinal(ordinal).isoformat()[:length]


def _several(domain: Domain, known: Mentions) -> list[Value] | None:
    """By which of the ids that are mentioned were chosen, and how many others."""
    mentioned = [word for word in domain.ids if word in known.included]
    others = [word for word in domain.ids if word not in known.included]
    counts = range(len(others) + 1) if known.counted else range(min(len(others), 1) + 1)
    if (1 << len(mentioned)) * len(counts) > MOST_CLASSES:
        return None
    most = domain.maximum if isinstance(domain.maximum, int) else len(domain.ids)
    return [
        [*chosen, *others[:count]]
        for size in range(len(mentioned) + 1)
        for chosen in combinations(mentioned, size)
        for count in counts
        if 1 <= size + count <= most
    ]


def strict(node: Node) -> frozenset[str]:
    """The questions without whose answers a comparison is false, whatever it says."""
    match node:
        case Compare(left, _, right):
            return _needed(left) | _needed(right)
        case In(left):
            return _needed(left)
        case Answered(name) | Includes(name):
            return frozenset({name.text})
    return frozenset()


def _needed(node: Node) -> frozenset[str]:
    match node:
        case Name(text) | Of(_, Name(text)):
            return frozenset({text})
        case Arithmetic(left, _, right):
            return _needed(left) | _needed(right)
    return frozenset()
