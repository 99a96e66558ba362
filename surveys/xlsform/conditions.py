"""What an expression of a form means in a poll: `relevant` and `choice_filter` as conditions, `calculation` as a value.

The two differ where a question was not answered: here every comparison with it is false, while XPath compares with ''.
Conditions are written so that the poll asks exactly those whom the form asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from surveys.expressions import tree
from surveys.xlsform import comparisons, xpath
from surveys.xlsform.fields import OPTION, Field, Known, Several, as_number, is_number, no_function
from surveys.xlsform.names import as_id
from surveys.xlsform.report import Unfit


def condition(source: str, known: Known) -> tree.Node | bool:
    """A condition, or True or False where it does not depend on any answer. Raises Unfit."""
    return holds(xpath.parse(source), known)


def value(source: str, known: Known) -> tree.Node:
    """What is computed. Raises Unfit."""
    return worth(xpath.parse(source), known)


# Conditions ---------------------------------------------------------------------------------------------------------


def holds(node: xpath.Node, known: Known) -> tree.Node | bool:  # noqa: C901 - one line for each kind of part
    match node:
        case xpath.Pair("and" | "or" as sign, left, right):
            return _joined(sign, holds(left, known), holds(right, known))
        case xpath.Pair(sign, left, right) if sign in comparisons.SIGNS:
            return _compared(sign, left, right, known)
        case xpath.Call("not", (part,)):
            return _opposite(holds(part, known))
        case xpath.Call("true", ()):
            return True
        case xpath.Call("false", ()):
            return False
        case xpath.Call("boolean" | "string" | "string-length", (part,)):
            return holds(part, known)
        case xpath.Call("selected", (xpath.Ref(name), part)):
            return comparisons.selected(known(name), comparisons.written_text(part))
        case xpath.Call("if", (first, then, other)):
            decided = holds(first, known)
            yes = _joined("and", decided, holds(then, known))
            return _joined("or", yes, _joined("and", _opposite(decided), holds(other, known)))
        case xpath.Ref(name):
            return comparisons.answered(known(name))
        case xpath.Call(name, _):
            raise no_function(name)
        case xpath.Column(name):
            raise Unfit(f"'{name[:40]}' is not understood", f"write ${{{name[:40]}}} for an answer, '...' for a choice")
    raise Unfit("this does not say what must hold", "write a comparison, such as ${age} >= 18")


def _joined(sign: str, left: tree.Node | bool, right: tree.Node | bool) -> tree.Node | bool:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, bool):
            return other if one is (sign == "and") else one
    assert not isinstance(left, bool)
    assert not isinstance(right, bool)
    if sign == "and":
        return tree.And((*_parts(left, tree.And), *_parts(right, tree.And)))
    parts = _gathered((*_parts(left, tree.Or), *_parts(right, tree.Or)))
    return parts[0] if len(parts) == 1 else tree.Or(parts)


def _parts(node: tree.Node, of: type[tree.And | tree.Or]) -> tuple[tree.Node, ...]:
    return node.parts if isinstance(node, of) else (node,)


def _gathered(parts: Iterable[tree.Node]) -> tuple[tree.Node, ...]:
    """`q == a or q == b` reads better as `q in (a, b)`."""
    kept: list[tree.Node] = []
    for part in parts:
        match kept[-1] if kept else None, part:
            case tree.Compare(left, "==", tree.Word() as first), tree.Compare(same, "==", tree.Word() as second) if (
                left == same
            ):
                kept[-1] = tree.In(left, (first, second))
            case tree.In(left, constants), tree.Compare(same, "==", tree.Word() as second) if left == same:
                kept[-1] = tree.In(left, (*constants, second))
            case _:
                kept.append(part)
    return tuple(kept)


def _opposite(node: tree.Node | bool) -> tree.Node | bool:
    if isinstance(node, bool):
        return not node
    return node.part if isinstance(node, tree.Not) else tree.Not(node)


def _compared(sign: str, left: xpath.Node, right: xpath.Node, known: Known) -> tree.Node | bool:
    left, right = _bare(left), _bare(right)
    if _is_plain(left) and not _is_plain(right):
        left, right, sign = right, left, _FLIPPED[sign]
    match left, right:
        case xpath.Call("string-length", (xpath.Ref(name),)), xpath.Number(size):
            return comparisons.length(known(name), sign, float(size))
        case xpath.Call("count-selected", (xpath.Ref(name),)), xpath.Number():
            return comparisons.counted(known(name), sign, worth(right, known))
        case xpath.Ref(name), xpath.Words(text) if not text.strip():
            return comparisons.nothing(known(name), sign)
        case xpath.Ref(name), _ if _is_plain(right) and known(name).kind != "number":
            return comparisons.with_text(known(name), sign, right)
        case xpath.Ref(name), xpath.Ref(other) if known(name).kind != "number":
            return comparisons.two(known(name), known(other), sign)
        case xpath.Ref(name), xpath.Call("true" | "false" as truth, ()):
            return comparisons.with_text(known(name), sign, xpath.Words(truth))
        case _, xpath.Call("true" | "false" as truth, ()) if sign in {"=", "!="}:
            return holds(left, known) if (truth == "true") is (sign == "=") else _opposite(holds(left, known))
    always = sign == "!=" and all(_always(name, known) for name in refs(left) | refs(right))
    return comparisons.even_unanswered(
        tree.Compare(_figure(left, known), comparisons.SIGNS[sign], _figure(right, known)), always
    )


def _always(name: str, known: Known) -> bool:
    try:
        return known(name).always
    except Several:
        return False


_FLIPPED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _bare(node: xpath.Node) -> xpath.Node:
    while (
        isinstance(node, xpath.Call) and node.name in {"string", "number", "normalize-space"} and len(node.parts) == 1
    ):
        node = node.parts[0]
    return node


def _is_plain(node: xpath.Node) -> bool:
    match node:
        case xpath.Words() | xpath.Number() | xpath.Minus(xpath.Number()):
            return True
        case xpath.Call("date" | "date-time", (xpath.Words(),)):
            return True
    return False


def refs(node: xpath.Node) -> frozenset[str]:
    """The rows that an expression names."""
    match node:
        case xpath.Ref(name):
            return frozenset({name})
        case xpath.Pair(_, left, right):
            return refs(left) | refs(right)
        case xpath.Minus(part):
            return refs(part)
        case xpath.Call(_, parts):
            return frozenset().union(*map(refs, parts))
    return frozenset()


# Values -------------------------------------------------------------------------------------------------------------


def worth(node: xpath.Node, known: Known) -> tree.Node:  # noqa: C901, PLR0912 - one line for each kind of part
    match node:
        case xpath.Number(text):
            return _sized(text)
        case xpath.Words(text):
            return _word(text)
        case xpath.Ref(name):
            return _answer(known(name))
        case xpath.Minus(part):
            inner = worth(part, known)
            return (
                tree.Number(-inner.value)
                if isinstance(inner, tree.Number)
                else tree.Arithmetic(tree.Number(0), "-", inner)
            )
        case xpath.Pair("+" | "-" | "*" | "div" as sign, left, right):
            return tree.Arithmetic(_figure(left, known), {"div": "/"}.get(sign, sign), _figure(right, known))
        case xpath.Call("if", (first, then, other)):
            decided = holds(first, known)
            if isinstance(decided, bool):
                return worth(then if decided else other, known)
            return tree.If(decided, *_branches(then, other, known))
        case xpath.Call("coalesce", (xpath.Ref(name) as first, other)):
            return tree.If(comparisons.answered(known(name)), *_branches(first, other, known))
        case xpath.Call("once" | "number" | "string", (part,)):
            return worth(part, known)
        case xpath.Call("count-selected", (xpath.Ref(name),)):
            return comparisons.count(known(name))
        case xpath.Call("selected-at", (xpath.Ref(name), xpath.Number("0"))) if known(name).type == "ranking":
            return tree.Of("first", tree.Name(known(name).id))
        case xpath.Call("round", (part,)) | xpath.Call("round", (part, xpath.Number("0"))):
            return tree.Call("round", (_figure(part, known),))
        case xpath.Call("sum" | "min" | "max" as name, parts) if len(parts) > 1:
            return tree.Call(name, tuple(_figure(part, known) for part in parts))
        case xpath.Call("sum" | "min" | "max" as name, (xpath.Ref(ref),)):
            return tree.Call(name, (_of_all(ref, known),))
        case xpath.Call("date", (xpath.Words(),)):
            return tree.Date(comparisons.written_day(node))
        case xpath.Pair("mod", _, _):
            raise Unfit("the rest of a division (mod) can't be computed", "leave it out, or ask for the number itself")
        case xpath.Pair() | xpath.Call("not" | "selected" | "boolean" | "true" | "false"):
            return _truth(holds(node, known), tree.Word("true"), tree.Word("false"))
        case xpath.Call(name, _):
            raise no_function(name)
    raise Unfit("this can't be computed", "use numbers, answers, + - * div and if( )")


def _branches(one: xpath.Node, other: xpath.Node, known: Known) -> tuple[tree.Node, tree.Node]:
    """Two values of one kind: a choice beside a number is taken for its number."""
    first, second = worth(one, known), worth(other, known)
    if any(isinstance(value, tree.Number | tree.Arithmetic | tree.Call | tree.Of) for value in (first, second)):
        return _figure(one, known), _figure(other, known)
    return first, second


def _of_all(ref: str, known: Known) -> tree.Node:
    """What each number of a repeat answered."""
    try:
        found = known(ref)
    except Several as several:
        found = several.field
    if found.kind != "number":
        raise Unfit(f"'{found.id}' is no number", "compute with numbers")
    return tree.Name(found.id)


def _figure(node: xpath.Node, known: Known) -> tree.Node:
    """A part of a sum: a number, or a condition that counts 1 where it holds."""
    match node:
        case xpath.Pair(sign) if sign in {*comparisons.SIGNS, "and", "or"}:
            return _truth(holds(node, known), tree.Number(1), tree.Number(0))
        case xpath.Call("selected" | "not" | "boolean" | "true" | "false"):
            return _truth(holds(node, known), tree.Number(1), tree.Number(0))
        case xpath.Ref(name) if known(name).options and known(name).type in OPTION:
            return comparisons.scores(known(name))
    found = worth(node, known)
    if isinstance(found, tree.Word):
        raise Unfit(f"'{found.text}' is no number", "compute with numbers")
    return found


def _truth(held: tree.Node | bool, yes: tree.Node, no: tree.Node) -> tree.Node:
    return (yes if held else no) if isinstance(held, bool) else tree.If(held, yes, no)


def _answer(found: Field) -> tree.Node:
    if found.kind == "number" or found.type in {"date", *OPTION}:
        return tree.Name(found.id)
    raise Unfit(
        f"nothing can be computed from '{found.id}', which is asked as {found.type}",
        "compute with numbers; of several choices with count-selected( ) and selected( )",
    )


def _sized(text: str) -> tree.Number:
    if len(text) > 15:
        raise Unfit("a number in it is too long", "write a shorter one")
    return as_number(text)


def _word(text: str) -> tree.Node:
    if is_number(text):
        return as_number(text)
    if not text.strip():
        raise Unfit("nothing ('') can't be computed", "let it be 0 or a word, and ask about that")
    return tree.Word(as_id(text.strip(), "w"))


def words(node: tree.Node) -> dict[str, str]:
    """The words that a value can come out as, by themselves: {} for a number."""
    match node:
        case tree.If(_, then, other):
            return {**words(then), **words(other)}
        case tree.Word(text):
            return {text: text}
    return {}
