"""An interview as the polling app wrote it, read and bounded before anything believes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from surveys.flow import Value

FORMAT: Final = 1
MOST_GIVEN: Final = 1_000
LONGEST: Final = 10_000
"""Characters of one answer."""

LEFT = "left"
"""The interview was broken off; "" where it was walked to its end."""


class Unreadable(ValueError):
    """This is no interview. Its text names the part, and holds nothing of what was said."""


@dataclass(frozen=True, slots=True)
class Interview:
    """`given` are the answers in the order in which they were asked, as they are stored. `seed` is what orders and arms
    were drawn from. Times are the phone's word. `number` is where the person agreed to be called, "" for nowhere;
    `interviewer` the name under which polls were fetched."""

    id: str
    survey: str
    hash: str
    wave: int
    language: str
    seed: int
    consent: bool
    given: tuple[tuple[str, Value], ...]
    end: str
    started_at: datetime | None
    finished_at: datetime | None
    interviewer: str
    number: str

    @property
    def flow(self) -> str:
        return f"survey:{self.survey}@{self.hash}"


def read(content: bytes) -> Interview:
    """Raises Unreadable."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise Unreadable("its format is not known")
    given = data.get("given")
    if not isinstance(given, list) or len(given) > MOST_GIVEN:
        raise Unreadable("its answers are no list")
    return Interview(
        id=_text(data, "id", 64),
        survey=_text(data, "survey", 64),
        hash=_text(data, "hash", 64),
        wave=_whole(data, "wave", 2**15),
        language=_text(data, "language", 16),
        seed=_whole(data, "seed", 2**32),
        consent=data.get("consent") == "yes",
        given=tuple(_answer(one) for one in given),
        end=_text(data, "end", 16),
        started_at=_time(data.get("started")),
        finished_at=_time(data.get("finished")),
        interviewer=_text(data, "interviewer", 64),
        number=_text(data, "number", 40),
    )


def _answer(one: Any) -> tuple[str, Value]:
    match one:
        case [str(name), value] if len(name) <= 64 and _is_value(value):
            return name, value
    raise Unreadable("one of its answers is none")


def _is_value(value: Any) -> bool:
    match value:
        case bool():
            return False
        case None | int() | float():
            return True
        case str():
            return len(value) <= LONGEST
        case list():
            return len(value) <= MOST_GIVEN and all(isinstance(each, str) and len(each) <= LONGEST for each in value)
    return False


def _text(data: Mapping[str, Any], name: str, longest: int) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Unreadable(f"its {name} is not what it should be")
    return value


def _whole(data: Mapping[str, Any], name: str, beyond: int) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < beyond:
        raise Unreadable(f"its {name} is not what it should be")
    return value


def _time(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None
