"""Which answers a condition allows, as a list of cubes: each maps questions to the classes of answers that it allows.

A condition holds where one of its cubes does; a cube holds where all of its questions are answered so. No cube: never.
What can't be told of one question and constants alone (arithmetic, two questions compared) is a cube's guess: a name
that begins with `?`, whose classes are 1 (false) and 2 (true). Guessing both ways only ever adds to what is possible,
so that "never" stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from surveys.expressions.classes import NONE, Classes, strict, subject
from surveys.expressions.evaluate import Expression
from surveys.expressions.tree import (
    And,
    Answered,
    Compare,
    Condition,
    If,
    In,
    Name,
    Node,
    Not,
    Number,
    Or,
    Word,
    changed,
    whole,
)

Cube = Mapping[str, int]
Cubes = list[Cube]

MOST_CUBES: Final = 64
"""A condition that falls into more is too much to tell."""

MOST_WORK: Final = 20_000
"""How many pairs of cubes are joined for one poll; what comes after is not told."""

MOST_UNFOLDED: Final = 200
"""A computed word of more parts is not looked into where it is used."""

LONG: Final = 8
"""Longer cubes are not looked through for equal ones."""

ALWAYS: Final[Cubes] = [{}]
NEVER: Final[Cubes] = []


class TooMuch(Exception):
    """More cubes or work than one poll is given."""


class Calculus:
    """Joins cubes, and counts what it costs."""

    def __init__(self, classes: Mapping[str, Classes]) -> None:
        self.classes = classes
        self.work = 0
        self._atoms: dict[tuple[int, bool], tuple[Node, Cubes]] = {}

    def both(self, first: Cubes, second: Cubes) -> Cubes:
        """The cubes in which both hold."""
        if first == ALWAYS:
            return second
        if second == ALWAYS:
            return first
        pairs = (self.joined(one, other) for one in first for other in second)
        found = [cube for cube in pairs if cube is not None]
        return self.either(found) if len(found) > 1 else found

    def joined(self, one: Cube, other: Cube) -> Cube | None:
        """The cube in which both hold; None where they exclude each other."""
        self.work += 1
        if self.work > MOST_WORK:
            raise TooMuch
        if len(one) < len(other):
            one, other = other, one
        joined = dict(one)
        for name, allowed in other.items():
            both = joined[name] & allowed if name in joined else allowed
            if not both:
                return None
            joined[name] = both
        return joined

    def either(self, cubes: Iterable[Cube]) -> Cubes:
        """The cubes, those about one and the same question taken together, and none twice."""
        single: dict[str, int] = {}
        several: dict[object, Cube] = {}
        for cube in cubes:
            if not cube:
                return ALWAYS
            if len(cube) == 1:
                for name, allowed in cube.items():
                    single[name] = single.get(name, 0) | allowed
            else:
                key = frozenset(cube.items()) if len(cube) <= LONG else id(cube)
                several.setdefault(key, cube)
                if len(several) > MOST_CUBES:
                    raise TooMuch
        found: Cubes = [{name: allowed} for name, allowed in single.items()]
        found.extend(several.values())
        if len(found) > MOST_CUBES:
            raise TooMuch
        return found

    def of(self, node: Node, positive: bool = True) -> Cubes:
        """The cubes of a condition, or of its opposite. Raises TooMuch."""
        match node:
            case Not(part):
                return self.of(part, not positive)
            case And(parts) | Or(parts):
                if isinstance(node, And) is positive:
                    found = ALWAYS
                    for part in parts:
                        found = self.both(found, self.of(part, positive))
                    return found
                return self.either(cube for part in parts for cube in self.of(part, positive))
        key = (id(node), positive)
        if key not in self._atoms:
            assert isinstance(node, Condition)  # the parser lets nothing else stand for a condition
            self._atoms[key] = (node, self.atom(node, positive))  # the node too, so that its id stays its own
        return self._atoms[key][1]

    def atom(self, atom: Condition, positive: bool) -> Cubes:
        if not any(isinstance(part, Name) for part in whole(atom)):
            return ALWAYS if Expression(atom)({}) is positive else NEVER
        name = subject(atom)
        classes = self.classes.get(name)
        holding = classes.holding(atom) if classes else None
        if classes is None or holding is None:
            return self.guess(atom, positive)
        allowed = holding if positive else classes.every & ~holding
        return [{name: allowed}] if allowed else NEVER

    def guess(self, atom: Condition, positive: bool) -> Cubes:
        guess: dict[str, int] = {f"?{atom}": 2 if positive else 1}
        if positive:
            for name in strict(atom):
                classes = self.classes.get(name)
                if classes is not None and classes.answers is not None:
                    guess[name] = classes.every & ~NONE
                    if not guess[name]:
                        return NEVER
        return [guess]


# Ifs and computed words taken apart --------------------------------------------------------------------------------


def unfolded(condition: Node, computed: Mapping[str, Node]) -> Node:
    """The condition with `computed` words put in for their names, and with what is said of an `if` said of its
    branches: what it looks at then are questions.
    """
    if not any(isinstance(part, If) or (isinstance(part, Name) and part.text in computed) for part in whole(condition)):
        return condition
    return changed(condition, lambda node: _unfolded(node, computed))


def _unfolded(node: Node, computed: Mapping[str, Node]) -> Node:
    match node:
        case Compare(left, sign, right, dates):
            return _over(
                _put(left, computed),
                lambda one: _over(_put(right, computed), lambda two: Compare(one, sign, two, dates)),
            )
        case In(left, constants, dates):
            return _over(_put(left, computed), lambda one: In(one, constants, dates))
        case Answered(name):
            return _over(_put(name, computed), _there)
    return node


def _put(node: Node, computed: Mapping[str, Node]) -> Node:
    return computed.get(node.text, node) if isinstance(node, Name) else node


def _over(node: Node, say: Callable[[Node], Node]) -> Node:
    if not isinstance(node, If):
        return say(node)
    holds = node.condition
    return Or((And((holds, _over(node.then, say))), And((Not(holds), _over(node.other, say)))))


def _there(leaf: Node) -> Node:
    return Answered(leaf) if isinstance(leaf, Name) else And(())


def discrete(value: Node, computed: Mapping[str, Node]) -> Node | None:
    """What is put in for a computed value's name: an `if` between words, numbers or answers, if it is small. None for
    others.
    """
    try:
        taken = _taken(value, computed)
    except TooMuch:
        return None
    return taken if sum(1 for _ in whole(taken)) <= MOST_UNFOLDED else None


def _taken(value: Node, computed: Mapping[str, Node]) -> Node:
    match value:
        case If(condition, then, other, place):
            return If(unfolded(condition, computed), _taken(then, computed), _taken(other, computed), place)
        case Name() | Word() | Number():
            return _put(value, computed)
    raise TooMuch
