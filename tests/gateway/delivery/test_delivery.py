"""What delivery does with each answer of a provider; on both databases, without threads of its own."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from channels.adapter import Ambiguous, OptedOut, Permanent, Retryable, Sent, Status, Throttled
from gateway.delivery.delivery import Delivery
from gateway.delivery.logs import quiet_libraries
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.sweeper import Timer
from gateway.quiet import Quiet
from gateway.rates import Rate
from gateway.store.broadcast_tables import ZONE, profiles
from gateway.store.schema import people, timers
from tests.conftest import Clock
from tests.gateway.delivery.parts import Asked, Outbox, Scripted


@pytest.fixture
def adapter() -> Scripted:
    return Scripted()


def make(box: Outbox, adapter: Scripted, settings: DeliverySettings | None = None, **parts: object) -> Delivery:
    """One thread, so that the order of sends is that of the rows."""
    clock = box.clock
    return Delivery(
        box.engine,
        box.vault,
        {"sms": adapter},
        settings=settings or DeliverySettings(threads=1),
        clock=clock,
        monotonic=lambda: clock().timestamp(),
        random=lambda: 0.5,
        **parts,  # type: ignore[arg-type]
    )


def test_what_is_sent_is_what_was_sealed(box: Outbox, adapter: Scripted) -> None:
    person = box.person(address="+254711222333")
    (number,) = box.post("habari", person=person)
    make(box, adapter).drain()
    (outbound,) = adapter.sent
    assert (outbound.id, outbound.address, outbound.reply[0].text) == (number, "+254711222333", "habari")
    assert not outbound.repeat
    assert (box.status(number), box.row(number).provider_id) == (Status.SENT, f"provider-{number}")


def test_everything_goes_out_in_order(box: Outbox, adapter: Scripted) -> None:
    box.post("a", "b", "c")
    make(box, adapter, DeliverySettings(threads=4)).drain()
    assert adapter.texts == ["a", "b", "c"]
    assert box.statuses() == [Status.SENT] * 3


@pytest.mark.parametrize(
    ("error", "status", "noted"),
    [
        (Permanent("The number is wrong.", "403"), Status.FAILED, "403: The number is wrong."),
        (OptedOut("The person left.", "406"), Status.FAILED, "406: The person left."),
        (Retryable("Try later."), Status.QUEUED, "Try later."),
        (Throttled("Slow down.", 30, "429"), Status.QUEUED, "429: Slow down."),
        (RuntimeError("+254711222333 said no"), Status.FAILED, "the adapter failed with RuntimeError"),
    ],
)
def test_a_refused_message_and_its_neighbours(
    box: Outbox, adapter: Scripted, error: Exception, status: Status, noted: str
) -> None:
    adapter.plan["poison"] = error
    (number,) = box.post("poison")
    (neighbour,) = box.post("fine")
    delivery = make(box, adapter)
    with capture_logs() as logs:
        delivery.drain()
    assert (box.status(number), box.row(number).error) == (status, noted)
    box.clock.advance(seconds=40)
    delivery.drain()
    assert box.status(neighbour) is Status.SENT
    assert logs[0]["row"] == number
    assert "254711222333" not in str(logs)


def test_a_message_that_does_not_open_fails_alone(box: Outbox, adapter: Scripted) -> None:
    (number,) = box.post(sealed_reply=box.vault.seal("no list", "reply"))
    (forged,) = box.post(sealed_reply=b"never sealed")
    (neighbour,) = box.post()
    make(box, adapter).drain()
    assert [box.status(row) for row in (number, forged, neighbour)] == [Status.FAILED, Status.FAILED, Status.SENT]
    assert len(adapter.sent) == 1


def test_who_blocked_us_at_the_provider_has_left(box: Outbox, adapter: Scripted) -> None:
    adapter.plan["first"] = OptedOut("The person left.")
    person = box.person()
    box.post("first", "second", person=person)
    make(box, adapter).drain()
    assert adapter.texts == ["first"]
    assert box.statuses() == [Status.FAILED, Status.FAILED]
    with box.engine.connect() as connection:
        assert connection.scalar(sa.select(people.c.stopped).where(people.c.id == person)) is True


def test_an_ambiguous_reply_is_sent_again_marked_as_a_repeat(box: Outbox, adapter: Scripted) -> None:
    adapter.plan["question"] = [Ambiguous("No answer.")]
    adapter.plan["never"] = Ambiguous("No answer.")
    adapter.plan["news"] = Ambiguous("No answer.")
    (question,) = box.post("question")
    (never,) = box.post("never")
    (news,) = box.post("news", kind="broadcast")
    make(box, adapter).drain()
    for number in (question, never):
        assert [outbound.repeat for outbound in adapter.sent if outbound.id == number] == [False, True]
    assert adapter.texts.count("news") == 1
    assert [box.status(number) for number in (question, never, news)] == [Status.SENT, Status.UNKNOWN, Status.UNKNOWN]


def test_what_may_have_been_taken_ends_as_unknown_however_its_repeat_fails(box: Outbox, adapter: Scripted) -> None:
    adapter.plan["question"] = [Ambiguous("No answer."), Retryable("Down.")]
    (number,) = box.post("question")
    make(box, adapter, DeliverySettings(threads=1, attempts=2)).drain()
    assert (box.status(number), box.row(number).error) == (Status.UNKNOWN, "Down.")


@pytest.mark.parametrize(
    ("answers", "sends", "provider_id"),
    [
        ([Sent("taken-before")], [False], "taken-before"),
        ([None], [False, True], "provider-{}"),
        ([Retryable("Down."), ValueError("+254711222333"), None], [False, True], "provider-{}"),
    ],
)
def test_the_provider_is_asked_before_a_question_is_sent_again(
    box: Outbox, answers: list[Sent | Exception | None], sends: list[bool], provider_id: str
) -> None:
    adapter = Asked(plan={"question": [Ambiguous("No answer.")]}, finds=list(answers))
    (number,) = box.post("question")
    began = box.clock()
    delivery = make(box, adapter)
    delivery.drain()
    assert adapter.since == []  # what it just took may not be on its list yet
    for _ in range(4):
        box.clock.advance(minutes=1)
        delivery.drain()
    assert [outbound.repeat for outbound in adapter.sent] == sends
    assert (box.status(number), box.row(number).provider_id) == (Status.SENT, provider_id.format(number))
    assert adapter.finds == []
    assert set(adapter.since) == {began}


def test_a_throttle_pauses_its_channel_for_what_was_asked_and_costs_no_attempt(box: Outbox, adapter: Scripted) -> None:
    adapter.plan["a"] = [Throttled("Slow down.", 20)]
    (number,) = box.post("a")
    box.post("b")
    delivery = make(box, adapter)
    delivery.drain()
    assert adapter.texts == ["a"]
    box.clock.advance(seconds=19)
    delivery.drain()
    assert adapter.texts == ["a"]
    box.clock.advance(seconds=1)
    delivery.drain()
    assert sorted(adapter.texts) == ["a", "a", "b"]
    assert box.row(number).attempts == 1


@pytest.mark.parametrize("after", [1e9, float("nan"), float("inf")])
def test_a_wish_to_wait_is_capped(box: Outbox, adapter: Scripted, after: float) -> None:
    adapter.plan["a"] = [Throttled("Slow down.", after)]
    box.post("a")
    delivery = make(box, adapter)
    delivery.drain()
    box.clock.advance(seconds=DeliverySettings().throttle_cap)
    delivery.drain()
    assert adapter.texts == ["a", "a"]


def test_the_breaker_leaves_a_failing_channel_alone_and_tries_one(box: Outbox, adapter: Scripted) -> None:
    settings = DeliverySettings(threads=1, breaker_failures=3, breaker_wait=10, backoff=1)
    down: list[Exception] = [Retryable("Down.") for _ in range(5)]
    numbers = [box.post("message")[0] for _ in range(20)]
    adapter.plan["message"] = down
    delivery = make(box, adapter, settings)
    with capture_logs() as logs:
        delivery.drain()
        assert len(adapter.sent) == 3
        for waits, sends in ((10, 4), (10, 4), (10, 5), (39, 5), (1, 25)):
            box.clock.advance(seconds=waits)
            delivery.drain()
            assert len(adapter.sent) == sends
    steps = [(entry["was"], entry["now"]) for entry in logs if entry["event"] == "breaker"]
    assert steps == [
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "open"),
        ("open", "half_open"),
        ("half_open", "open"),
        ("open", "half_open"),
        ("half_open", "closed"),
    ]
    assert {box.status(number) for number in numbers} == {Status.SENT}
    # The two failed tries while the breaker was not closed used up no attempt.
    assert sum(int(box.row(number).attempts) for number in numbers) == 23


def test_a_channel_sends_no_faster_than_its_rate(box: Outbox, adapter: Scripted) -> None:
    adapter.segments = 2
    for _ in range(6):
        box.post()
    delivery = make(box, adapter, DeliverySettings(threads=1, rates={"sms": Rate(per_second=1, burst=4)}))
    seen = []
    for _ in range(12):
        delivery.drain()
        seen.append(len(adapter.sent))
        box.clock.advance(seconds=1)
    assert seen[0] == 2  # of two segments each
    assert seen[-1] == 6
    assert all(2 * count <= 4 + 1 + second for second, count in enumerate(seen))


def test_what_was_not_asked_for_lets_people_rest_and_a_chat_its_gap(box: Outbox, adapter: Scripted) -> None:
    adapter.capabilities = replace(adapter.capabilities, gap=1.0)
    person = box.person()
    box.post("one", "two", person=person)
    box.post("news", person=person, kind="broadcast")
    box.post("somebody else's news", kind="broadcast")
    delivery = make(box, adapter, DeliverySettings(threads=1, pace=3))
    seen: list[list[str]] = []
    for _ in range(6):
        delivery.drain()
        seen.append(adapter.texts[sum(map(len, seen)) :])
        box.clock.advance(seconds=1)
    assert seen == [["one", "somebody else's news"], ["two"], [], [], ["news"], []]


def test_live_conversations_come_first_and_broadcasts_take_turns(box: Outbox, adapter: Scripted) -> None:
    for broadcast, size in ((1, 40), (2, 4)):
        for _ in range(size):
            box.post(f"news {broadcast}", kind="broadcast", broadcast=broadcast)
    box.post("reminder", kind="reminder")
    box.post("reply")
    delivery = make(box, adapter, DeliverySettings(threads=1, rates={"sms": Rate(per_second=1)}))
    for _ in range(11):
        delivery.drain()
        box.clock.advance(seconds=1)
    assert adapter.texts[0] == "reply"
    assert adapter.texts.index("reminder") <= 3
    assert adapter.texts[1:11].count("news 2") == 4  # though 40 came before them


def test_a_thread_is_kept_for_those_who_answer(box: Outbox, adapter: Scripted) -> None:
    for _ in range(20):
        box.post("news", kind="broadcast", broadcast=1)
    lane = make(box, adapter, DeliverySettings(threads=4))._lanes["sms"]
    assert lane._turn()[0] == 3
    lane.drain()
    assert box.statuses() == [Status.SENT] * 20


def test_no_thread_is_kept_where_the_rate_leaves_some_free(box: Outbox, adapter: Scripted) -> None:
    """A rate of one a second grants one at a time: kept for those who may answer, no broadcast would ever go out."""
    box.post("news", kind="broadcast", broadcast=1)
    make(box, adapter, DeliverySettings(threads=4, rates={"sms": Rate(1)})).drain()
    assert adapter.texts == ["news"]


def test_quiet_hours_hold_back_what_nobody_asked_for(box: Outbox, adapter: Scripted) -> None:
    settings = DeliverySettings(quiet=Quiet(time(20), time(10), UTC))
    box.post("news", kind="broadcast")
    box.post("answer")
    delivery = make(box, adapter, settings)
    delivery.drain()
    assert adapter.texts == ["answer"]
    box.clock.advance(hours=1)
    delivery.drain()
    assert adapter.texts == ["answer", "news"]


def test_those_who_are_held_back_hold_up_nobody_behind_them(box: Outbox, adapter: Scripted) -> None:
    enough, other = box.person(), box.person()
    delivery = make(box, adapter, DeliverySettings(threads=1, pushes=1))
    box.post("one", *(f"more {number}" for number in range(30)), kind="broadcast", person=enough)
    box.post("to another", kind="broadcast", person=other)
    delivery.drain()
    assert adapter.texts == ["one", "to another"]


def test_nobody_is_sent_more_unasked_in_a_day_than_was_set(box: Outbox, adapter: Scripted) -> None:
    person, other = box.person(), box.person()
    delivery = make(box, adapter, DeliverySettings(threads=1, pushes=2))
    box.post("answer", person=person)
    box.post("one", kind="broadcast", person=person)
    delivery.drain()
    box.clock.advance(hours=6)
    box.post("two", kind="reminder", person=person)
    delivery.drain()
    box.clock.advance(hours=6)
    box.post("three", kind="notice", person=person)
    (late,) = box.post("too late", kind="broadcast", person=person, until=box.clock() + timedelta(hours=11))
    delivery.drain()
    assert adapter.texts == ["answer", "one", "two"]
    box.post("answer", person=person)  # neither held nor counted
    box.post("to another", kind="broadcast", person=other)
    for _ in range(2):  # what is older goes first, and is found to be held at the first look
        delivery.drain()
    assert sorted(adapter.texts[3:]) == ["answer", "to another"]
    box.clock.advance(hours=12)
    delivery.drain()
    assert adapter.texts[5:] == ["three"]
    box.clock.advance(hours=6)
    delivery.drain()
    assert adapter.texts[6:] == []
    assert box.row(late).error == "too late"


def test_a_zone_that_cannot_be_read_silences_nobody(box: Outbox, adapter: Scripted) -> None:
    """As answers to a question of the id `zone` once were, before our own facts had names of their own."""
    for told in ("zone1", "../etc", "Africa", "Africa/Nairobi"):
        person = box.person()
        box.post(told, kind="broadcast", person=person)
        with box.engine.begin() as connection:
            connection.execute(sa.insert(profiles).values(person=person, fact=ZONE, value=told))
    make(box, adapter, DeliverySettings(threads=1, quiet=Quiet(time(11), time(14), UTC))).drain()  # noon in Nairobi
    assert adapter.texts == ["zone1", "../etc", "Africa"]


@pytest.mark.parametrize(("start", "end", "quiet"), [(20, 8, {21, 3}), (8, 20, {9, 15}), (0, 0, set()), (22, 4, {3})])
def test_which_hours_are_quiet(start: int, end: int, quiet: set[int], clock: Clock) -> None:
    hours = Quiet(time(start), time(end), UTC)
    assert {hour for hour in (3, 9, 15, 21) if hours.holds(clock().replace(hour=hour))} == quiet


def test_the_sweep_takes_up_what_was_left_in_the_middle(box: Outbox, adapter: Scripted) -> None:
    before = box.clock.advance(minutes=-5)
    (number,) = box.post("a", status=Status.SENDING.value, lease="dead", leased_until=before)
    (news,) = box.post("b", kind="broadcast", status=Status.SENDING.value, lease="dead", leased_until=before)
    box.clock.advance(minutes=5)
    delivery = make(box, adapter)
    delivery.sweep()
    delivery.drain()
    assert [(outbound.id, outbound.repeat) for outbound in adapter.sent] == [(number, True)]
    assert (box.status(number), box.status(news)) == (Status.SENT, Status.UNKNOWN)


def test_timers_fire_once_and_stale_ones_are_dropped(box: Outbox, adapter: Scripted) -> None:
    now = box.clock()
    later = box.clock.advance(minutes=10)
    fired: list[str] = []

    def remind(connection: sa.Connection, timer: Timer, at: datetime) -> None:
        fired.append(timer.subject)
        if timer.subject == "bad":
            connection.execute(sa.update(people).values(stopped=True))
            raise ValueError("nothing may be left of this")

    person = box.person()
    rows = [
        ("remind", "a", now, later),
        ("remind", "bad", now, later),
        ("remind", "b", now, later),
        ("remind", "stale", now, now),
        ("remind", "future", later.replace(year=2027), later.replace(year=2028)),
        ("nobody's", "c", now, later),
    ]
    with box.engine.begin() as connection:
        connection.execute(
            sa.insert(timers),
            [dict(zip(("kind", "subject", "due_at", "stale_after"), row, strict=True)) for row in rows],
        )
    first, second = (make(box, adapter, timers={"remind": remind}) for _ in range(2))
    with capture_logs() as logs:
        for delivery in (first, second, first):
            delivery.sweep()
    assert fired == ["a", "bad", "b"]
    with box.engine.connect() as connection:
        notes = {row.subject: (row.fired_at is not None, row.note) for row in connection.execute(sa.select(timers))}
        assert connection.scalar(sa.select(people.c.stopped).where(people.c.id == person)) is False
    assert notes == {
        "a": (True, None),
        "b": (True, None),
        "bad": (True, "failed: ValueError"),
        "stale": (True, "stale"),
        "future": (False, None),
        "c": (False, None),
    }
    assert sorted(entry["outcome"] for entry in logs if entry["event"] == "timer") == [
        "failed",
        "fired",
        "fired",
        "stale",
    ]


def test_sends_are_counted_by_channel_and_outcome(box: Outbox, adapter: Scripted) -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("baraza_sends_total", {"channel": "sms", "outcome": outcome}) or 0

    before = count("sent"), count("permanent")
    adapter.plan["bad"] = Permanent("Refused.")
    box.post("good", "bad")
    make(box, adapter).drain()
    assert (count("sent"), count("permanent")) == (before[0] + 1, before[1] + 1)


def test_libraries_that_log_whole_urls_are_kept_quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_libraries()
    for name in ("httpx", "rq.worker", "twilio.http_client", "telegram.Bot"):
        logging.getLogger(name).info("POST https://host/bot123:secret to %s", "+254711222333")
    logging.getLogger("urllib3.connectionpool").warning("Retrying after %s", "/bot123:secret")
    assert caplog.records == []
