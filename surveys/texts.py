"""What the gateway itself says and understands, by language: system words, hints, and the answers to mistakes.

The catalogues are package data (surveys/catalogues/<language>.yaml); this module is handed their parsed
content, because reading files is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from surveys.match import normalise

Forms = Mapping[str, str]
"""One text by CLDR plural category (zero, one, two, few, many, other). All have "other"; most have nothing else."""

COUNTED = tuple(range(1, 11))
"""The numbers that have words. A catalogue holds them under the number as a meaning: "1", "2" ..."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put values into named places. What is put in is not read again: an answer like "{word}" stays text."""
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), template)


@cache
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@cache
def plural(language: str) -> Callable[[float], str]:
    """The plural category of a number in this language, by CLDR; "other" in a language that CLDR doesn't know."""
    locale = _locale(language)
    return locale.plural_form if locale else lambda _: "other"


def shown(value: object, language: str) -> str:
    """A value as the language writes it: the digits of the keypad, the decimal sign its own (2.5 is 2,5 in French)."""
    if not isinstance(value, float):
        return str(value)
    return str(format_decimal(value, "0.######", _locale(language) or "en", numbering_system="latn"))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language. `words` are what people send, by meaning, the first the one we name; `texts` what we say.

    `names` are those of its number words that name something else as well, in whatever language: UN, AFAR.
    """

    language: str
    name: str
    words: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, Forms]
    names: tuple[str, ...] = ()


class Texts:
    """All languages together. The first catalogue is the fallback, and the measure of what the others must hold."""

    def __init__(
        self, catalogues: tuple[Catalogue, ...], called: tuple[str, ...] = (), own: Collection[str] = ()
    ) -> None:
        """`called` are the meanings whose words call keyword flows. `own` are the keys and meanings of the parts of the
        gateway, which a language may lack."""
        self.called = called
        self._own = frozenset(own)
        self._catalogues = {catalogue.language: catalogue for catalogue in catalogues}
        self._first = catalogues[0]
        self._meaning: dict[str, dict[str, str]] = {}
        for catalogue in catalogues:
            for meaning, words in catalogue.words.items():
                for word in words:
                    self._meaning.setdefault(meaning, {}).setdefault(normalise(word), catalogue.language)
        self._names = {normalise(name) for catalogue in catalogues for name in catalogue.names}
        self._numbers: dict[tuple[str, ...], Mapping[str, int]] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._catalogues)

    def __contains__(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._first.texts

    def _catalogue(self, language: str) -> Catalogue:
        return self._catalogues.get(language, self._first)

    def name(self, language: str) -> str:
        """The language's own name for itself."""
        catalogue = self._catalogues.get(language)
        return catalogue.name if catalogue else language

    def missing(self, language: str) -> tuple[str, ...]:
        """The keys of texts and meanings that this language lacks, and the fallback has."""
        catalogue = self._catalogue(language)
        held = {*catalogue.texts, *catalogue.words, *self._own}
        return tuple(sorted({*self._first.texts, *self._first.words} - held))

    def say(self, key: str, language: str, /, **values: object) -> str:
        """The text with its values; where it has plural forms, the one for `count`."""
        catalogue = self._catalogue(language)
        if key not in catalogue.texts:
            catalogue = self._first
        forms = catalogue.texts[key]
        count = values.get("count")
        category = plural(catalogue.language)(count) if isinstance(count, int | float) else "other"
        template = forms.get(category, forms["other"])
        return fill(template, {name: shown(value, language) for name, value in values.items()}) if values else template

    def word(self, meaning: str, language: str) -> str:
        """The word we tell people to send."""
        return (self._catalogue(language).words.get(meaning) or self._first.words[meaning])[0]

    def words(self, meaning: str) -> Mapping[str, str]:
        """Every word with this meaning, normalised, and the language it belongs to."""
        return self._meaning.get(meaning, {})

    def numbers(self, languages: Iterable[str]) -> Mapping[str, int]:
        """The number words of these languages, normalised. Of these only: six in Hausa is "trouble" in Swahili."""
        key = tuple(languages)
        if key not in self._numbers:
            found: dict[str, set[int]] = {}
            for number in COUNTED:
                for language in key:
                    for word in self._catalogue(language).words.get(str(number), ()):
                        found.setdefault(normalise(word), set()).add(number)
            # A word for two numbers is none.
            self._numbers[key] = {word: min(numbers) for word, numbers in found.items() if len(numbers) == 1}
        return self._numbers[key]

    def places(self, languages: Iterable[str]) -> Mapping[str, int]:
        """Those that can stand for an option's number: who writes UN or Afar may mean no number."""
        return {word: number for word, number in self.numbers(languages).items() if word not in self._names}

    def means(self, text: str, meaning: str) -> bool:
        """Whether the whole text is one of these words, in any language."""
        return normalise(text) in self._meaning.get(meaning, {})


MENU = "menu"
"""The meaning of the word that lists what can be done by keyword. It stands in the gateway's own catalogues."""


def catalogues(
    contents: Mapping[str, Mapping[str, object]],
    parts: Mapping[str, Mapping[str, Mapping[str, object]]] | None = None,
) -> Texts:
    """Texts from parsed catalogue files, by language, the fallback first. `parts` are the further catalogues of parts
    of the gateway, by part and language: `words` that call their flows, and `texts`. A language may lack some.

    A file holds `name`, `words` (meaning -> list), `texts` (key -> template, or templates by plural category) and,
    where some of its number words are names too, those as `names`.
    """
    made: list[Catalogue] = []
    own: set[str] = set()
    called: dict[str, None] = {MENU: None}
    for language, content in contents.items():
        words = content["words"]
        texts = content["texts"]
        names = content.get("names")
        if not isinstance(words, Mapping) or not isinstance(texts, Mapping):
            raise TypeError(f"the catalogue of {language} needs `words` and `texts`")
        for part, several in (parts or {}).items():
            more: Any = several.get(language, {})
            words = _joined(words, more, "words", f"{part}/{language}")
            texts = _joined(texts, more, "texts", f"{part}/{language}")
            own |= {*more.get("words", {}), *more.get("texts", {})}
            called |= dict.fromkeys(more.get("words", ()))
        made.append(
            Catalogue(
                language=language,
                name=str(content["name"]),
                words={meaning: tuple(str(word) for word in several) for meaning, several in words.items()},
                texts={key: _forms(text, f"{language}: {key}") for key, text in texts.items() if text},
                names=tuple(map(str, names)) if isinstance(names, list) else (),
            )
        )
    return Texts(tuple(made), tuple(called), own)


def _joined(held: Mapping[str, Any], more: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    """What a catalogue holds, with that of a part."""
    added = more.get(key, {})
    if not isinstance(added, Mapping):
        raise TypeError(f"the catalogue {where} needs a map as `{key}`")
    if twice := sorted(held.keys() & added.keys()):
        raise TypeError(f"the catalogue {where} says again what another one says: {twice[0]}")
    return {**held, **added}


def _forms(text: object, where: str) -> Forms:
    forms = {str(category): str(form) for category, form in text.items()} if isinstance(text, Mapping) else None
    if forms is not None and "other" not in forms:
        raise TypeError(f"the catalogue's text {where} has plural forms, and needs one for `other`")
    return forms or {"other": str(text)}
