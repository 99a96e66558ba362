"""One rate for all workers, in Redis, and a slower one without it."""

from collections.abc import Iterator

import pytest
import redis
from structlog.testing import capture_logs

from gateway.delivery.rate import AWAY_SECONDS, SharedLimiter
from gateway.delivery.redis import External, connect
from gateway.rates import Rate
from tests.conftest import Server


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(External(redis_url), hurried=True) as client:
        yield client


def limiter(client: redis.Redis, clock: list[float], rate: Rate, workers: int = 1) -> SharedLimiter:
    return SharedLimiter(client, {"sms": rate}, lambda: clock[0], lambda: workers)


def test_two_workers_keep_to_one_rate(client: redis.Redis, clock: list[float]) -> None:
    one, two = (limiter(client, clock, Rate(0.001, 5)) for _ in range(2))
    assert one.take("sms", 3)[0] == 3
    granted, wait = two.take("sms", 3)
    assert granted == 2
    assert 900 < wait <= 1000
    two.spend("sms", -1)  # not used after all
    assert one.take("sms", 3)[0] == 1
    one.spend("sms", 4)  # it was a long one: the next wait the longer
    assert one.take("sms", 1)[0] == 0
    assert two.take("sms", 1)[1] > 4000


def test_what_a_provider_asks_of_one_worker_holds_for_all(client: redis.Redis, clock: list[float]) -> None:
    one, two = (limiter(client, clock, Rate(100, 100)) for _ in range(2))
    one.pause("sms", 60)
    granted, wait = two.take("sms", 3)
    assert granted == 0
    assert 55 < wait <= 60
    assert two.take("chat", 3) == (3, 0.0)  # of another channel, which has no limit


def test_without_redis_a_slower_local_rate_holds(own_redis: Server, clock: list[float]) -> None:
    client = connect(External(own_redis.url), hurried=True)
    shared = limiter(client, clock, Rate(40, 40), workers=2)
    assert shared.take("sms", 100)[0] == 40
    own_redis.kill()
    with capture_logs() as logs:
        assert shared.take("sms", 100)[0] == 10  # half of the rate, parted by two workers
        clock[0] += 1
        assert shared.take("sms", 100)[0] == 10
    assert [entry["event"] for entry in logs] == ["redis unavailable"]
    own_redis.start()
    clock[0] += AWAY_SECONDS
    assert shared.take("sms", 100)[0] == 40  # an empty Redis knows of nothing: a burst once more


def test_nothing_of_a_rate_stays_in_redis_for_long(client: redis.Redis, clock: list[float]) -> None:
    limiter(client, clock, Rate(10, 20)).take("sms", 20)
    assert client.keys("*") == [b"baraza:rate:sms"]
    assert 0 < client.pttl("baraza:rate:sms") <= 3100
