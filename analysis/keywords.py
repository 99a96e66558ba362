"""Keyword rules: a keyword is a stem, found where a word starts, in any language of the codebook."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import regex

from surveys.codebook import Code

Codes = tuple[str, ...]

_INVISIBLE = regex.compile(r"[\p{Cf}\u0640]+")  # format characters, and the Arabic stretching bar
_ARABIC_MARKS = regex.compile(r"[\u064b-\u065f\u0670]+")
_ARABIC_FORMS = str.maketrans("أإآٱىة", "اااايه")
_SPACE = regex.compile(r"\s+")
_PROCLITICS = r"(?:[وف]?(?:لل|[بكل]?(?:ال)?))?"
"""And, so, by, like, to, the: written onto the Arabic word that follows, whose stem is looked for."""


def fold(text: str) -> str:
    """The form in which keywords are looked for: NFKC, case folded, without invisible characters and Arabic vowels."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _ARABIC_MARKS.sub("", _INVISIBLE.sub("", text)).translate(_ARABIC_FORMS)
    return _SPACE.sub(" ", text).strip()


class Keywords:
    """The keyword rules of some codes, compiled: one pass over a text finds every code."""

    def __init__(self, codes: Sequence[Code]) -> None:
        stems: dict[str, set[str]] = {}
        for code in codes:
            for words in code.keywords.values():
                for word in words:
                    if stem := fold(word):
                        stems.setdefault(stem, set()).add(code.id)
        self.order = tuple(code.id for code in codes)
        # The longest stem is what matches; those that it begins with match too.
        self.codes = {
            stem: frozenset().union(*(found for other, found in stems.items() if stem.startswith(other)))
            for stem in stems
        }
        self.pattern = (
            regex.compile(rf"(?<!\w){_PROCLITICS}(\L<stems>)", stems=sorted(stems, key=len, reverse=True))
            if stems
            else None
        )

    def __call__(self, text: str) -> Codes:
        if self.pattern is None:
            return ()
        found: set[str] = set()
        for stem in self.pattern.findall(fold(text), overlapped=True):
            found |= self.codes[stem]
        return tuple(code for code in self.order if code in found)
