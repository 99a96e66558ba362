"""From the store to the data frames that analysis takes: the rows that count, and only those."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import sqlalchemy as sa

from analysis.digest import Frames
from gateway.store import schema
from gateway.store.keys import Vault
from surveys.model import Question, Survey

BATCH = 5_000
"""Rows fetched at a time."""

Answer = tuple[Any, bytes | None]
"""An answer as it lies in the store: its value, or its sealed text."""


def frames(connection: sa.Connection, vault: Vault, survey: Survey) -> Frames:
    """What counts of one survey, as analysis.digest.Frames describes it.

    - Of a poll that was asked several times, the newest wave.
    - Answers of people whose last word on consent was yes.
    - Of two conversations of one person the earlier one in which something was answered, or the earlier one.
    - Of two answers to one question in it the later one.
    - No words of people who asked to be forgotten: those have left the store, and a row without words is left.

    Reads in batches and keeps one answer a question; words are opened last, so that none is opened that doesn't count.
    Everybody who has a conversation was asked, also those who then refused.
    """
    consented = _consented(connection, survey)
    given = _answers(connection, survey)
    people: dict[int, tuple[int, str, str, str]] = {}
    for conversation, person, status, channel, language in _conversations(connection, survey):
        earlier = people.get(person)
        if earlier is None or (earlier[0] not in given and conversation in given):
            people[person] = (conversation, status, channel, language)
    counting = {
        person: given[conversation]
        for person, (conversation, *_) in people.items()
        if person in consented and conversation in given
    }
    columns = ("person", "channel", "language", "region", "began", "finished")
    asked = [
        (
            person,
            channel,
            language or None,
            counting.get(person, {}).get(survey.region, (None, None))[0],
            person in counting,
            person in counting and status == "completed",
        )
        for person, (_, status, channel, language) in people.items()
    ]
    questions = {question.id: question for question in survey.questions}
    rows = [
        (person, name, *cells)
        for person, answers in counting.items()
        for name, answer in answers.items()
        if name in questions
        for cells in _cells(vault, questions[name], answer)
    ]
    return Frames(
        pd.DataFrame(asked, columns=list(columns)).astype(
            {
                "person": "int64",
                "channel": "category",
                "language": "category",
                "region": "category",
                "began": "bool",
                "finished": "bool",
            }
        ),
        pd.DataFrame(rows, columns=["person", "question", "choice", "number", "text"]).astype(
            {"person": "int64", "question": "category", "choice": "category", "number": "float64", "text": "str"}
        ),
    )


def _cells(vault: Vault, question: Question, answer: Answer) -> Iterator[tuple[str | None, float | None, str | None]]:
    """choice, number and text: one row, or one for each option of a many-of; three Nones where there is nothing.

    Dates and places are made coarse, so that no cell can name somebody: the year, and what lies at the top. Of a
    ranking, what came first counts.
    """
    value, sealed = answer
    if question.type == "open":
        yield None, None, None if sealed is None else vault.open_text(sealed, "answer")
    elif question.type in ("picture", "voice"):
        yield None if sealed is None else "sent", None, None
    elif not value and value != 0:
        yield None, None, None
    elif question.type in ("scale", "number"):
        yield None, float(value), None
    elif question.type == "date":
        yield value[:4], None, None
    elif question.type == "place":
        yield _region(question, value), None, None
    elif question.type == "ranking":
        yield value[0], None, None
    else:
        for choice in value if isinstance(value, list) else [value]:
            yield str(choice), None, None


def _region(question: Question, place: str) -> str | None:
    """The largest that a place lies in; None for one that is no longer in the gazetteer."""
    gazetteer = question.gazetteer
    known = gazetteer.get(place) if gazetteer else None
    return (known, *gazetteer.around(known))[-1].id if gazetteer and known else None


def _key(survey: Survey) -> str:
    """How answers and consents name a survey."""
    return survey.id.removeprefix("survey:")


def _consented(connection: sa.Connection, survey: Survey) -> set[int]:
    """Who agreed to be asked: a consent to something else, such as a call, says nothing of that."""
    table = schema.consents
    others = [f"{question.id}/{question.version}" for question in survey.questions if question.version]
    is_ours = sa.and_(table.c.survey == _key(survey), table.c.version.not_in(others))
    chosen = sa.select(table.c.person, table.c.given).where(is_ours).order_by(table.c.id)
    last = {row.person: row.given for row in connection.execute(chosen)}
    return {person for person, given in last.items() if given}


def _conversations(connection: sa.Connection, survey: Survey) -> Iterator[tuple[int, int, str, str, str]]:
    """The earlier before the later."""
    table = schema.conversations
    columns = (table.c.id, table.c.person, table.c.status, table.c.channel, table.c.language)
    wave = sa.select(sa.func.max(table.c.wave)).where(table.c.flow == survey.id).scalar_subquery()
    of_wave = table.c.flow == survey.id, table.c.wave == wave
    chosen = sa.select(*columns).where(*of_wave).order_by(table.c.started_at, table.c.id)
    for row in connection.execute(chosen.execution_options(yield_per=BATCH)):
        yield row.id, row.person, row.status, row.channel, row.language


def _answers(connection: sa.Connection, survey: Survey) -> dict[int, dict[str, Answer]]:
    """The last answer to each question, by conversation."""
    table = schema.answers
    columns = (table.c.conversation, table.c.question, table.c.value, table.c.sealed_text)
    chosen = sa.select(*columns).where(table.c.survey == _key(survey)).order_by(table.c.id)
    found: dict[int, dict[str, Answer]] = {}
    for conversation, question, value, sealed in connection.execute(chosen.execution_options(yield_per=BATCH)):
        found.setdefault(conversation, {})[question] = (value, sealed)
    return found
