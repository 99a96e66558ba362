"""The questions of an interview guide, written out: several actors as one question each, a question about several
actors once for each, and behind each report what is asked of it too: how strong, which way, how sure, who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from surveys import cast
from surveys.definition import ASK, MOST_REPEATS, GuideDefinition, OptionDefinition, QuestionDefinition
from surveys.expressions import Expression, all_of, parse, renamed, resolve
from surveys.model import Choice, Question, Report
from surveys.problem import did_you_mean
from surveys.questions import Context, Questions
from surveys.reader import Path

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "attitude": (*cast.ATTITUDES, cast.UNKNOWN),
    "power": cast.POWERS,
    "strength": cast.STRENGTHS,
    "direction": cast.DIRECTIONS,
    "confidence": ("low", "medium", "high"),
    "clearance": ("team", "mediators", "own"),
    "session_kind": cast.SOURCES,
}
"""By what the catalogues call them."""

LONGEST_ID: Final = 24
"""With a number and the name of a follow-up behind it, it still fits a button."""

Named = tuple[str, ...]
"""The flat ids of the questions that name one actor, or several."""


class Guiding:
    """Makes the questions of one guide."""

    def __init__(self, questions: Questions, guide: GuideDefinition | None) -> None:
        self.questions = questions
        self.findings = questions.findings
        self.names = questions.names
        self.guide = guide or GuideDefinition()
        self.is_guide = guide is not None
        self._several: dict[str, Named] = {}
        self._kinds: dict[str, str] = {}

    def written_out(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Question]:
        if not self.is_guide:
            message = f"a question of type {definition.type} is for interview guides; add `guide:` to the poll"
            self.findings.add((*path, "type"), message)
            return []
        if len(definition.id) > LONGEST_ID:
            self.findings.add((*path, "id"), f"'{definition.id}' is too long here; {LONGEST_ID} letters are the most")
        match definition.type:
            case "actor":
                return [self._actor(path, definition, context, ())]
            case "actors":
                return self._actors(path, definition, context)
            case "session":
                return self._session(path, definition, context)
        return self._reports(path, definition, context)

    # Who ---------------------------------------------------------------------------------------------------------

    def _actor(self, path: Path, definition: QuestionDefinition, context: Context, apart: Named) -> Question:
        one = definition.model_copy(update={"type": "actor"})
        self._kinds[definition.id] = definition.type
        made = self.questions.question(path, one, context)
        return replace(made, new=definition.new, apart=apart)

    def _actors(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Question]:
        most = definition.most or 1
        if not 2 <= most <= MOST_REPEATS:
            self.findings.add((*path, "most"), f"{most} is not possible; write 2 to {MOST_REPEATS}")
            most = 2
        if not self._may_repeat(path, context):
            return []
        names, outer = self.names, dict(self.names.before)
        made: list[Question] = []
        for number in range(1, most + 1):
            names.before = dict(outer)
            before = (_answered(made[-1].id),) if made else ()
            inner = Context((*context.conditions, *before), number, context.drawn)
            one = definition if number == 1 else definition.model_copy(update={"required": False})
            made.append(self._actor(path, one, inner, tuple(question.id for question in made)))
        names.flat = {}
        names.hide([definition.id], "names several actors")
        names.before = outer | {question.id: question for question in made}
        self._several[definition.id] = tuple(question.id for question in made)
        return made

    def _may_repeat(self, path: Path, context: Context) -> bool:
        if context.number:
            self.findings.add((*path, "type"), "what is asked for several can't stand in a repeat; take it out of it")
        return not context.number

    # What is said of them ----------------------------------------------------------------------------------------

    def _reports(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Question]:
        named = definition.between if definition.type == "tie" else [definition.of] if definition.of else None
        if named is None or (definition.type == "tie" and not self._is_tie(path, definition, named)):
            return []
        where = [(*path, "between", place) if definition.between else (*path, "of") for place in range(len(named))]
        found = [self._named(place, name) for place, name in zip(where, named, strict=True)]
        several = [name for name, ids in zip(named, found, strict=True) if len(ids) > 1]
        if not all(found):
            return []
        if len(several) > 1:
            self.findings.add((*path, "between"), "only one of the two can be several; name the other by type actor")
            return []
        if not several:
            conditions = (*context.conditions, *(_answered(ids[0]) for ids in found))
            return self._report(path, definition, replace(context, conditions=conditions), [ids[0] for ids in found])
        if not self._may_repeat(path, context):
            return []
        names, outer, made = self.names, dict(self.names.before), list[Question]()
        for number, flat in enumerate(self._several[several[0]], 1):
            whom = [flat if name == several[0] else ids[0] for name, ids in zip(named, found, strict=True)]
            names.before = outer | {several[0]: outer[flat]}
            names.flat = {several[0]: flat}
            conditions = (*context.conditions, *map(_answered, whom))
            made += self._report(path, definition, Context(conditions, number, context.drawn), whom)
        names.flat, names.before = {}, outer
        names.hide([definition.id], f"is asked for each of {several[0]}")
        return made

    def _is_tie(self, path: Path, definition: QuestionDefinition, named: Sequence[str]) -> bool:
        ties = definition.ties or []
        if definition.ties is not None and not ties:
            self.findings.add((*path, "ties"), "no type of tie is offered; name one, such as [talks]")
        for place, tie in enumerate(ties):
            if tie in (cast.NONE, cast.UNKNOWN):
                self.findings.add((*path, "ties", place), f"'{tie}' is offered by itself; take it out")
            elif tie in ties[:place]:
                self.findings.add((*path, "ties", place), f"'{tie}' is here twice; take one out")
        if len(named) != 2 or named[0] == named[1]:
            self.findings.add((*path, "between"), "a tie is between two: name two questions, such as [who, partners]")
            return False
        return bool(ties)

    def _named(self, path: Path, name: str) -> Named:
        """The questions that name whom this is about; () where none does, which is reported."""
        if name in self._several:
            return self._several[name]
        if self._kinds.get(name) == "actor" and name in self.names.before:
            return (self.names.flat.get(name, name),)
        if name not in self.names.unclear:
            mend = did_you_mean(name, [*self._several, *self._kinds]) or "; ask for the actor first"
            self.findings.add(path, f"no question before this one names an actor as '{name}'{mend}")
        return ()

    def _report(
        self, path: Path, definition: QuestionDefinition, context: Context, whom: Sequence[str]
    ) -> list[Question]:
        """One question about one actor or two, and what is asked of the answer."""
        kind = definition.type
        ties = tuple(definition.ties or ())
        ids = (*ties, cast.NONE, cast.UNKNOWN) if kind == "tie" else OPTIONS.get(kind, ())
        options = [OptionDefinition.model_construct(id=name, label={"": name}) for name in ids]
        asked = self.questions.question(path, definition.model_copy(update={"options": options}), context)
        confidence = definition.confidence or self.guide.confidence
        clearance = definition.clearance or self.guide.clearance
        report = Report(
            kind=str(definition.kind) if kind == "remark" else kind,
            actor=whom[0],
            other=whom[1] if len(whom) > 1 else "",
            about=definition.issue or "",
            confidence="" if confidence == ASK else confidence,
            clearance="" if clearance == ASK else clearance,
        )
        made = [replace(asked, report=report, words=kind)]
        about = " – ".join(f"{{{name}}}" for name in whom)
        said = _answered(asked.id)
        if kind == "tie":
            said = _is_in(asked, ties)
            directed = [tie for tie in ties if tie in cast.DIRECTED]
            if directed:
                made.append(self._further(path, asked, "direction", _is_in(asked, directed), about))
            if definition.strength:
                made.append(self._further(path, asked, "strength", said, about))
        elif kind == "attitude":
            said = _is_in(asked, cast.ATTITUDES)
        if confidence == ASK:
            made.append(self._further(path, asked, "confidence", said, about))
        if clearance == ASK:
            made.append(self._further(path, asked, "clearance", _answered(asked.id), about))
        return made

    def _further(self, path: Path, asked: Question, what: str, when: Expression, about: str) -> Question:
        name = f"{asked.id}.{what}"
        self.questions.origins[name] = path
        return Question(
            name,
            "one-of",
            dict.fromkeys(self.questions.languages.languages, about),
            asked.purpose,
            _choices(what),
            when=all_of(*(one for one in (asked.when, when) if isinstance(one, Expression))),
            words=what,
        )

    # Where it was heard ------------------------------------------------------------------------------------------

    def _session(self, path: Path, definition: QuestionDefinition, context: Context) -> list[Question]:
        """How it was heard; of a group, how many they were, who, and what those said who did not agree."""
        if not self._may_repeat(path, context):
            return []
        own = self.names.condition((*path, "when"), definition.when)
        when = all_of(*context.conditions, own)
        purpose = "to weigh what was said"
        kind = Question(
            f"{definition.id}.kind", "one-of", {}, purpose, _choices("session_kind"), when=when, words="session_kind"
        )
        kind = replace(kind, report=Report("session"))
        of_many = all_of(when, _is_in(kind, cast.SOURCES[1:]))
        size = Question(f"{definition.id}.size", "number", {}, purpose, minimum=2, maximum=999, words="session_size")
        words = [
            Question(f"{definition.id}.{part}", "open", {}, purpose, required=False, words=f"session_{part}")
            for part in ("composition", "dissent")
        ]
        made = [kind, *(replace(one, when=of_many) for one in (size, *words))]
        self.questions.origins |= {question.id: path for question in made}
        return made


def told_apart(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """The questions, with nobody named as tied to themselves: of two who are, the later is not the earlier."""
    places = {question.id: place for place, question in enumerate(questions)}
    apart: dict[str, list[str]] = {}
    for report in (question.report for question in questions):
        if report is not None and report.other:
            first, second = sorted((report.actor, report.other), key=lambda name: places.get(name, 0))
            apart.setdefault(second, []).append(first)
    return tuple(
        replace(one, apart=tuple(dict.fromkeys((*one.apart, *apart[one.id])))) if one.id in apart else one
        for one in questions
    )


def _choices(words: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, {}) for name in OPTIONS[words])


def _answered(name: str) -> Expression:
    return renamed(parse("answered(it)", "when"), {"it": name})


def _is_in(question: Question, ids: Sequence[str]) -> Expression:
    """One of these was answered to the question."""
    source = f"it in ({', '.join(ids)})" if len(ids) > 1 else f"it == {ids[0]}"
    return renamed(resolve(parse(source, "when"), {"it": question}), {"it": question.id})
