"""Which rows go out, in which order, and what becomes of them; on both databases."""

import re
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from channels.adapter import Report, Sent, Status
from gateway.delivery import outbox, settling
from gateway.delivery.reports import apply_reports
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.settling import Leased
from gateway.store.schema import outbox as table
from gateway.store.schema import people
from tests.gateway.delivery.parts import Outbox

SETTINGS = DeliverySettings()


def lease(
    box: Outbox, worker: str = "one", channel: str = "sms", limit: int = 100, *, unasked: bool = True
) -> list[Leased]:
    with box.engine.begin() as connection:
        return outbox.lease(connection, channel, worker, box.clock(), limit, 60, unasked=unasked)


def record(box: Outbox, *settlements: settling.Settlement, worker: str = "one") -> None:
    with box.engine.begin() as connection:
        settling.record(connection, "sms", worker, settlements, box.clock())()


def expire(box: Outbox) -> list[settling.Settlement]:
    with box.engine.begin() as connection:
        return settling.expire(connection, box.clock())


def ids(rows: list[Leased]) -> list[int]:
    return [row.id for row in rows]


def test_a_leased_row_is_marked_before_its_call(box: Outbox) -> None:
    (number,) = box.post()
    assert ids(lease(box)) == [number]
    row = box.row(number)
    assert (row.status, row.lease) == (Status.SENDING, "one")
    assert row.leased_until > box.clock()
    assert lease(box, "two") == []


def test_of_one_person_one_row_at_a_time_in_order(box: Outbox) -> None:
    first, second = box.post("a", "b")
    other, _ = box.post("c", "d")
    rows = lease(box)
    assert ids(rows) == [first, other]
    assert lease(box) == []
    record(box, settling.sent(rows[0], Sent("x")))
    assert ids(lease(box)) == [second]


def test_a_row_that_waits_to_be_tried_again_holds_up_the_person(box: Outbox) -> None:
    box.post("a", "b")
    (row,) = lease(box)
    record(box, settling.retry(row, "later", box.clock(), lambda: 0.5, SETTINGS))
    assert lease(box) == []
    box.clock.advance(seconds=SETTINGS.backoff)
    assert ids(lease(box)) == [row.id]


def test_channels_dont_wait_for_each_other(box: Outbox) -> None:
    person = box.person()
    box.post("a", person=person, channel="sms")
    (chat,) = box.post("b", person=person, channel="chat")
    lease(box)
    assert ids(lease(box, channel="chat")) == [chat]


def test_only_what_is_due_and_no_more_than_asked_for(box: Outbox) -> None:
    box.post("later", due_at=box.clock().replace(year=2027))
    numbers = [box.post()[0] for _ in range(3)]
    assert ids(lease(box, limit=2)) == numbers[:2]


def test_after_stop_only_the_confirmation_goes_out(box: Outbox) -> None:
    person = box.person()
    reply, confirmation, broadcast = (
        box.post(person=person, kind=kind)[0] for kind in ("reply", "confirmation", "broadcast")
    )
    with box.engine.begin() as connection:
        connection.execute(sa.update(people).values(stopped=True))
    seen = [number for _ in range(4) for number in ids(lease(box))]
    assert seen == [confirmation]
    assert [(box.status(number), box.row(number).error) for number in (reply,)] == [(Status.FAILED, "stopped")]
    with box.engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.id == confirmation).values(status=Status.SENT.value))
    lease(box)
    assert box.row(broadcast).error == "stopped"


def test_in_quiet_hours_replies_pass_a_waiting_broadcast(box: Outbox) -> None:
    person = box.person()
    (broadcast,) = box.post(person=person, kind="broadcast")
    (reply,) = box.post(person=person)
    (unheard_of,) = box.post(kind="invented")
    assert ids(lease(box, unasked=False)) == [reply]
    assert ids(lease(box, unasked=True)) == [unheard_of]
    with box.engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.id == reply).values(status=Status.SENT.value))
    assert ids(lease(box)) == [broadcast]


def test_workers_at_once_never_take_the_same_row_nor_two_of_one_person(box: Outbox) -> None:
    for _ in range(20):
        box.post("a", "b", "c")
    taken: list[Leased] = []
    barrier = threading.Barrier(4)

    def work(name: str) -> None:
        barrier.wait()
        for _ in range(10):
            rows = lease(box, name, limit=3)
            taken.extend(rows)
            record(box, *(settling.sent(row, Sent(f"{row.id}")) for row in rows), worker=name)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while rows := lease(box, "last"):
        taken.extend(rows)
        record(box, *(settling.sent(row, Sent(f"{row.id}")) for row in rows), worker="last")
    assert len(taken) == len({row.id for row in taken}) == 60
    for person in {row.person for row in taken}:
        assert (order := [row.id for row in taken if row.person == person]) == sorted(order)
    assert set(box.statuses()) == {Status.SENT}


def test_what_comes_back_is_recorded(box: Outbox) -> None:
    numbers = [box.post()[0] for _ in range(5)]
    rows = lease(box)
    now = box.clock()
    record(
        box,
        settling.sent(rows[0], Sent("p0", 3)),
        settling.failed(rows[1], "402: the sender is not allowed"),
        settling.interrupted(rows[2], "timed out", now),
        settling.retry(rows[3], "busy", now, lambda: 0.5, SETTINGS),
        settling.throttled(rows[4], "slow down", now, 7, SETTINGS),
    )
    first, second, third, fourth, fifth = (box.row(number) for number in numbers)
    assert (first.status, first.provider_id, first.segments, first.attempts) == (Status.SENT, "p0", 3, 1)
    assert (second.status, second.error) == (Status.FAILED, "402: the sender is not allowed")
    assert (third.status, third.repeats, third.attempts) == (Status.QUEUED, 1, 1)
    assert (fourth.status, fourth.attempts, (fourth.due_at - now).total_seconds()) == (Status.QUEUED, 1, 5)
    assert (fifth.status, fifth.attempts, (fifth.due_at - now).total_seconds()) == (Status.QUEUED, 0, 7)
    assert all(row.lease is None and row.leased_until is None for row in (first, second, third, fourth, fifth))


def test_attempts_and_time_run_out(box: Outbox) -> None:
    box.post()
    (row,) = lease(box)
    now = box.clock()
    tired = Leased(*[getattr(row, name) if name != "attempts" else 7 for name in Leased.__slots__])
    assert settling.retry(tired, "busy", now, lambda: 0.5, SETTINGS).status is Status.FAILED
    assert settling.retry(tired, "busy", now, lambda: 0.5, SETTINGS, counted=False).status is Status.QUEUED
    late = box.clock.advance(days=2)
    assert settling.throttled(row, "slow", late, 5, SETTINGS).status is Status.FAILED
    assert settling.retry(row, "busy", late, lambda: 0.5, SETTINGS, counted=False).status is Status.FAILED


def test_waits_grow_to_a_cap_and_are_spread(box: Outbox) -> None:
    box.post()
    (row,) = lease(box)
    now = box.clock()

    def wait(attempts: int, random: float) -> float:
        tried = Leased(*[getattr(row, name) if name != "attempts" else attempts for name in Leased.__slots__])
        settings = DeliverySettings(attempts=1000)
        return (settling.retry(tried, "", now, lambda: random, settings).due_at - now).total_seconds()

    assert [wait(attempts, 0.5) for attempts in (0, 1, 2, 3)] == [5, 10, 20, 40]
    assert (wait(0, 0.0), wait(0, 0.999)) == (2.5, pytest.approx(7.495))
    assert wait(900, 0.5) == SETTINGS.backoff_cap


@pytest.mark.parametrize(("kind", "sends"), [("reply", 2), ("confirmation", 1), ("broadcast", 1), ("invented", 1)])
def test_an_interrupted_send_is_repeated_only_where_its_kind_allows_it(box: Outbox, kind: str, sends: int) -> None:
    (number,) = box.post(kind=kind)
    marks = []
    while rows := lease(box):
        marks.append(rows[0].repeats)
        assert expire(box) == []
        box.clock.advance(seconds=61)
        assert len(expire(box)) == 1
    assert marks == list(range(sends))
    assert box.status(number) is Status.UNKNOWN
    assert box.row(number).error == "interrupted while sending"


def test_a_result_after_its_lease_ran_out_still_counts(box: Outbox) -> None:
    (number,) = box.post()
    (row,) = lease(box)
    box.clock.advance(seconds=61)
    expire(box)
    record(box, settling.sent(row, Sent("late")))
    assert box.status(number) is Status.SENT
    assert lease(box) == []


def test_a_result_of_a_row_that_another_worker_took_up_does_not(box: Outbox) -> None:
    (number,) = box.post()
    (row,) = lease(box)
    box.clock.advance(seconds=61)
    expire(box)
    assert ids(lease(box, "two")) == [number]
    record(box, settling.retry(row, "busy", box.clock(), lambda: 0.5, SETTINGS))
    assert (box.status(number), box.row(number).lease) == (Status.SENDING, "two")


def test_a_report_that_came_first_is_applied_when_the_send_is_recorded(box: Outbox) -> None:
    (number,) = box.post()
    (row,) = lease(box)
    with box.engine.begin() as connection:
        apply_reports(connection, "sms", [Report("p1", Status.DELIVERED)], box.clock())
    record(box, settling.sent(row, Sent("p1")))
    assert box.status(number) is Status.DELIVERED


def plan_of_sqlite(box: Outbox) -> str:
    """How the rows to lease are looked for."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(box.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    lease(box, limit=8)
    statement, values = next((text, values) for text, values in asked if "sealed_reply" in text)
    with box.engine.connect() as connection:
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())


def plan_of_postgresql(box: Outbox) -> str:
    """The same, from its server, which sees statements that SQLAlchemy's events don't."""
    told: list[str] = []

    def listen(driver: Any, _: object) -> None:
        driver.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        driver.execute("LOAD 'auto_explain'")
        driver.execute("SET auto_explain.log_min_duration = 0")
        driver.execute("SET client_min_messages = 'log'")
        driver.commit()

    box.engine.dispose()
    sa.event.listen(box.engine, "connect", listen)
    lease(box, limit=8)
    return next(plan for plan in told if "sealed_reply" in plan.partition("Limit")[0])


@pytest.mark.parametrize(("kind", "broadcast"), [("reply", None), ("broadcast", 7)])
def test_a_long_queue_is_looked_at_by_its_indexes(box: Outbox, kind: str, broadcast: int | None) -> None:
    """Right after many rows were put in, PostgreSQL has no statistics of them: the query must not depend on any."""
    (first,) = box.post(kind=kind, broadcast=broadcast)
    with box.engine.begin() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == first)).mappings().one()
        copies = [{name: value for name, value in row.items() if name != "id"}] * 3000
        connection.execute(sa.insert(table), copies)
    plan = {"sqlite": plan_of_sqlite, "postgresql": plan_of_postgresql}[box.engine.dialect.name](box)
    assert "ix_outbox_open" in plan
    assert "ix_outbox_person" in plan
    assert not re.search(
        r"SCAN outbox|TEMP B-TREE.*TEMP B-TREE|Seq Scan on (outbox|people|vault)|Hash|Sort Key: outbox", plan
    )
