"""One row of the survey sheet as the keys of a question, by the type that the question has in a poll."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from surveys.emit import Node
from surveys.expressions import tree
from surveys.xlsform import conditions, xpath
from surveys.xlsform.bounds import Bounds, bounds
from surveys.xlsform.choices import OTHER, Choices, Options, with_other
from surveys.xlsform.columns import Row
from surveys.xlsform.fields import Field, Known
from surveys.xlsform.kinds import Type
from surveys.xlsform.report import Fate, Unfit
from surveys.xlsform.wording import Wording
from surveys.xlsform.written import written

_WHICH: Final = {
    "en": "Which other?",
    "fr": "Lequel ?",
    "ar": "ما هو؟",
    "sw": "Ni ipi?",
    "es": "¿Cuál?",
    "pt": "Qual?",
}
_CALENDARS: Final = {"ethiopian": "ethiopian", "islamic": "islamic"}
_LAYOUT_MATTERS: Final = {
    "signature": ("a signature would tell who answers", "take the row out"),
    "search": ("its choices lie in another file", "write them into the choices sheet"),
    "bearing": ("a direction can't be measured in a message", "ask for it in words"),
}


@dataclass(slots=True)
class Asked:
    """A row while it becomes a question. `keys` go into the poll, `done` says how it was adapted, column by column."""

    row: Row
    type: Type
    id: str
    keys: dict[str, Node]
    field: Field
    text: dict[str, str] = dataclasses.field(default_factory=dict)
    after: list[dict[str, Node]] = dataclasses.field(default_factory=list)
    done: dict[str, str] = dataclasses.field(default_factory=dict)
    refused: dict[str, Unfit] = dataclasses.field(default_factory=dict)

    def adapt(self, how: str, column: str = "") -> None:
        if how:
            self.done[column] = f"{self.done[column]}; {how}" if column in self.done else how


@dataclass(slots=True)
class Around:
    """What a row needs to know of the form."""

    choices: Choices
    wording: Wording
    known: Known
    gazetteer: str = ""
    calendars: set[str] = dataclasses.field(default_factory=set)
    maxima: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.wording.main, *self.wording.codes.values())))


Make = Callable[[Asked, Around], None]


def make(asked: Asked, kind: str, around: Around) -> None:
    """Fill in the keys. Raises Unfit where the row can't be asked at all."""
    for word, (why, mend) in _LAYOUT_MATTERS.items():
        if asked.row.get("appearance").lower().split("(")[0].split(" ")[0] == word:
            raise Unfit(why, mend)
    if kind != "value" and not asked.text:
        media = "media" in asked.row.texts
        raise Unfit("there is no text to send" + (", only media" if media else ""), "write a label")
    _MAKE[kind](asked, around)


def _become(asked: Asked, kind: str, options: Mapping[str, str] | None = None) -> None:
    asked.keys["type"] = kind
    asked.field = Field(asked.field.id, kind, options or {}, asked.field.always, asked.field.repeat)


def _bounds(asked: Asked, kind: str, *, whole: bool = True) -> Bounds:
    source = asked.row.get("constraint")
    if not source:
        return Bounds()
    try:
        found = bounds(source, kind, whole=whole)
    except Unfit as unfit:
        asked.refused["constraint"] = unfit
        return Bounds()
    if found.unfit is not None:
        asked.refused["constraint"] = found.unfit
    if found.how:
        asked.adapt(found.how, "constraint")
    if "constraint_message" in asked.row.texts and (found.minimum or found.maximum):
        asked.adapt("people get the poll's own sentence, which names the bounds", "constraint_message")
    return found


def _open(asked: Asked, around: Around) -> None:
    _become(asked, "open")
    if asked.row.get("read_only").lower() in {"yes", "true", "true()"} and not asked.row.get("calculation"):
        _become(asked, "note")
        asked.adapt("it is read-only: it becomes a note")
    elif asked.row.get("constraint"):
        asked.refused["constraint"] = Unfit(
            "a person's own words are taken as they are", "say it in the hint, or ask for a number or a choice"
        )


def _number(asked: Asked, around: Around) -> None:
    _become(asked, "number")
    whole = asked.type.name == "integer"
    found = _bounds(asked, "number", whole=whole)
    _numbered(asked, around, found.minimum, found.maximum, whole=whole)


def _numbered(asked: Asked, around: Around, low: str, high: str, *, whole: bool) -> None:
    if low and high and float(low) >= float(high):
        asked.refused["constraint"] = Unfit(f"{low} to {high} leaves nothing to choose", "write other bounds")
        low = high = ""
    if low:
        asked.keys["minimum"] = low
    if high:
        asked.keys["maximum"] = high
        around.maxima[asked.id] = int(float(high))
    if not whole:
        asked.keys["whole"] = "no"


def _range(asked: Asked, around: Around) -> None:
    told = _parameters(asked.row)
    try:
        start, end, step = (float(told.get(key, default)) for key, default in (("start", 1), ("end", 10), ("step", 1)))
    except ValueError:
        raise Unfit("its parameters are no numbers", "write them like this: start=1 end=5 step=1") from None
    low, high = sorted((start, end))
    whole = low.is_integer() and step.is_integer()
    if whole and high.is_integer() and step == 1 and 0 <= low < high <= 10:
        _become(asked, "scale")
        asked.keys |= {"minimum": str(int(low)), "maximum": str(int(high))}
    else:
        _become(asked, "number")
        asked.adapt("a range beyond 0 to 10, or with steps, is asked as a number")
        shown = (str(int(low)), str(int(high))) if whole and high.is_integer() else (f"{low:g}", f"{high:g}")
        _numbered(asked, around, *shown, whole=whole)
    if asked.row.get("constraint"):
        asked.refused["constraint"] = Unfit("the bounds of a range are its parameters", "write start= and end=")


def _date(asked: Asked, around: Around) -> None:
    _become(asked, "date")
    looks = asked.row.get("appearance").lower().split()
    if "month-year" in looks:
        asked.keys["precision"] = "month"
    elif "year" in looks:
        asked.keys["precision"] = "year"
    around.calendars.update(_CALENDARS[look] for look in looks if look in _CALENDARS)
    found = _bounds(asked, "date")
    if found.minimum and found.maximum and found.minimum >= found.maximum:
        asked.refused["constraint"] = Unfit("its bounds leave no day", "write other dates")
        return
    asked.keys |= {key: day for key, day in (("minimum", found.minimum), ("maximum", found.maximum)) if day}


def _yes_no(asked: Asked, around: Around) -> None:
    _become(asked, "yes-no", {"OK": "yes"})


def _one_of(asked: Asked, around: Around) -> None:
    options = _listed(asked, around)
    plain = not asked.row.get("choice_filter") and not asked.type.other
    if plain and options.yes:
        _become(asked, "yes-no", {options.yes: "yes", options.no: "no"})
        asked.adapt("asked as yes or no, in the poll's own words")
    elif plain and len(options.options) == 1:
        _one_choice(asked, options)
    elif plain and (ends := options.scale):
        _become(asked, "scale")
        asked.keys |= {"minimum": str(ends[0]), "maximum": str(ends[1])}
        asked.adapt("numbers alone are asked as a scale")
    else:
        _choice(asked, around, options, "one-of")
    if asked.row.get("constraint"):
        asked.refused["constraint"] = Unfit(
            "a choice is any of its options", "take out the choices that don't fit, or use choice_filter"
        )


def _one_choice(asked: Asked, options: Options) -> None:
    _become(asked, "yes-no", {options.options[0].name: "yes"})
    label = next(iter(options.options[0].label.values()))
    asked.adapt(f"one choice alone ('{label[:40]}') is asked as yes or no: say in the label what is confirmed")


def _many_of(asked: Asked, around: Around) -> None:
    options = _listed(asked, around)
    if len(options.options) == 1 and not asked.type.other:
        _one_choice(asked, options)
        return
    _choice(asked, around, options, "many-of")
    _most(asked, len(options.options))


def _ranking(asked: Asked, around: Around) -> None:
    _choice(asked, around, _listed(asked, around), "ranking")
    _most(asked, len(asked.field.options))


def _most(asked: Asked, count: int) -> None:
    found = _bounds(asked, "many-of")
    if found.minimum and float(found.minimum) > 1:
        asked.refused["constraint"] = Unfit("how many at least can't be kept", "say it in the label")
    if found.maximum and 1 <= float(found.maximum) < count:
        asked.keys["maximum"] = found.maximum


def _listed(asked: Asked, around: Around) -> Options:
    name = asked.type.list
    if "${" in name:
        raise Unfit("its choices are answers to another question", "write the choices into the choices sheet")
    if not name:
        raise Unfit("it names no list of choices", "write it behind the type, such as select_one yes_no")
    options = around.choices.of(name)
    return with_other(options, around.languages) if asked.type.other else options


def _choice(asked: Asked, around: Around, options: Options, kind: str) -> None:
    filters = _filters(asked, around, options)
    offered = [option for option in options.options if filters.get(option.id, True) is not False]
    if len(offered) < 2:
        raise Unfit("fewer than two of its choices are left", "mend the rows of its list")
    _no_numbers([option.label for option in offered])
    _become(asked, kind, {option.name: option.id for option in offered})
    told = _parameters(asked.row)
    if told.get("randomize", "").lower() in {"true", "yes"}:
        asked.keys["order"] = "random"
    asked.keys["options"] = [
        {
            "id": option.id,
            "label": option.label,
            **(
                {"when": written(when)} if (when := filters.get(option.id, True)) and not isinstance(when, bool) else {}
            ),
        }
        for option in offered
    ]
    if asked.type.other:
        _and_which(asked, around, kind)


def _no_numbers(labels: list[Mapping[str, str]]) -> None:
    for place, label in enumerate(labels, start=1):
        for text in label.values():
            bare = text.strip(" .)")
            if bare.isdecimal() and len(bare) < 4 and int(bare) != place and 1 <= int(bare) <= len(labels):
                raise Unfit(
                    f"a choice is called {bare}, which people type for the choice in place {int(bare)}",
                    f"write it with a word, such as '{bare} people'",
                )


def _filters(asked: Asked, around: Around, options: Options) -> dict[str, tree.Node | bool]:
    """When each option is offered, by its id: the filter with what the choice has in its columns."""
    source = asked.row.get("choice_filter")
    if not source:
        return {}
    parsed = xpath.parse(source)
    found: dict[str, tree.Node | bool] = {}
    unfit: dict[str, Unfit] = {}
    for option in options.options:
        if option.row is None:
            continue
        try:
            found[option.id] = conditions.holds(_filled(parsed, option.column, around.choices.headings), around.known)
        except Unfit as why:
            found[option.id] = False
            unfit[option.id] = why
    if found and all(when is False for when in found.values()):
        raise next(iter(unfit.values()), Unfit("its choice_filter fits none of its choices", "mend it, or take it out"))
    for option in options.options:
        if option.row is not None and option.id in unfit:
            text = f"'{asked.row.get('name')[:40]}' never offers it: {unfit[option.id]}"
            around.choices.entries.append(option.row.entry(Fate.REFUSED, text, unfit[option.id].mend))
    return found


def _filled(node: xpath.Node, column: Callable[[str], str | None], headings: frozenset[str]) -> xpath.Node:
    match node:
        case xpath.Column(name):
            held = _held(name, column, headings)
            if not held:
                raise Unfit(f"the choice has nothing in column '{name[:40]}'", "write when it is offered")
            return xpath.Words(held)
        case xpath.Pair("=" | "!=" as sign, xpath.Column(name), xpath.Words(text)):
            same = _held(name, column, headings) == text
            return xpath.Call("true" if same is (sign == "=") else "false", ())
        case xpath.Pair("and" | "or" as sign, left, right):
            left = _filled(left, column, headings)
            settled = xpath.Call("true" if sign == "or" else "false", ())
            return left if left == settled else xpath.Pair(sign, left, _filled(right, column, headings))
        case xpath.Pair(sign, left, right):
            return xpath.Pair(sign, _filled(left, column, headings), _filled(right, column, headings))
        case xpath.Call(name, parts):
            return xpath.Call(name, tuple(_filled(part, column, headings) for part in parts))
    return node


def _held(name: str, column: Callable[[str], str | None], headings: frozenset[str]) -> str:
    if name.casefold() not in headings:
        raise Unfit(f"the choices sheet has no column '{name[:40]}'", "add it, or name another one")
    return column(name) or ""


def _and_which(asked: Asked, around: Around, kind: str) -> None:
    """`or_other`: the choice, and a question of its own that asks which."""
    text = {language: _WHICH[language] for language in around.languages if language in _WHICH}
    text.setdefault(around.languages[0], _WHICH["en"])
    sign = "==" if kind == "one-of" else "includes"
    asked.adapt("`or_other` becomes the option 'other' and an open question after it")
    asked.after.append({"type": "open", "when": f"{asked.id} {sign} {OTHER}", "required": "no", "text": text})


def _note(asked: Asked, around: Around) -> None:
    _become(asked, "note")


def _media(asked: Asked, around: Around) -> None:
    _become(asked, "picture" if asked.type.name == "image" else "voice")
    asked.adapt("asked on channels that carry it; on the others people hear that it is left out")


def _place(asked: Asked, around: Around) -> None:
    _become(asked, "place")
    asked.keys["gazetteer"] = around.gazetteer
    asked.adapt("asked by the place's name; the exact point is not kept")


def _value(asked: Asked, around: Around) -> None:
    row = asked.row
    source = row.get("calculation")
    if not source and row.get("default"):
        source = f"'{row.get('default')}'" if "'" not in row.get("default") else row.get("default")
    if not source:
        raise Unfit("nothing is computed here", "write its calculation, or take the row out")
    node = conditions.value(source, around.known)
    if isinstance(node, tree.Date):
        raise Unfit("a date can't be computed", "write the date where it is compared")
    asked.keys["value"] = written(node)
    _become(asked, "value", conditions.words(node))


def _parameters(row: Row) -> dict[str, str]:
    parts = row.get("parameters").replace(",", " ").replace(";", " ").replace(" =", "=").replace("= ", "=").split()
    return {key.lower(): value for key, _, value in (part.partition("=") for part in parts)}


_MAKE: Final[Mapping[str, Make]] = {
    "open": _open,
    "number": _number,
    "scale": _range,
    "date": _date,
    "yes-no": _yes_no,
    "one-of": _one_of,
    "many-of": _many_of,
    "ranking": _ranking,
    "note": _note,
    "picture": _media,
    "voice": _media,
    "place": _place,
    "value": _value,
}
