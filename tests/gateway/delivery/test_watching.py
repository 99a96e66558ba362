"""What was lost, and sending it again by hand; on both databases."""

from channels.adapter import Ambiguous, Permanent, Retryable, Sent, Status
from gateway.delivery import watching
from gateway.delivery.delivery import Delivery
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.shares import Share
from tests.gateway.delivery.parts import Asked, Outbox, Scripted


def make(box: Outbox, adapter: Scripted, channel: str = "sms") -> Delivery:
    return Delivery(
        box.engine,
        box.vault,
        {channel: adapter},
        settings=DeliverySettings(threads=1),
        clock=box.clock,
        monotonic=lambda: box.clock().timestamp(),
        random=lambda: 0.5,
    )


def lose(box: Outbox, adapter: Scripted) -> tuple[int, int, int]:
    """A message that was refused, one that may have been taken, and one that was rightly not sent."""
    adapter.plan["refused"] = [Permanent("No.", "402")]
    adapter.plan["broken off"] = [Ambiguous("No answer.", "timeout")]
    (refused,) = box.post("refused")
    (unknown,) = box.post("broken off", kind="broadcast", broadcast=3)
    (stopped,) = box.post("left", person=box.person(stopped=True))
    make(box, adapter).drain()
    return refused, unknown, stopped


def test_what_was_lost_is_listed_with_its_reason_and_what_was_rightly_kept_is_not(box: Outbox) -> None:
    refused, unknown, _ = lose(box, Scripted())
    with box.engine.connect() as connection:
        reasons = watching.reasons(connection, box.clock())
        letters = watching.letters(connection, box.clock())
    assert {(lost.channel, lost.status, lost.reason, lost.rows) for lost in reasons} == {
        ("sms", Status.FAILED, "402: No.", 1),
        ("sms", Status.UNKNOWN, "timeout: No answer.", 1),
    }
    assert {letter.id for letter in letters} == {refused, unknown}


def test_sent_again_by_hand_and_marked_where_it_may_have_been_taken(box: Outbox) -> None:
    adapter = Scripted()
    refused, unknown, stopped = lose(box, adapter)
    adapter.sent.clear()
    with box.engine.begin() as connection:
        ended = watching.ended_as("sms", Status.FAILED, "402: No.")
        assert watching.send_again(connection, "olga", box.clock(), *ended) == 1
        assert watching.send_again(connection, "olga", box.clock(), *watching.numbered([unknown, stopped])) == 1
    make(box, adapter).drain()
    assert {(outbound.id, outbound.repeat) for outbound in adapter.sent} == {(refused, False), (unknown, True)}
    assert [box.status(number) for number in (refused, unknown)] == [Status.SENT, Status.SENT]
    with box.engine.begin() as connection:
        assert watching.send_again(connection, "olga", box.clock(), *watching.numbered([refused, unknown])) == 0


def test_the_provider_is_asked_since_the_first_try_and_not_since_it_was_put_back(box: Outbox) -> None:
    adapter = Asked(plan={"broken off": Ambiguous("No answer.", "timeout")})
    began = box.clock()
    _, unknown, _ = lose(box, adapter)
    box.clock.advance(hours=8)  # longer than what is new may wait
    adapter.plan, adapter.finds = {}, [Retryable("Down."), Sent("taken-before")]
    with box.engine.begin() as connection:
        watching.send_again(connection, "olga", box.clock(), *watching.numbered([unknown]))
    delivery = make(box, adapter)
    for _ in range(2):
        delivery.drain()
        box.clock.advance(minutes=1)
    assert adapter.since == [began, began]
    assert (box.status(unknown), box.row(unknown).provider_id) == (Status.SENT, "taken-before")


def test_what_waits_is_counted_by_share_and_a_worker_is_there_while_it_beats(box: Outbox) -> None:
    for _ in range(3):
        box.post(kind="broadcast", broadcast=7)
    box.post()
    delivery = make(box, Scripted())
    delivery.sweep()
    with box.engine.connect() as connection:
        waits = watching.waiting(connection, ["sms", "chat"])
        (worker,) = watching.present(connection, box.clock())
        assert watching.present(connection, box.clock.advance(minutes=1)) == []
        assert watching.since_when(connection, ["sms"], box.clock()) == {"sms": 60.0}
    assert [(one.share, one.rows) for one in waits] == [(Share("reply"), 1), (Share("broadcast", 7), 3)]
    assert worker.channels == {"sms": "closed"}


def test_what_waits_on_a_channel_that_no_worker_has_any_more_fails_in_the_end(box: Outbox) -> None:
    (gone,), (others,) = (box.post(channel=name) for name in ("gone", "other's"))
    both = make(box, Scripted()), make(box, Scripted(), "other's")

    def a_few_minutes() -> None:
        for _ in range(8):
            box.clock.advance(seconds=20)
            for each in both:
                each.sweep()

    a_few_minutes()
    assert box.status(gone) is Status.QUEUED
    box.clock.advance(days=1)
    (young,) = box.post(channel="gone")
    a_few_minutes()
    assert [box.status(row) for row in (gone, others, young)] == [Status.FAILED, Status.QUEUED, Status.QUEUED]
    with box.engine.connect() as connection:
        assert [lost.reason for lost in watching.reasons(connection, box.clock())] == ["no worker has this channel"]
