"""The tree of an expression as an author writes it: the way back of surveys/expressions/parse.py."""

from __future__ import annotations

from surveys.expressions.tree import (
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
)


def written(node: Node) -> str:
    """The source that is read as this tree."""
    return _written(node)[0]


_LOOSE, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _TIGHT = range(7)


def _written(node: Node) -> tuple[str, int]:  # noqa: C901, PLR0912 - one line for each kind of part
    """The source, and how tightly it holds together."""
    match node:
        case Name(text) | Word(text) | Date(text):
            return text, _TIGHT
        case Number(value):
            return number(value), _TIGHT
        case Or(parts):
            return " or ".join(_in(part, _AND) for part in parts), _LOOSE
        case And(parts):
            return " and ".join(_in(part, _NOT) for part in parts), _AND
        case Not(part):
            return f"not {_in(part, _COMPARED if isinstance(part, Answered) else _TIGHT)}", _NOT
        case Compare(left, sign, right):
            return f"{_in(left, _SUM)} {sign} {_in(right, _SUM)}", _COMPARED
        case In(left, constants):
            return f"{_in(left, _SUM)} in ({', '.join(map(written, constants))})", _COMPARED
        case Includes(name, word):
            return f"{name.text} includes {word.text}", _COMPARED
        case Answered(name):
            return f"answered({name.text})", _TIGHT
        case Of(function, name):
            return f"{function}({name.text})", _TIGHT
        case Call(function, parts):
            return f"{function}({', '.join(map(written, parts))})", _TIGHT
        case If(condition, then, other):
            return f"if({written(condition)}, {written(then)}, {written(other)})", _TIGHT
        case Arithmetic(left, sign, right):
            level = _SUM if sign in {"+", "-"} else _PRODUCT
            return f"{_in(left, level)} {sign} {_in(right, level + 1)}", level


def _in(node: Node, level: int) -> str:
    text, own = _written(node)
    return text if own >= level else f"({text})"


def number(value: float) -> str:
    """In digits, without what says nothing."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
