"""The small language of `when`: read once, checked against the questions before it, then evaluated on answers.

    either     = both { "or" both }
    both       = single { "and" single }
    single     = "not" single | "(" either ")" | "answered" "(" question ")" | comparison
    comparison = question ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) value
               | question "in" "(" value { "," value } ")"
               | question "includes" value
    value      = an option's id, or a number

A comparison with a question that was not answered, or skipped, is False, `!=` too.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from surveys.flow import Value
from surveys.model import Question
from surveys.problem import did_you_mean

MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 20

Answers = Mapping[str, Value]

# The tree -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """The question that is looked at, and where it stands in the source, from 0."""

    text: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float
    at: int = 0


class Expression:
    """A condition. Total: any answers give True or False."""

    __slots__ = ()

    def evaluate(self, answers: Answers) -> bool:
        raise NotImplementedError

    def __call__(self, answers: Answers) -> bool:
        return self.evaluate(answers)


_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Compare(Expression):
    question: Name
    sign: str
    literal: Literal

    def evaluate(self, answers: Answers) -> bool:
        answer = answers.get(self.question.text)
        if answer is None or isinstance(answer, str) != isinstance(self.literal.value, str):
            return False
        return not isinstance(answer, list) and _COMPARE[self.sign](answer, self.literal.value)


@dataclass(frozen=True, slots=True)
class In(Expression):
    question: Name
    literals: tuple[Literal, ...]

    def evaluate(self, answers: Answers) -> bool:
        answer = answers.get(self.question.text)
        return answer is not None and any(answer == literal.value for literal in self.literals)


@dataclass(frozen=True, slots=True)
class Includes(Expression):
    question: Name
    literal: Literal

    def evaluate(self, answers: Answers) -> bool:
        answer = answers.get(self.question.text)
        return isinstance(answer, list) and self.literal.value in answer


@dataclass(frozen=True, slots=True)
class Answered(Expression):
    question: Name

    def evaluate(self, answers: Answers) -> bool:
        return answers.get(self.question.text) is not None


@dataclass(frozen=True, slots=True)
class Not(Expression):
    part: Expression

    def evaluate(self, answers: Answers) -> bool:
        return not self.part.evaluate(answers)


@dataclass(frozen=True, slots=True)
class And(Expression):
    parts: tuple[Expression, ...]

    def evaluate(self, answers: Answers) -> bool:
        return all(part.evaluate(answers) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or(Expression):
    parts: tuple[Expression, ...]

    def evaluate(self, answers: Answers) -> bool:
        return any(part.evaluate(answers) for part in self.parts)


# Reading ------------------------------------------------------------------------------------------------------------


class ExpressionError(ValueError):
    """`at` is where in the source, from 0; the text says what is wrong and how to mend it."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


_TOKEN = re.compile(r"\s*(?:(?P<word>[^\W\d]\w*)|(?P<number>-?\d+(?:\.\d+)?)(?!\w)|(?P<sign>==|!=|<=|>=|[<>(),]))")
_WORDS = frozenset({"and", "or", "not", "in", "includes", "answered"})
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
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(source: str) -> Iterator[_Token]:
    at, end = 0, len(source.rstrip())
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            strange = next((sign for sign in _MENDS if len(sign) > 1 and source.startswith(sign, at)), source[at])
            raise ExpressionError(at, f"`{strange}` is not understood in `when`; {_MENDS.get(strange, 'take it out')}")
        kind = found.lastgroup or ""
        yield _Token(kind, found[kind], found.start(kind))
        at = found.end()
    yield _Token("end", "", end)


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens = list(_tokens(source))
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def whole(self) -> Expression:
        expression = self.either()
        if self.token.kind != "end":
            self.fail("`and` or `or`", "")
        return expression

    def either(self) -> Expression:
        parts = [self.both()]
        while self.takes("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Expression:
        parts = [self.single()]
        while self.takes("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def single(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(self.token.at, f"nested deeper than {MAX_DEPTH} levels; make the condition simpler")
        try:
            if self.takes("not"):
                return Not(self.single())
            if self.takes("("):
                inner = self.either()
                self.expect(")")
                return inner
            if self.takes("answered"):
                self.expect("(")
                question = self.question()
                self.expect(")")
                return Answered(question)
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Expression:
        question = self.question()
        if self.token.text in _COMPARE:
            sign = self.next().text
            return Compare(question, sign, self.literal())
        if self.takes("includes"):
            return Includes(question, self.literal())
        if self.takes("in"):
            self.expect("(")
            literals = [self.literal()]
            while self.takes(","):
                literals.append(self.literal())
            self.expect(")")
            return In(question, tuple(literals))
        return self.fail("a comparison such as `==`, `in` or `includes`", f" after '{question.text}'")

    def question(self) -> Name:
        if self.token.kind != "word" or self.token.text in _WORDS:
            self.fail("a question's id", "")
        token = self.next()
        return Name(token.text, token.at)

    def literal(self) -> Literal:
        if self.token.kind not in {"word", "number"} or self.token.text in _WORDS:
            self.fail("an option's id or a number", "")
        token = self.next()
        if token.kind == "word":
            return Literal(token.text, token.at)
        if len(token.text) > 20:
            raise ExpressionError(token.at, "the number is too long; write a shorter one")
        return Literal(float(token.text) if "." in token.text else int(token.text), token.at)

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
            self.fail(f"`{text}`", "")

    def fail(self, wanted: str, where: str) -> NoReturn:
        token = self.token
        if token.text.lower() in _WORDS and token.text not in _WORDS:
            raise ExpressionError(token.at, f"write `{token.text.lower()}` in small letters")
        found = f"not `{token.text[:80]}`" if token.text else "and the condition ends"
        raise ExpressionError(token.at, f"here must come {wanted}{where}, {found}; for example `region == north`")


def parse(source: str) -> Expression:
    """The condition's tree. Raises ExpressionError."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(0, f"the condition is longer than {MAX_LENGTH} characters; make it simpler")
    return _Parser(source).whole()


# Checking against the questions --------------------------------------------------------------------------------------


def check(
    expression: Expression,
    before: Mapping[str, Question],
    after: AbstractSet[str],
    unclear: AbstractSet[str] = frozenset(),
) -> Iterator[ExpressionError]:
    """Everything in a condition that does not fit the questions `before` it.

    `after` are the ids of this and later questions, `unclear` those whose own mistakes forbid to say more.
    """
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from check(part, before, after, unclear)
        case Not(part):
            yield from check(part, before, after, unclear)
        case Answered(name) | Compare(name) | In(name) | Includes(name):
            if name.text in before:
                yield from _comparison(before[name.text], expression)
            elif name.text in unclear:
                return
            elif name.text in after:
                message = (
                    f"question '{name.text}' in `when` is not asked before this one; move it up, or name an earlier one"
                )
                yield ExpressionError(name.at, message)
            else:
                mend = did_you_mean(name.text, [*before, *unclear]) or "; name a question asked before this one"
                yield ExpressionError(name.at, f"question '{name.text}' in `when` does not exist{mend}")


_SIGNS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "yes-no": (frozenset({"==", "!=", "in"}), "`==` and yes or no"),
    "one-of": (frozenset({"==", "!=", "in"}), "`==`, `!=` or `in (...)`"),
    "many-of": (frozenset({"includes"}), "`includes`"),
    "scale": (frozenset({*_COMPARE, "in"}), "`==`, `<`, `>` or `in (...)`"),
    "number": (frozenset({*_COMPARE, "in"}), "`==`, `<`, `>` or `in (...)`"),
    "open": (frozenset(), "`answered(...)`"),
}
"""By a question's type: the signs that make sense for it, and what to write instead of others."""


def _comparison(question: Question, expression: Answered | Compare | In | Includes) -> Iterator[ExpressionError]:
    match expression:
        case Answered():
            return
        case Compare(name, sign, literal):
            literals: tuple[Literal, ...] = (literal,)
        case In(name, literals):
            sign = "in"
        case Includes(name, literal):
            sign, literals = "includes", (literal,)
    signs, instead = _SIGNS[question.type]
    if sign not in signs:
        yield ExpressionError(
            name.at, f"`{sign}` does not go with '{name.text}', which is {question.type}; use {instead}"
        )
        return
    wrong = _wrong_number if question.type in {"scale", "number"} else _wrong_option
    for literal in literals:
        if message := wrong(question, literal.value):
            yield ExpressionError(literal.at, message)


def _wrong_option(question: Question, value: str | float) -> str:
    ids = ["yes", "no"] if question.type == "yes-no" else [option.id for option in question.options]
    return "" if value in ids else f"'{question.id}' has no option '{value}'{did_you_mean(str(value), ids)}"


def _wrong_number(question: Question, value: str | float) -> str:
    if isinstance(value, str):
        return f"'{question.id}' is answered with a number, not with '{value}'; write a number"
    if question.whole and not isinstance(value, int):
        return f"'{question.id}' is answered with whole numbers; {value} is none"
    low, high = question.minimum, question.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = " and ".join(
            word
            for word in (f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else "")
            if word
        )
        return f"'{question.id}' can't be {value}: it is {bounds}"
    return ""
