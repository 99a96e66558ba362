"""What becomes of each type of row that XLSForm has: the table that docs/focal-point/xlsform.md shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """`type` is that of the poll's question, "" where there is none. `how` says what was adapted; `why` refuses, with
    `mend`. A kind with neither a type nor a `why` is not needed, and `how` says so.
    """

    type: str = ""
    how: str = ""
    why: str = ""
    mend: str = "take the row out"


IDENTIFIES: Final = "it would tell who answers, or on which phone; a poll keeps people apart from their answers"
_IDENTIFIES: Final = Kind(
    why=IDENTIFIES,
    mend="take the row out; people are known by a pseudonym",
)
_MEASURED: Final = Kind(how="not needed: when somebody starts and ends is kept with the conversation")
_SHAPE: Final = Kind(why="a line or an area can't be sent as a message", mend="ask for a place instead")
_FILES: Final = Kind(
    why="its choices lie in another file",
    mend="write them into the choices sheet; many places go into a gazetteer, and the question becomes a place",
)
_LIST: Final = Kind(
    "place",
    why="its choices lie in another file",
    mend="write them into the choices sheet; places go into a gazetteer, named with --gazetteer",
)
_PLACE: Final = Kind(
    "place", why="a place is looked up in a gazetteer, and none was named", mend="add --gazetteer NAME"
)

KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind("open"),
    "integer": Kind("number"),
    "decimal": Kind("number"),
    "range": Kind("scale"),
    "date": Kind("date"),
    "dateTime": Kind("date", how="asked as a date: the time of day is left out"),
    "time": Kind("open", how="asked in people's own words: there is no type for a time of day"),
    "select_one": Kind("one-of"),
    "select_multiple": Kind("many-of"),
    "rank": Kind("ranking"),
    "note": Kind("note"),
    "acknowledge": Kind("yes-no", how="asked as yes or no"),
    "trigger": Kind("yes-no", how="asked as yes or no"),
    "calculate": Kind("value"),
    "hidden": Kind("value"),
    "geopoint": _PLACE,
    "geotrace": _SHAPE,
    "geoshape": _SHAPE,
    "image": Kind("picture"),
    "audio": Kind("voice"),
    "video": Kind(why="films can't be sent in a poll", mend="ask for a picture or a voice message"),
    "file": Kind(why="files can't be sent in a poll", mend="ask for a picture, or in words"),
    "barcode": Kind(why="nothing is scanned in a poll", mend="ask for the number in words"),
    "start": _MEASURED,
    "end": _MEASURED,
    "today": _MEASURED,
    "deviceid": _IDENTIFIES,
    "subscriberid": _IDENTIFIES,
    "simserial": _IDENTIFIES,
    "phonenumber": _IDENTIFIES,
    "username": _IDENTIFIES,
    "email": _IDENTIFIES,
    "audit": Kind(why="it would follow each step of the person who answers", mend="take the row out"),
    "start-geopoint": _IDENTIFIES,
    "background-geopoint": _IDENTIFIES,
    "background-audio": _IDENTIFIES,
    "select_one_from_file": _LIST,
    "select_multiple_from_file": _FILES,
    "select_one_external": _FILES,
    "csv-external": _FILES,
    "xml-external": _FILES,
    "osm": Kind(why="map features can't be picked in a message", mend="ask for a place instead"),
    "begin_group": Kind("group"),
    "begin_repeat": Kind("repeat"),
}
"""By XLSForm's present names. Groups and repeats end with end_group and end_repeat."""

_SELECTS: Final = {
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "rank": "rank",
    "select one external": "select_one_external",
}
_BOUND: Final = {
    "int": "integer",
    "string": "text",
    **{kind: kind for kind in ("decimal", "date", "dateTime", "time", "geopoint", "geotrace", "geoshape", "barcode")},
}
_MEDIA: Final = {"image/*": "image", "audio/*": "audio", "video/*": "video", "application/*": "file"}
_CONTROL: Final = re.compile(r"(begin|end)[\s_]+(?!time$)(.+)", re.IGNORECASE)
_GROUPS: Final = {"group": "group", "repeat": "repeat", "lgroup": "repeat", "looped group": "repeat", "loop": "loop"}


@dataclass(frozen=True, slots=True)
class Type:
    """A type as written: its present name, and the list that it chooses from."""

    name: str
    list: str = ""
    other: bool = False


def kind_of(written: str) -> Type:
    """The type by its present name; what is not known keeps the one it was written with."""
    text = " ".join(written.split())
    if found := _CONTROL.fullmatch(text):
        what = found[2].lower().replace("_", " ").split(" over ")[0].strip()
        return Type(f"{found[1].lower()}_{_GROUPS.get(what, what.replace(' ', '_'))}")
    if select := _select().match(text):
        command = select["select_command"].lower()
        from pyxform import aliases  # noqa: PLC0415 - loaded only where a form is read

        name = _SELECTS[aliases.select[command]]
        if command in aliases.select_from_file:
            name += "_from_file"
        return Type(name, select["list_name"], bool(select["specify_other"]))
    return Type(_plain(text))


@cache
def _select() -> re.Pattern[str]:
    """pyxform's own pattern, forgiving capitals."""
    from pyxform.xls2json import RE_SELECT  # noqa: PLC0415 - loaded only where a form is read

    return re.compile(RE_SELECT.pattern, re.IGNORECASE)


def _plain(text: str) -> str:
    """By what pyxform knows of the old names: `q string`, `add integer prompt`, `get device id`."""
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT  # noqa: PLC0415 - loaded only where a form is read

    by_lower = {name.lower(): name for name in KINDS}
    spelt = text.lower()
    for name in (spelt, spelt.replace("_", "-"), spelt.replace(" ", "_")):
        if name in by_lower:
            return by_lower[name]
    known = QUESTION_TYPE_DICT.get(text) or QUESTION_TYPE_DICT.get(spelt)
    if known is None:
        return {"datetime": "dateTime", "photo": "image", "location": "geopoint"}.get(spelt, text)
    bind, control = known.get("bind", {}), known.get("control", {})
    meant = bind.get("jr:preloadParams", "")
    if meant in KINDS:
        return str(meant)
    if control.get("tag") == "trigger":
        return "acknowledge"
    if bind.get("readonly"):
        return "note"
    if bind.get("type") == "binary":
        return _MEDIA.get(control.get("mediatype", ""), "file")
    return _BOUND.get(bind.get("type", ""), text)
