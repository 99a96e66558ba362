"""From a tree to what it gives on answers. Total: any answers give True, False, a number, a word, or None.

- What was not answered, or not asked, is nothing (None). A comparison with nothing is False, `!=` too; arithmetic with
  nothing gives nothing, and so do a division by zero and a number beyond MAX_NUMBER.
- `sum`, `min` and `max` take the parts that are there, and are nothing where none is. `round` rounds a half up.
- Dates are compared as far as both are known: 2024-05-12 == 2024-05, and is neither before nor after it.

A tree is made into closures once, since conditions run at every step of every conversation.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final

from surveys.expressions.tree import (
    MAX_NUMBER,
    And,
    Answered,
    Arithmetic,
    Call,
    Compare,
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
    names,
    written,
)
from surveys.flow import Value

Answers = Mapping[str, Value]
Result = bool | int | float | str | None
_Run = Callable[[Answers], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was read. Two are equal where they mean the same tree, wherever they stood.

    Called with answers, a condition is True or False. `value` gives what a computed value comes to: a number, a word,
    or None.
    """

    tree: Node
    value: Callable[[Answers], Result] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _compiled(self.tree))

    def __call__(self, answers: Answers) -> bool:
        return self.value(answers) is True

    def __reduce__(self) -> tuple[type[Expression], tuple[Node]]:
        return Expression, (self.tree,)

    def __str__(self) -> str:
        return written(self.tree)

    @property
    def names(self) -> frozenset[str]:
        """What it looks at: the ids of questions, values and arms."""
        return frozenset(name.text for name in names(self.tree))


_NUMBERS: Final = (int, float)  # twice as fast to look into as a union
_PLAIN: Final = (str, int, float)

COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _divided(left: float, right: float) -> float | None:
    return left / right if right else None


_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], float | None]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
}


def _bounded(value: float | None) -> int | float | None:
    """A whole number as one, and none that is too large or none at all."""
    if value is None or not -MAX_NUMBER <= value <= MAX_NUMBER:
        return None
    return int(value) if value == value // 1 else value


def _rounded(value: float) -> int:
    down = math.floor(value)
    return down + 1 if value - down >= 0.5 else down


_CALLS: Final[Mapping[str, Callable[[list[Any]], Any]]] = {
    "sum": lambda values: reduce(operator.add, values),
    "min": min,
    "max": max,
    "round": lambda values: _rounded(values[0]),
}


def _compiled(node: Node) -> _Run:  # noqa: C901, PLR0912 - one case for each part of a tree
    match node:
        case Compare():
            return _compare(node)
        case In():
            return _in(node)
        case And(parts):
            return _all([_compiled(part) for part in parts])
        case Or(parts):
            return _any([_compiled(part) for part in parts])
        case Not(part):
            inner = _compiled(part)
            return lambda answers: inner(answers) is not True
        case Answered(Name(name)):
            return lambda answers: answers.get(name) is not None
        case Includes(Name(name), Word(word)):
            return lambda answers: isinstance(several := answers.get(name), list) and word in several
        case Name(name):
            return lambda answers: _one(answers.get(name))
        case Word(constant) | Date(constant) | Number(constant):
            return lambda _: constant
        case Of(function, Name(name)):
            return _of(function, name)
        case If(condition, then, other):
            holds, first, second = _compiled(condition), _compiled(then), _compiled(other)
            return lambda answers: first(answers) if holds(answers) is True else second(answers)
        case Arithmetic(left, sign, right):
            return _arithmetic(_number(left), _ARITHMETIC[sign], _number(right))
        case Call(function, parts):
            return _call(_CALLS[function], [_number(part) for part in parts])


def _compare(node: Compare) -> _Run:
    compare = COMPARE[node.sign]
    match node:
        case Compare(Name(name), _, Number(number)):

            def against_number(answers: Answers) -> bool:
                answer = answers.get(name)
                return isinstance(answer, _NUMBERS) and -MAX_NUMBER <= answer <= MAX_NUMBER and compare(answer, number)

            return against_number
        case Compare(Name(name), "==" | "!=", Word(word)):

            def against_word(answers: Answers) -> bool:
                answer = answers.get(name)
                return isinstance(answer, str) and compare(answer, word)

            return against_word
    left, right = _compiled(node.left), _compiled(node.right)
    if node.dates:
        return lambda answers: _dates(left(answers), compare, right(answers))
    ordered = node.sign not in {"==", "!="}

    def compared(answers: Answers) -> bool:
        first, second = left(answers), right(answers)
        if isinstance(first, str) and isinstance(second, str):
            return not ordered and compare(first, second)
        first, second = _as_number(first), _as_number(second)
        return first is not None and second is not None and compare(first, second)

    return compared


def _dates(left: Any, compare: Callable[[Any, Any], bool], right: Any) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    known = min(len(left), len(right))
    return compare(left[:known], right[:known])


def _in(node: In) -> _Run:
    left = _compiled(node.left)
    constants = [constant.value if isinstance(constant, Number) else constant.text for constant in node.constants]
    if node.dates:
        return lambda answers: any(_dates(left(answers), operator.eq, constant) for constant in constants)
    among = frozenset(constants)

    def run(answers: Answers) -> bool:
        answer = left(answers)
        return isinstance(answer, _PLAIN) and answer in among

    return run


def _all(parts: Iterable[_Run]) -> _Run:
    runs = tuple(parts)

    def run(answers: Answers) -> bool:
        for part in runs:  # noqa: SIM110 - the loop is faster than all(), and this runs at every step
            if part(answers) is not True:
                return False
        return True

    return run


def _any(parts: Iterable[_Run]) -> _Run:
    runs = tuple(parts)

    def run(answers: Answers) -> bool:
        for part in runs:  # noqa: SIM110 - as in _all
            if part(answers) is True:
                return True
        return False

    return run


def _one(value: Any) -> int | float | str | None:
    """An answer of one word or one number."""
    return value if isinstance(value, str) else _as_number(value)


def _as_number(value: Any) -> int | float | None:
    return value if isinstance(value, _NUMBERS) and -MAX_NUMBER <= value <= MAX_NUMBER else None


def _number(node: Node) -> _Run:
    run = _compiled(node)
    if isinstance(node, Number | Arithmetic | Call):
        return run  # is one already, or nothing
    return lambda answers: _as_number(run(answers))


def _of(function: str, name: str) -> _Run:
    def count(answers: Answers) -> int | None:
        several = answers.get(name)
        return len(several) if isinstance(several, list) else None

    def first(answers: Answers) -> str | None:
        several = answers.get(name)
        return several[0] if isinstance(several, list) and several else None

    return {"count": count, "first": first}[function]


def _arithmetic(left: _Run, operate: Callable[[Any, Any], float | None], right: _Run) -> _Run:
    def run(answers: Answers) -> int | float | None:
        first, second = left(answers), right(answers)
        return None if first is None or second is None else _bounded(operate(first, second))

    return run


def _call(function: Callable[[list[Any]], Any], parts: list[_Run]) -> _Run:
    def run(answers: Answers) -> int | float | None:
        values = [value for part in parts if (value := part(answers)) is not None]
        return _bounded(function(values)) if values else None

    return run
