"""One question of the row, from what its author wrote: its keys, texts, options and conditions, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from surveys.bounds import check_bounds
from surveys.definition import EVERY, TYPES, OptionDefinition, QuestionDefinition
from surveys.expressions import Domain, Expression, all_of, domain, kind_of
from surveys.expressions.analysis import Item
from surveys.gazetteer import Gazetteer
from surveys.languages import Languages
from surveys.model import MUTE, Choice, Question, Wording
from surveys.options import check_options
from surveys.problem import did_you_mean
from surveys.reader import Path
from surveys.scope import Scope
from surveys.validate import Findings

_TYPED_BY: Final = ("id", "type", "options", "minimum", "maximum", "whole", "value", "gazetteer", "precision")
"""What must be sound in a question before a condition is held against it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for everything in one group or repeat."""

    conditions: tuple[Expression, ...] = ()
    number: int = 0
    drawn: bool = False

    def flat_id(self, definition: QuestionDefinition) -> str:
        return f"{definition.id}.{self.number}" if self.number else definition.id


class Questions:
    """Makes the questions of one poll, and remembers where each was written and what can be answered to it."""

    def __init__(
        self,
        findings: Findings,
        languages: Languages,
        names: Scope,
        gazetteers: Mapping[str, Gazetteer],
        calendar: str,
    ) -> None:
        self.findings = findings
        self.languages = languages
        self.names = names
        self.gazetteers = gazetteers
        self.calendar = calendar
        self.origins: dict[str, Path] = {}
        self.items: dict[str, Item] = {}

    def question(self, path: Path, definition: QuestionDefinition, context: Context) -> Question:
        if not self.findings.is_broken((*path, "type")):
            check_bounds(self.findings, path, definition)
        own = self.names.condition((*path, "when"), definition.when)
        self.pipe(context)
        texts = self.languages.texts
        name = context.flat_id(definition)
        value = self.names.expression((*path, "value"), definition.value, "value")
        ends = definition.ends
        question = Question(
            id=name,
            type=definition.type,
            text={} if definition.text is None else texts((*path, "text"), definition.text),
            purpose=definition.purpose or "",
            options=self._options((*path, "options"), definition.options or []),
            hint=None if definition.hint is None else texts((*path, "hint"), definition.hint),
            required=definition.required,
            profile=definition.profile,
            relevant=definition.relevant,
            when=all_of(*context.conditions, own),
            instead=self._instead(path, definition),
            minimum=definition.minimum,
            maximum=definition.maximum,
            whole=definition.whole,
            unit=None if definition.unit is None else texts((*path, "unit"), definition.unit, answers=False),
            ends=None
            if ends is None
            else (
                texts((*path, "ends", "low"), ends.low, answers=False),
                texts((*path, "ends", "high"), ends.high, answers=False),
            ),
            codebook=definition.codebook or "",
            draws=definition.order is not None,
            precision=definition.precision,
            calendar=self.calendar,
            gazetteer=self._gazetteer(path, definition),
            level=definition.level or "",
            version=definition.version or "",
            value=value,
            outcome=definition.outcome,
        )
        self.origins[name] = path
        known = self._known(path, definition, question, context, value)
        self.items[name] = Item(
            name,
            known,
            own,
            all_of(*context.conditions),
            definition.required,
            value,
            definition.type == "end",
            {place: cast("Expression", one.when) for place, one in enumerate(question.options) if one.when},
            [cast("Expression", wording.when) for wording in question.instead],
        )
        return question

    def _known(
        self,
        path: Path,
        definition: QuestionDefinition,
        question: Question,
        context: Context,
        value: Expression | None,
    ) -> Domain | None:
        """Let later conditions name this question. Gives what can be answered to it, None for nothing."""
        names = self.names
        if any(self.findings.is_shaken((*path, key)) for key in _TYPED_BY):
            names.unclear.add(definition.id)
            return None
        known: Question | Domain = question
        if definition.type == "value":
            known = kind_of(value, names.before) if value is not None else Domain("nothing")
        if definition.type not in MUTE:
            names.before.setdefault(definition.id, known)
        if context.number:
            names.flat[definition.id] = question.id
        return None if definition.type in MUTE else domain(known)

    def check_keys(self, path: Path, definition: QuestionDefinition) -> None:
        """Hold a question's keys against the table of types."""
        allows = TYPES[definition.type]
        for key in allows.must:
            if getattr(definition, key) is None:
                says = QuestionDefinition.model_fields[key].description
                message = (
                    f"`{key}` is missing: {says}"
                    if key in {"text", "purpose"}
                    else f"a question of type {definition.type} needs `{key}`; add it"
                )
                self.findings.break_off((*path, key), message)
        for key in sorted(definition.model_fields_set - {*EVERY, *allows.must, *allows.may}):
            having = ", ".join(name for name, other in TYPES.items() if key in other.must + other.may)
            message = f"`{key}` does not go with type {definition.type}, only with {having}; take it out"
            self.findings.break_off((*path, key), message, key=True)

    def _options(self, path: Path, definitions: list[OptionDefinition]) -> tuple[Choice, ...]:
        if path in self.findings.document.values and len(definitions) < 2:
            self.findings.add(path, "a choice needs two options or more; add one, or ask yes-no")
        options = tuple(
            Choice(
                option.id,
                self.languages.texts((*path, index, "label"), option.label, answers=False),
                self.names.condition((*path, index, "when"), option.when),
            )
            for index, option in enumerate(definitions)
        )
        check_options(self.findings, self.languages, path, options)
        return options

    def _instead(self, path: Path, definition: QuestionDefinition) -> tuple[Wording, ...]:
        wordings = []
        for index, wording in enumerate(definition.instead or []):
            here = (*path, "instead", index)
            when = self.names.condition((*here, "when"), wording.when)
            text = self.languages.texts((*here, "text"), wording.text)
            if when is not None:
                wordings.append(Wording(when, text))
        return tuple(wordings)

    def _gazetteer(self, path: Path, definition: QuestionDefinition) -> Gazetteer | None:
        name = definition.gazetteer
        if name is None or self.findings.is_broken((*path, "gazetteer")):
            return None
        found = self.gazetteers.get(name)
        if found is None:
            mend = did_you_mean(name, self.gazetteers) or f"; put {name}.csv into config/gazetteers"
            message = f"there is no gazetteer '{name}', or it has mistakes of its own{mend}"
            self.findings.break_off((*path, "gazetteer"), message)
        elif definition.level and definition.level not in found.levels:
            mend = did_you_mean(definition.level, found.levels) or "; take it out"
            self.findings.break_off((*path, "level"), f"'{name}' has no place of level '{definition.level}'{mend}")
        return found

    def statements(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Question]:
        """One question for each statement that a person is shown, and one for a statement of their own."""
        own = self.names.condition((*path, "when"), definition.when)
        self.pipe(context)
        texts, statements = self.languages.texts, definition.statements or []
        if definition.statements is not None and len(statements) < 2:
            self.findings.add((*path, "statements"), "people need two statements or more; add one")
        if not 1 <= definition.show <= 20:
            self.findings.add((*path, "show"), f"{definition.show} can't be shown to one person; write 1 to 20")
            definition = definition.model_copy(update={"show": 1})
        options = tuple(
            Choice(one.id, texts((*path, "statements", index, "text"), one.text, answers=False))
            for index, one in enumerate(statements)
        )
        for index, option in enumerate(options):
            if option.id in {other.id for other in options[:index]}:
                message = f"statement '{option.id}' is here twice; give this one another id"
                self.findings.add((*path, "statements", index, "id"), message)
        name = context.flat_id(definition)
        shown = Question(
            id=name,
            type="statement",
            text={} if definition.text is None else texts((*path, "text"), definition.text),
            purpose=definition.purpose or "",
            options=options,
            hint=None if definition.hint is None else texts((*path, "hint"), definition.hint),
            required=False,
            when=all_of(*context.conditions, own),
        )
        made: list[Question] = [replace(shown, id=f"{name}.{place}") for place in range(1, definition.show + 1)]
        if definition.own:
            made.append(replace(shown, id=f"{name}.own", type="proposal", options=()))
        self.origins |= {question.id: path for question in made if isinstance(question, Question)}
        return made

    def pipe(self, context: Context) -> None:
        """Let texts from here on name the answers before them."""
        named = (*self.names.before, *self.names.unclear)
        self.languages.pipes = {name: self.names.flat.get(name, name) for name in named}
        self.languages.number = str(context.number) if context.number else ""
