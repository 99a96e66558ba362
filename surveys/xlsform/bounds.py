"""A `constraint` as the bounds that a question of a poll may have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from surveys.xlsform import xpath
from surveys.xlsform.report import Unfit

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_LOW: Final = frozenset({">", ">="})
_SIGNS: Final = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Bounds:
    """`how` says what is not to the letter, `unfit` why a part of the constraint is not kept."""

    minimum: str = ""
    maximum: str = ""
    how: str = ""
    unfit: Unfit | None = None


def bounds(source: str, kind: str, *, whole: bool) -> Bounds:
    """The bounds of a question of that type. Raises Unfit where the constraint can't be read."""
    found, unfit = Bounds(), None
    for part in _parts(xpath.parse(source)):
        try:
            sign, limit = _limit(part, kind)
        except Unfit as why:
            unfit = why
            continue
        found = _dated(found, sign, limit) if kind == "date" else _numbered(found, sign, limit, whole=whole)
    return replace(found, unfit=unfit)


def _parts(node: xpath.Node) -> Iterator[xpath.Node]:
    match node:
        case xpath.Pair("and", left, right):
            yield from _parts(left)
            yield from _parts(right)
        case xpath.Call("true", ()):
            return
        case _:
            yield node


def _limit(node: xpath.Node, kind: str) -> tuple[str, str]:
    """One side of it, as a sign and a limit."""
    match node:
        case xpath.Pair(sign, left, right) if sign in _SIGNS:
            if _own(right, kind) and not _own(left, kind):
                left, right, sign = right, left, _FLIPPED[sign]
            if _own(left, kind):
                return sign, _plain(right, kind)
        case xpath.Call("regex", _):
            raise Unfit("a pattern for answers is not known here", "say in the hint how to write it")
        case xpath.Call("not" | "selected", _):
            raise Unfit("that a choice excludes others can't be kept", "say it in the choice's label: None of these")
        case xpath.Pair("or" | "=" | "!=", _, _):
            raise Unfit(
                "only bounds (. >= 0 and . <= 120) can be kept",
                "write bounds; for a code such as 99 for `don't know`, let people skip: required is no",
            )
    raise Unfit("only bounds (. >= 0 and . <= 120) can be kept", "write bounds, or say it in the hint")


def _own(node: xpath.Node, kind: str) -> bool:
    match node:
        case xpath.Own():
            return kind in {"number", "scale", "date"}
        case xpath.Call("count-selected", (xpath.Own(),)):
            return kind in {"many-of", "ranking"}
    return False


def _plain(node: xpath.Node, kind: str) -> str:
    match node:
        case xpath.Number(text) if kind != "date":
            return text
        case xpath.Minus(xpath.Number(text)) if kind != "date":
            return f"-{text}"
        case xpath.Words(text) if kind != "date":
            try:
                return _shown(float(text))
            except ValueError:
                pass
        case xpath.Words(text) | xpath.Call("date", (xpath.Words(text),)):
            try:
                return date.fromisoformat(text.strip()[:10]).isoformat()
            except ValueError:
                pass
        case xpath.Call("today" | "now", ()):
            raise Unfit(
                "a bound that moves with the calendar can't be kept", "write a date, such as date('2024-05-31')"
            )
        case xpath.Ref():
            raise Unfit("a bound that depends on another answer can't be kept", "write a number, or say it in the hint")
    raise Unfit("a bound must be written out", "write a number, or date('2024-05-31')")


def _numbered(found: Bounds, sign: str, limit: str, *, whole: bool) -> Bounds:
    value, how = float(limit), found.how
    if abs(value) > 10**12 - 1:
        return found
    if sign in {"<", ">"}:
        if whole:
            step = 1 if sign == ">" else -1
            value = value + step if value.is_integer() else value
        else:
            how = f"{limit} itself is allowed too"
    if whole and not value.is_integer():
        value = float(int(value // 1) + (1 if sign in _LOW else 0))
    if sign in _LOW:
        low = max(value, float(found.minimum)) if found.minimum else value
        return Bounds(_shown(low), found.maximum, how)
    high = min(value, float(found.maximum)) if found.maximum else value
    return Bounds(found.minimum, _shown(high), how)


def _dated(found: Bounds, sign: str, limit: str) -> Bounds:
    day = date.fromisoformat(limit)
    try:
        day += timedelta(days={">": 1, "<": -1}.get(sign, 0))
    except OverflowError:
        return found
    if sign in _LOW:
        return Bounds(max(found.minimum, day.isoformat()), found.maximum)
    return Bounds(found.minimum, min(found.maximum or day.isoformat(), day.isoformat()))


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.6f}".rstrip("0").rstrip(".")
