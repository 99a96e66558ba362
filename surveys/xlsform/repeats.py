"""How often a repeat is asked: `repeat_count` as a number of the poll."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from surveys.definition import MOST_REPEATS
from surveys.emit import Node
from surveys.expressions import tree
from surveys.xlsform import conditions
from surveys.xlsform.columns import Row
from surveys.xlsform.fields import Known
from surveys.xlsform.report import Unfit
from surveys.xlsform.written import written

_FIRST: Final = f"asked for the first {MOST_REPEATS} at most"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a repeat counts: the `id` of an earlier number, or `value`, which is to be computed before it."""

    most: int
    id: str = ""
    value: str = ""
    how: str = ""


def counted(row: Row, known: Known, numbers: Collection[str], maxima: Mapping[str, int]) -> Counted:
    """How often this row's repeat is asked. `numbers` are the ids of numbers, `maxima` their bounds. Raises Unfit."""
    source = row.get("repeat_count")
    if not source:
        mend = "ask for the number (integer), and write ${that} as repeat_count"
        raise Unfit("it does not say how often it is asked", mend)
    try:
        node = conditions.value(source, known)
    except Unfit as unfit:
        raise Unfit(f"its `repeat_count` can't be kept: {unfit}", unfit.mend) from None
    match node:
        case tree.Name(text) if text in numbers:
            most = maxima.get(text, MOST_REPEATS + 1)
            return Counted(max(1, min(most, MOST_REPEATS)), id=text, how=_FIRST if most > MOST_REPEATS else "")
        case tree.Call("min", (tree.Name(text), tree.Number(value))) if text in numbers and 1 <= value <= MOST_REPEATS:
            return Counted(int(value), id=text)
        case tree.Number(value):
            if not isinstance(value, int) or not 1 <= value <= MOST_REPEATS:
                raise Unfit(f"it is asked {value} times", f"write 1 to {MOST_REPEATS} as repeat_count")
            return Counted(value, value=written(node))
        case tree.Word() | tree.Name() | tree.Date():
            raise Unfit("its `repeat_count` is no number", "name a question that is answered with a number")
    return Counted(MOST_REPEATS, value=written(node), how=_FIRST)


def keys(found: Counted, counter: str) -> dict[str, Node]:
    return {"count": found.id or counter, "most": str(found.most)}
