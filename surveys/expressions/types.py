"""What the names in an expression stand for, and what a check can say of an expression before anybody answers.

domain(question) -> Domain                   what can be answered to a question
resolve(expression, names) -> Expression     words that name a question or value become its name
kind_of(expression, names) -> Domain         what a computed value can be, for expressions after it
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from surveys.expressions.evaluate import Expression
from surveys.expressions.tree import (
    Arithmetic,
    Call,
    Compare,
    Constant,
    Date,
    If,
    In,
    Name,
    Node,
    Number,
    Of,
    Word,
    changed,
)
from surveys.model import Question

KINDS: Final[Mapping[str, str]] = {
    "yes-no": "option",
    "one-of": "option",
    "phone-consent": "option",
    "arm": "option",
    "many-of": "options",
    "ranking": "ranking",
    "scale": "number",
    "number": "number",
    "date": "date",
    "place": "place",
    "open": "text",
    "picture": "text",
    "voice": "text",
    "proposal": "text",
    "actor": "text",
    "tie": "option",
    "attitude": "option",
    "power": "options",
    "remark": "text",
}
"""By a question's type: the kind of its answers. Types that are not here leave no answer to look at."""

MEDIA: Final = frozenset({"picture", "voice"})
"""Types that some channels can't carry; there, a required question is passed too."""

YES_NO: Final = ("yes", "no")
LENGTHS: Final = {"year": 4, "month": 7, "day": 10}
"""By a date's precision: how long it is written."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What can be answered to a question, drawn as an arm, or come out of a computed value.

    `kind` is a value of KINDS, "word" for a computed word, or "nothing" for what leaves no answer. `type` is what its
    author called it. `ids` are an option's, an arm's or a place's, or the words that can come out. `minimum` and
    `maximum` bound a number or a date; of several options, `maximum` is how many may be chosen.
    """

    kind: str
    type: str = ""
    ids: Collection[str] = ()
    minimum: float | str | None = None
    maximum: float | str | None = None
    whole: bool = False
    precision: str = "day"

    @property
    def lettered(self) -> bool:
        """Whether it is one id or one word."""
        return self.kind in {"option", "place", "word"}


NUMBER: Final = Domain("number", "number")
DATE: Final = Domain("date", "date")

Known = Domain | Question


def domain(known: Known) -> Domain:
    """The domain of a question. That of a computed value follows from its expression: `kind_of`."""
    if isinstance(known, Domain):
        return known
    kind = KINDS.get(known.type, "nothing")
    return Domain(kind, known.type, _ids(known), known.minimum, known.maximum, known.whole, known.precision)


def _ids(question: Question) -> Collection[str]:
    match question.type:
        case "yes-no" | "phone-consent":
            return YES_NO
        case "arm":
            return question.arms
        case "place":
            return _Places(question)
    return tuple(option.id for option in question.options)


class _Places(Collection[str]):
    """The ids of the places that answer a question. There may be thousands: none is looked at before it must be."""

    def __init__(self, question: Question) -> None:
        self.gazetteer = question.gazetteer
        self.level = question.level

    def __contains__(self, name: object) -> bool:
        place = self.gazetteer.get(name) if self.gazetteer is not None and isinstance(name, str) else None
        return place is not None and self.level in {"", place.level}

    def __iter__(self) -> Iterator[str]:
        return (place.id for place in self.gazetteer or () if self.level in {"", place.level})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def kind_of(expression: Expression, names: Mapping[str, Known]) -> Domain:
    """What can come out of an expression that was checked: a number, or one of some words."""
    found = inferred(resolve(expression, names).tree, names)
    return Domain(found.kind, "value", found.ids, found.minimum, found.maximum, found.whole, found.precision)


def inferred(node: Node, names: Mapping[str, Known]) -> Domain:
    """The domain of a value that was checked; "nothing" where it has none."""
    match node:
        case Name(text):
            return domain(names[text]) if text in names else Domain("nothing")
        case Word(text):
            return Domain("word", "word", (text,))
        case Date():
            return DATE
        case Of("first", name):
            return Domain("option", "one-of", inferred(name, names).ids)
        case If(_, then, other):
            first, second = inferred(then, names), inferred(other, names)
            if first.lettered and second.lettered:
                return Domain("word", "word", tuple(dict.fromkeys((*first.ids, *second.ids))))
            return first if first.kind != "number" else NUMBER
        case Number() | Arithmetic() | Of() | Call():
            return NUMBER
    return Domain("nothing")


# Words that name something -----------------------------------------------------------------------------------------


def resolve(expression: Expression, names: Mapping[str, Known]) -> Expression:
    """The expression with each word that names something before it, and is no option of what it is compared with, read
    as that name; and with what is compared with dates read as a date.
    """
    return Expression(changed(expression.tree, lambda node: _resolved(node, names)))


def _resolved(node: Node, names: Mapping[str, Known]) -> Node:
    match node:
        case If(condition, then, other, place):
            return If(condition, _named(then, (), names), _named(other, (), names), place)
        case Compare(left, sign, right):
            left = _named(left, inferred(right, names).ids if isinstance(right, Of) else (), names)
            right = _named(right, inferred(left, names).ids, names)
            dates = "date" in {inferred(left, names).kind, inferred(right, names).kind}
            return Compare(_dated(left), sign, _dated(right), True) if dates else Compare(left, sign, right)
        case In(left, constants) if inferred(left, names).kind == "date":
            return In(left, tuple(_dated_constant(constant) for constant in constants), True)
    return node


def _named(node: Node, ids: Collection[str], names: Mapping[str, Known]) -> Node:
    if isinstance(node, Word) and node.text not in ids and node.text in names:
        return Name(node.text, node.at)
    return node


def _dated_constant(node: Constant) -> Constant:
    """A whole number of four digits is a year, where dates are meant."""
    if isinstance(node, Number) and isinstance(node.value, int) and 1000 <= node.value <= 9999:
        return Date(str(node.value), node.at)
    return node


def _dated(node: Node) -> Node:
    return _dated_constant(node) if isinstance(node, Number) else node


def days(text: str) -> tuple[date, date] | None:
    """The first and the last day of a day, a month or a year; None for what is no date."""
    try:
        first = date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return None
    if len(text) == LENGTHS["day"]:
        return first, first
    month = 12 if len(text) == LENGTHS["year"] else first.month
    return first, date(first.year, month, monthrange(first.year, month)[1])
