"""A campaign as its flows know it: what can be read, written, pledged and signed. Texts are by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.gazetteer import Gazetteer
from surveys.match import normalise
from surveys.model import Texts


@dataclass(frozen=True, slots=True)
class Page:
    """A piece as it is read on a phone: its title, its words, and where it is seen."""

    id: str
    title: Texts
    text: Texts
    link: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be pledged."""

    id: str
    title: Texts
    text: Texts


@dataclass(frozen=True, slots=True)
class Offer:
    """`words` are what people send for it, by language. `suggested` is None where no letters are written, `appeal`
    where there is none to sign; `gazetteer` holds the places by which representatives are found."""

    name: str
    title: Texts
    words: Mapping[str, Sequence[str]]
    pages: Sequence[Page] = ()
    topic: str = ""
    measures: Sequence[Measure] = ()
    appeal: tuple[Texts, Texts] | None = None
    suggested: Texts | None = None
    gazetteer: Gazetteer | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.title)

    def said(self, text: Texts, language: str) -> str:
        """A text in this language, or in the campaign's first one."""
        return text.get(language) or text[self.languages[0]]

    def is_called(self, text: str) -> bool:
        """Whether this is one of its words, in any language."""
        typed = normalise(text)
        return bool(typed) and any(typed == normalise(word) for words in self.words.values() for word in words)
