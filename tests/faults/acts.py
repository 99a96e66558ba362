"""What can be done to a house: kill, stop, freeze, flush, fill, and have its provider change its mood."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis

from tests.conftest import Server, until
from tests.faults.house import House

Fault = Callable[[House, random.Random], None]


def kill_worker(house: House, chance: random.Random) -> None:
    house.programs[chance.choice(["worker-1", "worker-2"])].kill()


def kill_web(house: House, _: random.Random) -> None:
    house.programs["serve"].kill()


def kill_a_web_process(house: House, _: random.Random) -> None:
    """The one that answers, and not the one that starts it again."""
    process = house.programs["serve"].process
    if process is not None:
        for child in children(process.pid):
            _signal(child, signal.SIGKILL)


def flush_redis(house: House, _: random.Random) -> None:
    with redis.from_url(house.redis.url) as client:
        client.flushall()


def stop_redis(house: House, chance: random.Random) -> None:
    house.redis.kill()
    time.sleep(chance.uniform(1, 4))
    house.redis.start()


def restart_postgres(house: House, _: random.Random) -> None:
    house.postgres.kill(signal.SIGINT)
    house.postgres.start()


def stop_postgres(house: House, chance: random.Random) -> None:
    house.postgres.kill(signal.SIGINT)
    time.sleep(chance.uniform(3, 12))
    house.postgres.start()


def kill_web_while_postgres_is_away(house: House, chance: random.Random) -> None:
    """What starts again then takes messages without ever having seen the database."""
    house.postgres.kill(signal.SIGINT)
    starts = house.programs["serve"].starts
    kill_web(house, chance)
    until(lambda: house.programs["serve"].starts > starts and house.is_ready(), 120, house.logs)
    time.sleep(chance.uniform(0.5, 1.5))
    house.postgres.start()


def crash_postgres(house: House, chance: random.Random) -> None:
    signal_all(house.postgres, signal.SIGKILL)
    house.postgres.kill()
    time.sleep(chance.uniform(0.5, 3))
    house.postgres.start()


def freeze_postgres(house: House, chance: random.Random) -> None:
    signal_all(house.postgres, signal.SIGSTOP)
    time.sleep(chance.uniform(9, 12))  # longer than anybody waits for it
    signal_all(house.postgres, signal.SIGCONT)


def fill_disk(house: House, chance: random.Random) -> None:
    """PostgreSQL away and no room for the spool: nothing is acknowledged until there is room."""
    house.postgres.kill(signal.SIGINT)
    junk = house.spool / "junk"
    fill(junk)
    until(lambda: not house.is_ready(), 60)
    time.sleep(chance.uniform(0.5, 1.5))
    junk.unlink()
    time.sleep(chance.uniform(0.5, 1.5))
    house.postgres.start()


def moody(mood: str) -> Fault:
    def change(house: House, chance: random.Random) -> None:
        house.mood(mood)
        time.sleep(chance.uniform(2, 4))
        house.mood("well")

    return change


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def signal_all(server: Server, number: signal.Signals) -> None:
    """Signal a server and the processes of its sessions."""
    assert server.process is not None
    for each in (server.process.pid, *children(server.process.pid)):
        _signal(each, number)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def fill(file: Path) -> None:
    """Make a file as large as its disk allows, to the last byte."""
    with file.open("wb", buffering=0) as stream:
        for size in (1 << 16, 1):
            with suppress(OSError):
                while stream.write(bytes(size)):
                    pass
