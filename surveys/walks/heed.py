"""What the rest of a poll makes of an answer: which ones it looks at, and which constants it holds them against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from surveys.expressions import Expression
from surveys.expressions.tree import Compare, Date, In, Includes, Name, Node, Number, Of, Word, whole
from surveys.model import Question, Survey, Texts
from surveys.plan import HOLE

Constant = str | int | float


@dataclass(slots=True)
class Marks:
    """What is made of answers to one question anywhere in a poll.

    `constants` are what it is compared with: numbers, dates, ids. `counted`: how many were chosen matters. `shown`: a
    later text repeats it. `vague`: something is computed from it, so that constants alone don't tell its answers apart.
    """

    constants: set[Constant] = field(default_factory=set)
    counted: bool = False
    shown: bool = False
    vague: bool = False


_Of = Callable[[str], Marks]


def marks(survey: Survey) -> dict[str, Marks]:
    """By question; one that nothing looks at has none."""
    found: dict[str, Marks] = {}

    def of(name: str) -> Marks:
        return found.setdefault(name, Marks())

    for question in survey.questions:
        for expression in _expressions(question):
            for node in whole(expression.tree):
                _mark(node, of)
        if isinstance(question.value, Expression):
            for name in question.value.names:
                of(name).vague = True
    for text in _texts(survey):
        for name in _holes(text):
            of(name).shown = True
    return found


def heeded(survey: Survey) -> list[frozenset[str]]:
    """By place in the survey, and one more for the end: the questions whose answers anything from there on looks at."""
    later = frozenset(_holes(survey.thanks))
    found = [later]
    for question in reversed(survey.questions):
        later |= _looked_at(question)
        found.append(later)
    found.reverse()
    for shuffle in survey.shuffles:  # what is in it may come in any order
        for place in range(shuffle.start, shuffle.start + sum(shuffle.blocks)):
            found[place] |= found[shuffle.start]
    return found


def _looked_at(question: Question) -> frozenset[str]:
    names = {name for expression in _expressions(question) for name in expression.names}
    names.update(name for text in _texts_of(question) for name in _holes(text))
    return frozenset(names)


def _expressions(question: Question) -> Iterator[Expression]:
    conditions = [question.when, question.value]
    conditions += [wording.when for wording in question.instead]
    conditions += [option.when for option in question.options]
    return (one for one in conditions if isinstance(one, Expression))


def _texts_of(question: Question) -> Iterator[Texts]:
    yield question.text
    yield question.hint or {}
    yield from (wording.text for wording in question.instead)


def _texts(survey: Survey) -> Iterator[Texts]:
    yield survey.thanks
    for question in survey.questions:
        yield from _texts_of(question)


def _holes(text: Texts) -> Iterable[str]:
    return {hole[1] for spelled in text.values() for hole in HOLE.finditer(spelled)}


def _mark(node: Node, of: _Of) -> None:
    match node:
        case Name(name):
            of(name)
        case Compare(Name(name), _, constant) | Compare(constant, _, Name(name)) if not isinstance(constant, Name):
            _hold(name, [constant], of)
        case In(Name(name), constants):
            _hold(name, constants, of)
        case Includes(Name(name), Word(word)):
            of(name).constants.add(word)
        case Of(function, Name(name)):
            of(name).counted |= function == "count"
        case Compare(left, _, right):
            _compute([left, right], of)


def _hold(name: str, constants: Iterable[Node], of: _Of) -> None:
    for constant in constants:
        match constant:
            case Word(value) | Number(value) | Date(value):
                of(name).constants.add(value)
            case _:
                of(name).vague = True
                _compute([constant], of)


def _compute(nodes: Iterable[Node], of: _Of) -> None:
    for node in nodes:
        for part in whole(node):
            if isinstance(part, Name):
                of(part.text).vague = True
