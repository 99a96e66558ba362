"""The sentences and the number formats of one language, from analysis/texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

import yaml
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """How digests speak in one language. `code` is the language of the sentences: FALLBACK where there is no catalogue.

    `wanted` is what was asked for: survey texts exist in more languages than there are catalogues.
    """

    code: str
    wanted: str
    sentences: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """A sentence; numbers among the values are written as the language writes them."""
        return self.sentences[key].format_map({name: self.shown(value) for name, value in values.items()})

    def shown(self, value: object) -> str:
        if value is None:
            return self.sentences["hidden"]
        return str(value) if isinstance(value, str) else self.number(value)  # type: ignore[arg-type]  # else a number

    @property
    def direction(self) -> str:
        return self.sentences["direction"]

    def number(self, value: float) -> str:
        """Integers whole, others with one decimal at most."""
        return self._digits(format_decimal(value, format="#,##0.#", locale=self._locale, numbering_system="default"))

    def mean(self, value: float) -> str:
        return self._digits(format_decimal(value, format="0.0", locale=self._locale, numbering_system="default"))

    def percent(self, share: float) -> str:
        return self._digits(format_percent(share, locale=self._locale, numbering_system="default"))

    def date(self, when: datetime) -> str:
        return self._digits(format_date(when, "long", locale=self._locale))

    def _digits(self, text: str) -> str:
        """Babel writes the language's separators and signs, but European digits, and their percent sign."""
        return text.translate(str.maketrans("0123456789%", self.sentences["digits"]))

    def name_of(self, code: str) -> str:
        """What a language is called in this one."""
        try:
            return Locale.parse(code).get_display_name(self._locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def apart(self, text: str) -> str:
        """A text of its own direction within a sentence from right to left: "40-59" must not turn into "59-40"."""
        return f"\u2068{text}\u2069" if self.direction == "rtl" else text

    def list(self, items: Iterable[str]) -> str:
        """Items that may hold commas themselves."""
        return self.sentences["semicolon"].join(items)

    def text(self, texts: Mapping[str, str] | None, otherwise: str = "") -> str:
        """A text of the survey in this language, else in any."""
        if not texts:
            return otherwise
        return texts.get(self.wanted) or texts.get(self.code) or next(iter(texts.values()))

    @property
    def _locale(self) -> str:
        return self.sentences["locale"]


@cache
def language(wanted: str) -> Language:
    folder = files("analysis") / "texts"
    code = wanted if (folder / f"{wanted}.yaml").is_file() and wanted.isalpha() else FALLBACK
    sentences = yaml.load((folder / f"{code}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return Language(code, wanted, sentences)


@cache
def languages() -> tuple[str, ...]:
    """The languages of sentences."""
    there = (files("analysis") / "texts").iterdir()
    return tuple(sorted(path.name.removesuffix(".yaml") for path in there if path.name.endswith(".yaml")))
