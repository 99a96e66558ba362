"""From a focal point's YAML to a Survey, or to everything that is wrong with it at once.

    load_survey(source, filename, gazetteers) -> Survey      raises SurveyError
    untranslated(survey) -> problems      what is said in the fallback language for want of a translation

What can be told of one key alone is in surveys/definition.py, what holds between the questions in surveys/items.py;
here is what holds for the poll.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel

from surveys.definition import SurveyDefinition
from surveys.gazetteer import Gazetteer
from surveys.items import Items
from surveys.languages import Languages
from surveys.model import MUTE, Guide, Limits, Question, Reminders, Restriction, Schedule, Shuffle, Survey
from surveys.options import same
from surveys.problem import Problem, SurveyError, did_you_mean
from surveys.reader import Path, read
from surveys.validate import Findings, validate

__all__ = ["Problem", "SurveyError", "load_survey", "untranslated"]

NO_GAZETTEERS: Final[Mapping[str, Gazetteer]] = MappingProxyType({})


def load_survey(source: str | bytes, filename: str, gazetteers: Mapping[str, Gazetteer] = NO_GAZETTEERS) -> Survey:
    """The survey written in `source`. `filename` only goes into problems. Raises SurveyError with all of them."""
    findings = Findings(read(source, filename))
    definition = validate(SurveyDefinition, findings)
    if definition is not None:
        survey = _Loading(definition, findings, gazetteers).survey(
            source if isinstance(source, str) else source.decode()
        )
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


def _hash(definition: SurveyDefinition, questions: tuple[Question, ...]) -> str:
    """Of what the poll says, whatever its spelling, and of the places that it asks for: what is left to its default is
    not part of it."""
    content = definition.model_dump(mode="json", exclude_defaults=True, warnings=False)
    places = {question.gazetteer.name: question.gazetteer.digest for question in questions if question.gazetteer}
    content |= {"gazetteers": places} if places else {}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _shape(definition: SurveyDefinition) -> str:
    """Of what an answer depends on: everything but texts, and the times at which the poll runs."""
    content = _bare(definition.model_dump(mode="json", exclude_defaults=True, exclude=_OUTER, warnings=False))
    content["consent"] = definition.consent.model_dump(mode="json")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


_OUTER = {"languages", "fallback", "zone", "zones", "opens", "closes", "reminders", "expires", "limits", "restrict"}
_WORDING = {"text", "label", "hint", "title", "sender", "thanks", "decision", "unit", "ends", "purpose", "keywords"}


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key not in _WORDING}
    return [_bare(part) for part in node] if isinstance(node, list) else node


class _Loading:
    def __init__(self, definition: SurveyDefinition, findings: Findings, gazetteers: Mapping[str, Gazetteer]) -> None:
        self.definition = definition
        self.findings = findings
        self.gazetteers = gazetteers
        self.languages = Languages(definition.languages, definition.fallback, findings)

    def survey(self, source: str) -> Survey:
        definition, texts = self.definition, self.languages.texts
        title = texts(("title",), definition.title)
        sender = texts(("sender",), definition.sender)
        self.languages.placeholders = {"title": title, "sender": sender}
        consent = texts(("consent", "text"), definition.consent.text)
        items = Items(definition, self.findings, self.languages, self.gazetteers)
        questions, shuffles = items.row()
        self.region(questions, items)
        notes = self.analysed(questions, shuffles, items)
        self.languages.pipes = {question.id: question.id for question in questions if question.type not in MUTE}
        return Survey(
            name=definition.name,
            hash=_hash(definition, questions),
            title=title,
            languages=tuple(definition.languages),
            keywords=self.keywords(),
            sender=sender,
            consent_version=definition.consent.version,
            consent=consent,
            thanks=texts(("thanks",), definition.thanks),
            decision=texts(("decision",), definition.decision) if definition.decision else {},
            questions=questions,
            region=definition.region or "",
            source=source,
            shape=_shape(definition),
            shuffles=shuffles,
            schedule=self.schedule(questions),
            partial=self.partial(questions),
            one_answer=definition.one_answer and definition.guide is None,
            guide=self.guide(),
            invite=definition.invite,
            limits=self.limits(),
            restrict=self.restrictions(),
            notes=notes,
        )

    def analysed(
        self, questions: tuple[Question, ...], shuffles: tuple[Shuffle, ...], items: Items
    ) -> tuple[Problem, ...]:
        """Report what can never happen; give what is only worth a look."""
        if self.findings.problems:  # what is broken would be told twice
            return ()
        notes = []
        for path, finding in items.analysed(questions, shuffles):
            if finding.fatal:
                self.findings.add(path, finding.message, offset=finding.at)
            else:
                notes.append(self.findings.document.problem(path, finding.message, offset=finding.at))
        return tuple(dict.fromkeys(notes))

    def schedule(self, questions: tuple[Question, ...]) -> Schedule:
        definition, zone = self.definition, ZoneInfo("UTC")
        try:
            zone = ZoneInfo(definition.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.findings.add(("zone",), f"there is no time zone '{definition.zone}'; write one such as Africa/Nairobi")
        opens, closes = (time.replace(tzinfo=zone) if time else None for time in (definition.opens, definition.closes))
        if opens and closes and opens >= closes:
            self.findings.add(("closes",), f"it closes before it opens, at {definition.opens}; change one of them")
        reminders = definition.reminders
        return Schedule(
            zone=zone.key,
            opens=opens,
            closes=closes,
            reminders=None if reminders is None else Reminders(reminders.count, reminders.after),
            expires=definition.expires or Schedule().expires,
            zones=self.zones(questions),
        )

    def zones(self, questions: tuple[Question, ...]) -> dict[str, str]:
        """The zone of each region that has another, by the option that stands for it."""
        named = self.definition.region
        options = [option.id for question in questions if question.id == named for option in question.options]
        found: dict[str, str] = {}
        for place, one in enumerate(self.definition.zones):
            where: Path = ("zones", place)
            if named is None:
                self.findings.add(where, "regions have zones only where `region` names the question; add it")
            elif one.region not in options:
                self.findings.add(
                    (*where, "region"), f"'{one.region}' is no option of {named}{did_you_mean(one.region, options)}"
                )
            elif one.region in found:
                self.findings.add((*where, "region"), f"'{one.region}' has a zone already; remove one")
            try:
                found[one.region] = ZoneInfo(one.zone).key
            except (ZoneInfoNotFoundError, ValueError, OSError):
                self.findings.add(
                    (*where, "zone"), f"there is no time zone '{one.zone}'; write one such as Africa/Nairobi"
                )
        return found

    def guide(self) -> Guide | None:
        guide = self.definition.guide
        if guide is None:
            return None
        if guide.wave < 1:
            self.findings.add(("guide", "wave"), "waves of the map are counted from 1; write 1 or more")
        return Guide(guide.map, guide.wave, guide.confidence, guide.clearance)

    def partial(self, questions: tuple[Question, ...]) -> int:
        wanted, relevant = self.definition.partial, sum(question.relevant for question in questions)
        if wanted > relevant:
            message = (
                f"{wanted} answers are wanted, but {relevant} questions have `relevant: yes`; mark more, or want fewer"
            )
            self.findings.add(("partial",), message)
        return wanted

    def limits(self) -> Limits:
        limits = self.definition.limits
        return Limits() if limits is None else Limits(limits.minutes, limits.segments, limits.cost)

    def restrictions(self) -> dict[str, Restriction]:
        words = [word for listed in self.definition.keywords.values() for word in listed]
        known = {same(word) for word in words}
        found: dict[str, Restriction] = {}
        for place, one in enumerate(self.definition.restrict):
            name, where = same(one.keyword), ("restrict", place, "keyword")
            if name not in known:
                self.findings.add(
                    where, f"'{one.keyword}' is no keyword of this poll{did_you_mean(one.keyword, words)}"
                )
            elif name in found:
                self.findings.add(where, f"'{one.keyword}' is restricted twice; put the two together")
            found[name] = Restriction(frozenset(one.channels), one.alone)
        return found

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

    def region(self, questions: tuple[Question, ...], items: Items) -> None:
        name = self.definition.region
        if name is None:
            return
        fitting = [question.id for question in questions if question.type == "one-of" and question.profile]
        ids = [question.id for question in questions if not question.silent]
        if name not in ids:
            self.findings.add(
                ("region",), f"question '{name}' in `region` does not exist{did_you_mean(name, fitting or ids)}"
            )
        elif name not in fitting and not self.findings.is_shaken(items.questions.origins[name]):
            self.findings.add(("region",), f"'{name}' can't be the region: it must be one-of, with `profile: yes`")
