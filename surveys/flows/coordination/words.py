"""What the flows of coordination share in reading and writing: codes, hours, and what is said of an initiative."""

from __future__ import annotations

import re
from datetime import datetime, time, tzinfo

from babel.dates import format_datetime

from surveys.flows.coordination.effects import SeenInitiative
from surveys.gazetteer import Gazetteer
from surveys.match import normalise

_HOUR = re.compile(r"(\d{1,2})(?:[ h]?(\d{2}))?(?: ?(am|pm|a m|p m|h|heures|ص|م))?")


def numbers(text: str) -> list[str]:
    """The figures in what followed a word, of any script's digits."""
    return [part for part in normalise(text).split() if part.isdigit()]


def shortened(text: str, most: int = 60) -> str:
    """As much as a list has room for."""
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def sentence(text: str) -> str:
    """With a full stop, where something follows it."""
    return text if text[-1:] in ".!?؟።" else f"{text}."


def hour(text: str) -> time | None:
    """A time of day as people write it: 14:30, 14h30, 1430, 2 pm, 9. None for anything else."""
    found = _HOUR.fullmatch(normalise(text))
    if found is None:
        return None
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").replace(" ", "")
    if half in ("pm", "م") and hours < 12:
        hours += 12
    if half in ("am", "ص") and hours == 12:
        hours = 0
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def when(at: datetime, language: str, zone: tzinfo) -> str:
    """A day and an hour, short, by the clock of `zone`, with the digits of the keypad."""
    local = at.astimezone(zone)
    return str(format_datetime(local, "EEE d MMM HH:mm", locale=_locale(language)).translate(_PLAIN))


def place_name(gazetteer: Gazetteer, place: str, language: str) -> str:
    found = gazetteer.get(place)
    return found.name(language) if found else place


def line(one: SeenInitiative, language: str, zone: tzinfo) -> str:
    """An initiative in a list."""
    return f"{when(one.starts_at, language, zone)} {shortened(one.text, 40)}"


def _locale(language: str) -> str:
    return language if language in _SPOKEN else "en"


_SPOKEN = ("en", "fr", "sw", "ar", "am", "ha", "so")
_PLAIN = str.maketrans("٠١٢٣٤٥٦٧٨٩û", "0123456789u")  # août would make an SMS of it that costs twice
