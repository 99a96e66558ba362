"""A codebook: the codes for an open question, from the YAML that those who code can read and correct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.definition import CodebookDefinition, CodeDefinition
from surveys.languages import Languages
from surveys.model import Texts
from surveys.problem import SurveyError
from surveys.reader import Path, read
from surveys.validate import Findings, validate

Words = Mapping[str, tuple[str, ...]]
"""Several words or texts by language. Every language of the codebook is there, with none where nothing is written."""


@dataclass(frozen=True, slots=True)
class Code:
    """`keywords` are words or beginnings of words that speak for this code, `examples` answers that belong to it.

    `definition` says to those who code what belongs here and what does not, in one language.
    """

    id: str
    names: Texts
    definition: str
    keywords: Words
    examples: Words


@dataclass(frozen=True, slots=True)
class Codebook:
    name: str
    codes: tuple[Code, ...]
    languages: tuple[str, ...] = ()


def load_codebook(source: str | bytes, filename: str) -> Codebook:
    """The codebook written in `source`. `filename` only goes into problems. Raises SurveyError with all of them."""
    findings = Findings(read(source, filename))
    definition = validate(CodebookDefinition, findings)
    codes = () if definition is None else _codes(definition, findings)
    if definition is None or findings.problems:
        raise SurveyError(findings.problems)
    return Codebook(definition.name, codes, tuple(definition.languages))


def _codes(definition: CodebookDefinition, findings: Findings) -> tuple[Code, ...]:
    if not definition.codes:
        findings.add(("codes",), "there is no code; add one")
    languages = Languages(definition.languages, None, findings)
    seen: set[str] = set()
    codes = []
    for index, code in enumerate(definition.codes):
        path: Path = ("codes", index)
        if code.id in seen:
            findings.add((*path, "id"), f"code '{code.id}' is here twice; give this one another id")
        seen.add(code.id)
        codes.append(_code(path, code, languages, findings))
    return tuple(codes)


def _code(path: Path, code: CodeDefinition, languages: Languages, findings: Findings) -> Code:
    for where, words in languages.words_at((*path, "keywords"), code.keywords):
        for index, word in enumerate(words):
            if sum(map(str.isalpha, word)) < 2:
                findings.add(
                    (*where, index), f"keyword '{word}' would be found in most answers; write two letters or more"
                )
    return Code(
        id=code.id,
        names=languages.texts((*path, "name"), code.name),
        definition=code.definition,
        keywords=languages.words((*path, "keywords"), code.keywords),
        examples=languages.words((*path, "examples"), code.examples),
    )
