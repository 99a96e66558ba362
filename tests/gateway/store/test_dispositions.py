"""The ledger: moved along allowed transitions only, added to and never changed, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa

from gateway.store import dispositions, schema
from gateway.store.dispositions import Move
from gateway.store.poll_tables import dispositions as ledger
from gateway.store.poll_tables import respondents

Now = Callable[[], datetime]


def make_people(engine: sa.Engine, now: datetime, *people: int) -> None:
    row = {"language": "", "stopped": False, "created_at": now, "seen_at": now}
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.people), [{"id": person, **row} for person in people])


def written(engine: sa.Engine, person: int) -> list[tuple[str, str]]:
    query = sa.select(ledger.c.before, ledger.c.after).where(ledger.c.person == person).order_by(ledger.c.id)
    with engine.connect() as connection:
        return [(row.before, row.after) for row in connection.execute(query)]


def held(engine: sa.Engine) -> dict[tuple[int, int], str]:
    with engine.connect() as connection:
        return {(row.person, row.wave): row.disposition for row in connection.execute(sa.select(respondents))}


def test_who_writes_first_is_registered_and_started_and_ends_as_the_outcome_says(engine: sa.Engine, clock: Now) -> None:
    make_people(engine, clock(), 1, 2)
    with engine.begin() as connection:
        moves = [Move(person, "poll", 1, "started", "keyword") for person in (2, 1)]
        assert dispositions.move(connection, moves, clock()) == 4
        assert dispositions.move(connection, [Move(1, "poll", 1, "completed", "answered")], clock()) == 1
    assert held(engine) == {(1, 1): "completed", (2, 1): "started"}
    assert written(engine, 1) == [("", "registered"), ("registered", "started"), ("started", "completed")]


def test_what_is_not_allowed_changes_nothing_and_its_neighbours_go_on(engine: sa.Engine, clock: Now) -> None:
    make_people(engine, clock(), 1, 2)
    with engine.begin() as connection:
        dispositions.register(connection, "poll", 1, [1, 2], clock())
        moves = [
            Move(1, "poll", 1, "completed", ""),
            Move(2, "poll", 1, "contacted", ""),
            Move(9, "x", 1, "failed", ""),
        ]
        assert dispositions.move(connection, moves, clock()) == 1
    assert held(engine) == {(1, 1): "registered", (2, 1): "contacted"}
    assert written(engine, 1) == [("", "registered")]


def test_a_whole_way_in_one_batch_is_written_step_by_step(engine: sa.Engine, clock: Now) -> None:
    make_people(engine, clock(), 1)
    with engine.begin() as connection:
        moves = [Move(1, "poll", 1, after, "") for after in ("started", "break-off", "started", "started", "partial")]
        dispositions.move(connection, moves, clock())
    assert [after for _, after in written(engine, 1)] == ["registered", "started", "break-off", "started", "partial"]
    assert held(engine) == {(1, 1): "partial"}


def test_broadcasts_say_whom_they_asked_and_what_came_of_it(engine: sa.Engine, clock: Now) -> None:
    make_people(engine, clock(), 1, 2, 3)
    with engine.begin() as connection:
        assert dispositions.register(connection, "poll", 2, [1, 2, 3, 3], clock()) == 3
        assert dispositions.register(connection, "poll", 2, [1], clock()) == 0
        assert dispositions.contacted(connection, "poll", 2, [1, 2], clock()) == 2
        assert dispositions.unresponsive(connection, "poll", 2, [1], clock()) == 1
        assert dispositions.failed(connection, "poll", 2, [2], clock()) == 1
        assert dispositions.counts(connection) == {("poll", 2): {"registered": 1, "unresponsive": 1, "failed": 1}}


@pytest.mark.parametrize("change", ["UPDATE dispositions SET why = 'x'", "DELETE FROM dispositions"])
def test_the_database_itself_refuses_to_change_the_ledger(engine: sa.Engine, clock: Now, change: str) -> None:
    make_people(engine, clock(), 1)
    with engine.begin() as connection:
        dispositions.register(connection, "poll", 1, [1], clock())
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), engine.begin() as connection:
        connection.execute(sa.text(change))
    assert written(engine, 1) == [("", "registered")]


def test_two_pseudonyms_of_one_person_become_one_and_the_ledger_keeps_both(engine: sa.Engine, clock: Now) -> None:
    make_people(engine, clock(), 1, 2)
    with engine.begin() as connection:
        dispositions.move(connection, [Move(1, "a", 1, "started", ""), Move(1, "a", 1, "completed", "")], clock())
        dispositions.register(connection, "b", 1, [1], clock())
        dispositions.register(connection, "a", 1, [2], clock())
        dispositions.join(connection, 1, 2, clock())
        connection.execute(sa.delete(schema.people).where(schema.people.c.id == 1))
    with engine.connect() as connection:
        kept = connection.execute(sa.select(respondents).order_by(respondents.c.survey)).all()
    assert [(row.person, row.survey, row.disposition) for row in kept] == [
        (2, "a", "completed"),
        (2, "b", "registered"),
    ]
    assert written(engine, 1)[-2:] == [("completed", ""), ("registered", "")]
    assert written(engine, 2) == [("", "registered"), ("registered", "completed"), ("", "registered")]


def test_several_at_once_move_each_person_once(engine: sa.Engine, clock: Now) -> None:
    people = list(range(1, 41))
    make_people(engine, clock(), *people)

    def start(turn: int) -> int:
        with engine.begin() as connection:
            order = people if turn % 2 else people[::-1]
            return dispositions.move(connection, [Move(one, "poll", 1, "started", "") for one in order], clock())

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(start, range(6))) == 80
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ledger)) == 80
