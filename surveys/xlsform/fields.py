"""What an expression may name: the rows that left an answer, and functions that have no place in a poll."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from surveys.expressions import tree
from surveys.problem import did_you_mean
from surveys.xlsform.names import as_id
from surveys.xlsform.report import Unfit

OPTION: Final = frozenset({"yes-no", "one-of", "value"})
"""Types whose answer is one id or word."""
SEVERAL: Final = frozenset({"many-of", "ranking"})
COUNTED: Final = frozenset({"number", "scale"})

_NUMBER: Final = re.compile(r"\s*-?\d{1,12}(\.\d{1,6})?\s*")


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Field:
    """A row that left an answer. `type` is that of the poll's question; a computed word is a value with `options`.

    `options` are the poll's ids by the form's names. `always` is whether everybody who passes has answered it.
    `repeat` is the id of the repeat that it stands in.
    """

    id: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)
    always: bool = False
    repeat: str = ""

    @property
    def kind(self) -> str:
        return "number" if self.type in COUNTED or (self.type == "value" and not self.options) else self.type

    def option(self, name: str) -> tree.Word:
        """The poll's option for a choice of the form."""
        name = name.strip()
        if self.type == "value" and name not in self.options:
            name = as_id(name, "w")
        if name not in self.options:
            near = did_you_mean(name, self.options)
            raise Unfit(f"'{self.id}' has no choice '{name[:40]}'", f"write a name of its list{near}")
        return tree.Word(self.options[name])

    def score(self, name: str) -> tree.Number:
        if not is_number(name):
            raise Unfit(f"'{self.id}' is a choice, not a number", "compare it with a choice's name")
        return as_number(name)


class Several(Unfit):
    """A row is answered several times, being in a repeat that has ended."""

    def __init__(self, found: Field, name: str) -> None:
        super().__init__(
            f"'{name[:40]}' stands in a repeat, and is answered several times", "ask about it inside of the repeat"
        )
        self.field = found


Known = Callable[[str], Field]
"""The field of a name; raises Unfit where the row is not there, comes later, or was refused."""


def as_number(text: str) -> tree.Number:
    value = float(text)
    return tree.Number(int(value) if value.is_integer() else value)


def no_function(name: str) -> Unfit:
    why, mend = _FUNCTIONS.get(name, ("is not known here", "ask people for it, or leave it out"))
    return Unfit(f"{name[:40]}( ) {why}", mend)


_NOW: Final = ("looks at the clock, which a poll can't", "ask for the number itself, such as the age")
_LISTS: Final = ("looks into other rows or files", "write what it finds as choices, or leave it out")
_TEXT: Final = ("makes a text, and a poll computes numbers and words only", "leave it out, or compare choices")
_FUNCTIONS: Final = {
    **dict.fromkeys(("today", "now", "decimal-date-time", "decimal-time", "format-date", "format-date-time"), _NOW),
    **dict.fromkeys(("pulldata", "indexed-repeat", "instance", "jr:choice-name", "position", "once"), _LISTS),
    **dict.fromkeys(("concat", "join", "substr", "substring-after", "substring-before", "translate"), _TEXT),
    "regex": ("holds an answer against a pattern, which a poll can't", "say in the hint how to write it"),
    "random": ("draws by chance", "use `experiments`, which draws the same again"),
    "uuid": ("makes an id", "leave it out; each answer has a pseudonym of its own"),
    "int": ("cuts numbers off", "use round( ), or ask for whole numbers"),
    "count": ("counts repeats", "use the number that the repeat is asked for"),
}
