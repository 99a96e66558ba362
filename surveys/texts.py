"""What the gateway itself says and understands, by language: system words, hints, and the answers to mistakes.

The catalogues are package data (surveys/catalogues/<language>.yaml); this module is handed their parsed
content, because reading files is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from surveys.match import normalise

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put values into named places. What is put in is not read again: an answer like "{word}" stays text."""
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), template)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language. `words` are what people send, by meaning, the first the one we name; `texts` what we say."""

    language: str
    name: str
    words: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]


class Texts:
    """All languages together. The first catalogue is the fallback, and the measure of what the others must hold."""

    def __init__(self, catalogues: tuple[Catalogue, ...]) -> None:
        self._catalogues = {catalogue.language: catalogue for catalogue in catalogues}
        self._first = catalogues[0]
        self._meaning: dict[str, dict[str, str]] = {}
        for catalogue in catalogues:
            for meaning, words in catalogue.words.items():
                for word in words:
                    self._meaning.setdefault(meaning, {}).setdefault(normalise(word), catalogue.language)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._catalogues)

    def _catalogue(self, language: str) -> Catalogue:
        return self._catalogues.get(language, self._first)

    def name(self, language: str) -> str:
        """The language's own name for itself."""
        catalogue = self._catalogues.get(language)
        return catalogue.name if catalogue else language

    def missing(self, language: str) -> tuple[str, ...]:
        """The keys of texts and meanings that this language lacks, and the fallback has."""
        catalogue = self._catalogue(language)
        return tuple(sorted({*self._first.texts, *self._first.words} - {*catalogue.texts, *catalogue.words}))

    def say(self, key: str, language: str, /, **values: object) -> str:
        texts = self._catalogue(language).texts
        template = texts.get(key) or self._first.texts[key]
        return fill(template, values) if values else template

    def word(self, meaning: str, language: str) -> str:
        """The word we tell people to send."""
        return (self._catalogue(language).words.get(meaning) or self._first.words[meaning])[0]

    def words(self, meaning: str) -> Mapping[str, str]:
        """Every word with this meaning, normalised, and the language it belongs to."""
        return self._meaning.get(meaning, {})

    def means(self, text: str, meaning: str) -> bool:
        """Whether the whole text is one of these words, in any language."""
        return normalise(text) in self._meaning.get(meaning, {})


def catalogues(contents: Mapping[str, Mapping[str, object]]) -> Texts:
    """Texts from parsed catalogue files, by language, the fallback first.

    A file holds `name`, `words` (meaning -> list) and `texts` (key -> template).
    """
    made = []
    for language, content in contents.items():
        words = content["words"]
        texts = content["texts"]
        if not isinstance(words, Mapping) or not isinstance(texts, Mapping):
            raise TypeError(f"the catalogue of {language} needs `words` and `texts`")
        made.append(
            Catalogue(
                language=language,
                name=str(content["name"]),
                words={meaning: tuple(str(word) for word in several) for meaning, several in words.items()},
                texts={key: str(text) for key, text in texts.items()},
            )
        )
    return Texts(tuple(made))
