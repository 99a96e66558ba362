"""One comparison of a row's answer with something plain, in the language of `when`.

A form compares what was not answered with '' and a poll finds every comparison with it false: where the two would
differ, the condition says what the form means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from surveys.expressions import tree
from surveys.xlsform import xpath
from surveys.xlsform.fields import OPTION, SEVERAL, Field, as_number, is_number
from surveys.xlsform.report import Unfit

SIGNS: Final = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def answered(found: Field) -> tree.Node:
    return tree.Answered(tree.Name(found.id))


def selected(found: Field, name: str) -> tree.Node:
    if found.type in SEVERAL:
        return tree.Includes(tree.Name(found.id), found.option(name))
    if found.type in OPTION and found.options:
        return tree.Compare(tree.Name(found.id), "==", found.option(name))
    if found.kind == "number" and is_number(name):
        return tree.Compare(tree.Name(found.id), "==", as_number(name))
    raise Unfit(f"'{found.id}' is not a choice", "use selected( ) with a select question")


def even_unanswered(compared: tree.Compare, always: bool) -> tree.Node:
    """What differs from nothing holds in a form, too."""
    if compared.sign != "!=" or always:
        return compared
    return tree.Not(tree.Compare(compared.left, "==", compared.right))


def length(found: Field, sign: str, size: float) -> tree.Node:
    if (sign, size) in {(">", 0), ("!=", 0), (">=", 1)}:
        return answered(found)
    if (sign, size) in {("=", 0), ("<", 1), ("<=", 0)}:
        return tree.Not(answered(found))
    raise Unfit("how long an answer is can't be asked", "write string-length( ) > 0 for `was answered`")


def counted(found: Field, sign: str, size: tree.Node) -> tree.Node:
    compared = tree.Compare(count(found), SIGNS[sign], size)
    nothing_fits = (
        isinstance(size, tree.Number)
        and {
            "=": size.value == 0,
            "!=": size.value != 0,
            "<": size.value > 0,
            "<=": size.value >= 0,
            ">": size.value < 0,
            ">=": size.value <= 0,
        }[sign]
    )
    return tree.Or((tree.Not(answered(found)), compared)) if nothing_fits and not found.always else compared


def count(found: Field) -> tree.Node:
    if found.type not in SEVERAL:
        raise Unfit(f"'{found.id}' holds one answer at most", "count a select_multiple")
    return tree.Of("count", tree.Name(found.id))


def nothing(found: Field, sign: str) -> tree.Node:
    if sign not in {"=", "!="}:
        raise Unfit("nothing can't be larger or smaller", "write = '' or != ''")
    return answered(found) if sign == "!=" else tree.Not(answered(found))


def with_text(found: Field, sign: str, right: xpath.Node) -> tree.Node:
    name = tree.Name(found.id)
    if found.type == "date":
        day = tree.Date(written_day(right))
        return even_unanswered(tree.Compare(name, SIGNS[sign], day, dates=True), found.always)
    text = written_text(right)
    if found.type in SEVERAL and sign in {"=", "!="}:
        alone = tree.And(
            (
                tree.Compare(tree.Of("count", name), "==", tree.Number(1)),
                tree.Includes(name, found.option(text)),
            )
        )
        return alone if sign == "=" else tree.Not(alone)
    if found.type in OPTION:
        if sign in {"=", "!="}:
            return even_unanswered(tree.Compare(name, SIGNS[sign], found.option(text)), found.always)
        return _ranked(found, sign, text)
    raise Unfit(
        f"'{found.id}' is asked as {found.type or 'a text'}, and can't be compared with '{text[:40]}'",
        "ask it as a choice, or compare with '' for `was answered`",
    )


_ORDER: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _ranked(found: Field, sign: str, text: str) -> tree.Node:
    """Choices that are called 1, 2, 3 are compared like numbers in a form; here they are named one by one."""
    bound = found.score(text).value
    fitting = [
        tree.Word(option) for name, option in found.options.items() if _ORDER[sign](found.score(name).value, bound)
    ]
    if not fitting:
        raise Unfit(f"no choice of '{found.id}' is {sign} {text[:20]}", "check the number")
    name = tree.Name(found.id)
    return tree.Compare(name, "==", fitting[0]) if len(fitting) == 1 else tree.In(name, tuple(fitting))


def two(left: Field, right: Field, sign: str) -> tree.Node:
    fits = left.type == right.type and left.options == right.options and left.type in {*OPTION, "date"}
    if not fits or (sign not in {"=", "!="} and left.type != "date"):
        raise Unfit(f"'{left.id}' and '{right.id}' can't be compared", "compare choices of one list, dates, or numbers")
    compared = tree.Compare(tree.Name(left.id), SIGNS[sign], tree.Name(right.id), left.type == "date")
    return even_unanswered(compared, left.always and right.always)


def written_day(node: xpath.Node) -> str:
    match node:
        case xpath.Words(text) | xpath.Call(_, (xpath.Words(text),)):
            try:
                return date.fromisoformat(text.strip()[:10]).isoformat()
            except ValueError:
                pass
    raise Unfit("a date is compared with something that is none", "write date('2024-05-31')")


def written_text(node: xpath.Node) -> str:
    match node:
        case xpath.Words(text) | xpath.Number(text):
            return text
        case xpath.Minus(xpath.Number(text)):
            return f"-{text}"
    raise Unfit("a choice must be named in quotes", "write the choice's name, such as 'water'")


def scores(found: Field) -> tree.Node:
    """A choice whose names are numbers, as the number."""
    node: tree.Node | None = None
    for name, option in reversed(list(found.options.items())):
        score = found.score(name)
        is_it = tree.Compare(tree.Name(found.id), "==", tree.Word(option))
        node = score if node is None and found.always else tree.If(is_it, score, node or tree.Number(0))
    assert node is not None
    return node
