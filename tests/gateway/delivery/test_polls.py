"""What a poll's end and pause do to what waits to be sent, looked at once more at the moment of sending."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from channels.adapter import Status
from gateway.delivery.outbox import LATE, lease, let_go
from gateway.lifecycle import ENDED, HELD
from gateway.store.poll_tables import polls
from gateway.store.schema import outbox
from tests.gateway.delivery.parts import Outbox


def poll(box: Outbox, status: str, closes: timedelta | None = None) -> None:
    now = box.clock()
    row = {
        "name": "water",
        "status": status,
        "hash": "h",
        "wave": 1,
        "invite": "everybody",
        "opened_at": now,
        "by": "op",
    }
    with box.engine.begin() as connection:
        connection.execute(sa.insert(polls).values(**row, closes_at=now + closes if closes else None))


def leased(box: Outbox) -> list[int]:
    with box.engine.begin() as connection:
        return [row.id for row in lease(connection, "sms", "worker", box.clock(), 10, 60)]


def states(box: Outbox) -> list[tuple[int, str | None]]:
    with box.engine.connect() as connection:
        found = connection.execute(sa.select(outbox.c.status, outbox.c.error).order_by(outbox.c.id))
        return [(row.status, row.error) for row in found]


@pytest.mark.parametrize("kind", ["reply", "reminder", "broadcast"])
@pytest.mark.parametrize(("status", "closes"), [("closed", None), ("open", timedelta(0)), ("paused", timedelta(-1))])
def test_nothing_of_a_poll_goes_out_after_its_end(
    box: Outbox, kind: str, status: str, closes: timedelta | None
) -> None:
    poll(box, status, closes or (timedelta(microseconds=-1) if closes is not None else None))
    box.post("question", kind=kind, poll="water")
    (other,) = box.post("of no poll", kind=kind)
    assert leased(box) == [other]
    assert states(box)[0] == (Status.FAILED.value, ENDED)


def test_before_the_end_it_goes_out(box: Outbox) -> None:
    poll(box, "open", timedelta(seconds=1))
    rows = box.post("question", poll="water")
    assert leased(box) == rows


def test_a_pause_holds_back_what_nobody_asked_for_and_lets_replies_through(box: Outbox) -> None:
    poll(box, "paused")
    (held,) = box.post("come and answer", kind="broadcast", poll="water")
    (reply,) = box.post("it pauses", poll="water")
    assert leased(box) == [reply]
    assert box.row(held).due_at == HELD


def test_what_is_held_in_the_moment_of_resuming_goes_out_all_the_same(box: Outbox) -> None:
    """Who resumes doesn't see what a worker, which saw the pause, holds back a moment later."""
    poll(box, "paused")
    rows = box.post("come and answer", kind="reminder", poll="water")
    rows += box.post("come and answer", kind="broadcast", broadcast=7, poll="water")
    for status, then in (("paused", []), ("open", rows)):
        with box.engine.begin() as connection:
            connection.execute(sa.update(polls).values(status=status))
            let_go(connection, "sms", box.clock())
        assert sorted(leased(box)) == then


def test_what_comes_too_late_is_dropped(box: Outbox) -> None:
    box.post("again", kind="reminder", until=box.clock() + timedelta(minutes=5))
    box.clock.advance(minutes=5)
    assert leased(box) == []
    assert states(box) == [(Status.FAILED.value, LATE)]
