"""From the tree of questions that an author wrote to the row of questions that the engine walks.

Groups become conditions of what is in them, and drawn orders; repeats become their questions, once for each number;
skips become conditions of what they leave out; quotas and eligibility become silent questions, after the last one that
they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from surveys.bounds import check_bounds
from surveys.definition import (
    EVERY,
    MOST_REPEATS,
    TYPES,
    OptionDefinition,
    QuestionDefinition,
    SurveyDefinition,
)
from surveys.expressions import Domain, Expression, all_of, at_least, domain, kind_of, negated, parse
from surveys.expressions.analysis import Item
from surveys.expressions.findings import Finding, analyse
from surveys.gazetteer import Gazetteer
from surveys.languages import Languages
from surveys.model import MUTE, Choice, Question, Shuffle, Wording
from surveys.options import check_options
from surveys.problem import did_you_mean
from surveys.reader import Path
from surveys.scope import Scope
from surveys.validate import Findings

MOST_QUESTIONS: Final = 500
"""After repeats are written out."""

TAKEN: Final = frozenset({"language", "consent", "thanks", "end", "eligible", "sender", "title", "number"})
"""Names that mean something to the poll itself."""

_TYPED_BY: Final = ("id", "type", "options", "minimum", "maximum", "whole", "value", "gazetteer", "precision")
"""What must be sound in a question before a condition is held against it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Neighbours whose order is drawn per person."""

    name: str
    blocks: tuple[tuple[Question, ...], ...]


Node = Question | Drawn


@dataclass(frozen=True, slots=True)
class _Context:
    """What holds for everything in one group or repeat."""

    conditions: tuple[Expression, ...] = ()
    number: int = 0
    drawn: bool = False


class Items:
    """The questions of one definition."""

    def __init__(
        self,
        definition: SurveyDefinition,
        findings: Findings,
        languages: Languages,
        gazetteers: Mapping[str, Gazetteer],
    ) -> None:
        self.definition = definition
        self.findings = findings
        self.languages = languages
        self.gazetteers = gazetteers
        self.names = Scope(findings, after={one.id for one in _all(definition.questions)})
        self.origins: dict[str, Path] = {}
        self._analysed: dict[str, Item] = {}
        self._seen: set[str] = set()

    def row(self) -> tuple[tuple[Question, ...], tuple[Shuffle, ...]]:
        """The questions in their order, and which neighbours change places."""
        definition = self.definition
        if not definition.questions:
            self.findings.add(("questions",), "there is no question; add one")
        nodes: list[Node] = [*self._arms()]
        nodes += self._taken(list(enumerate(definition.questions)), ("questions",), _Context())
        nodes = self._eligible(nodes)
        nodes = self._quotas(nodes)
        questions, shuffles = _flat(nodes)
        if len(questions) > MOST_QUESTIONS:
            message = f"{len(questions)} questions, with repeats written out; {MOST_QUESTIONS} at most, make it shorter"
            self.findings.add(("questions",), message)
        return questions, shuffles

    def analysed(self, questions: tuple[Question, ...]) -> Iterator[tuple[Path, Finding]]:
        """What can never hold or be asked, each with its place."""
        items = [
            self._analysed.get(question.id) or Item(question.id, None, gate=cast("Expression | None", question.when), ends=question.type == "end")
            for question in questions
        ]
        for finding in analyse(items):
            if finding.id in self.origins:
                yield (*self.origins[finding.id], *finding.path), finding

    # The tree ----------------------------------------------------------------------------------------------------

    def _taken(self, definitions: list[tuple[int, QuestionDefinition]], path: Path, context: _Context) -> list[Node]:
        """What stands in one list, in order; skips leave out what lies between."""
        made: list[Node] = []
        skips: list[tuple[str, Expression]] = []
        for place, (index, definition) in enumerate(definitions):
            here = (*path, index)
            skips = [skip for skip in skips if skip[0] != definition.id]
            inherited = replace(context, conditions=(*context.conditions, *(negated(skip) for _, skip in skips)))
            self._identify(here, definition, context)
            if not self.findings.is_broken((*here, "type")):
                self._allowed(here, definition)
            match definition.type:
                case "group":
                    made += self._group(here, definition, inherited)
                case "repeat":
                    made += self._repeat(here, definition, inherited)
                case "statements":
                    made += self._statements(here, definition, inherited)
                case _:
                    made.append(self._question(here, definition, inherited))
            self.names.after.discard(definition.id)
            if definition.skip is not None:
                later = [one.id for _, one in definitions[place + 1 :]]
                when = self._skip(here, definition, later, inherited)
                if when is not None and definition.skip.to != "end":
                    skips.append((definition.skip.to, when))
                elif when is not None:
                    made.append(self._leave(definition, when, inherited))
        return made

    def _identify(self, path: Path, definition: QuestionDefinition, context: _Context) -> None:
        name = definition.id
        if context.number > 1:
            return
        if name in TAKEN:
            self.findings.add((*path, "id"), f"'{name}' means something to the poll itself; choose another id")
        elif name in self._seen:
            self.findings.add((*path, "id"), f"question '{name}' is here twice; give this one another id")
        self._seen.add(name)

    def _group(self, path: Path, definition: QuestionDefinition, context: _Context) -> list[Node]:
        when = self.names.condition((*path, "when"), definition.when)
        inner = replace(context, conditions=(*context.conditions, *((when,) if when else ())))
        inside = list(enumerate(definition.questions or []))
        self._filled(path, definition)
        if definition.order is None:
            return self._taken(inside, (*path, "questions"), inner)
        if context.drawn:
            self.findings.add((*path, "order"), "a drawn order can't stand in another; take one of them out")
        blocks = []
        outer = dict(self.names.before)
        found: dict[str, Question | Domain] = {}
        for index, one in inside:
            self.names.before = dict(outer)
            others = [other.id for _, other in inside if other is not one]
            self.names.hide(others, f"stands in the drawn order of '{definition.id}' too, and either may come first")
            if one.skip is not None:
                self.findings.add((*path, "questions", index, "skip"), "nothing can be skipped in a drawn order")
            nodes = self._taken([(index, one)], (*path, "questions"), replace(inner, drawn=True))
            found |= self.names.before
            for other in others:
                self.names.inside.pop(other)
            blocks.append(tuple(question for question in nodes if isinstance(question, Question)))
        self.names.before = found
        return [Drawn(self._flat_id(definition, context), tuple(blocks))]

    def _repeat(self, path: Path, definition: QuestionDefinition, context: _Context) -> list[Node]:
        self._filled(path, definition)
        if context.number:
            self.findings.add((*path, "type"), "a repeat can't stand in another; ask about one thing at a time")
            return []
        when = self.names.condition((*path, "when"), definition.when)
        count, most = definition.count or "", definition.most or 1
        if definition.most is not None and not 1 <= most <= MOST_REPEATS:
            message = f"{most} times is not possible; write 1 to {MOST_REPEATS}"
            self.findings.add((*path, "most"), message)
            most = 1
        self._counts(path, count)
        names, inside = self.names, list(enumerate(definition.questions or []))
        outer = dict(names.before)
        several: dict[str, list[str]] = {}
        made: list[Node] = []
        for number in range(1, most + 1):
            names.before = dict(outer)
            conditions = (
                *context.conditions,
                *((when,) if when else ()),
                at_least(names.flat.get(count, count), number),
            )
            inner = _Context(conditions, number, context.drawn)
            made += self._taken(inside, (*path, "questions"), inner)
            for name in names.flat:
                several.setdefault(name, []).append(names.flat[name])
            names.flat = {}
        names.hide(several, f"stands in the repeat '{definition.id}': there are several of it")
        names.several |= {name: tuple(flat) for name, flat in several.items()}
        numbered = {flat: names.before[name] for name in several for flat in several[name] if name in names.before}
        names.before = outer | numbered
        return made

    def _counts(self, path: Path, count: str) -> None:
        known = self.names.before.get(count)
        if known is not None and domain(known).kind != "number":
            message = f"'{count}' is no number; name a question or a value that is one"
            self.findings.add((*path, "count"), message)
        elif known is None and count not in self.names.unclear and not self.findings.is_broken((*path, "count")):
            mend = did_you_mean(count, self.names.numbers()) or "; ask for the number first"
            self.findings.add((*path, "count"), f"there is no number '{count}' before this repeat{mend}")

    def _filled(self, path: Path, definition: QuestionDefinition) -> None:
        if definition.questions is not None and not definition.questions:
            self.findings.add((*path, "questions"), f"nothing stands in '{definition.id}'; add a question")

    def _skip(
        self, path: Path, definition: QuestionDefinition, later: list[str], context: _Context
    ) -> Expression | None:
        """When what follows is left out: where this question was called for, and the skip's own condition holds."""
        skip = definition.skip
        assert skip is not None
        if skip.to != "end" and skip.to not in later:
            mend = did_you_mean(skip.to, [*later, "end"])
            message = f"there is no question '{skip.to}' after this one in the same list{mend}"
            self.findings.add((*path, "skip", "to"), message)
            return None
        own = self.names.condition((*path, "skip", "when"), skip.when)
        asked = self.names.condition((*path, "when"), definition.when)
        return all_of(*context.conditions, asked, own) or parse(f"answered({self._flat_id(definition, context)})")

    def _leave(self, definition: QuestionDefinition, when: Expression, context: _Context) -> Question:
        return Question(f"{self._flat_id(definition, context)}.end", "end", {}, when=when)

    # Questions ---------------------------------------------------------------------------------------------------

    def _flat_id(self, definition: QuestionDefinition, context: _Context) -> str:
        return f"{definition.id}.{context.number}" if context.number else definition.id

    def _question(self, path: Path, definition: QuestionDefinition, context: _Context) -> Question:
        if not self.findings.is_broken((*path, "type")):
            check_bounds(self.findings, path, definition)
        own = self.names.condition((*path, "when"), definition.when)
        self._pipes(context)
        texts = self.languages.texts
        name = self._flat_id(definition, context)
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
            unit=None if definition.unit is None else texts((*path, "unit"), definition.unit),
            ends=None
            if ends is None
            else (texts((*path, "ends", "low"), ends.low), texts((*path, "ends", "high"), ends.high)),
            codebook=definition.codebook or "",
            draws=definition.order is not None,
            precision=definition.precision,
            calendar=self.definition.calendar,
            gazetteer=self._gazetteer(path, definition),
            level=definition.level or "",
            version=definition.version or "",
            value=value,
            outcome=definition.outcome,
        )
        self.origins[name] = path
        known = self._known(path, definition, question, context, value)
        self._analysed[name] = Item(
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
        context: _Context,
        value: Expression | None,
    ) -> Domain | None:
        """Let later conditions name this question. Gives what can be answered to it, None for nothing."""
        names = self.names
        if any(self.findings.is_shaken((*path, key)) for key in _TYPED_BY):
            names.unclear.update(() if self.findings.is_broken((*path, "id")) else (definition.id,))
            return None
        known: Question | Domain = question
        if definition.type == "value":
            known = kind_of(value, names.before) if value is not None else Domain("nothing")
        if definition.type not in MUTE:
            names.before.setdefault(definition.id, known)
        if context.number:
            names.flat[definition.id] = question.id
        return None if definition.type in MUTE else domain(known)

    def _allowed(self, path: Path, definition: QuestionDefinition) -> None:
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
                self.languages.texts((*path, index, "label"), option.label),
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
            self.findings.break_off((*path, "gazetteer"), f"there is no gazetteer '{name}'{mend}")
        return found

    def _statements(self, path: Path, definition: QuestionDefinition, context: _Context) -> list[Node]:
        """One question for each statement that a person is shown, and one for a statement of their own."""
        own = self.names.condition((*path, "when"), definition.when)
        self._pipes(context)
        texts, statements = self.languages.texts, definition.statements or []
        if definition.statements is not None and len(statements) < 2:
            self.findings.add((*path, "statements"), "people need two statements or more; add one")
        if not 1 <= definition.show <= 20:
            self.findings.add((*path, "show"), f"{definition.show} can't be shown to one person; write 1 to 20")
            definition = definition.model_copy(update={"show": 1})
        options = tuple(
            Choice(one.id, texts((*path, "statements", index, "text"), one.text))
            for index, one in enumerate(statements)
        )
        for index, option in enumerate(options):
            if option.id in {other.id for other in options[:index]}:
                message = f"statement '{option.id}' is here twice; give this one another id"
                self.findings.add((*path, "statements", index, "id"), message)
        name = self._flat_id(definition, context)
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
        made: list[Node] = [replace(shown, id=f"{name}.{place}") for place in range(1, definition.show + 1)]
        if definition.own:
            made.append(replace(shown, id=f"{name}.own", type="proposal", options=()))
        self.origins |= {question.id: path for question in made if isinstance(question, Question)}
        return made

    def _pipes(self, context: _Context) -> None:
        """Let texts from here on name the answers before them."""
        self.languages.pipes = {name: self.names.flat.get(name, name) for name in self.names.before}
        self.languages.number = str(context.number) if context.number else ""

    # What the poll adds ------------------------------------------------------------------------------------------

    def _arms(self) -> Iterator[Question]:
        for index, experiment in enumerate(self.definition.experiments):
            path = ("experiments", index)
            arms = tuple(experiment.arms)
            if len(set(arms)) < 2:
                self.findings.add((*path, "arms"), "an experiment draws from two different words or more; add one")
            if experiment.id in TAKEN or experiment.id in self._seen or experiment.id in self.names.after:
                self.findings.add((*path, "id"), f"'{experiment.id}' is here twice; give this one another id")
            self._seen.add(experiment.id)
            self.names.before[experiment.id] = Domain("option", "arm", arms)
            self._analysed[experiment.id] = Item(experiment.id, Domain("option", "arm", arms))
            yield Question(experiment.id, "arm", {}, "to ask people in different ways", arms=arms)

    def _eligible(self, nodes: list[Node]) -> list[Node]:
        eligible = self.definition.eligible
        if eligible is None:
            return nodes
        when = self.names.condition(("eligible", "when"), eligible.when)
        self._pipes(_Context())
        text = {} if eligible.text is None else self.languages.texts(("eligible", "text"), eligible.text)
        if when is None:
            return nodes
        ended = Question("eligible", "end", text, when=negated(when), outcome="ineligible")
        return _put_after(nodes, when.names, ended)

    def _quotas(self, nodes: list[Node]) -> list[Node]:
        for index, quota in enumerate(self.definition.quotas):
            path = ("quotas", index)
            if quota.id in TAKEN or quota.id in self._seen:
                self.findings.add((*path, "id"), f"'{quota.id}' is here twice; give this one another id")
            self._seen.add(quota.id)
            if quota.limit < 1:
                self.findings.add((*path, "limit"), "nobody could answer; write 1 or more")
            when = self.names.condition((*path, "when"), quota.when)
            text = {} if quota.text is None else self.languages.texts((*path, "text"), quota.text)
            self.origins[quota.id] = path
            if when is not None:
                cell = Question(quota.id, "quota", text, when=when, limit=quota.limit)
                nodes = _put_after(nodes, when.names, cell)
        return nodes


def _all(definitions: list[QuestionDefinition]) -> Iterator[QuestionDefinition]:
    for definition in definitions:
        yield definition
        yield from _all(definition.questions or [])


def _put_after(nodes: list[Node], names: frozenset[str], question: Question) -> list[Node]:
    """The nodes with a question put in after the last that it names."""
    last = -1
    for place, node in enumerate(nodes):
        inside = [node] if isinstance(node, Question) else [one for block in node.blocks for one in block]
        if any(one.id in names for one in inside):
            last = place
    return [*nodes[: last + 1], question, *nodes[last + 1 :]]


def _flat(nodes: list[Node]) -> tuple[tuple[Question, ...], tuple[Shuffle, ...]]:
    questions: list[Question] = []
    shuffles = []
    for node in nodes:
        if isinstance(node, Question):
            questions.append(node)
            continue
        shuffles.append(Shuffle(node.name, len(questions), tuple(map(len, node.blocks))))
        questions += [question for block in node.blocks for question in block]
    return tuple(questions), tuple(shuffles)
