"""Many rows by one statement, alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.store import many
from gateway.store.database import among, is_away
from gateway.store.poll_tables import respondents
from gateway.store.schema import answers, conversations, forgotten, inbounds, outbox, people, releases

NOW = datetime(2026, 3, 1, 12, 0, 0, 123457, UTC)
VALUES = ["north", ["water", "land"], 3.5, 0, True, None, "\u0645\u0627\u0621, {a} \\ \"b\" 'c' %s"]


def person(number: int) -> dict[str, Any]:
    return {"id": number, "language": "", "stopped": False, "created_at": NOW, "seen_at": NOW}


def arrival(provider_id: str, channel: str = "sms") -> dict[str, Any]:
    return {
        "channel": channel,
        "provider_id": provider_id,
        "address": None,
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
        assert {tuple(row) for row in first()} == {("sms", str(n)) for n in range(16)}
    with engine.begin() as connection:
        rows = [arrival(str(n % 24)) for n in range(8, 40)]  # some are there, some come twice
        new = many.insert_new(connection, inbounds, rows, "provider_id")
        assert {row.provider_id for row in new()} == {str(n) for n in range(16, 24)}
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


def test_a_change_finds_its_row_by_several_columns(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        many.insert(connection, people, [person(1)])
        begun = [{"person": 1, "survey": "a", "wave": wave, "disposition": "started"} for wave in (1, 2)]
        many.insert(connection, respondents, begun)
        many.update(connection, respondents, [{**begun[1], "disposition": "completed"}], "person", "survey", "wave")
        found = connection.execute(sa.select(respondents.c.disposition).order_by(respondents.c.wave))
        assert found.scalars().all() == ["started", "completed"]


def test_rows_go_by_any_of_the_values(engine: sa.Engine) -> None:
    marks = [b"\0\xff\\'", b"b", b"c"]
    with engine.begin() as connection:
        many.insert(connection, forgotten, [{"hmac": mark} for mark in marks])
        many.delete(connection, forgotten, "hmac", [marks[0], marks[2], b"of nobody"])
        assert connection.scalars(sa.select(forgotten.c.hmac)).all() == [b"b"]


def test_what_is_asked_together_is_answered_in_the_order_in_which_it_was_sent(engine: sa.Engine) -> None:
    query = sa.select(people.c.id, people.c.seen_at, people.c.stopped).order_by(people.c.id)
    among_these = query.where(among(engine.dialect.name, people.c.id, "these"))
    with engine.begin() as connection:
        with many.together(connection):
            before = many.ask(connection, among_these, [1, 2, 3])
            many.insert(connection, people, [person(2), person(1)])
            after = many.ask(connection, among_these, [1, 2, 3])
            none = many.ask(connection, among_these, [4])
        assert before() == none() == []
        assert [(row.id, row.seen_at, row.stopped) for row in after()] == [(1, NOW, False), (2, NOW, False)]


def test_what_the_database_refuses_is_said_as_everywhere_and_leaves_nothing(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        many.insert(connection, people, [person(1)])

    def again(connection: sa.Connection) -> None:
        with connection.begin(), many.together(connection):
            for number in (2, 1, 3):
                many.insert(connection, people, [person(number)])

    with engine.connect() as connection:
        with pytest.raises(sa.exc.IntegrityError):
            again(connection)
        assert connection.execute(sa.select(people.c.id)).scalars().all() == [1]


def test_a_text_that_is_too_long_is_refused_by_postgresql_and_not_cut_off(postgres_engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.DataError), postgres_engine.begin() as connection:
        many.insert(connection, people, [{**person(1), "language": "x" * 17}])


def test_a_text_that_is_too_long_is_kept_whole_by_sqlite(sqlite_engine: sa.Engine) -> None:
    with sqlite_engine.begin() as connection:
        many.insert(connection, people, [{**person(1), "language": "x" * 17}])
        assert connection.scalar(sa.select(people.c.language)) == "x" * 17


def test_a_connection_that_is_lost_is_given_up(postgres_engine: sa.Engine) -> None:
    with postgres_engine.connect() as connection, postgres_engine.connect() as other:
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        with pytest.raises(sa.exc.OperationalError) as lost:
            many.insert(connection, people, [person(1)])
        assert is_away(lost.value)
        assert connection.invalidated


def test_a_statement_with_named_values(engine: sa.Engine) -> None:
    """Lists, times, what the statement has itself, and names that were made up; and in one journey with others."""
    dialect = engine.dialect.name
    touch = (
        sa.update(people)
        .where(among(dialect, people.c.id, "ids"), people.c.language == sa.bindparam("speaks"))
        .values(seen_at=sa.bindparam("now", type_=people.c.seen_at.type), stopped=True)
    )
    find = (
        sa.select(people.c.id, sa.func.coalesce(people.c.seen_at, people.c.created_at).label("since"))
        .where(people.c.stopped, people.c.seen_at <= sa.bindparam("now"))
        .order_by(people.c.id)
        .limit(sa.bindparam("limit"))
    )
    later = NOW + timedelta(hours=1)
    with engine.begin() as connection:
        many.insert(connection, people, [person(number) for number in (1, 2, 3, 4)])
        with many.together(connection):
            many.run(connection, touch, {"ids": [1, 2, 4], "speaks": "", "now": later})
            found = many.run(connection, find, {"now": later, "limit": 2})
            many.run(connection, touch, {"ids": [], "speaks": "", "now": NOW})
        assert [(row.id, row.since) for row in found()] == [(1, later), (2, later)]
        assert many.run(connection, find, {"now": NOW, "limit": 2})() == []
