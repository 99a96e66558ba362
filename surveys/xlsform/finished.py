"""The last step of a row: its keys in their order, and what is to be said of each of its columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from surveys.emit import Node
from surveys.xlsform.asked import Asked
from surveys.xlsform.columns import Row
from surveys.xlsform.kinds import Kind
from surveys.xlsform.marks import PURPOSE
from surveys.xlsform.report import Entry, Fate, Unfit
from surveys.xlsform.wording import Wording

YES: Final = frozenset({"yes", "true", "true()", "1"})
_NO: Final = frozenset({"no", "false", "false()", "0", ""})
_ASKS_NOTHING: Final = frozenset({"note", "value"})
_BOUNDED_BY_ITSELF: Final = frozenset({"value", "note", "yes-no", "picture", "voice", "place"})
_PERSONAL: Final = re.compile(
    r"(q_)?((respondents?|resp|your|full|first|last|family|person|head|hh|contact|child|beneficiary|participant)_?)*"
    r"(names?|surname|lastname|nom|prenom|phone|tel|telephone|mobile|email|passport|national_id)(_?(number|no))?"
)
_IMPLIED: Final = {
    "guidance_hint": "notes for interviewers are not sent",
    "required_message": "the poll has a sentence of its own",
    "default": "nothing is filled in beforehand: people are asked",
    "trigger": "computed whenever it is looked at",
    "appearance": "how it looks on a screen means nothing in a message",
    "parameters": "taken as far as a message can",
    "media": "pictures, sound and films of a question are not sent",
}
"""Columns that a poll does without, and why."""


def purpose(row: Row) -> str:
    """A column `purpose`, which XLSForm does not know, says it; else it is still to write."""
    return next((cell for heading, cell in row.extra.items() if heading.casefold() == "purpose"), PURPOSE)


def finish(
    asked: Asked, kind: Kind, when: str | None, wording: Wording, put_in: Callable[[str], str]
) -> dict[str, Node]:
    """The keys of the question; how the row was adapted is added to `asked`."""
    row, became = asked.row, str(asked.keys["type"])
    keys: dict[str, Node] = {"id": asked.id, "type": became}
    keys |= {"purpose": purpose(row)} if became != "note" else {}
    keys |= {"when": when} if when is not None else {}
    if became not in _ASKS_NOTHING:
        _required(asked, keys)
    hint = wording.text(row.texts.get("hint", {}), put_in)
    if became == "value":
        if asked.text:
            asked.adapt("a computed value is not shown; its label is left out")
    elif became == "note":
        keys["text"] = _with_hint(asked, hint)
    else:
        keys |= {"text": asked.text, **({"hint": hint} if hint else {})}
    keys |= {key: value for key, value in asked.keys.items() if key not in keys}
    _call(asked)
    for how in (kind.how if became != "note" else "", *wording.taken()):
        asked.adapt(how)
    _implied(asked, became)
    return keys


def _call(asked: Asked) -> None:
    name = asked.row.get("name")
    if asked.id != name:
        asked.adapt(f"called '{asked.id}'" if name else f"it has no name; called '{asked.id}'")


def entries(asked: Asked) -> Iterator[Entry]:
    """What became of the row, and of each of its columns of which something is to be said."""
    became = str(asked.keys["type"])
    how = asked.done.get("", "")
    plain = f"a {became}" if became in _ASKS_NOTHING else f"asked as {became}"
    yield asked.row.entry(Fate.ADAPTED if how else Fate.IMPORTED, how or plain)
    for column, text in asked.done.items():
        if column:
            yield asked.row.entry(Fate.ADAPTED, text, column=column)
    for column, unfit in asked.refused.items():
        yield asked.row.entry(Fate.REFUSED, str(unfit), unfit.mend, column)


def left_out(row: Row) -> Iterator[Entry]:
    """What a group or repeat has in columns that a poll does without."""
    for column, why in _IMPLIED.items():
        if row.get(column) or row.texts.get(column):
            yield row.entry(Fate.ADAPTED, why, column=column)


def _with_hint(asked: Asked, hint: dict[str, str]) -> dict[str, str]:
    if hint:
        asked.adapt("the hint follows the text", "hint")
    return {
        language: f"{text}\n{hint[language]}" if language in hint else text for language, text in asked.text.items()
    }


def _required(asked: Asked, keys: dict[str, Node]) -> None:
    required = asked.row.get("required").lower()
    personal = _PERSONAL.fullmatch(asked.id) is not None
    if personal:
        asked.adapt("it seems to ask who somebody is: nobody has to answer it; better take it out")
    if personal or required not in YES:
        keys["required"] = "no"
    if required not in YES | _NO:
        asked.adapt("required under a condition is not known here: people may skip it", "required")


def _implied(asked: Asked, became: str) -> None:
    row = asked.row
    for column, why in _IMPLIED.items():
        if (row.get(column) or row.texts.get(column)) and not _is_used(asked, column, became):
            asked.adapt(why, column)
    if row.get("calculation") and became != "value":
        mend = "compute it in a row of type calculate"
        asked.refused["calculation"] = Unfit("an answer is not computed for people", mend)
    if row.get("constraint") and became in _BOUNDED_BY_ITSELF:
        asked.refused.setdefault("constraint", Unfit(f"a {became} has no bounds", "take the constraint out"))


def _is_used(asked: Asked, column: str, became: str) -> bool:
    """Whether the type made something of it."""
    looks = asked.row.get("appearance")
    return (
        (column == "default" and became == "value" and not asked.row.get("calculation"))
        or (column == "parameters" and (asked.type.name == "range" or "order" in asked.keys))
        or (column == "appearance" and became == "date" and any(look in looks for look in ("year", "ethiop", "islam")))
    )
