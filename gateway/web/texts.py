"""The texts of pages: gettext catalogues, read from their .po files when the program starts.

translations/<language>/LC_MESSAGES/*.po are package data, a file for each part of the gateway and messages.po for the
rest; no compiled files are needed. A text without a translation is shown in English, which is what the templates are
written in. No text stands in two files of a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.messages.pofile import read_po

LANGUAGES = ("en", "fr", "sw", "ar")
FALLBACK = LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Language:
    """A language of pages: its code, its own name for itself, and the direction it is written in (ltr or rtl)."""

    code: str
    name: str
    direction: str


@cache
def language(code: str) -> Language:
    """Any language a survey may be in, not only those that pages are translated into."""
    locale = Locale.parse(code, sep="-") if code else Locale.parse(FALLBACK)
    name = locale.get_display_name(locale) or code
    return Language(code, name[:1].upper() + name[1:], "rtl" if locale.text_direction == "rtl" else "ltr")


class PageTexts:
    """What pages say, by language."""

    def __init__(self) -> None:
        self._catalogues = {code: _read(code) for code in LANGUAGES}
        self.languages = tuple(language(code) for code in LANGUAGES)

    def say(self, code: str, text: str) -> str:
        translated = self._catalogues.get(code, {}).get(text, "")
        return translated or text


@cache
def texts() -> PageTexts:
    """Those of this process, read once."""
    return PageTexts()


def _read(code: str) -> Mapping[str, str]:
    said: dict[str, str] = {}
    for path in files("gateway.web").joinpath("translations", code, "LC_MESSAGES").iterdir():
        if path.name.endswith(".po"):
            with path.open("rb") as file:
                said |= {str(message.id): str(message.string) for message in read_po(file, locale=code) if message.id}
    return said
