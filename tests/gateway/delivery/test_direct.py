"""What goes past the outbox keeps to its channel's rate and spend limit, and is counted; on both databases."""

from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from channels.adapter import Ambiguous, Outbound, Permanent, Retryable, Throttled
from gateway.delivery.delivery import Delivery
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.spending import UNIT, Price, Tariff
from gateway.rates import Rate
from gateway.store.schema import spending
from surveys.prompt import Prompt
from tests.gateway.delivery.parts import Outbox, Scripted

KES = Tariff({"sms": (Price("KES", UNIT),)}, {"KES": 6 * UNIT}, ZoneInfo("Africa/Nairobi"))


def make(box: Outbox, adapter: Scripted, **settings: object) -> Delivery:
    return Delivery(
        box.engine,
        box.vault,
        {"sms": adapter},
        settings=DeliverySettings(**settings),  # type: ignore[arg-type]  # of any of its types
        tariff=KES,
        clock=box.clock,
        monotonic=lambda: box.clock().timestamp(),
    )


def to_nobody(text: str = "hello") -> Outbound:
    return Outbound(1, "+254" + "700999999", (Prompt(text, "en"),))


def refused(delivery: Delivery, text: str = "hello") -> str:
    with pytest.raises(Throttled) as caught:
        delivery.direct("sms").send(to_nobody(text))
    return caught.value.code


def test_it_is_counted_with_everything_else_and_stops_at_the_same_limit(box: Outbox) -> None:
    adapter = Scripted(segments=2, plan={"refused": Permanent("No."), "unknown": Ambiguous("No answer.")})
    delivery = make(box, adapter)
    box.post()
    delivery.drain()
    direct = delivery.direct("sms")
    assert direct.send(to_nobody()).segments == 2
    with pytest.raises(Permanent):
        direct.send(to_nobody("refused"))
    with pytest.raises(Ambiguous):
        direct.send(to_nobody("unknown"))
    with box.engine.connect() as connection:
        (row,) = connection.execute(sa.select(spending))
    assert (row.messages, row.segments, row.millionths) == (3, 5, 5 * UNIT)
    direct.send(to_nobody())
    assert refused(delivery) == "spend-limit"
    assert len(adapter.sent) == 5


def test_it_takes_of_the_rate_and_may_owe_what_comes_within_a_second(box: Outbox) -> None:
    adapter = Scripted()
    delivery = make(box, adapter, rates={"sms": Rate(1, 2)})
    for _ in range(3):  # two that there are, and one owed
        delivery.direct("sms").send(to_nobody())
    assert refused(delivery) == "rate"
    box.post()
    delivery.drain()
    assert len(adapter.sent) == 3


def test_a_channel_that_is_left_alone_and_a_provider_that_asks_to_wait_are_heeded(box: Outbox) -> None:
    adapter = Scripted(plan={"down": Retryable("Down.", "503"), "busy": Throttled("Slow down.", 60, "429")})
    delivery = make(box, adapter, breaker_failures=1)
    assert refused(delivery, "busy") == "429"
    assert refused(delivery) == "rate"
    box.post("down")
    delivery.drain()
    assert len(adapter.sent) == 1
    box.clock.advance(seconds=61)
    delivery.drain()
    assert refused(delivery) == "breaker"
    assert len(adapter.sent) == 2
