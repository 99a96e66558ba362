"""From the tree of questions that an author wrote to the row of questions that the engine walks.

Groups become conditions of what is in them, and drawn orders; repeats become their questions, once for each number;
skips become conditions of what they leave out; quotas and eligibility become silent questions, after the last one that
they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from surveys.definition import GUIDED, MOST_REPEATS, QuestionDefinition, SurveyDefinition
from surveys.expressions import Domain, Expression, all_of, at_least, domain, negated, parse
from surveys.expressions.analysis import Item
from surveys.expressions.findings import Finding, analyse
from surveys.gazetteer import Gazetteer
from surveys.guiding import Guiding, told_apart
from surveys.languages import Languages
from surveys.model import Question, Shuffle
from surveys.problem import did_you_mean
from surveys.questions import Context, Questions
from surveys.reader import Path
from surveys.row import Drawn, Node, flat, put_after
from surveys.scope import Scope
from surveys.validate import Findings

MOST_QUESTIONS: Final = 500
"""After repeats are written out."""

TAKEN: Final = frozenset({"language", "consent", "thanks", "end", "eligible", "sender", "title", "number"})
"""Names that mean something to the poll itself."""


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
        self.names = Scope(findings, after={one.id for one in _all(definition.questions)})
        self.questions = Questions(findings, languages, self.names, gazetteers, definition.calendar)
        self.guiding = Guiding(self.questions, definition.guide)
        self._seen: set[str] = set()

    def row(self) -> tuple[tuple[Question, ...], tuple[Shuffle, ...]]:
        """The questions in their order, and which neighbours change places."""
        definition = self.definition
        if not definition.questions:
            self.findings.add(("questions",), "there is no question; add one")
        nodes: list[Node] = [*self._arms()]
        nodes += self._taken(list(enumerate(definition.questions)), ("questions",), Context())
        self.questions.pipe(Context())
        nodes = self._eligible(nodes)
        nodes = self._quotas(nodes)
        questions, shuffles = flat(nodes)
        questions = told_apart(questions)
        if len(questions) > MOST_QUESTIONS:
            message = f"{len(questions)} questions, with repeats written out; {MOST_QUESTIONS} at most, make it shorter"
            self.findings.add(("questions",), message)
        return questions, shuffles

    def analysed(
        self, questions: tuple[Question, ...], shuffles: tuple[Shuffle, ...]
    ) -> Iterator[tuple[Path, Finding]]:
        """What can never hold or be asked, each with its place."""
        drawn = {
            question.id
            for shuffle in shuffles
            for question in questions[shuffle.start : shuffle.start + sum(shuffle.blocks)]
        }
        for finding in analyse([self._item(question, question.id in drawn) for question in questions]):
            if finding.id in self.questions.origins:
                yield (*self.questions.origins[finding.id], *finding.path), finding

    def _item(self, question: Question, drawn: bool) -> Item:
        when = cast("Expression | None", question.when)
        item = self.questions.items.get(question.id) or Item(question.id, None, when, ends=question.type == "end")
        return replace(item, ends=item.ends and not drawn)  # in a drawn order, any of its neighbours may come before it

    # The tree ----------------------------------------------------------------------------------------------------

    def _taken(self, definitions: list[tuple[int, QuestionDefinition]], path: Path, context: Context) -> list[Node]:
        """What stands in one list, in order; skips leave out what lies between."""
        made: list[Node] = []
        skips: list[tuple[str, Expression]] = []
        for place, (index, definition) in enumerate(definitions):
            here = (*path, index)
            skips = [skip for skip in skips if skip[0] != definition.id]
            inherited = replace(context, conditions=(*context.conditions, *(negated(skip) for _, skip in skips)))
            self._identify(here, definition, context)
            if not self.findings.is_broken((*here, "type")):
                self.questions.check_keys(here, definition)
            match definition.type:
                case "group":
                    made += self._group(here, definition, inherited)
                case "repeat":
                    made += self._repeat(here, definition, inherited)
                case "statements":
                    made += self.questions.statements(here, definition, inherited)
                case kind if kind in GUIDED:
                    made += self.guiding.written_out(here, definition, inherited)
                case _:
                    made.append(self.questions.question(here, definition, inherited))
            self.names.after.discard(definition.id)
            if definition.skip is not None:
                later = [one.id for _, one in definitions[place + 1 :]]
                when = self._skip(here, definition, later, inherited)
                if when is not None and definition.skip.to != "end":
                    skips.append((definition.skip.to, when))
                elif when is not None:
                    made.append(self._leave(definition, when, inherited))
        return made

    def _identify(self, path: Path, definition: QuestionDefinition, context: Context) -> None:
        name = definition.id
        if context.number > 1:
            return
        if name in TAKEN:
            self.findings.add((*path, "id"), f"'{name}' means something to the poll itself; choose another id")
        elif name in self._seen:
            self.findings.add((*path, "id"), f"question '{name}' is here twice; give this one another id")
        self._seen.add(name)

    def _group(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Node]:
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
        return [Drawn(context.flat_id(definition), tuple(blocks))]

    def _repeat(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Node]:
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
            inner = Context(conditions, number, context.drawn)
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
        self, path: Path, definition: QuestionDefinition, later: list[str], context: Context
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
        return all_of(*context.conditions, asked, own) or parse(f"answered({context.flat_id(definition)})")

    def _leave(self, definition: QuestionDefinition, when: Expression, context: Context) -> Question:
        return Question(f"{context.flat_id(definition)}.end", "end", {}, when=when)

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
            self.questions.items[experiment.id] = Item(experiment.id, Domain("option", "arm", arms))
            yield Question(experiment.id, "arm", {}, "to ask people in different ways", arms=arms)

    def _eligible(self, nodes: list[Node]) -> list[Node]:
        eligible = self.definition.eligible
        if eligible is None:
            return nodes
        when = self.names.condition(("eligible", "when"), eligible.when)
        text = {} if eligible.text is None else self.languages.texts(("eligible", "text"), eligible.text)
        if when is None:
            return nodes
        ended = Question("eligible", "end", text, when=negated(when), outcome="ineligible")
        return put_after(nodes, when.names, ended)

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
            self.questions.origins[quota.id] = path
            if when is not None:
                cell = Question(quota.id, "quota", text, when=when, limit=quota.limit)
                nodes = put_after(nodes, when.names, cell)
        return nodes


def _all(definitions: list[QuestionDefinition]) -> Iterator[QuestionDefinition]:
    for definition in definitions:
        yield definition
        yield from _all(definition.questions or [])
