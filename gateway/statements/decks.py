"""The fact `statements`: what people of a poll may be shown beside its author's statements, and how all were voted on;
and the effect Propose, which puts a person's own one before the moderators.

Votes are counted over all versions of a poll, from the answers. A count is kept for a few seconds: it only weighs the
draw, and to count at each step would cost more than the step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from channels.adapter import Channel
from gateway.ingest.unit import Held, Unit, Visitor
from gateway.store.schema import answers
from gateway.store.statement_tables import statements
from surveys.engine import SurveyFlow
from surveys.flow import Effect, Propose
from surveys.statements import AGREE, DISAGREE, PASS, Deck, Votes

KEPT = timedelta(seconds=5)

WAITING, SHOWN, REFUSED, WITHDRAWN = "waiting", "shown", "refused", "withdrawn"


def _begins(column: sa.Column[str], name: str) -> sa.ColumnElement[bool]:
    start = sa.bindparam(name, type_=sa.Text)
    return sa.func.substr(column, 1, sa.func.length(start)) == start


_VOTES = (
    sa.select(answers.c.question, sa.cast(answers.c.value, sa.Text).label("value"), sa.func.count().label("votes"))
    .where(
        answers.c.survey >= sa.bindparam("first"),
        answers.c.survey < sa.bindparam("last"),
        # The two above use the index. In many languages' order "rich2@" lies between them, too.
        _begins(answers.c.survey, "first"),
        _begins(answers.c.question, "places"),
        answers.c.state == "answered",
        answers.c.value.is_not(None),
    )
    .group_by(answers.c.question, sa.cast(answers.c.value, sa.Text))
)
_STATEMENTS = sa.select(
    statements.c.id, statements.c.question, statements.c.statement, statements.c.status, statements.c.texts
).where(statements.c.survey == sa.bindparam("survey"), statements.c.status.in_((SHOWN, WITHDRAWN)))


def own(row: int) -> str:
    """The id under which votes on a participant's statement are stored: none that an author can write."""
    return f"own-{row}"


def questions_of(flow: SurveyFlow) -> frozenset[str]:
    """The names of a poll's questions of statements, each of which is several places in its row."""
    return frozenset(one.id.rpartition(".")[0] for one in flow.survey.questions if one.type == "statement")


def decks(connection: sa.Connection, survey: str, questions: frozenset[str]) -> Mapping[str, Deck]:
    """The decks of a poll, by question."""
    rows = connection.execute(_STATEMENTS, {"survey": survey}).all()
    return {question: _deck(connection, survey, question, rows) for question in questions}


def _deck(connection: sa.Connection, survey: str, question: str, rows: Sequence[Any]) -> Deck:
    ours = [row for row in rows if row.question == question]
    return Deck(
        added={own(row.id): row.texts for row in ours if row.status == SHOWN and row.texts},
        withdrawn=frozenset(row.statement or own(row.id) for row in ours if row.status == WITHDRAWN),
        votes=votes(connection, survey, question),
    )


def votes(connection: sa.Connection, survey: str, question: str) -> Mapping[str, Votes]:
    """How each statement was voted on so far, over all versions of the poll."""
    # "name@" begins every version; "@" is followed by "A".
    named = {"first": f"{survey}@", "last": f"{survey}A", "places": f"{question}."}
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute(_VOTES, named):
        value = json.loads(row.value)
        if isinstance(value, list) and len(value) == 2:
            statement = counts.setdefault(value[0], {})
            statement[value[1]] = statement.get(value[1], 0) + row.votes
    return {name: Votes(one.get(AGREE, 0), one.get(DISAGREE, 0), one.get(PASS, 0)) for name, one in counts.items()}


def reader() -> Callable[[Unit, Visitor, Held, Channel], Mapping[str, Deck]]:
    """Reads the decks of the poll that a conversation is in."""
    kept: dict[str, tuple[datetime, Mapping[str, Deck]]] = {}

    def read(unit: Unit, _visitor: Visitor, held: Held, _channel: Channel) -> Mapping[str, Deck]:
        flow = held.flow
        assert isinstance(flow, SurveyFlow)
        at, found = kept.get(flow.id, (None, {}))
        if at is None or not timedelta() <= unit.now - at < KEPT:
            found = decks(unit.connection, flow.survey.name, questions_of(flow))
            kept[flow.id] = (unit.now, found)
        return found

    return read


def propose(unit: Unit, visitor: Visitor, held: Held, _channel: Channel, effect: Effect) -> None:
    effect = cast("Propose", effect)
    flow = held.flow
    assert isinstance(flow, SurveyFlow)
    unit.add(
        statements,
        survey=flow.survey.name,
        question=effect.question,
        person=visitor.person,
        sealed_text=unit.vault.seal(effect.text, "statement"),
        language=held.conversation.language,
        status=WAITING,
        made_at=unit.now,
    )
