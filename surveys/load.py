"""From a focal point's YAML to a Survey, or to everything that is wrong with it at once.

    load_survey(source, filename) -> Survey      raises SurveyError
    untranslated(survey) -> problems             what is said in the fallback language for want of a translation

What can be told of one key alone is in surveys/definition.py; here is what holds between several.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from surveys.definition import (
    EVERY,
    TYPES,
    OptionDefinition,
    QuestionDefinition,
    SurveyDefinition,
)
from surveys.expressions import Expression, ExpressionError, check, parse
from surveys.languages import Languages
from surveys.match import normalise
from surveys.model import Choice, Question, Survey
from surveys.problem import Problem, SurveyError, did_you_mean
from surveys.reader import Path, read
from surveys.validate import Findings, validate

__all__ = ["Problem", "SurveyError", "load_survey", "untranslated"]

SCALE: Final = (0, 10)
_TYPED_BY: Final = ("id", "type", "options", "minimum", "maximum", "whole")
"""What must be sound in a question before a `when` is held against it."""


def load_survey(source: str | bytes, filename: str) -> Survey:
    """The survey written in `source`. `filename` only goes into problems. Raises SurveyError with all of them."""
    findings = Findings(read(source, filename))
    definition = validate(SurveyDefinition, findings)
    if definition is not None:
        survey = _Loading(definition, findings).survey(source if isinstance(source, str) else source.decode())
    if findings.problems:
        raise SurveyError(findings.problems)
    return survey


def untranslated(survey: Survey, filename: str = "") -> tuple[Problem, ...]:
    """The texts that a language of the survey lacks, with their lines. A text without letters (18-24) needs none."""
    document = read(survey.source, filename or survey.name)
    definition = validate(SurveyDefinition, Findings(document))
    if definition is None:
        return ()
    fallback = definition.fallback or definition.languages[0]
    return tuple(
        document.problem(path, f"no text in {language}; the one in {fallback} is used")
        for path, text in _texts_in(definition)
        for language in definition.languages
        if language not in text and not _serves(text, language, fallback)
    )


def _serves(text: Mapping[str, str], language: str, fallback: str) -> bool:
    plain = text.get("", "")
    return bool(plain) and (language == fallback or not any(map(str.isalpha, plain)))


def _texts_in(definition: BaseModel, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, str]]]:
    for name in type(definition).model_fields:
        value = getattr(definition, name)
        if isinstance(value, BaseModel):
            yield from _texts_in(value, (*path, name))
        elif isinstance(value, list):
            for index, part in enumerate(value):
                if isinstance(part, BaseModel):
                    yield from _texts_in(part, (*path, name, index))
        elif isinstance(value, dict) and all(isinstance(part, str) for part in value.values()):
            yield (*path, name), value


def _hash(definition: SurveyDefinition) -> str:
    """Of what the poll says, whatever its spelling: what is left to its default is not part of it."""
    content = definition.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


@dataclass(slots=True)
class _Asked:
    """What a `when` may refer to: questions before it, ids after it, and those that can't be relied on."""

    before: dict[str, Question]
    after: set[str]
    unclear: set[str]


class _Loading:
    def __init__(self, definition: SurveyDefinition, findings: Findings) -> None:
        self.definition = definition
        self.findings = findings
        self.languages = Languages(definition.languages, definition.fallback, findings)

    def survey(self, source: str) -> Survey:
        definition, texts = self.definition, self.languages.texts
        title = texts(("title",), definition.title)
        sender = texts(("sender",), definition.sender)
        self.languages.placeholders = {"title": title, "sender": sender}
        questions = self.questions()
        self.region(questions)
        return Survey(
            name=definition.name,
            hash=_hash(definition),
            title=title,
            languages=tuple(definition.languages),
            keywords=self.keywords(),
            sender=sender,
            consent_version=definition.consent.version,
            consent=texts(("consent", "text"), definition.consent.text),
            thanks=texts(("thanks",), definition.thanks),
            questions=questions,
            region=definition.region or "",
            source=source,
        )

    def keywords(self) -> dict[str, tuple[str, ...]]:
        found = self.languages.words(("keywords",), self.definition.keywords)
        for path, words in self.languages.words_at(("keywords",), self.definition.keywords):
            seen: set[str] = set()
            for index, word in enumerate(words):
                where = (*path, index)
                if len(word.split()) > 1:
                    self.findings.add(
                        where, f"a keyword is one word; write '{word.split()[0]}' or '{''.join(word.split())}'"
                    )
                elif not any(map(str.isalpha, word)):
                    self.findings.add(
                        where, f"keyword '{word}' has no letter, an answer could be taken for it; write a word"
                    )
                elif same(word) in seen:
                    self.findings.add(where, f"keyword '{word}' is here twice; remove one")
                seen.add(same(word))
        for language in self.definition.languages:
            if not found.get(language):
                self.findings.add(
                    ("keywords",), f"no keyword in {language}; add `{language}: [...]`, or give one list for all"
                )
        return found

    def region(self, questions: tuple[Question, ...]) -> None:
        name = self.definition.region
        if name is None:
            return
        fitting = [question.id for question in questions if question.type == "one-of" and question.profile]
        ids = [question.id for question in questions]
        if name not in ids:
            self.findings.add(
                ("region",), f"question '{name}' in `region` does not exist{did_you_mean(name, fitting or ids)}"
            )
        elif name not in fitting and not self.findings.is_shaken(("questions", ids.index(name))):
            self.findings.add(("region",), f"'{name}' can't be the region: it must be one-of, with `profile: yes`")

    # Questions

    def questions(self) -> tuple[Question, ...]:
        definitions = self.definition.questions
        if not definitions:
            self.findings.add(("questions",), "there is no question; add one")
        asked = _Asked({}, {definition.id for definition in definitions}, set())
        questions = []
        for index, definition in enumerate(definitions):
            path: Path = ("questions", index)
            if definition.id in asked.before or definition.id in asked.unclear:
                self.findings.add((*path, "id"), f"question '{definition.id}' is here twice; give this one another id")
            when = self.when(path, definition, asked)
            question = self.question(path, definition, when)
            asked.after.discard(definition.id)
            if any(self.findings.is_shaken((*path, key)) for key in _TYPED_BY):
                asked.unclear.update(() if self.findings.is_broken((*path, "id")) else (definition.id,))
            else:
                asked.before.setdefault(definition.id, question)
            questions.append(question)
        return tuple(questions)

    def question(self, path: Path, definition: QuestionDefinition, when: Expression | None) -> Question:
        if not self.findings.is_broken((*path, "type")):
            self.allowed(path, definition)
            self.bounds(path, definition)
        texts = self.languages.texts
        ends = definition.ends
        return Question(
            id=definition.id,
            type=definition.type,
            text=texts((*path, "text"), definition.text),
            purpose=definition.purpose,
            options=self.options((*path, "options"), definition.options or []),
            hint=None if definition.hint is None else texts((*path, "hint"), definition.hint),
            required=definition.required,
            profile=definition.profile,
            when=when,
            minimum=definition.minimum,
            maximum=definition.maximum,
            whole=definition.whole,
            unit=None if definition.unit is None else texts((*path, "unit"), definition.unit),
            ends=None
            if ends is None
            else (texts((*path, "ends", "low"), ends.low), texts((*path, "ends", "high"), ends.high)),
            codebook=definition.codebook or "",
        )

    def allowed(self, path: Path, definition: QuestionDefinition) -> None:
        """Hold a question's keys against the table of types."""
        allows = TYPES[definition.type]
        for key in allows.must:
            if getattr(definition, key) is None:
                self.findings.break_off((*path, key), f"a question of type {definition.type} needs `{key}`; add it")
        for key in sorted(definition.model_fields_set - {*EVERY, *allows.must, *allows.may}):
            having = ", ".join(name for name, other in TYPES.items() if key in other.must + other.may)
            self.findings.break_off(
                (*path, key),
                f"`{key}` does not go with type {definition.type}, only with {having}; take it out",
                key=True,
            )

    def bounds(self, path: Path, definition: QuestionDefinition) -> None:
        low, high = definition.minimum, definition.maximum
        match definition.type:
            case "scale":
                for key, value in (("minimum", low), ("maximum", high)):
                    if value is not None and not (isinstance(value, int) and SCALE[0] <= value <= SCALE[1]):
                        self.findings.break_off(
                            (*path, key),
                            f"a scale lies within {SCALE[0]} and {SCALE[1]}, in whole numbers, not at {value}",
                        )
            case "number" if definition.whole:
                for key, value in (("minimum", low), ("maximum", high)):
                    if isinstance(value, float):
                        self.findings.break_off(
                            (*path, key), f"{value} is not whole; write a whole number, or `whole: no`"
                        )
            case "many-of":
                count = len(definition.options or [])
                if high is not None and not (isinstance(high, int) and 1 <= high <= count):
                    self.findings.break_off(
                        (*path, "maximum"),
                        f"of {count} options, {high} can't be chosen; write 1 to {count}, or leave it out",
                    )
        if low is not None and high is not None and low >= high:
            self.findings.break_off((*path, "maximum"), f"`maximum` {high} must be larger than `minimum` {low}")

    def options(self, path: Path, definitions: list[OptionDefinition]) -> tuple[Choice, ...]:
        if path in self.findings.document.values and len(definitions) < 2:
            self.findings.add(path, "a choice needs two options or more; add one, or ask yes-no")
        options = tuple(
            Choice(option.id, self.languages.texts((*path, index, "label"), option.label))
            for index, option in enumerate(definitions)
        )
        ids: set[str] = set()
        for index, option in enumerate(options):
            if option.id in ids:
                self.findings.add((*path, index, "id"), f"option '{option.id}' is here twice; give this one another id")
            ids.add(option.id)
        self.labels(path, options)
        return options

    def labels(self, path: Path, options: tuple[Choice, ...]) -> None:
        """Whoever types a label, or a number, must mean one option only."""
        taken: dict[tuple[str, str], int] = {}
        for index, option in enumerate(options):
            twins: dict[int, str] = {}
            for language, label in option.label.items():
                first = taken.setdefault((language, same(label)), index)
                if first != index:
                    twins.setdefault(first, language)
                bare = label.strip(" .)")
                if bare.isdecimal() and len(bare) < 4 and int(bare) != index + 1 and 1 <= int(bare) <= len(options):
                    self.findings.add(
                        self.languages.where((*path, index, "label"), language),
                        f"label '{label}' is what people type for option {int(bare)}; give it a word, or move it there",
                    )
            for first, language in twins.items():
                self.findings.add(
                    self.languages.where((*path, index, "label"), language),
                    f"option {index + 1} reads the same as option {first + 1} in {language}; tell them apart",
                )

    def when(self, path: Path, definition: QuestionDefinition, asked: _Asked) -> Expression | None:
        where = (*path, "when")
        if definition.when is None or self.findings.is_broken(where):
            return None
        try:
            expression = parse(definition.when)
        except ExpressionError as error:
            self.findings.add(where, str(error), offset=error.at)
            return None
        for problem in check(expression, asked.before, asked.after, asked.unclear):
            self.findings.add(where, str(problem), offset=problem.at)
        return expression


def same(text: str) -> str:
    """What two spellings have in common that people would take for one: case, width, accents, spacing."""
    return normalise(text) or text
