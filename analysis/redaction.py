"""Quotes without what names somebody: numbers, mail addresses, handles, web addresses, and names from a list.

    redact("Call Amina on +254 712 345 678", ["Amina"])  ->  "Call [name] on [number]"

It errs on the side of taking out: any number of four digits or more goes, in whatever script's digits, with whatever
stands between them, but for years. It is no promise that nobody can be told from what is left: a person reads each
quote before it is shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import regex

SHOWN = {"web": "[link]", "mail": "[mail]", "handle": "[handle]", "number": "[number]", "name": "[name]"}

_INVISIBLE = regex.compile(r"[\p{Cf}--[\u200c\u200d\u0600-\u0605]]", regex.V1)
"""What can't be seen, but for the joiners that scripts such as Persian and Hindi need."""
_WEB = regex.compile(
    r"""(?:\b(?:https?|ftp)\s?:\s?/\s?/\S+|\bwww\.\S+
    |\b[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.(?:(?:com|org|net|info|int|gov|edu)\b(?:/\S*)?|[a-z]{2,6}/\S+))""",
    regex.VERBOSE | regex.IGNORECASE,
)
_AT = r"(?:\s?[@＠]\s?|\s?[\[(]\s?at\s?[\])]\s?)"
_DOT = r"(?:\s?[.．。]\s?|\s?[\[(]\s?dot\s?[\])]\s?)"
_MAIL = regex.compile(rf"[\p{{L}}\p{{N}}._%+-]+{_AT}[\p{{L}}\p{{N}}-]+(?:{_DOT}[\p{{L}}\p{{N}}-]+)+", regex.IGNORECASE)
_HANDLE = regex.compile(r"(?<![\p{L}\p{N}])[@＠][\p{L}\p{N}_.]{2,}")
_NUMBER = regex.compile(r"[+＋]?\(?\p{N}(?:[\s().,/\\\-–—_*'’·:]{0,3}\p{N})+")
_FEWEST = 4
_YEAR = regex.compile(r"(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)\d\d|\d\d))?")
"""A year, or two with a line between: they name nobody, and history is what people write about."""
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]+")


@dataclass(frozen=True, slots=True)
class Redacted:
    """`text` with marks in place of what was taken out; `counts` says how many of each kind of SHOWN."""

    text: str
    counts: dict[str, int]


def redact(text: str, names: Iterable[str] = ()) -> Redacted:
    """`names` are taken out as whole words, in whatever case and with or without accents, and their parts that are
    longer than two letters. The text comes back in NFC, without characters that can't be seen."""
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    counts = dict.fromkeys(SHOWN, 0)

    def taken(kind: str, pattern: regex.Pattern[str], plain: str) -> str:
        def mark(match: regex.Match[str]) -> str:
            if kind == "number" and not _is_long(match[0]):
                return match[0]
            counts[kind] += 1
            return SHOWN[kind]

        return pattern.sub(mark, plain)

    for kind, pattern in (("mail", _MAIL), ("web", _WEB), ("handle", _HANDLE), ("number", _NUMBER)):
        plain = taken(kind, pattern, plain)
    if known := _named(names):
        plain = _without_names(plain, known, counts)
    return Redacted(plain, counts)


def _is_long(number: str) -> bool:
    western = "".join(str(unicodedata.digit(sign, sign)) for sign in number.strip(" .,:;()"))
    return sum(sign.isnumeric() for sign in number) >= _FEWEST and not _YEAR.fullmatch(western)


def _named(names: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Each name as its words, and each of its words alone."""
    found: set[tuple[str, ...]] = set()
    for name in names:
        words = tuple(_WORD.findall(_folded(name)))
        if words:
            found.add(words)
            found.update((word,) for word in words if len(word) > 2)
    return frozenset(found)


def _folded(text: str) -> str:
    """Without case, accents and vowel marks, in which the same name is written differently."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _without_names(text: str, known: frozenset[tuple[str, ...]], counts: dict[str, int]) -> str:
    words = list(_WORD.finditer(text))
    folded = [_folded(word[0]) for word in words]
    longest = max(map(len, known))
    parts: list[str] = []
    end = at = 0
    while at < len(words):
        most = min(longest, len(words) - at)
        size = next((size for size in range(most, 0, -1) if tuple(folded[at : at + size]) in known), 0)
        if size:
            parts += [text[end : words[at].start()], SHOWN["name"]]
            end = words[at + size - 1].end()
            counts["name"] += 1
        at += size or 1
    return "".join([*parts, text[end:]])
