"""Understanding what people type: letters folded, digits of any script, small mistakes forgiven, and never a guess.

Everything here works on a copy made for matching; what is stored is what was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from rapidfuzz.distance import OSA

_ASCII = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})
# Marks that people leave out or add without meaning another word: Latin accents, Arabic vowel signs, the tatweel, the
# frame of a keycap, and everything that has no width. Marks of other scripts (Devanagari vowels) make another word.
_DROPPED = re.compile(
    "[\u00ad\u0300-\u036f\u0600-\u0605\u0610-\u061c\u0640\u064b-\u065f\u0670\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20d0-\u20f0\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0001-\U000e01ef]"
)
_ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ؤ": "و", "ئ": "ي"}
# Amharic writes one sound with any of these letters; each stands at the head of its row of seven.
_AMHARIC = {"ሐ": "ሀ", "ኀ": "ሀ", "ሠ": "ሰ", "ዐ": "አ", "ፀ": "ጸ"}
# Phones have no key for the hooked letters of Hausa, and an apostrophe is written in several ways.
_HAUSA = {"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K", "Ƴ": "Y", "ʼ": " "}
_ALIKE = str.maketrans(
    _ARABIC | _HAUSA | {chr(ord(one) + n): chr(ord(other) + n) for one, other in _AMHARIC.items() for n in range(7)}
)
_LONGEST = 2000


def normalise(text: str) -> str:
    """The text as matched: folded case, plain digits, no accents, no punctuation, single spaces.

    Only the first 2,000 characters are looked at: no answer that is matched is longer.
    """
    if text.isascii():
        return " ".join(text[:_LONGEST].translate(_ASCII).lower().split())
    # Composed first, so that the Arabic letters with a hamza are one character; then taken apart for the accents.
    composed = _ETHIOPIC.sub(_ethiopic, unicodedata.normalize("NFKC", text[:_LONGEST]))
    folded = composed.translate(_ALIKE).casefold()
    folded = _DROPPED.sub("", unicodedata.normalize("NFD", folded))
    folded = unicodedata.normalize("NFC", folded)
    kept = "".join(_plain(character) for character in folded)
    return " ".join(kept.split())


def _plain(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else " "
    return _digit(character) if unicodedata.category(character)[0] in "LMN" else " "


def _digit(character: str) -> str:
    """The plain digit for one of any script, circled ones too; anything else as it is."""
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)


# Ethiopic numerals: ones, tens, ፻ for a hundred and ፼ for ten thousand. They have no places: twelve is ፲፪, and ፩፪ is
# one and two. A one before ፻ and ፼ may be left out.
_ETHIOPIC = re.compile("[፩-፼]+")
_BELOW_MYRIAD = re.compile("(?:([፲-፺]?)([፩-፱]?)(፻))?([፲-፺]?)([፩-፱]?)")


def _ethiopic(found: re.Match[str]) -> str:
    """The number that a run of numerals makes, in plain digits; each apart where they make none."""
    high, myriad, low = found[0].rpartition("፼")
    parts = [_BELOW_MYRIAD.fullmatch(part) for part in (high, low)]
    if not all(parts):
        return "".join(f" {unicodedata.numeric(one):.0f};" for one in found[0])
    above, below = (_below_myriad(part) for part in parts if part)
    return f" {((above or 1) * 10_000 if myriad else 0) + below} "


def _below_myriad(part: re.Match[str]) -> int:
    tens, ones, hundred, *rest = (int(unicodedata.numeric(one)) if one else 0 for one in part.groups(default=""))
    return ((tens + ones) or 1 if hundred else 0) * 100 + sum(rest)


class Miss(Enum):
    """Why a text was not understood as one option."""

    UNKNOWN = "unknown"
    UNCLEAR = "unclear"


def allowance(length: int) -> int:
    """How many slips (a letter wrong, missing, extra, or two swapped) a word of this length may hold."""
    return 0 if length < 4 else 1 if length < 7 else 2


def closest(text: str, names: Mapping[str, int], slack: int = 2) -> int | Miss:
    """The value of the name that `text` misspells. UNCLEAR where two names with different values are equally near.

    A name too short to be misspelt is never taken for the one meant, but makes another that is no nearer unclear.
    """
    best = min(slack, allowance(len(text)))
    values: set[int] = set()
    meant = False
    for name, value in names.items():
        distance = OSA.distance(text, name, score_cutoff=best)
        if distance > best:
            continue
        if distance < best:
            best, values, meant = distance, set(), False
        values.add(value)
        meant = meant or distance <= allowance(len(name))
    if not meant:
        return Miss.UNKNOWN
    return values.pop() if len(values) == 1 else Miss.UNCLEAR


@dataclass(frozen=True, slots=True)
class _Name:
    """A label as matched. `negates` says that it holds a negation of something ("no papers"), not only one ("no")."""

    text: str
    words: frozenset[str]
    negates: bool
    index: int


class Options:
    """The options of one question, ready to be recognised by number, by label, by a part of it, or misspelt.

    `labels[i]` are the labels of option i in every language; its number is i + 1. `negations` are words that turn a
    label into its opposite ("not"), so that a sentence with one is asked back. `joiners` stand between options ("and");
    one of a single letter may be written onto the word that follows, as in Arabic. `numbers` are number words,
    normalised ("two"): alone, they stand for the option's number, where no label says something else.
    """

    def __init__(
        self,
        labels: Iterable[Iterable[str]],
        negations: Iterable[str] = (),
        joiners: Iterable[str] = (),
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        self._numbers = numbers or {}
        self._exact: dict[str, int | Miss] = {}
        self._negations = frozenset(normalise(word) for word in negations)
        self._joiners = frozenset(normalise(word) for word in joiners)
        self.count = 0
        for index, several in enumerate(labels):
            self.count = index + 1
            for label in several:
                name = normalise(label)
                for form in {name, without_article(name)} - {""}:
                    if self._exact.setdefault(form, index) != index:
                        self._exact[form] = Miss.UNCLEAR  # the same word means two things in two languages
        self._names = {name: index for name, index in self._exact.items() if isinstance(index, int)}
        self._split = [self._name(name, index) for name, index in self._names.items()]
        self._negative = {name.text: name.index for name in self._split if name.negates}

    def _name(self, text: str, index: int) -> _Name:
        words = frozenset(text.split())
        return _Name(text, words, bool(words & self._negations) and not words <= self._negations, index)

    def one(self, text: str) -> int | Miss:
        """The index of the option that is meant."""
        typed = normalise(text)
        return self._one(typed) if typed else Miss.UNKNOWN

    def _one(self, typed: str) -> int | Miss:
        exact = self._label(typed)
        if exact is not None:
            return exact
        if typed.isdecimal():
            return self._at(typed)
        if typed in self._numbers:
            return self._spelled(typed)
        first, _, rest = typed.partition(" ")
        numbered = self._at(first) if rest else Miss.UNKNOWN
        if isinstance(numbered, Miss):
            return self._part(typed)
        # "2 south", "2) South": the number counts if the words don't say something else.
        named = self._label(rest)
        heard = {self._part(rest) if named is None else named, self._part(typed)} - {Miss.UNKNOWN}
        if heard:
            return numbered if heard == {numbered} else Miss.UNCLEAR
        return Miss.UNCLEAR if self._negated(rest) or self._counts(rest) else numbered

    def _label(self, typed: str) -> int | Miss | None:
        """What has exactly this label, its Arabic article there or not."""
        exact = self._exact.get(typed)
        return self._exact.get(without_article(typed)) if exact is None else exact

    def _at(self, digits: str) -> int | Miss:
        """The index of the option with this number."""
        place = int(digits) if digits.isdecimal() else 0
        return place - 1 if 1 <= place <= self.count else Miss.UNKNOWN

    def _spelled(self, word: str) -> int | Miss:
        """The option whose number this word is; UNCLEAR where it is, or is near, a part of another one's label."""
        heard = {self._at(str(self._numbers[word])), self._part(word)} - {Miss.UNKNOWN}
        return heard.pop() if len(heard) == 1 else Miss.UNCLEAR if heard else Miss.UNKNOWN

    def _negated(self, typed: str) -> bool:
        return not self._negations.isdisjoint(typed.split())

    def _counts(self, typed: str) -> bool:
        return any(map(str.isdecimal, typed)) or not self._numbers.keys().isdisjoint(typed.split())

    def _part(self, typed: str) -> int | Miss:
        words = frozenset(typed.split())
        negated = self._negated(typed)
        parts: set[int] = set()
        known: frozenset[str] = frozenset()
        whole = opposite = False
        for name in self._split:
            starts = len(typed) >= 3 and (
                name.text.startswith(typed) or any(word.startswith(typed) for word in name.words)
            )
            inside = words <= name.words and len(typed) >= 3
            around = name.words <= words and len(name.text) >= 3 and len(words) <= len(name.words) + 2
            if starts or inside or around:
                parts.add(name.index)
                known |= name.words
                whole = whole or inside or around
                opposite = opposite or name.negates != negated or (around and name.words <= self._negations)
        if len(parts) > 1:
            return Miss.UNCLEAR
        if not parts:
            return closest(typed, self._negative if negated else self._names)
        if opposite:
            return Miss.UNKNOWN
        # "north or sout", "north 2", or "book" between Books and Cook: nothing else may be meant as well.
        besides = {self._besides(word) for word in words - known} if whole else self._a_slip_from(typed)
        return parts.pop() if besides <= {Miss.UNKNOWN, *parts} else Miss.UNCLEAR

    def _a_slip_from(self, typed: str) -> set[int]:
        return {index for name, index in self._names.items() if OSA.distance(typed, name, score_cutoff=1) <= 1}

    def _besides(self, word: str) -> int | Miss:
        """What one more word beside a label means."""
        if word.isdecimal():
            return self._at(word)
        bare = self._bare(word)
        exact = self._label(bare)
        return closest(bare, self._names) if exact is None else exact

    def many(self, text: str) -> list[int] | Miss:
        """The indexes of all options that are meant, in the options' order: "1 3", "1,3", "13", "land and water"."""
        found = self.ordered(text)
        return found if isinstance(found, Miss) else sorted(set(found))

    def ordered(self, text: str) -> list[int] | Miss:
        """The same as they were written, one that was written twice there twice."""
        whole = self.one(text)
        if isinstance(whole, int) and (normalise(text) in self._exact or not _SPLIT.search(text)):
            return [whole]
        chosen: list[int] = []
        for part in _SPLIT.split(text[:_LONGEST]):
            found = self._several(normalise(part))
            if isinstance(found, Miss):
                return found
            chosen += found
        return chosen or Miss.UNKNOWN

    def _several(self, part: str) -> list[int] | Miss:
        words = [self._bare(word) for word in part.split() if word not in self._joiners]
        if not words:
            return []
        if all(word.isdecimal() for word in words):
            # "13" is one and three where there is no thirteenth option and no tenth.
            return self._each(digits for word in words for digits in (word if self.count < 10 else [word]))
        whole = self._one(" ".join(words))
        if isinstance(whole, int):
            return [whole]
        return whole if len(words) == 1 else self._each(words)

    def _each(self, words: Iterable[str]) -> list[int] | Miss:
        found = []
        for word in words:
            one = self._one(word)
            if isinstance(one, Miss):
                return one
            found.append(one)
        return found

    def _bare(self, word: str) -> str:
        """The word without a conjunction written onto it, where that leaves a label."""
        rest = word[1:]
        return rest if word[:1] in self._joiners and self._label(rest) is not None else word


def without_article(name: str) -> str:
    """The Arabic name without its article, which people leave out."""
    return " ".join(word[2:] if word.startswith("ال") and len(word) > 4 else word for word in name.split())


_SPLIT = re.compile(r"[,;/+&>\n،؛，；、፣፤]")


_NUMBER = re.compile(r"(?:(?<!\w)[-−])?(?:(?<!\w)[.,٫])?\d+(?:[.,٫٬\s]\d+)*")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([.,٬ ])\d{3})(?:\1\d{3})*")
_RAISED = re.compile("[²³¹⁰⁴-⁹₀-₉]")


def number(text: str, words: Mapping[str, int] | None = None) -> float | None:
    """The one number in a text, in any script's digits: "25 years", "1,000", "2.5". None if there is none, or several.

    A comma or point before exactly three digits separates thousands, unless a nought begins the number; before another
    count it is the decimal sign. `words` are number words, normalised: one counts as the whole text only, because
    "two hundred" is not two. Numerals that are neither (fractions, Roman ones) are not read.
    """
    apart = _RAISED.sub(r" \g<0>", text[:_LONGEST])  # 10² is not 102
    composed = _ETHIOPIC.sub(_ethiopic, unicodedata.normalize("NFKC", apart))
    plain = "".join(map(_digit, composed))
    found = _NUMBER.findall(plain)
    if not found:
        spelled = (words or {}).get(normalise(text))
        return None if spelled is None else float(spelled)
    if len(found) != 1 or len(found[0]) > 18 or any(map(_is_numeral, plain)):
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


def _is_numeral(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) in {"Nl", "No"}
