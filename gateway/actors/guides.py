"""Interview guides: who may hold one, which actors they may read in it, and what a finished one says for the map.

A finished guide becomes the same rows as an import, in the transaction of its last answer. Who holds it sees the actors
that they are cleared for, and nobody else: a new name that is also a hidden one's makes an actor of its own, until a
person who may see both says that they are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import sqlalchemy as sa

from channels.adapter import NAMED, Channel
from gateway.accounts.roles import Role
from gateway.actors.clearance import MEDIATORS, OWN, TEAM, Viewer, seen_statements
from gateway.actors.known import PURPOSE, Known, by_rows, known_actors
from gateway.actors.profile import (
    ASKED,
    ATTITUDE,
    ATTITUDES,
    CONFIDENCE,
    PLAIN,
    STRENGTH,
    TIE,
    TIES,
    WORDED,
    Profile,
    folded,
)
from gateway.actors.rows import ActorRow, Cleared, SourceRow, StatementRow
from gateway.actors.viewers import NoSuchUser, named
from gateway.actors.writing import Writer, lock
from gateway.ingest.unit import Held, Unit, Visitor, survey_of
from gateway.store.actor_tables import actor_statements
from gateway.store.guide_tables import interviewers
from gateway.store.keys import Vault
from gateway.store.schema import grants, users
from surveys import cast as casts
from surveys.cast import NOBODY, Cast
from surveys.disposition import COMPLETED
from surveys.flow import Value
from surveys.model import Guide, Question, Report, Survey

WIDEST = (TEAM, MEDIATORS, OWN)
SESSION = "session"


def may_interview(unit: Unit, visitor: Visitor, guide: str) -> bool:
    return bool(interviewer(unit.connection, visitor.person, guide))


def interviewer(connection: sa.Connection, person: int, guide: str) -> str:
    """The user who runs this guide from this person's addresses; "" where nobody does, or may any more."""
    query = (
        sa.select(users.c.name)
        .join_from(interviewers, users, users.c.name == interviewers.c.user)
        .join(grants, grants.c.user == users.c.id)
        .where(
            interviewers.c.person == person,
            users.c.disabled_at.is_(None),
            grants.c.role == Role.FOCAL_POINT.value,
            grants.c.survey.in_((guide, "")),
        )
    )
    return connection.scalar(query.limit(1)) or ""


# Who appears in it ---------------------------------------------------------------------------------------------------


def cast_of(unit: Unit, visitor: Visitor, held: Held, channel: Channel) -> Cast:
    """The fact `actors` of a conversation."""
    survey = survey_of(held.flow)
    user = interviewer(unit.connection, visitor.person, survey.name) if survey is not None else ""
    if survey is None or survey.guide is None or not user:
        return NOBODY
    wave = wave_of(survey.guide, held.wave)
    return read_cast(unit.connection, unit.vault, user, survey.guide, wave, names=channel.medium in NAMED)


def wave_of(guide: Guide, wave: int) -> int:
    """The map's wave of the guide's own."""
    return guide.wave + wave - 1


def read_cast(
    connection: sa.Connection, vault: Vault, user: str, guide: Guide, wave: int, *, names: bool = True
) -> Cast:
    """The actors that this user may see. What they said of them before is read only where names are."""
    who = viewer_of(connection, user)
    known = known_actors(connection, vault, who, guide.map)
    last = dict(_said_before(connection, vault, who, guide.map, wave, known)) if names else {}
    return Cast(
        tuple(casts.Known(one.code, one.profile.name, one.profile.aliases) for one in known.values()), names, last
    )


def viewer_of(connection: sa.Connection, user: str) -> Viewer:
    try:
        return named(connection, user)
    except NoSuchUser:
        return Viewer("")


def _said_before(
    connection: sa.Connection, vault: Vault, who: Viewer, of_map: str, wave: int, known: Mapping[int, Known]
) -> Iterator[tuple[casts.Key, str]]:
    """What this reporter said in earlier waves, the newest last."""
    table = actor_statements.c
    mine = sa.select(actor_statements).where(
        table.id.in_(seen_statements(who, of_map, (TIE, ATTITUDE, *WORDED))),
        table.reporter == who.name,
        table.wave < wave,
    )
    known = by_rows(known)
    levels = {level: word.replace(" ", "_") for word, level in ATTITUDES.items()}
    for row in connection.execute(mine.order_by(table.wave, table.id)):
        code = known[row.actor].code
        if row.kind == TIE:
            said = {"absent": casts.NONE, "unknown": casts.UNKNOWN}.get(row.state, row.about)
            other = known[row.other].code
            yield (TIE, "", code, other), said
            yield (TIE, "", other, code), said
        elif row.kind == ATTITUDE:
            yield (ATTITUDE, row.about, code), levels.get(row.attitude, casts.UNKNOWN)
        elif row.sealed_text is not None:
            yield (row.kind, row.about, code), vault.open_text(row.sealed_text, PURPOSE)


# What a finished one says --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Filled:
    """A guide's answers as rows of the map."""

    said: list[StatementRow] = field(default_factory=list)
    new: dict[str, ActorRow] = field(default_factory=dict)
    sources: list[SourceRow] = field(default_factory=list)


def finished(unit: Unit, visitor: Visitor, held: Held) -> None:
    """Write what a finished guide says into its map. Of one that is over nothing stays in the conversation."""
    survey, answers = survey_of(held.flow), held.conversation.answers
    if survey is None or survey.guide is None:
        return
    held.conversation = replace(held.conversation, answers={}, draft=None)
    unit.keep(visitor, held)
    user = interviewer(unit.connection, visitor.person, survey.name)
    if held.conversation.outcome != COMPLETED or not user:
        return
    guide, wave = survey.guide, wave_of(survey.guide, held.wave)
    lock(unit.connection, guide.map, unit.now)
    known = known_actors(unit.connection, unit.vault, viewer_of(unit.connection, user), guide.map)
    interview = unit.vault.fingerprint("interview", str(held.id))[-9:].hex()
    filled = _Filling(survey, guide, known, user, wave, interview).all(answers)
    writer = Writer(unit.connection, unit.vault, guide.map, unit.now)
    writer.write_actors({one.profile.ref: one.row for one in known.values()}, {}, filled.new, user)
    writer.write(filled.said)
    writer.write_sources(filled.sources)


class _Filling:
    """From the answers of one guide to its rows."""

    def __init__(
        self, survey: Survey, guide: Guide, known: Mapping[int, Known], user: str, wave: int, interview: str
    ) -> None:
        self._survey = survey
        self._guide = guide
        self._by_code = {code: one.profile.ref for one in known.values() for code in (*one.profile.aliases, one.code)}
        self._by_name: dict[str, set[str]] = {}
        for one in known.values():
            for name in (one.profile.name, *one.profile.aliases):
                self._by_name.setdefault(folded(name), set()).add(one.profile.ref)
        self._refs = set(self._by_code.values())
        self._user = user
        self._wave = wave
        self._interview = interview
        self._filled = Filled()

    def all(self, answers: Mapping[str, Value]) -> Filled:
        reported = [one for one in self._survey.questions if one.report and self._is_said(one, one.report, answers)]
        for question in self._survey.questions:
            if question.type == "actor" and isinstance(value := answers.get(question.id), list):
                self._meet(question, value, answers)
        for question in reported:
            if (report := question.report) is not None and report.kind == SESSION:
                self._filled.sources.append(self._source(question, answers))
            elif report is not None:
                self._filled.said += self._statements(question, report, answers)
        about = dict.fromkeys(one.report.actor for one in reported if one.report and one.report.actor)
        asked = dict.fromkeys(self._ref(answers.get(name)) for name in about)
        self._filled.said += [
            StatementRow(self._cleared(self._usual), self._wave, ASKED, ref, interview=self._interview) for ref in asked
        ]
        return self._filled

    def _is_said(self, question: Question, report: Report, answers: Mapping[str, Value]) -> bool:
        """Whether something was said, of actors who are still there for whoever says it."""
        named = [answers.get(name) for name in (report.actor, report.other) if name]
        there = all(isinstance(value, list) or value in self._by_code for value in named)
        return answers.get(question.id) is not None and there

    @property
    def _usual(self) -> str:
        """Who may see what no question is asked about: where the guide asks each time, as few as can be."""
        return self._guide.clearance if self._guide.clearance in WIDEST else OWN

    def _cleared(self, level: str) -> Cleared:
        return Cleared(self._survey.name, 0, self._user, level, ())

    def _ref(self, value: Value) -> str:
        if not isinstance(value, list):
            return self._by_code[str(value)]
        same = self._by_name.get(folded(value[0]), set())
        return min(same) if len(same) == 1 else value[0]

    def _meet(self, question: Question, value: list[str], answers: Mapping[str, Value]) -> None:
        """Somebody new: seen by whoever may see something of what was said about them."""
        name, kind, reason = value
        ref = self._ref(value)
        if ref in self._refs or ref in self._filled.new:
            return
        levels = {
            self._word(one, "clearance", answers)
            for one in self._survey.questions
            if one.report and question.id in (one.report.actor, one.report.other) and answers.get(one.id) is not None
        }
        level = (
            self._guide.clearance if self._guide.clearance in WIDEST else next((w for w in WIDEST if w in levels), OWN)
        )
        self._filled.new[ref] = ActorRow(
            self._cleared(level), kind, Profile(ref, name, reason=reason), "", None, asked=True
        )

    def _word(self, question: Question, what: str, answers: Mapping[str, Value]) -> str:
        """What a report says of itself, or its follow-up was answered."""
        own = getattr(question.report, what)
        return str(own or answers.get(f"{question.id}.{what}") or "")

    def _statements(self, question: Question, report: Report, answers: Mapping[str, Value]) -> Iterator[StatementRow]:
        value = answers[question.id]
        row = StatementRow(
            self._cleared(self._word(question, "clearance", answers) or self._usual),
            self._wave,
            report.kind,
            self._ref(answers[report.actor]),
            about=report.about,
            strength=1.0,
            confidence=CONFIDENCE.get(self._word(question, "confidence", answers), 1.0),
            interview=self._interview,
        )
        match report.kind:
            case "tie":
                yield from self._ties(question, replace(row, other=self._ref(answers[report.other])), answers)
            case "attitude":
                level = ATTITUDES[str(value).replace("_", " ")]
                yield replace(row, attitude=level, strength=None, state="unknown" if level is None else "present")
            case "power":
                for power in cast("list[str]", value):
                    yield replace(row, about=power)
            case _:
                yield replace(row, text=str(value))

    def _ties(self, question: Question, row: StatementRow, answers: Mapping[str, Value]) -> Iterator[StatementRow]:
        """One tie; where there is none, or nobody knows, that of each type that was offered."""
        value = str(answers[question.id])
        if row.actor == row.other:
            return
        offered = [option.id for option in question.options if option.id not in (casts.NONE, casts.UNKNOWN)]
        state = {casts.NONE: "absent", casts.UNKNOWN: "unknown"}.get(value, "present")
        strength = STRENGTH.get(str(answers.get(f"{question.id}.strength")), 1.0)
        way = answers.get(f"{question.id}.direction") or "first"
        for kind in [value] if state == "present" else offered:
            usual = TIES.get(kind, PLAIN)
            tie = replace(row, about=kind, state=state, sign=usual.sign, strength=strength, directed=usual.directed)
            turned = replace(tie, actor=tie.other, other=tie.actor)
            if usual.directed:
                yield from [tie] if way == "first" else [turned] if way == "second" else [tie, turned]
            else:
                yield tie if tie.actor < tie.other else turned

    def _source(self, question: Question, answers: Mapping[str, Value]) -> SourceRow:
        name = question.id.rpartition(".")[0]
        size = answers.get(f"{name}.size")
        return SourceRow(
            self._cleared(self._usual),
            self._interview,
            self._wave,
            str(answers[question.id]),
            int(size) if isinstance(size, int | float) else None,
            str(answers.get(f"{name}.composition") or ""),
            str(answers.get(f"{name}.dissent") or ""),
        )
