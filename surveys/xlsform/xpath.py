"""XLSForm's expressions, as a tree: the part of XPath that forms are written in.

    parse(source) -> Node      raises Unfit

`${name}` is another row's answer, `.` the row's own, a bare name a column of the choices (in `choice_filter`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from surveys.xlsform.report import Unfit

MAX_LENGTH: Final = 4_000
MAX_DEPTH: Final = 30
MAX_TERMS: Final = 60
"""In one row of `and`, `or`, `+` and the like."""


@dataclass(frozen=True, slots=True)
class Ref:
    name: str


@dataclass(frozen=True, slots=True)
class Own:
    """The answer of the row itself."""


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """As the languages of both sides write it: digits, and a point in the middle where there is one."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Minus:
    part: Node


Node = Ref | Own | Words | Number | Column | Call | Pair | Minus

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<ref>\$\{\s*(?:last-saved\#)?[^{}]*\})
    | (?P<words>"[^"]*"|'[^']*')
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<name>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    | (?P<sign>!=|<=|>=|==|\.\.|[=<>()+*,.-])
    )""",
    re.VERBOSE,
)
_LEVELS: Final = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
"""What binds loosest comes first."""


def parse(source: str) -> Node:
    """The tree. Raises Unfit."""
    if len(source) > MAX_LENGTH:
        raise Unfit(f"the expression is longer than {MAX_LENGTH} characters", "make it simpler")
    reader = _Reader(_tokens(source))
    node = reader.level(0)
    if reader.kind:
        raise Unfit(f"the expression breaks off before `{reader.text[:40]}`", "check its brackets and quotes")
    return node


def _tokens(source: str) -> list[tuple[str, str]]:
    tokens, at, end = [], 0, len(source.rstrip())
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None:
            strange = source[at:].lstrip()[:1]
            raise Unfit(f"`{strange}` in an expression is not understood", _MENDS.get(strange, "take it out"))
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind]))
        at = found.end()
    return tokens


_MENDS: Final = {
    "/": "name other rows as ${name}",
    "'": "a quote is not closed",
    '"': "a quote is not closed",
    "$": "name other rows as ${name}",
    "&": "write and",
    "|": "write or",
    "!": "write not( )",
    "[": "name other rows as ${name}",
}


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = [*tokens, ("", "")]
        self.at = 0
        self.depth = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def text(self) -> str:
        return self.tokens[self.at][1]

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self.single()
        node, terms = self.level(number + 1), 0
        while self.kind in {"sign", "name"} and (sign := self.sign()) in _LEVELS[number]:
            self.at += 1
            terms += 1
            if terms > MAX_TERMS:
                raise Unfit(f"more than {MAX_TERMS} terms in a row", "make the expression simpler")
            node = Pair(sign, node, self.level(number + 1))
        return node

    def sign(self) -> str:
        if self.kind == "name" and self.text.lower() in {"and", "or"} and self.text != self.text.lower():
            raise Unfit(f"`{self.text}` is not understood", f"write {self.text.lower()} in small letters")
        return "=" if self.text == "==" else self.text

    def single(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unfit(f"the expression is nested deeper than {MAX_DEPTH} levels", "make it simpler")
        try:
            return self.part()
        finally:
            self.depth -= 1

    def part(self) -> Node:  # noqa: C901 - one line for each kind of part
        kind, text = self.tokens[self.at]
        self.at += 1
        match kind, text:
            case "ref", _:
                name = text[2:-1].strip()
                if name.startswith("last-saved#"):
                    raise Unfit("what an earlier form held (last-saved) is not known", "ask it again")
                return Ref(name)
            case "words", _:
                return Words(text[1:-1])
            case "number", _:
                whole, _, rest = text.partition(".")
                rest = rest.rstrip("0")
                return Number((whole or "0") + (f".{rest}" if rest else ""))
            case "sign", "-":
                return Minus(self.single())
            case "sign", "(":
                node = self.level(0)
                self.close()
                return node
            case "sign", ".":
                return Own()
            case "sign", "..":
                return Column("..")
            case "name", _ if self.text == "(" and self.kind == "sign":
                self.at += 1
                return Call(text, self.parts())
            case "name", _:
                return Column(text)
            case "", _:
                raise Unfit("the expression breaks off", "check its brackets, and that something stands at its end")
        raise Unfit(
            f"`{text}` does not fit where it stands in the expression", _MENDS.get(text[:1], "check the expression")
        )

    def parts(self) -> tuple[Node, ...]:
        if self.text == ")" and self.kind == "sign":
            self.at += 1
            return ()
        parts = [self.level(0)]
        while self.kind == "sign" and self.text == ",":
            self.at += 1
            parts.append(self.level(0))
        self.close()
        return tuple(parts)

    def close(self) -> None:
        if self.kind != "sign" or self.text != ")":
            raise Unfit("a bracket is not closed in the expression", "close it")
        self.at += 1
