"""What one value in an author's YAML may be: ids, texts, numbers, flags, times; each with its sentence of refusal.

Scalars arrive as the strings that were written. A validator gives the value, or a ValueError whose text says what is
wrong and how to mend it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATED = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}|[0-9]{4}-[0-9]{1,2}")
"""What may have been meant as a date."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?")
_DURATION = re.compile(r"([0-9]{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MONEY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,4})?) ([A-Z]{3})")
_COUNT = re.compile(r"[0-9]{1,9}")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_RESERVED = frozenset({"and", "or", "not", "in", "includes", "answered"})


def shown(value: object) -> str:
    return f"'{value[:80]}'" if isinstance(value, str) else "this"


def near_id(value: str) -> str:
    """The id that may have been meant; "" for none."""
    near = re.sub(r"[^a-z0-9_]+", "_", value.lower()).strip("_0123456789")[:40]
    return near if _ID.fullmatch(near) else ""


def _id(value: str) -> str:
    if not _ID.fullmatch(value):
        near = near_id(value)
        mend = f", for example '{near}'" if near else ""
        raise ValueError(
            f"{shown(value)} can't be an id; use small letters a-z, digits and _, 40 at most, a letter first{mend}"
        )
    if value in _RESERVED:
        raise ValueError(f"'{value}' can't be an id, it is a word of `when`; choose another")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("nothing is written here; write it, or take the key out")
    return value.strip()


def _translation(value: str) -> str:
    if not value.strip():
        raise ValueError(
            'nothing is written here; write it (inside of { } a text with a comma needs straight quotes: "...")'
        )
    return value.strip()


def _text(value: object) -> object:
    """A plain string is the text in the fallback language; it is kept under the key ""."""
    return {"": _filled(value)} if isinstance(value, str) else value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        several = re.findall(r"[a-z]{2,3}", value)
        mend = f"[{', '.join(several)}]" if ", ".join(several) == value else "one such as en, sw or ar"
        raise ValueError(f"{shown(value)} is not a language code; write {mend}")
    return value


def _date(value: object) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise ValueError(f"{shown(value)} is not a date; write one such as 2026-05-31")


def _bound(value: object) -> int | float | str:
    """A number, or a date: which of the two fits is for the question's type to say."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return _date(value)
    if isinstance(value, str) and _DATED.fullmatch(value):
        raise ValueError(f"{shown(value)} is no date here; write year, month and day, such as 2026-05-31")
    return _number(value)


def _time(value: object) -> datetime:
    """A time without a zone: the poll's own is added later."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"{shown(value)} is not a time; write one such as 2026-05-31 18:00")


def _duration(value: object) -> timedelta:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{shown(value)} is no length of time; write one such as 30m, 24h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _money(value: object) -> tuple[Decimal, str]:
    found = _MONEY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{shown(value)} is no amount; write one with its currency, such as 0.80 USD")
    return Decimal(found[1]), found[2]


def _count(value: object) -> int:
    if isinstance(value, str) and _COUNT.fullmatch(value):
        return int(value)
    raise ValueError(f"{shown(value)} is not a whole number; write one in digits, such as 5")


def _number(value: object) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    raise ValueError(f"{shown(value)} is not a number; write one in digits, such as 5 or 2.5")


def _flag(value: object) -> bool:
    if isinstance(value, str) and value in _FLAGS:
        return _FLAGS[value]
    raise ValueError(f"{shown(value)} must be yes or no")


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _words(value: object) -> object:
    """A word or a list of words for every language is kept under the key ""."""
    if isinstance(value, dict):
        return {language: _one_or_more(words) for language, words in value.items()}
    return {"": _one_or_more(value)}


_STRING = {"type": ["string", "number", "boolean"]}  # an editor takes an unquoted 18 or true for what it looks like
_STRINGS = {"anyOf": [{"type": "string"}, {"type": "array", "items": _STRING}]}

Filled = Annotated[str, AfterValidator(_filled), WithJsonSchema(_STRING)]
Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": ["string", "boolean"], "pattern": f"^{_ID.pattern}$"})]
Language = Annotated[
    str, AfterValidator(_language), WithJsonSchema({"type": ["string", "boolean"], "pattern": f"^{_LANGUAGE.pattern}$"})
]
Number = Annotated[int | float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Count = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Bound = Annotated[
    int | float | str,
    PlainValidator(_bound),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{_DATE.pattern}$"}]}),
]
Time = Annotated[datetime, PlainValidator(_time), WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$"})]
Duration = Annotated[
    timedelta, PlainValidator(_duration), WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"})
]
Money = Annotated[
    tuple[Decimal, str], PlainValidator(_money), WithJsonSchema({"type": "string", "pattern": f"^{_MONEY.pattern}$"})
]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"enum": [True, False, "yes", "no"]})]
Text = Annotated[
    dict[str, Annotated[str, AfterValidator(_translation)]],
    BeforeValidator(_text),
    WithJsonSchema({"anyOf": [_STRING, {"type": "object", "additionalProperties": _STRING}]}),
]
Words = Annotated[
    dict[str, list[Filled]],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [_STRINGS, {"type": "object", "additionalProperties": _STRINGS}]}),
]
Languages = Annotated[list[Language], BeforeValidator(_one_or_more)]
