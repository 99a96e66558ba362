"""From the outbox through a provider's own SDK, and back by its report; on both databases."""

from channels import africastalking
from channels.adapter import Channel, Medium, Report, Status
from gateway.delivery.delivery import Delivery
from gateway.delivery.reports import apply_reports
from gateway.delivery.settings import DeliverySettings
from tests.gateway.delivery.parts import Outbox
from tests.loopback.providers import AfricasTalking
from tests.loopback.server import Cut, Refuse, Take, Throttle


def test_messages_through_africas_talking(box: Outbox) -> None:
    """Taken, refused, throttled, left at the provider, and cut off in the middle."""
    with AfricasTalking() as provider:
        secrets = {"username": ("baraza",), "api_key": (provider.KEY,), "hook_token": ("unused",)}
        channel = Channel("sms", "africastalking", Medium.SMS, "22384", provider.url, secrets=secrets)
        delivery = Delivery(
            box.engine,
            box.vault,
            {"sms": africastalking.AfricasTalking(channel)},
            settings=DeliverySettings(threads=1),
            clock=box.clock,
            monotonic=lambda: box.clock().timestamp(),
        )
        taken, refused, left, cut, throttled, last = (box.post(f"text {number}")[0] for number in range(6))
        provider.will(Take(), Refuse("403"), Refuse("406"), Cut(), Throttle(20))
        delivery.drain()
        for _ in range(2):
            box.clock.advance(seconds=400)
            delivery.drain()

        messages = [message.text.strip() for message in provider.taken]
    assert {box.status(number) for number in (taken, cut, throttled, last)} == {Status.SENT}
    assert [box.status(number) for number in (refused, left)] == [Status.FAILED, Status.FAILED]
    assert box.row(cut).repeats == 1
    assert (box.row(throttled).attempts, box.row(throttled).repeats) == (1, 0)
    assert messages[0] == "text 0"
    assert len(messages) == 4

    provider_id = str(box.row(taken).provider_id)
    with box.engine.begin() as connection:
        apply_reports(connection, "sms", [Report(provider_id, Status.DELIVERED)], box.clock())
    assert box.status(taken) is Status.DELIVERED
