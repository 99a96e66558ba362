"""A poll as an XLSForm: `export_form(source, filename) -> Exported`, with a list of what the form can't say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from surveys.definition import QuestionDefinition, SurveyDefinition
from surveys.expressions import ExpressionError, parse, parse_value
from surveys.problem import Problem, SurveyError
from surveys.reader import Document, Path, read
from surveys.validate import Findings, validate
from surveys.xlsform.conditions import words
from surveys.xlsform.marks import CONSENT, THANKS
from surveys.xlsform.options import Lists
from surveys.xlsform.report import Unfit
from surveys.xlsform.said import Known, said
from surveys.xlsform.spoken import called

_TYPES: Final = {
    "number": "integer",
    "scale": "range",
    "date": "date",
    "open": "text",
    "picture": "image",
    "voice": "audio",
    "note": "note",
    "value": "calculate",
}
_HOLE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_HEAD: Final = frozenset(
    {
        *("name", "languages", "fallback", "title", "sender", "keywords", "consent", "thanks", "calendar", "questions"),
        "experiments",
    }
)
_EVERYWHERE: Final = frozenset(
    {"id", "type", "text", "purpose", "hint", "required", "when", "skip", "order", "options"}
)
_SAID: Final = {
    "number": frozenset({"minimum", "maximum", "whole"}),
    "scale": frozenset({"minimum", "maximum"}),
    "date": frozenset({"minimum", "maximum", "precision"}),
    "many-of": frozenset({"maximum"}),
    "ranking": frozenset({"maximum"}),
    "place": frozenset({"gazetteer"}),
    "value": frozenset({"value"}),
    "repeat": frozenset({"count", "most", "questions"}),
    "group": frozenset({"questions"}),
    "end": frozenset({"outcome"}),
}
"""Keys of a question that a form can say, by its type."""

_LOOKS: Final = {"month": "month-year", "year": "year"}

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Exported:
    """Sheets of rows, the headings first, and what is left out, with its line in the poll."""

    sheets: Mapping[str, tuple[tuple[str, ...], ...]]
    left_out: tuple[Problem, ...]


def export_form(source: str | bytes, filename: str) -> Exported:
    """The form of the poll written in `source`. Raises SurveyError where that is no poll."""
    document = read(source, filename)
    findings = Findings(document)
    definition = validate(SurveyDefinition, findings)
    if definition is None or findings.problems:
        raise SurveyError(findings.problems)
    return _Export(definition, document).exported()


@dataclass(slots=True)
class _Export:
    definition: SurveyDefinition
    document: Document
    rows: list[Row] = field(default_factory=list)
    left: list[Problem] = field(default_factory=list)
    names: dict[str, Known] = field(default_factory=dict)
    numbers: str = ""
    lists: Lists = field(init=False)

    def __post_init__(self) -> None:
        self.lists = Lists(self.languages, self.fallback, self.leave)

    @property
    def languages(self) -> list[str]:
        return self.definition.languages

    @property
    def fallback(self) -> str:
        return self.definition.fallback or self.languages[0]

    def leave(self, path: Path, what: str) -> None:
        self.left.append(self.document.problem(path, what))

    def exported(self) -> Exported:
        definition = self.definition
        for key in sorted(definition.model_fields_set - _HEAD):
            self.leave((key,), f"`{key}` is left out: a form has nothing for it")
        for index, experiment in enumerate(definition.experiments):
            self._arm(("experiments", index), experiment.id, experiment.arms)
        self.rows.append({"type": "note", "name": CONSENT, **self._texts("label", definition.consent.text)})
        self._walk(definition.questions, ("questions",), [])
        self.rows.append({"type": "note", "name": THANKS, **self._texts("label", definition.thanks)})
        title = definition.title.get(self.fallback) or definition.title.get("", "")
        keyword = next((word for words in definition.keywords.values() for word in words), "")
        settings = {
            "form_title": title,
            "form_id": definition.name,
            "default_language": called(self.fallback),
            "sms_keyword": keyword,
        }
        return Exported(
            {"survey": _sheet(self.rows), "choices": _sheet(self.lists.rows), "settings": _sheet([settings])},
            tuple(sorted(set(self.left))),
        )

    # Questions

    def _walk(self, questions: list[QuestionDefinition], path: Path, above: list[str]) -> list[str]:
        """The rows of one list. `above` holds for all of it. Gives when the poll has ended in it."""
        ended: list[str] = []
        skips: list[tuple[str, str]] = []
        for index, question in enumerate(questions):
            here = (*path, index)
            skips = [skip for skip in skips if skip[0] != question.id]
            before = [f"not({each})" for each in (*ended, *(when for _, when in skips))]
            self._unsaid(here, question)
            try:
                own = self._condition(question.when)
            except Unfit as unfit:
                self.leave((*here, "when"), f"'{question.id}' is left out: {unfit}")
                continue
            conditions = [*before, *([own] if own else [])]
            if question.type == "end":
                self._end(question, conditions)
                ended.append(_all([*above, *([own] if own else [])]))
            elif question.type in {"group", "repeat"}:
                ended += self._within(here, question, conditions, above)
            elif question.type != "statements":
                self._ask(here, question, conditions, above)
            ended += self._skip(here, question, own, skips)
        return [each for each in ended if each]

    def _skip(self, path: Path, question: QuestionDefinition, own: str, skips: list[tuple[str, str]]) -> list[str]:
        if question.skip is None:
            return []
        try:
            condition = self._condition(question.skip.when)
        except Unfit as unfit:
            self.leave((*path, "skip"), f"the skip is left out: {unfit}")
            return []
        when = _all([each for each in (own, condition) if each]) or f"${{{question.id}}} != ''"
        if question.skip.to == "end":
            return [when]
        skips.append((question.skip.to, when))
        return []

    def _unsaid(self, path: Path, question: QuestionDefinition) -> None:
        if question.type == "statements":
            self.leave(path, f"'{question.id}' is left out: a form has no statements")
            return
        for key in sorted(question.model_fields_set - _EVERYWHERE - _SAID.get(question.type, frozenset())):
            self.leave((*path, key), f"`{key}` is left out: a form has nothing for it")
        if question.type == "group" and question.order is not None:
            self.leave((*path, "order"), "the drawn order is left out: a form asks in the order that is written")

    def _end(self, question: QuestionDefinition, conditions: list[str]) -> None:
        if question.text is not None:
            row = {"type": "note", "name": question.id, "relevant": _all(conditions)}
            self.rows.append(row | self._texts("label", question.text))

    def _within(self, path: Path, question: QuestionDefinition, conditions: list[str], above: list[str]) -> list[str]:
        row: Row = {"type": f"begin_{question.type}", "name": question.id, "relevant": _all(conditions)}
        if question.type == "repeat":
            row["repeat_count"] = self._count(question)
        self.rows.append(row)
        if question.type == "repeat":
            self.numbers = f"{question.id}_number"
            self.rows.append({"type": "calculate", "name": self.numbers, "calculation": "position(..)"})
        ended = self._walk(question.questions or [], (*path, "questions"), [*above, *conditions])
        self.numbers = "" if question.type == "repeat" else self.numbers
        self.rows.append({"type": f"end_{question.type}", "name": question.id})
        return ended

    def _count(self, question: QuestionDefinition) -> str:
        count, most = f"${{{question.count}}}", question.most or 1
        asked = next((each for each in _all_of(self.definition.questions) if each.id == question.count), None)
        bound = asked.maximum if asked is not None else None
        return count if isinstance(bound, int) and bound <= most else f"min({count}, {most})"

    def _ask(self, path: Path, question: QuestionDefinition, conditions: list[str], above: list[str]) -> None:
        kind = question.type
        row: Row = {"name": question.id, "relevant": _all(conditions), "purpose": question.purpose or ""}
        always = question.required and not conditions and not above
        options: tuple[str, ...] = ()
        try:
            if kind == "value":
                node = parse_value(question.value or "", "value").tree
                row |= {"type": "calculate", "calculation": said(node, self.names)}
                options = tuple(words(node))
            elif kind in _TYPES:
                row |= {"type": _TYPES[kind], **_bounded(question)}
            else:
                options = tuple(option.id for option in question.options or ()) or ("yes", "no")
                row |= self.lists.select(path, question, self._condition)
        except (Unfit, ExpressionError) as unfit:
            self.leave(path, f"'{question.id}' is left out: {unfit}")
            return
        if kind not in {"note", "value"} and question.required:
            row["required"] = "yes"
        if kind == "date" and self.definition.calendar != "gregorian":
            row["appearance"] = f"{row.get('appearance', '')} {self.definition.calendar}".strip()
        self.rows.append(row | self._texts("label", question.text) | self._texts("hint", question.hint))
        if kind != "note":
            self.names[question.id] = Known(kind, options, always)

    def _condition(self, source: str | None) -> str:
        if source is None:
            return ""
        try:
            return said(parse(source).tree, self.names)
        except ExpressionError as error:
            raise Unfit(str(error), "") from None

    def _arm(self, path: Path, name: str, arms: list[str]) -> None:
        shown = f"'{arms[-1]}'" if arms else "''"
        for left, arm in enumerate(reversed(arms[:-1]), start=2):
            shown = f"if(once(random()) < {1 / left:.4f}, '{arm}', {shown})"
        self.rows.append({"type": "calculate", "name": name, "calculation": shown})
        self.names[name] = Known("arm", tuple(arms), always=True)
        self.leave(path, f"'{name}' is drawn anew on each device, and not from a seed")

    def _texts(self, column: str, text: Mapping[str, str] | None) -> Row:
        """By language, with answers put in as a form does it."""
        if text is None:
            return {}
        own = {language: text.get(language, "") for language in self.languages}
        own[self.fallback] = own[self.fallback] or text.get("", "")
        return {
            f"{column}::{called(language)}": self._put_in(written, language)
            for language, written in own.items()
            if written
        }

    def _put_in(self, text: str, language: str) -> str:
        meant = {"title": self.definition.title, "sender": self.definition.sender}

        def hole(found: re.Match[str]) -> str:
            name = found[1]
            if name in meant:
                return meant[name].get(language) or meant[name].get(self.fallback) or meant[name].get("", "")
            return f"${{{self.numbers if name == 'number' and self.numbers else name}}}"

        return _HOLE.sub(hole, text)


def _bounded(question: QuestionDefinition) -> Row:
    low, high = question.minimum, question.maximum
    if question.type == "scale":
        return {"parameters": f"start={low} end={high} step=1"}
    shown = (lambda bound: f"date('{bound}')") if question.type == "date" else str
    bounds = [f". {sign} {shown(bound)}" for sign, bound in ((">=", low), ("<=", high)) if bound is not None]
    row = {"constraint": " and ".join(bounds)} if bounds else {}
    if question.type == "number" and not question.whole:
        row["type"] = "decimal"
    if question.precision in _LOOKS:
        row["appearance"] = _LOOKS[question.precision]
    return row


def _all(conditions: Iterable[str]) -> str:
    parts = [part for part in conditions if part]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def _all_of(questions: list[QuestionDefinition]) -> Iterable[QuestionDefinition]:
    for question in questions:
        yield question
        yield from _all_of(question.questions or [])


_ORDER: Final = ("type", "list_name", "name")


def _sheet(rows: list[Row]) -> tuple[tuple[str, ...], ...]:
    """Headings, those that all forms have first, and the rows under them."""
    headings = list(dict.fromkeys((*_ORDER, *(key for row in rows for key in row))))
    headings = [heading for heading in headings if any(row.get(heading) for row in rows)]
    return (tuple(headings), *(tuple(row.get(heading, "") for heading in headings) for row in rows))
