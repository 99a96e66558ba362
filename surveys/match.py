"""Understanding what people type: letters folded, digits of any script, small mistakes forgiven, and never a guess.

Everything here works on a copy made for matching; what is stored is what was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum

from rapidfuzz.distance import OSA

_ASCII = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})
# Marks that people leave out or add without meaning another word: Latin accents, Arabic vowel signs, the tatweel,
# and everything that has no width. Marks of other scripts (Devanagari vowels) make another word, and stay.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ؤ": "و", "ئ": "ي"}
)
_LONGEST = 2000


def normalise(text: str) -> str:
    """The text as matched: folded case, plain digits, no accents, no punctuation, single spaces.

    Only the first 2,000 characters are looked at: no answer that is matched is longer.
    """
    if text.isascii():
        return " ".join(text[:_LONGEST].translate(_ASCII).lower().split())
    # Composed first, so that the Arabic letters with a hamza are one character; then taken apart for the accents.
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_ARABIC).casefold()
    folded = _DROPPED.sub("", unicodedata.normalize("NFD", folded))
    folded = unicodedata.normalize("NFC", folded)
    kept = "".join(_plain(character) for character in folded)
    return " ".join(kept.split())


def _plain(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else " "
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category[0] in "LMN" else " "


class Miss(Enum):
    """Why a text was not understood as one option."""

    UNKNOWN = "unknown"
    UNCLEAR = "unclear"


def allowance(length: int) -> int:
    """How many slips (a letter wrong, missing, extra, or two swapped) a word of this length may hold."""
    return 0 if length < 4 else 1 if length < 7 else 2


def closest(text: str, names: Mapping[str, int], slack: int = 2) -> int | Miss:
    """The value of the name that `text` misspells. UNCLEAR where two names with different values are equally near."""
    best, found = slack + 1, Miss.UNKNOWN
    values: set[int] = set()
    for name, value in names.items():
        allowed = min(slack, allowance(min(len(name), len(text))))
        distance = OSA.distance(text, name, score_cutoff=min(best, allowed))
        if distance > allowed or distance > best:
            continue
        if distance < best:
            best, values = distance, set()
        values.add(value)
    if len(values) > 1:
        return Miss.UNCLEAR
    return values.pop() if values else found


class Options:
    """The options of one question, ready to be recognised by number, by label, by a part of it, or misspelt.

    `labels[i]` are the labels of option i in every language; its number is i + 1. `negations` are words that turn a
    label into its opposite ("not"), so that a sentence with one is asked back.
    """

    def __init__(self, labels: Iterable[Iterable[str]], negations: Iterable[str] = ()) -> None:
        self._exact: dict[str, int | Miss] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._negations = frozenset(normalise(word) for word in negations)
        self.count = 0
        for index, several in enumerate(labels):
            self.count = index + 1
            for label in several:
                name = normalise(label)
                for form in {name, _without_article(name)} - {""}:
                    if self._exact.setdefault(form, index) != index:
                        self._exact[form] = Miss.UNCLEAR  # the same word means two things in two languages
        self._names = {name: index for name, index in self._exact.items() if isinstance(index, int)}
        self._split = [(name, frozenset(name.split()), index) for name, index in self._names.items()]

    def one(self, text: str) -> int | Miss:
        """The index of the option that is meant."""
        typed = normalise(text)
        return self._one(typed) if typed else Miss.UNKNOWN

    def _one(self, typed: str) -> int | Miss:
        exact = self._exact.get(typed)
        if exact is not None:
            return exact
        if typed.isdigit():
            number = int(typed[:4])
            return number - 1 if 1 <= number <= self.count else Miss.UNKNOWN
        first, _, rest = typed.partition(" ")
        if first.isdigit() and rest:
            # "2 south", "2) South": the number counts if the words don't say something else.
            numbered, named = self._one(first), self._one(rest)
            return numbered if named in (numbered, Miss.UNKNOWN) and _wordy(rest) else Miss.UNCLEAR
        return self._part(typed)

    def _part(self, typed: str) -> int | Miss:
        words = frozenset(typed.split())
        if words & self._negations:
            return Miss.UNKNOWN
        parts = set()
        if len(typed) >= 2:
            for name, name_words, index in self._split:
                starts = len(typed) >= 3 and (
                    name.startswith(typed) or any(word.startswith(typed) for word in name_words)
                )
                inside = words <= name_words and len(typed) >= 3
                around = name_words <= words and len(name) >= 3 and len(words) <= len(name_words) + 2
                if starts or inside or around:
                    parts.add(index)
        if parts:
            return parts.pop() if len(parts) == 1 else Miss.UNCLEAR
        return closest(typed, self._names)

    def many(self, text: str, joiners: frozenset[str] = frozenset()) -> list[int] | Miss:
        """The indexes of all options that are meant, in the options' order: "1 3", "1,3", "13", "land and water"."""
        whole = self.one(text)
        if isinstance(whole, int) and not any(separator in text for separator in _SEPARATORS):
            return [whole]
        parts = [normalise(part) for part in _SPLIT.split(text)]
        chosen: list[int] = []
        for part in filter(None, parts):
            found = self._several(part, joiners)
            if isinstance(found, Miss):
                return found
            chosen += found
        return sorted(set(chosen)) if chosen else Miss.UNKNOWN

    def _several(self, part: str, joiners: frozenset[str]) -> list[int] | Miss:
        words = [word for word in part.split() if word not in joiners]
        if not words:
            return []
        if all(word.isdigit() for word in words):
            # "13" is one and three where there is no thirteenth option and no tenth.
            digits = [d for word in words for d in (word if self.count < 10 else [word])]
            places = [int(digit[:4]) - 1 for digit in digits]
            return places if all(0 <= place < self.count for place in places) else Miss.UNKNOWN
        whole = self._one(" ".join(words))
        if isinstance(whole, int):
            return [whole]
        if len(words) == 1:
            return whole
        found = []
        for word in words:
            one = self._one(word)
            if isinstance(one, Miss):
                return one
            found.append(one)
        return found


def _without_article(name: str) -> str:
    """The Arabic name without its article, which people leave out."""
    return " ".join(word[2:] if word.startswith("ال") and len(word) > 4 else word for word in name.split())


_SEPARATORS = ",;/+&\n،؛"
_SPLIT = re.compile(f"[{re.escape(_SEPARATORS)}]")


def _wordy(text: str) -> bool:
    return not any(character.isdigit() for character in text)


_NUMBER = re.compile(r"[-−]?\d+(?:[.,٫٬\s]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,٬ ])\d{3})(?:\1\d{3})*")


def number(text: str) -> float | None:
    """The one number in a text, in any script's digits: "25 years", "1,000", "2.5". None if there is none, or several.

    A comma or point before exactly three digits separates thousands; before another count it is the decimal sign.
    """
    plain = "".join(_digit(character) for character in unicodedata.normalize("NFKC", text[:_LONGEST]))
    found = _NUMBER.findall(plain)
    if len(found) != 1 or len(found[0]) > 18:
        return None
    written = found[0].replace("−", "-").replace("٫", ".")
    sign = -1 if written.startswith("-") else 1
    written = written.lstrip("-")
    if _THOUSANDS.fullmatch(written):
        return sign * float(re.sub(r"\D", "", written))
    written = written.replace("٬", "").replace(",", ".")
    try:
        return sign * float(written)
    except ValueError:  # "1 2", "1.2.3"
        return None


def _digit(character: str) -> str:
    if character.isascii() or unicodedata.category(character) != "Nd":
        return character
    return str(unicodedata.decimal(character))
