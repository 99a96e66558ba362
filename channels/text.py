"""Texts as phone networks carry them: GSM-7 or UCS-2, counted, split into segments, and made plain enough to be cheap.

GSM-7 is 3GPP TS 23.038: a basic alphabet of one septet a character, and an extension table of two. Anything else makes
the whole message UCS-2, counted in UTF-16 code units. A message is one segment of 160 septets or 70 units, or several
of 153 or 67 (the rest goes to the header that joins them).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import regex  # grapheme clusters (\X) and bidi classes, which `re` doesn't know

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Encoding(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Measured:
    """`units` are septets in GSM-7 and UTF-16 code units in UCS-2; `segments` is what is paid for."""

    encoding: Encoding
    units: int
    segments: int


# What one message holds alone, and what each part of a longer one holds.
LIMITS: Mapping[Encoding, tuple[int, int]] = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}

# ESC, which opens the extension table, is no character of its own.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_ESCAPE = 0x1B
_BY_CODE = _BASIC[:_ESCAPE] + "\x1b" + _BASIC[_ESCAPE:]
_BY_ESCAPED = dict(zip((0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65), _EXTENSION, strict=True))

_beyond_basic = re.compile(f"[^{re.escape(_BASIC)}]").search
_beyond_gsm = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]").search
_extensions = re.compile(f"[{re.escape(_EXTENSION)}]").findall
_astral = re.compile("[\U00010000-\U0010ffff]").findall
_clusters = regex.compile(r"\X").finditer


def from_gsm7(septets: bytes) -> str:
    """The text of a message in GSM-7, one septet an octet. Raises ValueError for octets that are none.

    An extension that the table doesn't know reads as its basic character, as 3GPP TS 23.038 6.2.1.1 asks.
    """
    if any(septet > 0x7F for septet in septets):
        raise ValueError("there are octets above 127")
    codes, found = iter(septets), []
    for code in codes:
        escaped = next(codes, None) if code == _ESCAPE else None
        if code != _ESCAPE:
            found.append(_BY_CODE[code])
        elif escaped is not None and escaped != _ESCAPE:
            found.append(_BY_ESCAPED.get(escaped, _BY_CODE[escaped]))
    return "".join(found)


# Counting and splitting ---------------------------------------------------------------------------------------------


def encoding_of(text: str) -> Encoding:
    return Encoding.UCS2 if _beyond_gsm(text) else Encoding.GSM7


def beyond_gsm7(text: str) -> tuple[str, ...]:
    """The characters that make this text UCS-2, each once, as they come."""
    return tuple(dict.fromkeys(character for character in text if _beyond_gsm(character)))


def units(text: str, encoding: Encoding) -> int:
    """How much of a message `text` takes up: septets, or UTF-16 code units."""
    return len(text) + len(_extensions(text) if encoding is Encoding.GSM7 else _astral(text))


def measure(text: str) -> Measured:
    """The encoding a text needs and what it costs in it. An empty text is one segment: it is sent all the same."""
    if not _beyond_basic(text):  # most messages: one septet a character, no character that could be torn
        single, part = LIMITS[Encoding.GSM7]
        return Measured(Encoding.GSM7, len(text), 1 if len(text) <= single else -(-len(text) // part))
    encoding = encoding_of(text)
    count = units(text, encoding)
    segments = 1 if count <= LIMITS[encoding][0] else sum(1 for _ in _ends(text, encoding))
    return Measured(encoding, count, segments)


def split(text: str) -> tuple[str, ...]:
    """The segments of a text, as many as `measure` says; joined they are the text.

    No extension character, surrogate pair or grapheme cluster is torn, so a part may be shorter than it could be.
    Only a cluster longer than a whole part (a letter under heaps of marks) is cut, between two of its characters.
    """
    encoding = encoding_of(text)
    if units(text, encoding) <= LIMITS[encoding][0]:
        return (text,)
    parts, start = [], 0
    for end in _ends(text, encoding):
        parts.append(text[start:end])
        start = end
    return tuple(parts)


def _ends(text: str, encoding: Encoding) -> Iterator[int]:
    """Where each part of a text of several parts ends."""
    room, end = LIMITS[encoding][1], 0
    while end < len(text):
        yield (end := reach(text, end, room, encoding))


def fill(text: str, start: int, room: int, encoding: Encoding) -> int:
    """The last index up to which text[start:] fits into `room` units (at least 2), between any two characters."""
    end = min(len(text), start + room)
    while (over := units(text[start:end], encoding) - room) > 0:
        end -= max(1, over // 2)  # a character is two units at most: never too far back
    return end


def reach(text: str, start: int, room: int, encoding: Encoding) -> int:
    """As `fill`, without tearing a grapheme cluster.

    Always beyond `start` while text is left: a cluster longer than the room is cut between two of its characters.
    """
    end = fill(text, start, room, encoding)
    if encoding is Encoding.GSM7 or end == len(text):
        return end
    whole = start
    for cluster in _clusters(text, start):
        if cluster.end() > end:
            break
        whole = cluster.end()
    return whole if whole > start else end


def shorten(text: str, clusters: int) -> str:
    """A text of at most `clusters` grapheme clusters; a longer one ends in an ellipsis."""
    if len(text) <= clusters:
        return text
    ends = [cluster.end() for cluster in _clusters(text)]
    return text if len(ends) <= clusters else text[: ends[clusters - 2]].rstrip() + "…"


# Making plain -------------------------------------------------------------------------------------------------------

# Line ends of every kind become one.
_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, soft hyphens, byte order marks, lone surrogates and bidi controls: whether there is anything to do at all.
_unclean = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
).search
_right_to_left = regex.compile(r"(?![\u061c\u200f])[\p{bc=R}\p{bc=AL}]").search  # letters, not the marks

_CLEAN = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0xAD, 0xFEFF]),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    0x09: " ",
    0x0A: "\n",
}

_MARKS = "\u061c\u200e\u200f"  # ALM, LRM, RLM
_EMBEDDINGS, _POP = "\u202a\u202b", "\u202c"
_OVERRIDES = "\u202d\u202e"
_ISOLATES, _POP_ISOLATE = "\u2066\u2067\u2068", "\u2069"
_NO_BIDI = dict.fromkeys(map(ord, _MARKS + _EMBEDDINGS + _POP + _OVERRIDES + _ISOLATES + _POP_ISOLATE))

# Characters that say nothing more than their twin does. The invisible ones matter in scripts that GSM-7 lacks anyway.
_TWINS: Mapping[str, str] = {
    "‘’‚‛‹›′`´ʹʼ": "'",
    "“”„‟«»″": '"',
    "‐‑‒–—―−•‣◦▪●·": "-",
    "…": "...",
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000": " ",
    "\u200b\u200c\u200d\u2060": "",
    "×": "x",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅﬆ": "st",
}
_PLAIN = {ord(character): twin for characters, twin in _TWINS.items() for character in characters}
# French sets guillemets off by spaces; straight quotes stand close.
_GUILLEMETS = re.compile("(?<=«)[ \u00a0\u202f]|[ \u00a0\u202f](?=»)")

# Where one of those is a letter: l·l in Catalan, oʻ and the glottal stop in Uzbek and Polynesian spelling.
_LETTERS: Mapping[str, str] = {"ca": "·", "uz": "‘’ʼ", "haw": "‘’ʼ", "sm": "‘’ʼ", "to": "‘’ʼ", "ty": "‘’ʼ"}

# Written with the 26 letters alone: an accent comes from another language's name or word (São Tomé, façade) and is not
# missed. In French, Portuguese, Turkish ... the same accents are letters, and stay.
_BARE_LANGUAGES = frozenset({"en", "so", "sw"})
_BARE = str.maketrans("áâãçêëíîïóôõúûÀÁÂÃÈÊËÌÍÎÏÒÓÔÕÙÚÛ", "aaaceeiiiooouuAAAAEEEIIIIOOOOUUU")

# A character for which there is no way into GSM-7: found at once in most scripts.
_beyond_help = re.compile(f"[^{re.escape(_BASIC + _EXTENSION + ''.join(map(chr, _PLAIN | _BARE)))}]").search


def clean(text: str) -> str:
    """NFC, one kind of line end, no control characters.

    Of bidi controls, right-to-left texts keep the marks and the embeddings and isolates that are closed in their own
    line; overrides, which make a text read as another, go everywhere. Lone surrogates become U+FFFD.
    """
    if _unclean(text):
        text = _LINE_END.sub("\n", text).translate(_CLEAN)
        text = "\n".join(map(_close, text.split("\n"))) if _right_to_left(text) else text.translate(_NO_BIDI)
    return unicodedata.normalize("NFC", text)


def _close(line: str) -> str:
    """A line without overrides and without bidi controls that lack their other half."""
    kept = list(line)
    opened: list[int] = []
    for index, character in enumerate(line):
        if character in _EMBEDDINGS + _OVERRIDES + _ISOLATES:
            opened.append(index)
            kept[index] = ""
        elif character in _POP + _POP_ISOLATE:
            kept[index] = ""
            openers = _ISOLATES if character == _POP_ISOLATE else _EMBEDDINGS + _OVERRIDES
            if opened and line[opened[-1]] in openers:
                opener = opened.pop()
                if line[opener] not in _OVERRIDES:
                    kept[opener], kept[index] = line[opener], character
    return "".join(kept)


def plain(text: str, language: str) -> str:
    """The text as it should go out to a phone: clean, and in GSM-7 where that costs the language nothing.

    Typographic characters are replaced by their plain twins only if the whole text then fits GSM-7: else it is UCS-2
    anyhow, and stays as written. A letter that the language needs is never changed. `language` is a BCP 47 tag.
    """
    text = clean(text)
    if not _beyond_gsm(text) or _beyond_help(text):
        return text
    language = language.partition("-")[0].lower()
    letters = _LETTERS.get(language, "")
    table = {code: twin for code, twin in _PLAIN.items() if chr(code) not in letters} if letters else _PLAIN
    twin = _GUILLEMETS.sub("", text).translate(table)
    if language in _BARE_LANGUAGES:
        twin = twin.translate(_BARE)
    return text if _beyond_gsm(twin) else twin
