"""An expression of a poll as XLSForm says it: the way back of conditions.py.

A poll finds every comparison with what was not answered false; XPath compares with ''. Where that differs, the answer
is asked for, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from surveys.expressions import tree
from surveys.xlsform.report import Unfit
from surveys.xlsform.written import number

_TIGHT: Final = (tree.Name, tree.Word, tree.Number, tree.Date, tree.Of, tree.Call, tree.If, tree.Answered)
_MISSES: Final = {"==": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Known:
    """What an expression may name. `options` are an answer's ids, or a computed word's; `always` is whether everybody
    who comes by has answered.
    """

    type: str
    options: tuple[str, ...] = ()
    always: bool = False


Names = Mapping[str, Known]


def said(node: tree.Node, names: Names) -> str:
    """The XPath. Raises Unfit where XLSForm can't say it."""
    match node:
        case tree.Or(parts):
            return " or ".join(_in(part, names, tree.And) for part in parts)
        case tree.And(parts):
            return " and ".join(_in(part, names) for part in parts)
        case tree.Not(part):
            return f"not({said(part, names)})"
        case tree.Answered(name):
            return f"{_ref(name, names)} != ''"
        case tree.Includes(name, word):
            return f"selected({_ref(name, names)}, '{word.text}')"
        case tree.In(left, constants):
            one_by_one = [said(tree.Compare(left, "==", constant), names) for constant in constants]
            return one_by_one[0] if len(one_by_one) == 1 else " or ".join(one_by_one)
        case tree.Compare(left, sign, right):
            return _compared(left, sign, right, names)
    return _value(node, names)


def _in(node: tree.Node, names: Names, *loose: type) -> str:
    text = said(node, names)
    bare = isinstance(node, (tree.Not, tree.Includes, tree.Answered, *_TIGHT, *loose))
    bare = bare or (isinstance(node, tree.Compare) and " and " not in text)
    return text if bare or (loose and isinstance(node, tree.Compare)) else f"({text})"


def _compared(left: tree.Node, sign: str, right: tree.Node, names: Names) -> str:
    plain = f"{_side(left, right, names)} {_MISSES.get(sign, sign)} {_side(right, left, names)}"
    doubtful = [
        name
        for side in (left, right)
        for name in tree.names(side)
        if name.text in names and not names[name.text].always and _differs(side, sign, right)
    ]
    asked = dict.fromkeys(f"{_ref(name, names)} != ''" for name in doubtful)
    return " and ".join([plain, *asked])


def _differs(side: tree.Node, sign: str, right: tree.Node) -> bool:
    """Whether '' would pass the comparison."""
    if sign == "!=":
        return True
    if not isinstance(side, tree.Of) or side.function != "count":
        return False
    return not (isinstance(right, tree.Number) and right.value > 0 and sign in {">", ">=", "=="})


def _side(node: tree.Node, other: tree.Node, names: Names) -> str:
    """One side of a comparison: a word beside a choice is the choice's name, if it is not another row's."""
    if isinstance(node, tree.Word | tree.Name) and isinstance(other, tree.Name | tree.Of | tree.If):
        options = names[other.text].options if isinstance(other, tree.Name) and other.text in names else ()
        if node.text in options or node.text not in names:
            return f"'{node.text}'"
    return _value(node, names)


def _value(node: tree.Node, names: Names) -> str:  # noqa: C901 - one line for each kind of part
    match node:
        case tree.Name(text):
            return _ref(node, names)
        case tree.Word(text):
            return f"'{text}'" if text not in names else _ref(tree.Name(text), names)
        case tree.Number(value):
            return number(value)
        case tree.Date(text) if len(text) == 10:
            return f"date('{text}')"
        case tree.Of("count", name):
            return f"count-selected({_ref(name, names)})"
        case tree.Of("first", name):
            return f"selected-at({_ref(name, names)}, 0)"
        case tree.Call("round", (part,)):
            return f"round({_value(part, names)})"
        case tree.Call("sum", parts) if len(parts) > 1:
            return f"({' + '.join(_value(part, names) for part in parts)})"
        case tree.Call(function, parts):
            return f"{function}({', '.join(_value(part, names) for part in parts)})"
        case tree.If(condition, then, other):
            return f"if({said(condition, names)}, {_branch(then, names)}, {_branch(other, names)})"
        case tree.Arithmetic(left, sign, right):
            shown = {"/": "div"}.get(sign, sign)
            return f"{_term(left, sign, names)} {shown} {_term(right, sign, names, right=True)}"
    raise Unfit("an expression that XLSForm has nothing for", "say it in another way")


def _branch(node: tree.Node, names: Names) -> str:
    return f"'{node.text}'" if isinstance(node, tree.Word) and node.text not in names else _value(node, names)


def _term(node: tree.Node, sign: str, names: Names, *, right: bool = False) -> str:
    text = _value(node, names)
    tight = not isinstance(node, tree.Arithmetic) or (not right and (sign in {"+", "-"} or node.sign in {"*", "/"}))
    return text if tight else f"({text})"


def _ref(name: tree.Name, names: Names) -> str:
    if name.text not in names:
        raise Unfit(f"'{name.text}' has no row in the form", "look at the list of what is left out")
    return f"${{{name.text}}}"
