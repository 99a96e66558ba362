"""Texts and words by language: checked, and filled in so that every language has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from surveys.model import Texts
from surveys.problem import did_you_mean, nearest
from surveys.reader import Path
from surveys.validate import Findings

_HOLE = re.compile(r"\{\{.*?\}\}|\$?\{[^{}]*\}|[{}]|%\(\w*\)\w?|%[sdifr]\b")


class Languages:
    """The languages of one file.

    In the texts that follow, `{name}` stands for one of `placeholders`, or for the answer to the question that `pipes`
    names, which is put in while the poll runs, or, as {number}, for `number`.
    """

    def __init__(self, languages: list[str], fallback: str | None, findings: Findings) -> None:
        self.languages = languages
        self.fallback = fallback if fallback in languages else next(iter(languages), "")
        self.placeholders: Mapping[str, Texts] = {}
        self.pipes: Mapping[str, str] = {}
        self.number = ""
        self.findings = findings
        self._unknown: set[str] = set()
        self._check(fallback)
        self.certain = not findings.is_shaken(("languages",))

    def _check(self, fallback: str | None) -> None:
        if not self.languages:
            self.findings.break_off(("languages",), "there is no language; name one, such as [en]")
        for index, language in enumerate(self.languages):
            if language in self.languages[:index]:
                self.findings.add(("languages", index), f"language {language} is here twice; remove one")
        if fallback is not None and fallback not in self.languages:
            self.findings.add(
                ("fallback",), f"'{fallback}' is not one of `languages`{did_you_mean(fallback, self.languages)}"
            )

    def where(self, path: Path, language: str) -> Path:
        """Where the text in that language stands: its own line, else that of the whole text."""
        return (*path, language) if (*path, language) in self.findings.document.values else path

    def texts(self, path: Path, text: Mapping[str, str], *, answers: bool = True) -> Texts:
        """The text in every language. Placeholders are put in; `answers` says that earlier answers may be, too."""
        self._known(path, text)
        plain = text.get(self.fallback) or text.get("")
        if plain is None and self.certain:
            self.findings.add(
                path, f"no text in {self.fallback}, which the others fall back on; add `{self.fallback}: ...`"
            )
        for language, content in text.items():
            self._holes(self.where(path, language), content, self.pipes if answers else {})
        return {language: self._put_in(language, text.get(language) or plain or "") for language in self.languages}

    def words(self, path: Path, words: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
        """The words by language; one list stands for all languages."""
        self._known(path, words)
        return {language: tuple(words.get(language, words.get("", ()))) for language in self.languages}

    def words_at(self, path: Path, words: Mapping[str, list[str]]) -> Iterator[tuple[Path, list[str]]]:
        """The lists as they were written, with their places."""
        for language, listed in words.items():
            yield self.where(path, language), listed

    def _known(self, path: Path, by_language: Mapping[str, object]) -> None:
        """Report languages that the file does not have, each where it comes first."""
        for language in by_language:
            if language and language not in self.languages and self.certain and language not in self._unknown:
                self._unknown.add(language)
                hint = did_you_mean(language, self.languages)
                self.findings.add((*path, language), f"'{language[:80]}' is not one of `languages`{hint}", key=True)

    def _holes(self, path: Path, text: str, pipes: Mapping[str, str]) -> None:
        if "{" not in text and "}" not in text and "%" not in text:
            return
        named = [*self.placeholders, *pipes, *(["number"] if self.number else [])]
        allowed = {f"{{{name}}}" for name in named}
        for hole in _HOLE.finditer(text):
            if hole[0] not in allowed:
                message = f"`{hole[0][:80]}` is no placeholder; {_mend(hole[0], named)}"
                if hole[0][1:-1] in self.pipes:
                    message = f"`{hole[0]}` can't stand here: answers go into texts and hints only; leave it out"
                self.findings.add(path, message, offset=hole.start())

    def _put_in(self, language: str, text: str) -> str:
        if "{" not in text:
            return text
        for name, values in self.placeholders.items():
            text = text.replace(f"{{{name}}}", values[language])
        for name, flat in self.pipes.items():
            if name != flat:
                text = text.replace(f"{{{name}}}", f"{{{flat}}}")
        return text.replace("{number}", self.number) if self.number else text


def _mend(hole: str, named: list[str]) -> str:
    if not named:
        return "nothing is put into this text; leave it out"
    if near := nearest(hole.strip("${}% "), [f"{{{name}}}" for name in named]):
        return near.removeprefix("; ").replace("'", "")
    few = sorted(f"{{{name}}}" for name in named)[:4]
    return f"write {' or '.join(few)}, or leave it out"
