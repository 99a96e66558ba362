"""What was spent, and the limit that stops sending; on both databases."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from structlog.testing import capture_logs

from channels.adapter import Ambiguous, Permanent, Status
from gateway.delivery.delivery import Delivery
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.spending import UNIT, Price, Tariff, spent
from gateway.store.schema import spending
from tests.gateway.delivery.parts import Outbox, Scripted

KENYA, ELSEWHERE = Price("KES", 800_000, "+254"), Price("KES", 3 * UNIT)


def make(box: Outbox, adapter: Scripted, limit: float | None, threads: int = 1) -> Delivery:
    limits = {} if limit is None else {"KES": int(limit * UNIT)}
    return Delivery(
        box.engine,
        box.vault,
        {"sms": adapter},
        settings=DeliverySettings(threads=threads),
        tariff=Tariff({"sms": (ELSEWHERE, KENYA)}, limits, ZoneInfo("Africa/Nairobi")),
        clock=box.clock,
        monotonic=lambda: box.clock().timestamp(),
        random=lambda: 0.5,
    )


def test_each_message_is_charged_by_its_segments_and_where_it_goes(box: Outbox) -> None:
    adapter = Scripted(segments=2, plan={"refused": Permanent("No."), "unknown": Ambiguous("No answer.")})
    box.post("near")
    box.post("far", person=box.person(address="+211911000001"))
    box.post("refused")
    box.post("unknown", kind="broadcast")
    make(box, adapter, None).drain()
    with box.engine.connect() as connection:
        assert spent(connection, "2026-03-02") == {"KES": int((2 * 0.8 + 2 * 3 + 0.8) * UNIT)}
        (row,) = connection.execute(sa.select(spending))
    assert (row.channel, row.messages, row.segments) == ("sms", 3, 5)


def test_the_limit_stops_sending_until_the_next_day_and_says_so_once(box: Outbox) -> None:
    for _ in range(10):
        box.post(kind="reply")
    adapter = Scripted()
    deliveries = [make(box, adapter, 10, threads=4), make(box, adapter, 10, threads=4)]
    with capture_logs() as logs:
        for _ in range(3):
            for delivery in deliveries:
                delivery.drain()
    # By the dearest price that there is: whether one more is within the limit is not known before its number is.
    sent = box.statuses().count(Status.SENT)
    assert 8 <= sent < 10
    assert sent * 0.8 <= 10
    assert {entry["event"] for entry in logs} == {"spend limit reached"}
    assert len(logs) == 2  # each worker once
    box.clock.now = box.clock().astimezone(UTC).replace(hour=21) + timedelta(minutes=1)  # midnight in Nairobi
    deliveries[0].drain()
    assert box.statuses() == [Status.SENT] * 10


def test_what_costs_nothing_goes_on(box: Outbox) -> None:
    free = Tariff({"sms": (Price("KES", 0),)}, {"KES": 1}, UTC)
    box.post("a", "b")
    Delivery(box.engine, box.vault, {"sms": Scripted()}, tariff=free, clock=box.clock).drain()
    assert box.statuses() == [Status.SENT] * 2
