"""What delivery survives: killed workers, a Redis that goes, providers that are slow, busy or odd.

Real processes, real databases, a real Redis, and a provider on this machine that counts what arrives.
"""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Callable

import redis

from channels.adapter import Status
from gateway.delivery import jobs
from gateway.delivery.redis import External, connect
from gateway.delivery.waker import Waker
from tests.conftest import Server
from tests.faults.conftest import Provider, Workers, count_by_row, until
from tests.gateway.delivery.parts import Outbox

THREADS = 6


def test_a_worker_killed_while_sending_loses_and_doubles_nothing(
    workers: Workers, box: Outbox, provider: Callable[[], Provider], settled: Callable[[], list[Status]]
) -> None:
    """Safety 6. Of 300 messages a kill -9 leaves as many in doubt as there were calls, and no other is sent twice."""
    taker = provider()
    taker.close_after = 100
    kinds = ["reply"] * 80 + ["broadcast"] * 20
    rows = {
        number: (person, kind)
        for person, kind in enumerate(kinds)
        for number in box.post("text-a", "text-b", "text-c", kind=kind)
    }
    killed = workers.start({"sms": taker}, threads=THREADS, lease=3)
    until(lambda: not taker.open.is_set() and len(taker.arrived) >= 100)
    killed.kill()
    killed.wait()
    taker.open.set()
    workers.start({"sms": taker}, threads=THREADS, lease=3)
    settled()

    assert len(rows) == 300
    arrivals = defaultdict(list)
    for message in taker.arrived:
        arrivals[message["id"]].append(message["repeat"])
    final = count_by_row(box)
    doubtful = {number for number, (status, repeats) in final.items() if repeats or status is Status.UNKNOWN}
    assert 1 <= len(doubtful) <= THREADS
    for number, (_, kind) in rows.items():
        status, repeats = final[number]
        if number not in doubtful:
            assert (status, arrivals[number]) == (Status.SENT, [False])
        elif kind == "reply":
            assert (status, repeats) == (Status.SENT, 1)
            assert arrivals[number] in ([False, True], [True])
        else:
            assert status is Status.UNKNOWN
            assert arrivals[number] in ([False], [])
    first_seen = list(dict.fromkeys(message["id"] for message in taker.arrived))
    for person in range(len(kinds)):
        order = [number for number in first_seen if rows[number][0] == person]
        assert order == sorted(order)
    assert taker.overlaps == []


def test_messages_go_out_whatever_becomes_of_redis(
    workers: Workers,
    box: Outbox,
    provider: Callable[[], Provider],
    settled: Callable[[], list[Status]],
    own_redis: Server,
) -> None:
    """Safety 7: flushed, killed, back again."""
    taker = provider()
    workers.redis = own_redis.url
    workers.start({"sms": taker})
    client = redis.from_url(own_redis.url)
    waker = Waker(connect(External(own_redis.url), hurried=True))

    def post(count: int) -> None:
        for _ in range(count):
            box.post("text-a")
            waker.wake(["sms"])

    post(20)
    client.flushall()
    post(20)
    assert set(settled()) == {Status.SENT}

    own_redis.kill()
    post(20)
    assert set(settled()) == {Status.SENT}

    own_redis.start()
    until(lambda: bool(client.keys("rq:worker:*")))  # the worker is back at Redis
    post(20)
    waker.close()
    assert set(settled()) == {Status.SENT}
    until(lambda: not client.exists(jobs.marker("sms")) and client.llen(f"rq:queue:{jobs.QUEUE}") == 0)
    assert len(taker.arrived) == 80


def test_a_slow_provider_holds_up_no_other_channel(
    workers: Workers, box: Outbox, provider: Callable[[], Provider], settled: Callable[[], list[Status]]
) -> None:
    """Safety 12: the same people on both channels, and one provider that does not answer."""
    slow, quick = provider(), provider()
    slow.open.clear()
    people = [box.person() for _ in range(30)]
    waiting = [box.post("text-a", person=person, channel="slow")[0] for person in people]
    passing = [box.post("text-b", person=person, channel="quick")[0] for person in people]
    workers.start({"slow": slow, "quick": quick}, threads=THREADS)
    until(lambda: all(count_by_row(box)[number][0] is Status.SENT for number in passing))
    assert len(slow.arrived) <= THREADS
    assert not any(count_by_row(box)[number][0] is Status.SENT for number in waiting)
    slow.open.set()
    assert set(settled()) == {Status.SENT}


def test_throttles_refusals_and_poison(
    workers: Workers, box: Outbox, provider: Callable[[], Provider], settled: Callable[[], list[Status]]
) -> None:
    """Safety 13 and 30: a throttle costs no attempt, a poison message is put aside, its neighbours go out."""
    taker = provider()
    once: set[str] = set()

    def answer(text: str) -> tuple[int, dict[str, str]]:
        first = text not in once
        once.add(text)
        if text.startswith("text-throttled") and first:
            return 429, {"Retry-After": "0.2"}
        if text.startswith("text-busy") and first:
            return 503, {}
        return {"text-refused": 400, "text-poison": 418}.get(text, 200), {}

    taker.answer = answer
    numbers = {
        text: box.post(text)[0]
        for text in (
            "text-throttled-1",
            "text-refused",
            "text-a",
            "text-busy",
            "text-poison",
            "text-throttled-2",
            "text-b",
        )
    }
    workers.start({"sms": taker}, threads=2, backoff=0.1)
    settled()
    found = {
        text: (box.status(number), box.row(number).attempts, box.row(number).error) for text, number in numbers.items()
    }
    assert found == {
        "text-throttled-1": (Status.SENT, 1, None),
        "text-throttled-2": (Status.SENT, 1, None),
        "text-busy": (Status.SENT, 2, None),
        "text-refused": (Status.FAILED, 1, "400: The provider refuses it."),
        "text-poison": (Status.FAILED, 1, "the adapter failed with RuntimeError"),
        "text-a": (Status.SENT, 1, None),
        "text-b": (Status.SENT, 1, None),
    }


def test_a_worker_that_is_told_to_stop_finishes_what_it_sends(
    workers: Workers, box: Outbox, provider: Callable[[], Provider]
) -> None:
    taker = provider()
    taker.open.clear()
    for _ in range(20):
        box.post("text-a")
    worker = workers.start({"sms": taker}, threads=THREADS)
    until(lambda: len(taker.arrived) == THREADS)
    worker.send_signal(signal.SIGTERM)
    until(lambda: "stopping" in workers.log.read_text() or worker.poll() is not None)
    taker.open.set()
    assert worker.wait(60) == 0
    statuses = box.statuses()
    assert statuses.count(Status.SENT) == len(taker.arrived)
    assert set(statuses) <= {Status.SENT, Status.QUEUED}


def test_two_workers_share_the_work(
    workers: Workers, box: Outbox, provider: Callable[[], Provider], settled: Callable[[], list[Status]]
) -> None:
    taker = provider()
    for _ in range(60):
        box.post("text-a", "text-b")
    for _ in range(2):
        workers.start({"sms": taker}, threads=THREADS)
    assert set(settled()) == {Status.SENT}
    assert sorted(message["id"] for message in taker.arrived) == sorted(count_by_row(box))
    assert taker.overlaps == []
