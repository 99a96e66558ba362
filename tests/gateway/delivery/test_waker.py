"""Waking: once a channel and batch, never in the way of the one who wakes."""

from __future__ import annotations

import json
import signal
import threading

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from gateway.delivery import jobs
from gateway.delivery.delivery import Delivery
from gateway.delivery.redis import External, connect
from gateway.delivery.waker import Waker
from tests.conftest import Server
from tests.gateway.delivery.parts import Outbox, Scripted


def queue(connection: Redis) -> Queue:
    return Queue(jobs.QUEUE, connection=connection, serializer=JSONSerializer)


def work(connection: Redis) -> None:
    """Do what is queued, in this thread."""
    worker = SimpleWorker([jobs.QUEUE], connection=connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")


def test_many_messages_are_one_job_a_channel(redis_url: str) -> None:
    waker = Waker(connect(External(redis_url), hurried=True))
    for _ in range(50):
        waker.wake(["sms", "chat"])
    waker.close()
    found = queue(Redis.from_url(redis_url)).get_jobs()
    assert sorted(job.args[0] for job in found) == ["chat", "sms"]


def test_a_job_holds_the_channel_and_nothing_else(redis_url: str) -> None:
    waker = Waker(connect(External(redis_url), hurried=True))
    waker.wake(["sms"])
    waker.close()
    (job,) = queue(Redis.from_url(redis_url)).get_jobs()
    assert json.loads(job.data) == [jobs.JOB, None, ["sms"], {}]


def test_a_job_wakes_the_lane_and_the_next_message_wakes_again(
    redis_url: str, box: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = Redis.from_url(redis_url)
    adapter = Scripted()
    delivery = Delivery(box.engine, box.vault, {"sms": adapter}, clock=box.clock)
    jobs.serve(delivery, connection)
    for expected in (1, 2):
        box.post()
        waker = Waker(connect(External(redis_url), hurried=True))
        waker.wake(["sms", "nobody's"])
        waker.close()
        work(connection)
        delivery.drain()
        assert len(adapter.sent) == expected
    assert queue(connection).count == 0


def test_without_redis_waking_is_quick_and_quiet(own_redis: Server) -> None:
    waker = Waker(connect(External(own_redis.url), hurried=True))
    own_redis.kill()
    with capture_logs() as logs:
        for _ in range(1000):
            waker.wake(["sms"])
        waker.close()
    assert [entry["event"] for entry in logs] == ["redis unavailable"]
    own_redis.start()
    again = Waker(connect(External(own_redis.url), hurried=True))
    again.wake(["sms"])
    again.close()
    assert queue(Redis.from_url(own_redis.url)).count == 1


def test_a_redis_that_hangs_does_not_hold_up_who_wakes(own_redis: Server) -> None:
    waker = Waker(connect(External(own_redis.url), hurried=True))
    assert own_redis.process is not None
    own_redis.process.send_signal(signal.SIGSTOP)
    try:
        waker.wake(["sms"])
        # The waker's thread now waits for Redis; waking returns all the same.
        done = threading.Thread(target=lambda: [waker.wake(["sms"]) for _ in range(1000)])
        done.start()
        done.join(60)
        assert not done.is_alive()
    finally:
        own_redis.process.send_signal(signal.SIGCONT)
    waker.close()


def test_nothing_of_a_person_is_in_redis(redis_url: str, box: Outbox) -> None:
    connection = Redis.from_url(redis_url)
    box.post("canary text", person=box.person(address="+254799999999"))
    waker = Waker(connect(External(redis_url), hurried=True))
    waker.wake(["sms"])
    waker.close()
    dumped = [(key, connection.dump(key)) for key in connection.keys("*")]
    assert dumped
    assert b"canary" not in repr(dumped).encode()
    assert b"799999999" not in repr(dumped).encode()
