"""The languages of a form: `English (en)`, `fr`, `Français` and the like, as codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError

_CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_IN_BRACKETS: Final = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})*)\s*\)\s*$")
_THREE: Final = {
    "eng": "en",
    "fra": "fr",
    "fre": "fr",
    "ara": "ar",
    "arb": "ar",
    "swa": "sw",
    "swh": "sw",
    "hau": "ha",
    "amh": "am",
    "som": "so",
    "spa": "es",
    "por": "pt",
    "rus": "ru",
    "mya": "my",
    "bur": "my",
    "tir": "ti",
}
_NATIVE: Final = """
    am ar bn de dz el en es fa ff fr ha hi ht id ig it ka km ku ky ln lg lo mg ml mn my ne om pl ps pt rn ro ru rw sg
    si sn so sq sr sw ta tg th ti tk tr uk ur uz vi wo yo zh zu
"""
"""Languages that are also known by what they call themselves."""


def code(written: str) -> str:
    """The code of a language as a form names it; "" where it can't be told."""
    name = written.strip()
    if found := _IN_BRACKETS.search(name):
        return _tidy(found[1])
    if 2 <= len(name) <= 3 and name.isascii() and name.isalpha() and name.lower() not in _by_name():
        return _tidy(name)
    return _by_name().get(name.casefold(), "") or (_tidy(name) if _CODE.fullmatch(name.replace("_", "-")) else "")


def _tidy(written: str) -> str:
    first, *rest = written.replace("_", "-").split("-")
    base = _THREE.get(first.lower(), first.lower())
    tail = [part.title() if len(part) == 4 else part.upper() for part in rest]
    whole = "-".join([base, *tail])
    return whole if _CODE.fullmatch(whole) else base


@cache
def _by_name() -> Mapping[str, str]:
    """By what languages are called in English, in French, and by themselves."""
    names: dict[str, str] = {}
    for spoken in ("en", "fr"):
        for short, name in Locale(spoken).languages.items():
            names.setdefault(name.casefold(), short.replace("_", "-"))
    for short in _NATIVE.split():
        try:
            names.setdefault((Locale(short).get_language_name() or "").casefold(), short)
        except UnknownLocaleError:
            continue
    return {**names, "kiswahili": "sw", "swahili": "sw", "burmese": "my", "creole": "ht", "dari": "fa", "farsi": "fa"}


def called(short: str) -> str:
    """A language's column heading: `English (en)`."""
    name = Locale("en").languages.get(short.split("-", maxsplit=1)[0], "")
    return f"{name} ({short})" if name else short


def codes(written: Iterable[str]) -> dict[str, str]:
    """Each language as written with its code, all different. What can't be told gets a code for private use."""
    found: dict[str, str] = {}
    for name in written:
        made = code(name)
        if not made or made in found.values():
            made = next(spare for number in range(200) if (spare := _private(number)) not in found.values())
        found[name] = made
    return found


def _private(number: int) -> str:
    return f"q{chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}"


def is_private(short: str) -> bool:
    return len(short) == 3 and "qaa" <= short <= "qtz"
