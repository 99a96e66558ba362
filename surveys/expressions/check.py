"""What does not fit in an expression: names and options that are not there, kinds that do not go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final

from surveys.expressions.evaluate import COMPARE, Expression
from surveys.expressions.parse import ExpressionError
from surveys.expressions.tree import (
    FLIPPED,
    And,
    Answered,
    Arithmetic,
    Call,
    Compare,
    Condition,
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
    at,
    written,
)
from surveys.expressions.types import DATE, LENGTHS, NUMBER, Domain, Known, days, domain, resolve
from surveys.problem import did_you_mean

_EQUAL: Final = frozenset({"==", "!=", "in"})
_ORDERED: Final = frozenset({*COMPARE, "in"})
_SIGNS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "yes-no": (_EQUAL, "`==` and yes or no"),
    "option": (_EQUAL, "`==`, `!=` or `in (...)`"),
    "place": (_EQUAL, "`==`, `!=` or `in (...)`"),
    "word": (_EQUAL, "`==`, `!=` or `in (...)`"),
    "options": (frozenset({"includes"}), "`includes`"),
    "ranking": (frozenset({"includes"}), "`first(...)` or `includes`"),
    "number": (_ORDERED, "`==`, `<`, `>` or `in (...)`"),
    "date": (_ORDERED, "`==`, `<`, `>` or `in (...)`"),
    "text": (frozenset(), "`answered(...)`"),
}
"""By a question's type, or else its kind: the signs that make sense for it, and what to write instead of others."""

_OF: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "count": (frozenset({"options", "ranking"}), "many-of and ranking"),
    "first": (frozenset({"ranking"}), "ranking"),
}


def check(
    expression: Expression,
    before: Mapping[str, Known],
    after: AbstractSet[str] = frozenset(),
    unclear: AbstractSet[str] = frozenset(),
    key: str = "when",
) -> Iterator[ExpressionError]:
    """Everything in an expression that does not fit what stands `before` it.

    `after` are the ids of this and later questions, `unclear` those whose own mistakes forbid to say more. `key` is
    where the expression stands.
    """
    checking = _Checking(before, after, unclear, key)
    tree = resolve(expression, before).tree
    if isinstance(tree, Condition):
        checking.condition(tree)
    else:
        checking.result(tree)
    yield from checking.problems


class _Checking:
    """One walk over one tree. A value's domain is None where nothing more can be said of it."""

    def __init__(
        self, names: Mapping[str, Known], after: AbstractSet[str], unclear: AbstractSet[str], key: str
    ) -> None:
        self.names = names
        self.after = after
        self.unclear = unclear
        self.key = key
        self.problems: list[ExpressionError] = []

    def add(self, place: int, message: str) -> None:
        self.problems.append(ExpressionError(place, message))

    # Conditions

    def condition(self, node: Node) -> None:  # noqa: C901 - one case for each part of a tree
        match node:
            case And(parts) | Or(parts):
                for part in parts:
                    self.condition(part)
            case Not(part):
                self.condition(part)
            case Answered(name):
                found = self.name(name)
                if found is not None and found.kind == "nothing":
                    self.nothing(name, found)
            case Includes(name, word):
                found = self.name(name)
                if found is not None and self.goes(name, found, "includes"):
                    self.constant(name, found, word)
            case In(left, constants):
                found = self.value(left)
                if found is not None and self.goes(left, found, "in"):
                    for constant in constants:
                        self.constant(left, found, constant)
            case Compare(left, sign, right):
                if isinstance(left, Constant) and not isinstance(right, Constant):
                    left, sign, right = right, FLIPPED[sign], left
                self.compare(left, sign, right)

    def compare(self, left: Node, sign: str, right: Node) -> None:
        first = self.value(left)
        if isinstance(right, Constant):
            if first is not None and self.goes(left, first, sign):
                self.constant(left, first, right)
            return
        second = self.value(right)
        if first is None or second is None or not self.goes(left, first, sign):
            return
        if first.kind != second.kind and not (first.lettered and second.lettered):
            self.add(
                at(right),
                f"'{written(left)}' is {_is(first)} and '{written(right)}' {_is(second)}; compare what is of one kind",
            )
        elif first.lettered and set(first.ids).isdisjoint(second.ids):
            self.add(
                at(right),
                f"'{written(left)}' and '{written(right)}' have no option in common; compare it with an option's id",
            )

    def goes(self, node: Node, found: Domain, sign: str) -> bool:
        """Whether the sign makes sense for what it looks at."""
        if found.kind == "nothing":
            self.nothing(node, found)
            return False
        signs, instead = _SIGNS.get(found.type) or _SIGNS[found.kind]
        if sign not in signs:
            self.add(at(node), f"`{sign}` does not go with '{written(node)}', which is {_is(found)}; use {instead}")
        return sign in signs

    def nothing(self, node: Node, found: Domain) -> None:
        what = f"is {found.type}" if found.type else "leaves no answer"
        self.add(at(node), f"'{written(node)}' can't be used here: it {what}; name another question")

    def constant(self, node: Node, found: Domain, constant: Constant) -> None:
        """What is compared with a constant must be able to be it."""
        name = written(node)
        if isinstance(constant, Word) and constant.text in self.unclear and constant.text not in found.ids:
            return
        match found.kind:
            case "number":
                message = self.wrong_number(name, found, constant)
            case "date":
                message = _wrong_date(name, found, constant)
            case _:
                message = _wrong_option(name, found, constant)
        if message:
            self.add(constant.at, message)

    def wrong_number(self, name: str, found: Domain, constant: Constant) -> str:
        if isinstance(constant, Word) and constant.text in self.after:
            return self.later(constant.text)
        if not isinstance(constant, Number):
            return f"'{name}' is answered with a number, not with '{constant.text}'; write a number"
        value = constant.value
        if found.whole and not isinstance(value, int):
            return f"'{name}' is answered with whole numbers; {value} is none"
        low, high = found.minimum, found.maximum
        below = isinstance(low, int | float) and value < low
        above = isinstance(high, int | float) and value > high
        return f"'{name}' can't be {value}: {_bounds(found)}" if below or above else ""

    # Values

    def result(self, node: Node) -> None:
        """What a computed value can be in the end."""
        found = self.value(node)
        if found is not None and not found.lettered and found.kind != "number":
            self.add(
                at(node), f"a computed value is a number or a word, and '{written(node)}' is {_is(found)}; use another"
            )

    def value(self, node: Node) -> Domain | None:
        match node:
            case Name():
                return self.name(node)
            case Word(text):
                return Domain("word", "word", (text,))
            case Date():
                return DATE
            case Arithmetic(left, sign, right):
                for part in (left, right):
                    self.number(part, f"`{sign}` takes numbers")
            case Call(function, parts):
                for part in parts:
                    self.number(part, f"`{function}` takes numbers")
            case Of(function, name):
                return self.of(function, name)
            case If():
                return self.choice(node)
        return NUMBER

    def name(self, name: Name) -> Domain | None:
        if name.text in self.names:
            return domain(self.names[name.text])
        if name.text in self.unclear:
            return None
        if name.text in self.after:
            self.add(name.at, self.later(name.text))
        else:
            mend = did_you_mean(name.text, [*self.names, *self.unclear]) or "; name a question asked before this one"
            self.add(name.at, f"question '{name.text}' in `{self.key}` does not exist{mend}")
        return None

    def later(self, name: str) -> str:
        return f"question '{name}' in `{self.key}` is not asked before this one; move it up, or name an earlier one"

    def number(self, node: Node, wants: str) -> None:
        found = self.value(node)
        if found is None or found.kind == "number":
            return
        if found.kind == "nothing":
            self.nothing(node, found)
            return
        mend = f"use `count({written(node)})`" if found.kind in {"options", "ranking"} else "name a number"
        self.add(at(node), f"{wants}, and '{written(node)}' is {_is(found)}; {mend}")

    def of(self, function: str, name: Name) -> Domain | None:
        found = self.name(name)
        if found is None:
            return None
        kinds, types = _OF[function]
        if found.kind not in kinds:
            self.add(
                name.at,
                f"`{function}(...)` goes with {types}, and '{name.text}' is {_is(found)}; name another question",
            )
            return None
        if function == "count":
            return Domain("number", "number", whole=True, minimum=0, maximum=len(found.ids) or None)
        return Domain("option", "one-of", found.ids)

    def choice(self, node: If) -> Domain | None:
        self.condition(node.condition)
        first, second = self.value(node.then), self.value(node.other)
        if first is None or second is None:
            return None
        if first.lettered and second.lettered:
            return Domain("word", "word", tuple(dict.fromkeys((*first.ids, *second.ids))))
        if first.kind != second.kind:
            self.add(
                at(node.other),
                f"`if` gives {_is(first)} or {_is(second)}; let '{written(node.then)}' and '{written(node.other)}' be "
                "of one kind",
            )
            return None
        return NUMBER if first.kind == "number" else first


def _is(found: Domain) -> str:
    return {"word": "a word", "value": "a number" if found.kind == "number" else "a word"}.get(
        found.type, found.type or found.kind
    )


def _wrong_option(name: str, found: Domain, constant: Constant) -> str:
    value = str(constant.value) if isinstance(constant, Number) else constant.text
    if isinstance(constant, Word) and value in found.ids:
        return ""
    what = {"place": "place", "word": "word"}.get(found.kind, "option")
    return f"'{name}' has no {what} '{value}'{did_you_mean(value, found.ids)}"


def _wrong_date(name: str, found: Domain, constant: Constant) -> str:
    known = LENGTHS[found.precision]
    if not isinstance(constant, Date):
        value = constant.value if isinstance(constant, Number) else constant.text
        return f"'{name}' is answered with a date, not with '{value}'; write year-month-day, such as 2024-05-31"
    if len(constant.text) > known:
        return f"'{name}' is known to the {found.precision} only; write {constant.text[:known]}"
    reach, low, high = days(constant.text), _day(found.minimum, 0), _day(found.maximum, 1)
    if reach and ((low and reach[1] < low) or (high and reach[0] > high)):
        return f"'{name}' can't be {constant.text}: {_bounds(found)}"
    return ""


def _day(bound: float | str | None, last: int) -> date | None:
    reach = days(bound) if isinstance(bound, str) else None
    return reach[last] if reach else None


def _bounds(found: Domain) -> str:
    bounds = (("at least", found.minimum), ("at most", found.maximum))
    return "it is " + " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
