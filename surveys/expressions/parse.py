"""From what an author wrote to a tree.

    either     = both { "or" both }
    both       = single { "and" single }
    single     = "not" single | comparison
    comparison = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum
                     | "in" "(" constant { "," constant } ")" | "includes" word ]
    sum        = product { ( "+" | "-" ) product }
    product    = part { ( "*" | "/" ) part }
    part       = [ "-" ] ( number | date | word | function "(" either { "," either } ")" | "(" either ")" )
    constant   = word | [ "-" ] number | date

A word is a question's id, but beside a question in a comparison, and as a branch of an `if`, where it may be a word of
its own: `region == north`. There it stays a word until surveys.expressions.types.resolve finds a question of that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn, TypeVar

from surveys.expressions.evaluate import COMPARE, Expression
from surveys.expressions.tree import (
    MAX_NUMBER,
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
)
from surveys.problem import did_you_mean

MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 20
MAX_TERMS: Final = 50
"""The longest row of `+` and `-`, or of `*` and `/`."""

RESERVED: Final = frozenset({"and", "or", "not", "in", "includes", "answered"})
"""What can't be an id. The functions can: they are told by the bracket after them."""

_OF: Final = frozenset({"count", "first"})
_CALLS: Final = frozenset({"sum", "min", "max", "round"})
FUNCTIONS: Final = frozenset({"answered", "if", *_OF, *_CALLS})


_Read = TypeVar("_Read")


class ExpressionError(ValueError):
    """`at` is where in the source, from 0; the text says what is wrong and how to mend it."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


_TOKEN = re.compile(
    r"\s*(?:(?P<word>[^\W\d]\w*)"
    r"|(?P<date>\d{4}-\d{2}(?:-\d{2})?)(?![\w-])"
    r"|(?P<number>\d+(?:\.\d+)?)(?!\w)"
    r"|(?P<sign>==|!=|<=(?!>)|>=|<(?!>)|>|[(),+*/-]))"
)
_MENDS: Final = {
    "=": "write `==`",
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "<>": "write `!=`",
    "=>": "write `>=`",
    "=<": "write `<=`",
    '"': "write option ids without quotes",
    "'": "write option ids without quotes",
    "{": "write the question's id alone",
    "$": "write the question's id alone",
    "[": "use ( and )",
    "−": "write `-`",
    "–": "write `-`",
    "×": "write `*`",
    "÷": "write `/`",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(source: str, key: str) -> Iterator[_Token]:
    position, end = 0, len(source.rstrip())
    while position < end:
        found = _TOKEN.match(source, position)
        if found is None:
            position += len(source[position:]) - len(source[position:].lstrip())
            strange = next(
                (sign for sign in _MENDS if len(sign) > 1 and source.startswith(sign, position)), source[position]
            )
            mend = _MENDS.get(strange, "take it out")
            raise ExpressionError(position, f"`{strange}` is not understood in `{key}`; {mend}")
        kind = found.lastgroup or ""
        yield _Token(kind, found[kind], found.start(kind))
        position = found.end()
    yield _Token("end", "", end)


class _Parser:
    def __init__(self, source: str, key: str) -> None:
        self.what, self.example = ("condition", "region == north") if key == "when" else ("expression", "adults + 1")
        self.tokens = list(_tokens(source, key))
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def end(self, wanted: str) -> None:
        if self.token.kind != "end":
            self.fail(wanted)

    # Conditions

    def either(self) -> Node:
        parts = [self.both()]
        while self.token.text == "or":
            self.holds(parts[-1])
            self.next()
            parts.append(self.both())
        if len(parts) == 1:
            return parts[0]
        self.holds(parts[-1])
        return Or(tuple(parts))

    def both(self) -> Node:
        parts = [self.single()]
        while self.token.text == "and":
            self.holds(parts[-1])
            self.next()
            parts.append(self.single())
        if len(parts) == 1:
            return parts[0]
        self.holds(parts[-1])
        return And(tuple(parts))

    def single(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(self.token.at, f"nested deeper than {MAX_DEPTH} levels; make the {self.what} simpler")
        place = self.token.at
        node = Not(self.holds(self.single()), place) if self.takes("not") else self.comparison()
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        left = self.sum("a question's id")
        sign = self.token.text
        if sign not in COMPARE and sign not in {"in", "includes"}:
            return left
        self.counts(left)
        place = self.next().at
        if sign == "includes":
            if not isinstance(left, Name):
                raise ExpressionError(place, "before `includes` stands a question's id, as in `needs includes water`")
            constant = self.constant("an option's id")
            if not isinstance(constant, Word):
                raise ExpressionError(
                    constant.at, "after `includes` stands an option's id, as in `needs includes water`"
                )
            return Includes(left, constant)
        if sign == "in":
            constants = tuple(self.listed(lambda: self.constant("an option's id or a number")))
            return In(left, constants, any(isinstance(constant, Date) for constant in constants))
        right = self.counts(self.sum("an option's id or a number"))
        if isinstance(right, Name) and not isinstance(left, Number | Date | Arithmetic | Call):
            right = Word(right.text, right.at)
        return Compare(left, sign, right, isinstance(left, Date) or isinstance(right, Date))

    def constant(self, wanted: str) -> Constant:
        minus = self.token.at if self.takes("-") else None
        match self.token.kind:
            case "word" if self.token.text not in RESERVED and minus is None:
                token = self.next()
                return Word(token.text, token.at)
            case "number":
                return self.number(minus)
            case "date" if minus is None:
                return self.date()
        return self.fail(wanted)

    # Values

    def sum(self, wanted: str) -> Node:
        node = self.product(wanted)
        for term in range(MAX_TERMS + 1):
            if self.token.text not in {"+", "-"}:
                break
            node = self.operation(node, term, lambda: self.product("a question's id or a number"))
        return node

    def product(self, wanted: str) -> Node:
        node = self.part(wanted)
        for term in range(MAX_TERMS + 1):
            if self.token.text not in {"*", "/"}:
                break
            node = self.operation(node, term, lambda: self.part("a question's id or a number"))
        return node

    def operation(self, left: Node, term: int, read: Callable[[], Node]) -> Node:
        if term == MAX_TERMS:
            raise ExpressionError(self.token.at, f"more than {MAX_TERMS} terms in a row; make the {self.what} simpler")
        self.counts(left)
        sign = self.next().text
        return Arithmetic(left, sign, self.counts(read()))

    def part(self, wanted: str) -> Node:
        token = self.token
        if self.takes("("):
            inner = self.either()
            self.expect(")")
            return inner
        if self.takes("-"):
            if self.token.kind == "number":
                return self.number(token.at)
            if self.token.text == "-":
                self.fail("a question's id or a number")
            return Arithmetic(Number(0, token.at), "-", self.counts(self.part("a question's id or a number")))
        match token.kind:
            case "number":
                return self.number(None)
            case "date":
                return self.date()
            case "word" if self.tokens[self.position + 1].text == "(" and token.text not in RESERVED - FUNCTIONS:
                return self.function()
            case "word" if token.text not in RESERVED:
                self.next()
                return Name(token.text, token.at)
            case "word" if token.text == "answered":
                self.next()
        return self.fail("`(`" if token.text == "answered" else wanted)

    def function(self) -> Node:
        function = self.next()
        name, place = function.text, function.at
        if name not in FUNCTIONS:
            raise ExpressionError(place, f"there is no `{name[:80]}(...)`{did_you_mean(name, sorted(FUNCTIONS))}")
        if name == "if":
            return self.choice(place)
        if name in _CALLS:
            parts = tuple(self.listed(lambda: self.counts(self.either())))
            if name == "round" and len(parts) > 1:
                raise ExpressionError(at(parts[1]), "`round` takes one number; take the second out")
            return Call(name, parts, place)
        self.expect("(")
        asked = self.token
        if asked.kind != "word" or asked.text in RESERVED:
            self.fail("a question's id")
        self.next()
        self.expect(")")
        question = Name(asked.text, asked.at)
        return Answered(question, place) if name == "answered" else Of(name, question, place)

    def choice(self, place: int) -> Node:
        self.expect("(")
        condition = self.holds(self.either())
        self.expect(",")
        then = self.branch()
        self.expect(",")
        other = self.branch()
        self.expect(")")
        return If(condition, then, other, place)

    def branch(self) -> Node:
        branch = self.counts(self.either())
        return Word(branch.text, branch.at) if isinstance(branch, Name) else branch

    def number(self, minus: int | None) -> Number:
        token = self.next()
        value = float(token.text) if "." in token.text else int(token.text) if len(token.text) < 20 else MAX_NUMBER
        if len(token.text) > 20 or value >= MAX_NUMBER:
            raise ExpressionError(token.at, "the number is too long; write a shorter one")
        return Number(value, token.at) if minus is None else Number(-value, minus)

    def date(self) -> Date:
        token = self.next()
        text = "".join(str(int(digit)) if digit.isdecimal() else digit for digit in token.text)
        try:
            date.fromisoformat(text if len(text) > 7 else f"{text}-01")
        except ValueError:
            what = "day" if len(text) > 7 else "month"
            raise ExpressionError(
                token.at, f"there is no {what} {text}; write year-month-day, such as 2024-05-31"
            ) from None
        return Date(text, token.at)

    # Pieces

    def listed(self, read: Callable[[], _Read]) -> Iterator[_Read]:
        self.expect("(")
        yield read()
        while self.takes(","):
            yield read()
        self.expect(")")

    def holds(self, node: Node) -> Node:
        """What stands here must be a condition."""
        if not isinstance(node, Condition):
            where = f" after '{node.text}'" if isinstance(node, Name) else ""
            self.fail(f"a comparison such as `==`, `in` or `includes`{where}")
        return node

    def counts(self, node: Node) -> Node:
        """What stands here must be a value."""
        if isinstance(node, Condition):
            raise ExpressionError(
                at(node), "a condition has no value of its own; join conditions with `and`, or write `if(..., 1, 0)`"
            )
        return node

    def next(self) -> _Token:
        token = self.token
        self.position += 1
        return token

    def takes(self, text: str) -> bool:
        if self.token.kind != "end" and self.token.text == text:
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.takes(text):
            self.fail(f"`{text}`")

    def fail(self, wanted: str) -> NoReturn:
        token = self.token
        if token.text.lower() in RESERVED and token.text not in RESERVED:
            raise ExpressionError(token.at, f"write `{token.text.lower()}` in small letters")
        found = f"not `{token.text[:80]}`" if token.text else f"and the {self.what} ends"
        raise ExpressionError(token.at, f"here must come {wanted}, {found}; for example `{self.example}`")


def _parser(source: str, key: str) -> _Parser:
    if len(source) > MAX_LENGTH:
        what = "condition" if key == "when" else "expression"
        raise ExpressionError(0, f"the {what} is longer than {MAX_LENGTH} characters; make it simpler")
    return _Parser(source, key)


def parse(source: str, key: str = "when") -> Expression:
    """The condition that is written under `key`. Raises ExpressionError."""
    parser = _parser(source, key)
    tree = parser.either()
    parser.holds(tree)
    parser.end("`and` or `or`")
    return Expression(tree)


def parse_value(source: str, key: str = "value") -> Expression:
    """The computed value that is written under `key`: a number or a word. Raises ExpressionError."""
    parser = _parser(source, key)
    tree = parser.either()
    parser.end("a sign such as `+` or `*`")
    if isinstance(tree, Condition):
        raise ExpressionError(at(tree), "a value is a number or a word, not a condition; write `if(..., yes, no)`")
    return Expression(tree)
