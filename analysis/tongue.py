"""The language of an answer: what its letters say, weighed by the language that the person chose.

py3langid tells many languages apart; restricted to those of the poll it says how likely each is, and the shorter the
text the less it says (its scores are divided by the square root of the text's length), so that a short answer counts as
in the language that its person chose. Of a language that py3langid does not know nothing is said against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

CHOSEN = 0.8
"""The share of answers that are taken to be in the language chosen, before anything is read."""


class Tongues:
    """Tells a poll's languages apart."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self.told_apart = [language for language in self.languages if language in _labels()]
        self._identifier = _identifier()
        if self.told_apart:
            self._identifier.set_languages(self.told_apart)

    def __call__(self, text: str, chosen: str) -> str:
        """The likeliest of the poll's languages for this text; `chosen` where it can't be told."""
        if chosen not in self.told_apart or len(self.told_apart) < 2:
            return chosen
        rest = (1 - CHOSEN) / (len(self.told_apart) - 1)
        chances = {
            language: chance * (CHOSEN if language == chosen else rest)
            for language, chance in self._identifier.rank(text)
        }
        return max(self.told_apart, key=lambda language: (chances.get(language, 0.0), language == chosen))


def _identifier() -> LanguageIdentifier:
    """One that can be restricted by itself. The file is read once; what is read is not changed by a restriction."""
    read = _read()
    return LanguageIdentifier(
        read.nb_ptc, read.nb_pc, read.nb_classes, read.tk_nextmove, read.tk_output, norm_probs=True, tk_row=read.tk_row
    )


@lru_cache(maxsize=1)
def _read() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=1)
def _labels() -> frozenset[str]:
    return frozenset(_read().labels)
