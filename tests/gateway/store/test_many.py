"""Many rows by one statement, alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.store import many
from gateway.store.schema import answers, conversations, inbounds, outbox, people, releases

NOW = datetime(2026, 3, 1, 12, 0, 0, 123457, UTC)
VALUES = ["north", ["water", "land"], 3.5, 0, True, None, "\u0645\u0627\u0621, {a} \\ \"b\" 'c' %s"]


def person(number: int) -> dict[str, Any]:
    return {"id": number, "language": "", "stopped": False, "created_at": NOW, "seen_at": NOW}


def arrival(provider_id: str, channel: str = "sms") -> dict[str, Any]:
    return {
        "channel": channel,
        "provider_id": provider_id,
        "person": None,
        "sealed_content": b"\0\xff\\'",
        "received_at": NOW,
        "claimed_at": None,
    }


def stored(connection: sa.Connection, table: sa.Table, like: dict[str, Any]) -> list[dict[str, Any]]:
    """The columns that `like` has, of every row."""
    rows = connection.execute(sa.select(*(table.c[name] for name in like)).order_by(table.c.id))
    return [row._asdict() for row in rows]


def test_rows_come_back_as_they_went_in(engine: sa.Engine) -> None:
    """Of every type that the intake writes, and in their order."""
    begun = {
        "id": 7,
        "person": 1,
        "flow": "survey:a@b",
        "status": "active",
        "channel": "sms",
        "language": "ar",
        "sealed_state": b"\0\1",
        "started_at": NOW,
        "updated_at": NOW,
    }
    said = [
        {
            "conversation": 7,
            "person": 1,
            "survey": "a@b",
            "question": f"q{number}",
            "value": value,
            "sealed_text": None if number else b"sealed",
            "channel": "sms",
            "language": "ar",
            "at": NOW,
        }
        for number, value in enumerate(VALUES)
    ]
    with engine.begin() as connection:
        many.insert(connection, people, [person(1)])
        many.insert(connection, conversations, [begun])
        many.insert(connection, answers, said)
    with engine.connect() as connection:
        assert stored(connection, people, person(1)) == [person(1)]
        assert stored(connection, conversations, begun) == [begun]
        assert stored(connection, answers, said[0]) == said
        nulls = sa.select(sa.func.count()).where(answers.c.value.is_(sa.null()))
        assert connection.scalar(nulls) == 1  # of SQL, not JSON's


def test_what_is_there_already_is_left_alone_and_not_returned(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        first = many.insert_new(connection, inbounds, [arrival(str(n)) for n in range(16)], "channel", "provider_id")
    assert first == {("sms", str(n)) for n in range(16)}
    with engine.begin() as connection:
        rows = [arrival(str(n % 24)) for n in range(8, 40)]  # some are there, some come twice
        assert many.insert_new(connection, inbounds, rows, "provider_id") == {(str(n),) for n in range(16, 24)}
        assert connection.scalar(sa.select(sa.func.count()).select_from(inbounds)) == 24


def test_a_column_that_must_be_there_is_not_filled_in(engine: sa.Engine) -> None:
    row = {"person": 1, "address": 1, "channel": "sms", "kind": "reply", "sealed_reply": b"", "status": 0}
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        many.insert(connection, outbox, [row])


def test_answers_that_are_all_lists_are_no_array_of_arrays(engine: sa.Engine) -> None:
    said = [{"survey": "a@b", "made_at": NOW, "findings": ["water", "agree"]} for _ in range(3)]
    with engine.begin() as connection:
        many.insert(connection, releases, said)
        assert stored(connection, releases, said[0]) == said


def test_of_two_changes_to_one_row_the_later_counts(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        many.insert(connection, people, [person(1), person(2), person(3)])
        changes = [{"id": 1, "language": "ar"}, {"id": 2, "language": "sw"}, {"id": 1, "language": "en"}]
        many.update(connection, people, changes)
        found = connection.execute(sa.select(people.c.id, people.c.language).order_by(people.c.id))
        assert [tuple(row) for row in found] == [(1, "en"), (2, "sw"), (3, "")]
