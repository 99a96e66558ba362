"""An expression as JSON, for a program elsewhere that evaluates it: nested lists, the operation first.

number                      itself
word, date                  "north", "2024-05"
["get", id]                 the answer to a question, what a value came to, the arm that was drawn;
                                nothing where it is several, or a number beyond 10^15
["==", a, b]                also != < <= > >=; false where one side is nothing, or they are of two kinds
["date==", a, b]            the same six, on dates cut to the length of the shorter
["in", a, constant, ...]    ["date-in", a, constant, ...] for dates
["includes", ["get", id], word]
["answered", ["get", id]]
["not", c]  ["and", c, ...]  ["or", c, ...]  ["if", c, a, b]
["+", a, b]                 also - * /; nothing where one side is nothing, at a division by zero, and beyond 10^15
["count", ["get", id]]  ["first", ["get", id]]
["sum", a, ...]             also min, max, of the parts that are there; nothing where none is
["round", a]                a half goes up
"""

from __future__ import annotations

from typing import Any, Final

from surveys.expressions.evaluate import COMPARE, Expression
from surveys.expressions.tree import (
    And,
    Answered,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Date,
    If,
    In,
    Includes,
    Name,
    Node,
    Not,
    Number,
    Of,
    Or,
    Word,
)

Json = Any
_DATE: Final = "date"


def to_json(expression: Expression) -> Json:
    """Numbers, texts and lists only."""
    return _out(expression.tree)


def from_json(data: Json) -> Expression:
    """What `to_json` wrote. Raises ValueError for anything else."""
    return Expression(_in(data))


def _out(node: Node) -> Json:  # noqa: C901, PLR0912 - one case for each part of a tree
    match node:
        case Number(value):
            return value
        case Word(text) | Date(text):
            return text
        case Name(text):
            return ["get", text]
        case Compare(left, sign, right, dates):
            return [f"{_DATE}{sign}" if dates else sign, _out(left), _out(right)]
        case In(left, constants, dates):
            return [f"{_DATE}-in" if dates else "in", _out(left), *map(_out, constants)]
        case Includes(name, word):
            return ["includes", _out(name), word.text]
        case Answered(name):
            return ["answered", _out(name)]
        case Not(part):
            return ["not", _out(part)]
        case And(parts):
            return ["and", *map(_out, parts)]
        case Or(parts):
            return ["or", *map(_out, parts)]
        case If(condition, then, other):
            return ["if", _out(condition), _out(then), _out(other)]
        case Arithmetic(left, sign, right):
            return [sign, _out(left), _out(right)]
        case Of(function, name):
            return [function, _out(name)]
        case Call(function, parts):
            return [function, *map(_out, parts)]


def _in(data: Json, *, dates: bool = False) -> Node:  # noqa: C901, PLR0912 - one case for each part of a tree
    match data:
        case int() | float():
            return Number(data)
        case str():
            return Date(data) if dates else Word(data)
        case ["get", str(text)]:
            return Name(text)
        case [str(sign), left, right] if sign.removeprefix(_DATE) in COMPARE:
            dated = sign.startswith(_DATE)
            return Compare(_in(left, dates=dated), sign.removeprefix(_DATE), _in(right, dates=dated), dated)
        case ["in" | "date-in" as sign, left, *constants]:
            dated = sign == "date-in"
            return In(_in(left), tuple(_constant(constant, dated) for constant in constants), dated)
        case ["includes", name, str(word)]:
            return Includes(_name(name), Word(word))
        case ["answered", name]:
            return Answered(_name(name))
        case ["not", part]:
            return Not(_in(part))
        case ["and", *parts]:
            return And(tuple(map(_in, parts)))
        case ["or", *parts]:
            return Or(tuple(map(_in, parts)))
        case ["if", condition, then, other]:
            return If(_in(condition), _in(then, dates=dates), _in(other, dates=dates))
        case ["+" | "-" | "*" | "/" as sign, left, right]:
            return Arithmetic(_in(left), sign, _in(right))
        case ["count" | "first" as function, name]:
            return Of(function, _name(name))
        case ["sum" | "min" | "max" | "round" as function, *parts]:
            return Call(function, tuple(map(_in, parts)))
    raise ValueError(f"this is no expression: {str(data)[:80]}")


def _constant(data: Json, dates: bool) -> Constant:
    node = _in(data, dates=dates)
    if not isinstance(node, Constant):
        raise ValueError(f"this is no constant: {str(data)[:80]}")  # noqa: TRY004 - what JSON holds is a value to us
    return node


def _name(data: Json) -> Name:
    node = _in(data)
    if not isinstance(node, Name):
        raise ValueError(f"this is no question: {str(data)[:80]}")  # noqa: TRY004 - as above
    return node
