"""What an expression is made of. Each part knows where it stands in the source, from 0; that is no part of its meaning.

A condition is true or false; a value is a number, a word, a date, or None (nothing) where it can't be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

MAX_NUMBER: Final = 10**15
"""Numbers lie between this and its negative, so that every whole one is exact in any program; beyond is nothing."""


@dataclass(frozen=True, slots=True)
class Name:
    """The question, value or arm that is looked at."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Word:
    """An option's, a place's or an arm's id, or a word of one's own."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Date:
    """A day (2024-05-12), a month (2024-05) or a year (2024)."""

    text: str
    at: int = field(default=0, compare=False)


Constant = Word | Number | Date


@dataclass(frozen=True, slots=True)
class Arithmetic:
    left: Node
    sign: str
    right: Node


@dataclass(frozen=True, slots=True)
class Of:
    """`count(needs)` or `first(order)`: what is told of one question with several ids for an answer."""

    function: str
    name: Name
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`sum`, `min`, `max` and `round`, on numbers."""

    function: str
    parts: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    other: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`dates` compares to the day, the month or the year, whatever both sides know."""

    left: Node
    sign: str
    right: Node
    dates: bool = False


@dataclass(frozen=True, slots=True)
class In:
    left: Node
    constants: tuple[Constant, ...]
    dates: bool = False


@dataclass(frozen=True, slots=True)
class Includes:
    name: Name
    word: Word


@dataclass(frozen=True, slots=True)
class Answered:
    name: Name
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Condition = Compare | In | Includes | Answered | Not | And | Or
Node = Name | Constant | Arithmetic | Of | Call | If | Condition

_LEAVES: Final = frozenset({Name, Word, Number, Date})

FLIPPED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The same comparison with its sides changed over."""


def parts(node: Node) -> tuple[Node, ...]:
    """What stands directly in a part, from left to right."""
    if type(node) in _LEAVES:
        return ()
    match node:
        case Arithmetic(left, _, right) | Compare(left, _, right):
            return left, right
        case Of(_, name) | Answered(name):
            return (name,)
        case Includes(name, word):
            return name, word
        case In(left, constants):
            return left, *constants
        case If(condition, then, other):
            return condition, then, other
        case Not(part):
            return (part,)
        case And(inner) | Or(inner) | Call(_, inner):
            return inner
    return ()


def whole(node: Node) -> Iterator[Node]:
    """A part and everything in it, from left to right."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(parts(part)))


def names(node: Node) -> Iterator[Name]:
    return (part for part in whole(node) if isinstance(part, Name))


def at(node: Node) -> int:
    """Where a part begins."""
    if isinstance(node, Arithmetic | Compare | In | Includes | And | Or):
        return at(parts(node)[0])
    return node.at


def changed(node: Node, change: Callable[[Node], Node]) -> Node:  # noqa: C901 - one case for each part of a tree
    """The tree with `change` made to every part, the inner ones first."""

    def again(part: Node) -> Node:
        return changed(part, change)

    match node:
        case Arithmetic(left, sign, right):
            node = Arithmetic(again(left), sign, again(right))
        case Compare(left, sign, right, dates):
            node = Compare(again(left), sign, again(right), dates)
        case Of(function, name, place):
            node = Of(function, _name(again(name)), place)
        case Answered(name, place):
            node = Answered(_name(again(name)), place)
        case Includes(name, word):
            node = Includes(_name(again(name)), word)
        case In(left, constants, dates):
            node = In(again(left), constants, dates)
        case If(condition, then, other, place):
            node = If(again(condition), again(then), again(other), place)
        case Not(part, place):
            node = Not(again(part), place)
        case And(inner):
            node = And(tuple(map(again, inner)))
        case Or(inner):
            node = Or(tuple(map(again, inner)))
        case Call(function, inner, place):
            node = Call(function, tuple(map(again, inner)), place)
    return change(node)


def _name(node: Node) -> Name:
    assert isinstance(node, Name)  # a name is changed into a name, never into something else
    return node


# Written again -----------------------------------------------------------------------------------------------------

_BINDS: Final = {"or": 1, "and": 2, "not": 3, "compare": 4, "+": 5, "-": 5, "*": 6, "/": 6}


def written(node: Node) -> str:
    """The source of a part, spelled in one way. Names from a repeat are written without their number."""
    return _written(node, 0)


def _written(node: Node, above: int) -> str:  # noqa: C901, PLR0912 - one case for each part of a tree
    binds = 9
    match node:
        case Name(text):
            source = text.partition(".")[0]
        case Word(text) | Date(text):
            source = text
        case Number(value):
            source = str(value)
        case Of(function, name):
            source = f"{function}({_written(name, 0)})"
        case Answered(name):
            source = f"answered({_written(name, 0)})"
        case Call(function, inner):
            source = f"{function}({', '.join(_written(part, 0) for part in inner)})"
        case If():
            source = f"if({', '.join(_written(part, 0) for part in parts(node))})"
        case Includes(name, word):
            source = f"{_written(name, 0)} includes {word.text}"
        case In(left, constants):
            binds = _BINDS["compare"]
            source = f"{_written(left, binds + 1)} in ({', '.join(_written(part, 0) for part in constants)})"
        case Compare(left, sign, right):
            binds = _BINDS["compare"]
            source = f"{_written(left, binds + 1)} {sign} {_written(right, binds + 1)}"
        case Arithmetic(left, sign, right):
            binds = _BINDS[sign]
            source = f"{_written(left, binds)} {sign} {_written(right, binds + 1)}"
        case Not(part):
            binds = _BINDS["not"]
            source = f"not {_written(part, binds)}"
        case And(inner):
            binds = _BINDS["and"]
            source = " and ".join(_written(part, binds + 1) for part in inner)
        case Or(inner):
            binds = _BINDS["or"]
            source = " or ".join(_written(part, binds + 1) for part in inner)
    return f"({source})" if binds < above else source
