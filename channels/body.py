"""Reading what a provider posts: forms and JSON objects, refused as Malformed where they can't be what they claim.

Texts are handed on as they came: matching and display take care of bidi marks, confusables and the like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from channels.adapter import Malformed, Pressed
from channels.render import parse_button

FIELDS = 200
"""In a form. The largest that a provider sends, a WhatsApp message with ten files, has some forty."""
TEXT = 20_000
"""Characters of a message: above the longest that any provider passes on."""
IDENTIFIER = 128
"""Characters of a provider's id: what the database holds."""
BUTTON = 256
"""Characters of a button's data: ours have 64 at most, those of other people's templates some more."""

Form = Mapping[str, str]

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields of an urlencoded form in their order, empty values kept.

    What urllib's parse_qsl finds, in half of its time, which is most of what a hook spends on reading.
    """
    if body.count(b"&") >= FIELDS:
        raise Malformed("The form has too many fields.")
    problem = ""
    try:
        parts = [part.partition("=") for part in body.decode("utf-8").split("&") if part]
        found = [(_decoded(name), _decoded(value)) for name, _, value in parts]
    except UnicodeDecodeError:
        problem = "The body is not UTF-8."
    if problem:
        raise Malformed(problem)
    if any("\0" in name or "\0" in value for name, value in found):
        raise Malformed("The form has a NUL character.")
    return found


def _decoded(part: str) -> str:
    spaced = part.replace("+", " ")
    return unquote_to_bytes(spaced).decode("utf-8") if "%" in spaced else spaced


def form(body: bytes) -> dict[str, str]:
    """The same by name. A field that comes twice is refused: which of the two would count?"""
    found = pairs(body)
    fields = dict(found)
    if len(fields) < len(found):
        raise Malformed("The form has a field twice.")
    return fields


def json_object(body: bytes) -> dict[str, Any]:
    """A JSON object without NULs, lone surrogates, or numbers that JSON doesn't know."""
    problem = ""
    try:
        # Encoding it again refuses lone surrogates, which no database column takes.
        text = body.decode("utf-8")
        found = json.loads(text, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        problem = "The body is not UTF-8."
    except (ValueError, RecursionError):
        problem = "The body is not JSON."
    if problem:
        raise Malformed(problem)
    if not isinstance(found, dict):
        raise Malformed("The body is not a JSON object.")
    if "\\u0000" in text and _has_nul(found):
        raise Malformed("The body has a NUL character.")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_has_nul(part) for pair in value.items() for part in pair)
        case list():
            return any(map(_has_nul, value))
        case _:
            return False


def text(fields: Mapping[str, Any], name: str) -> str:
    """A field that must be there, though it may be empty."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise Malformed(f"The field {name} is missing.")
    if len(value) > TEXT:
        raise Malformed(f"The field {name} is too long.")
    return value


def identifier(fields: Mapping[str, Any], name: str, limit: int = IDENTIFIER) -> str:
    """A field that must hold a provider's id: printable ASCII without spaces."""
    value = text(fields, name)
    if not value:
        raise Malformed(f"The field {name} is empty.")
    if len(value) > limit:
        raise Malformed(f"The field {name} is too long.")
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise Malformed(f"The field {name} is not an id.")
    return value


def pressed(fields: Mapping[str, Any], name: str) -> Pressed:
    """A field that holds the data of a button."""
    value = text(fields, name)
    if len(value) > BUTTON:
        raise Malformed(f"The field {name} is too long.")
    return Pressed(*parse_button(value))


def word(fields: Mapping[str, Any], name: str) -> str:
    """A provider's own code or reason, fit for a log; "" where it is missing or anything else."""
    value = str(fields.get(name, ""))
    return value if _WORD.fullmatch(value) else ""


def coordinates(latitude: Any, longitude: Any) -> tuple[float, float]:
    """Degrees, from numbers or from what spells them."""
    try:
        place = float(latitude), float(longitude)
    except (TypeError, ValueError, OverflowError):
        place = 91.0, 181.0
    if not (abs(place[0]) <= 90 and abs(place[1]) <= 180):  # false for NaN too
        raise Malformed("The place is not on the globe.")
    return place


def moment(value: str) -> datetime | None:
    """An ISO 8601 time, UTC where it says no zone; None where it can't be read: it is only a claim."""
    try:
        read = datetime.fromisoformat(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
