"""A codebook: the codes for an open question, from the YAML that those who code can read and correct.

Besides its themes every codebook has the same few codes that say something about an answer rather than what is meant:
control codes (it is none that a theme could be given) and meta codes (what it asks of us). A codebook may write them
too, to say to those who code what belongs there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from surveys.definition import CodebookDefinition, CodeDefinition
from surveys.languages import Languages
from surveys.model import Texts
from surveys.problem import SurveyError
from surveys.reader import Path, read
from surveys.validate import Findings, validate

Words = Mapping[str, tuple[str, ...]]
"""Several words or texts by language. Every language of the codebook is there, with none where nothing is written."""


WRONG_QUESTION = "wrong_question"
CONTROL = ("no_answer", "not_codable", "noise", "stop", WRONG_QUESTION)
"""Nothing was answered; an answer that can't be understood; nothing but noise; a wish to leave; the answer to another
question, where it then counts."""
META = ("greeting", "question_back", "escalate")
"""A greeting; a question to us; something that somebody must act on. A theme may stand beside these."""


@dataclass(frozen=True, slots=True)
class Code:
    """`keywords` are words or beginnings of words that speak for this code, `examples` answers that belong to it, and
    `counter_examples` answers that seem to and don't.

    `definition` says to those who code what belongs here and what does not, in one language.
    """

    id: str
    names: Texts
    definition: str
    keywords: Words
    examples: Words
    counter_examples: Words = field(default_factory=dict)

    @property
    def meaning(self) -> str:
        """Changes when what belongs under it may have changed: who coded before must then look again."""
        return _hash(self.id, self.definition, _listed(self.examples), _listed(self.counter_examples))


@dataclass(frozen=True, slots=True)
class Codebook:
    """`codes` are the themes. `special` are the control and meta codes that it writes itself."""

    name: str
    codes: tuple[Code, ...]
    languages: tuple[str, ...] = ()
    special: tuple[Code, ...] = ()

    @property
    def version(self) -> str:
        """A hash of all that it says: comments and spaces don't count."""
        codes = (
            (code.meaning, sorted(code.names.items()), _listed(code.keywords)) for code in (*self.codes, *self.special)
        )
        return _hash(self.name, *codes)


def load_codebook(source: str | bytes, filename: str) -> Codebook:
    """The codebook written in `source`. `filename` only goes into problems. Raises SurveyError with all of them."""
    findings = Findings(read(source, filename))
    definition = validate(CodebookDefinition, findings)
    codes = () if definition is None else _codes(definition, findings)
    if definition is None or findings.problems:
        raise SurveyError(findings.problems)
    themes = tuple(code for code in codes if code.id not in (*CONTROL, *META))
    special = tuple(code for code in codes if code.id in (*CONTROL, *META))
    return Codebook(definition.name, themes, tuple(definition.languages), special)


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
    if definition.codes and seen <= {*CONTROL, *META}:
        findings.add(("codes",), "no code is a theme: these say something about an answer; add one")
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
        counter_examples=languages.words((*path, "counter_examples"), code.counter_examples),
    )


def _listed(words: Words) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((language, tuple(written)) for language, written in words.items() if written)


def _hash(*said: object) -> str:
    return sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]
