"""The texts of a poll as a translator sees them, and translations on their way back.

    entries(content, filename, language) -> Work      what there is to translate, each text with its place
    judge(work, proposals, filename) -> Verdict       which translations fit, and a sentence for each that doesn't
    translated(work, accepted) -> source              the poll with them, loaded and checked
    without_catalogue(survey, texts, filename)        the languages that the gateway itself does not speak

Knows nothing of the file that translations travel in: that is surveys/po.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from surveys.definition import TYPES, SurveyDefinition
from surveys.gazetteer import Gazetteer
from surveys.load import NO_GAZETTEERS, load_survey
from surveys.model import Survey
from surveys.problem import Problem, did_you_mean
from surveys.reader import Document, Path, read
from surveys.rewrite import with_texts
from surveys.texts import Texts
from surveys.validate import Findings, validate

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")

ROOM = "One SMS holds 160 characters of the plain alphabet; 70 where a letter is not in it (Arabic, Amharic, ç, ê, ɗ)."
_LABEL = "A label: read on small screens and on buttons, so a few words."


class TranslationError(ValueError):
    """A poll or a file can't be worked with. Its text is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text. `place` names it by ids (questions.region.text) and stays when questions move; `line` is in the poll.

    `text` is the translation that is there, "" where there is none. `about` are sentences for the translator.
    """

    place: str
    path: Path
    line: int
    source: str
    text: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """One poll to be translated into one language, its texts in the order they are written in."""

    name: str
    poll: str
    filename: str
    language: str
    fallback: str
    entries: tuple[Entry, ...]
    gazetteers: Mapping[str, Gazetteer]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A translation that came back. `source` is what was translated, `line` in the file it came in."""

    place: str
    source: str
    text: str
    line: int
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`accepted` are translations that are new, by path; `refused` and `fuzzy` say which others came, and why not."""

    accepted: Mapping[Path, str]
    refused: tuple[Problem, ...]
    fuzzy: tuple[Problem, ...]
    missing: int


def entries(content: bytes, filename: str, language: str, gazetteers: Mapping[str, Gazetteer] = NO_GAZETTEERS) -> Work:
    """What there is to translate. Raises SurveyError for a broken poll, TranslationError for a language it has not."""
    poll = load_survey(content, filename, gazetteers)
    source = content.decode()
    document = read(source, filename)
    definition = validate(SurveyDefinition, Findings(document))
    assert definition is not None  # it was loaded
    fallback = definition.fallback or definition.languages[0]
    if language == fallback:
        raise TranslationError(f"{poll.name} is written in {language}: name a language to translate it into.")
    if language not in poll.languages:
        raise TranslationError(
            f"{poll.name} is not in {language}; add it to `languages`, with its `keywords`, or translate into "
            f"{', '.join(each for each in poll.languages if each != fallback) or 'another language'}."
        )
    found = [
        _entry(document, path, text, language, fallback, about)
        for path, text, about in _texts(definition)
        if path in document.values and not _speaks_for_itself(text)
    ]
    found.sort(key=lambda entry: document.values[entry.path].line)
    return Work(poll.name, source, filename, language, fallback, tuple(found), gazetteers)


def judge(work: Work, proposals: Iterable[Proposal], filename: str) -> Verdict:
    """Hold what came back in `filename` against the poll as it is now. Empty translations count as missing."""
    known = {entry.place: entry for entry in work.entries}
    accepted: dict[Path, str] = {}
    refused: list[Problem] = []
    fuzzy: list[Problem] = []
    for proposal in proposals:
        text = unicodedata.normalize("NFC", proposal.text.strip())
        if not text:
            continue
        entry = known.get(proposal.place)
        if proposal.fuzzy:
            message = f"{proposal.place} is marked fuzzy, and was left out; look at it and take the mark away"
            fuzzy.append(Problem(filename, proposal.line, 1, message))
        elif entry is None:
            hint = did_you_mean(proposal.place, known)
            refused.append(Problem(filename, proposal.line, 1, f"the poll has no text {proposal.place!r}{hint}"))
        elif message := _unfit(entry, unicodedata.normalize("NFC", proposal.source.strip()), text):
            refused.append(Problem(filename, proposal.line, 1, message))
        elif text != entry.text:
            accepted[entry.path] = text
    there = sum(bool(entry.text or entry.path in accepted) for entry in work.entries)
    return Verdict(accepted, tuple(refused), tuple(fuzzy), len(work.entries) - there)


def translated(work: Work, accepted: Mapping[Path, str]) -> str:
    """The poll's source with these texts. Raises SurveyError where it would be refused with them."""
    source = with_texts(work.poll, work.filename, accepted, work.language, work.fallback)
    load_survey(source, work.filename, work.gazetteers)
    return source


def without_catalogue(survey: Survey, texts: Texts, filename: str) -> tuple[Problem, ...]:
    """The languages of a poll in which the gateway itself has nothing to say, or lacks something."""
    document = read(survey.source, filename)
    spoken, fallback = texts.languages, texts.name(texts.languages[0])
    lacking = {language: texts.missing(language) if language in spoken else None for language in survey.languages}
    return tuple(
        document.problem(
            ("languages", survey.languages.index(language)),
            f"there is no catalogue for {language}; what the gateway itself says is in {fallback}"
            if missing is None
            else f"the catalogue for {language} lacks {', '.join(missing)}; that is said in {fallback}",
        )
        for language, missing in lacking.items()
        if missing is None or missing
    )


def _unfit(entry: Entry, source: str, text: str) -> str:
    """Why a translation can't be taken; "" where it can."""
    if source != entry.source:
        return f"{entry.place} reads differently in the poll now; export again and translate that"
    wanted, there = (set(_PLACEHOLDER.findall(each)) for each in (entry.source, text))
    if lost := wanted - there:
        return f"{entry.place} lost {' and '.join(sorted(lost))}; keep it as it is, in a place that fits"
    if invented := there - wanted:
        return f"{entry.place} has {' and '.join(sorted(invented))}, which the original has not; take it out"
    return ""


# What is in a poll --------------------------------------------------------------------------------------------------


def _entry(
    document: Document, path: Path, text: Mapping[str, str], language: str, fallback: str, about: tuple[str, ...]
) -> Entry:
    source = text.get(fallback) or text.get("", "")
    notes = [*about, *([_LABEL] if path[-1] == "label" else [])]
    if holes := sorted(set(_PLACEHOLDER.findall(source))):
        notes.append(f"Keep {' and '.join(holes)}: something is put in there.")
    line = document.values[path].line
    return Entry(_place(document.data, path), path, line, source, text.get(language, ""), tuple(notes))


def _place(tree: Any, path: Path) -> str:
    """The path with ids instead of positions, where what stands there has one; positions count from 1."""
    parts = []
    for part in path:
        tree = tree[part]
        has_id = isinstance(part, int) and isinstance(tree, dict) and isinstance(tree.get("id"), str)
        parts.append(tree["id"] if has_id else str(part + 1) if isinstance(part, int) else part)
    return ".".join(parts)


def _speaks_for_itself(text: Mapping[str, str]) -> bool:
    """18-24 is the same in every language."""
    return "" in text and not any(map(str.isalpha, text[""]))


def _texts(
    part: BaseModel, path: Path = (), about: tuple[str, ...] = ()
) -> Iterator[tuple[Path, Mapping[str, str], tuple[str, ...]]]:
    """Every text by language, however deep, with what is known of the question that it belongs to."""
    purpose, kind = getattr(part, "purpose", None), getattr(part, "type", None)
    if isinstance(purpose, str):
        answered = [f"Answered with {TYPES[kind].says}."] if isinstance(kind, str) and kind in TYPES else []
        about = (*answered, f"Why it is asked: {purpose}")
    for name in type(part).model_fields:
        value = getattr(part, name)
        for index, each in enumerate(value) if isinstance(value, list) else [(None, value)]:
            inner: Path = (*path, name) if index is None else (*path, name, index)
            if isinstance(each, BaseModel):
                yield from _texts(each, inner, about)
            elif isinstance(each, dict) and each and all(isinstance(text, str) for text in each.values()):
                yield inner, each, about
