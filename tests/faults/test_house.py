"""The whole house under faults: real processes that are killed, stopped, frozen, filled and cut while people write.

Short as part of `make test`: one storm with one of each fault, a few hundred messages. `make faults` runs each scene
with ten thousand. tests/faults/checker.py judges. BARAZA_FAULTS_SEED repeats a run, as far as time repeats.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
import requests

from tests.conftest import small_disk, until
from tests.faults import acts
from tests.faults.acts import Fault
from tests.faults.checker import violations
from tests.faults.house import House, embedded, running
from tests.faults.people import MESSAGES, Callers, number

FULL = os.environ.get("BARAZA_FAULTS") == "full"
SEED = int(os.environ.get("BARAZA_FAULTS_SEED") or secrets.randbits(24))

PEOPLE = int(os.environ.get("BARAZA_FAULTS_PEOPLE") or 1000)
"""Of a full scene: ten thousand messages in, and as many out."""

FEW = 40
"""Of the short form."""


SCENES: dict[str, Sequence[Fault]] = {
    "workers killed": [acts.kill_worker] * 6,
    "web process killed": [acts.kill_web, acts.kill_a_web_process] * 3,
    "redis flushed and stopped": [acts.flush_redis, acts.stop_redis] * 3,
    "postgresql restarted": [acts.restart_postgres] * 5,
    "postgresql stopped": [acts.stop_postgres] * 3,
    "web process killed without postgresql": [acts.kill_web_while_postgres_is_away] * 3,
    "postgresql crashed": [acts.crash_postgres] * 3,
    "postgresql frozen": [acts.freeze_postgres] * 2,
    "disk full": [acts.fill_disk] * 3,
    "provider slow": [acts.moody("slow")] * 6,
    "provider throttling": [acts.moody("throttling")] * 6,
    "provider failing": [acts.moody("failing")] * 6,
    "provider silent": [acts.moody("silent")] * 6,
    "provider garbled": [acts.moody("garbled")] * 6,
    "everything": [
        acts.moody("all"),
        acts.kill_worker,
        acts.kill_web,
        acts.flush_redis,
        acts.stop_redis,
        acts.stop_postgres,
        acts.crash_postgres,
        acts.freeze_postgres,
        acts.fill_disk,
    ],
}

STORM: Sequence[Fault] = [
    acts.kill_worker,  # first: its lease runs out while the others go on
    acts.moody("all"),
    acts.kill_web_while_postgres_is_away,
    acts.flush_redis,
    acts.stop_redis,
    acts.crash_postgres,
    acts.fill_disk,
    acts.freeze_postgres,
]


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A folder on a small disk. None, said aloud, where none can be mounted."""
    folder = tmp_path_factory.mktemp("disk") / "spool"
    try:
        with small_disk(folder, 16, None):
            yield folder
    except subprocess.CalledProcessError:
        warnings.warn("NOT TESTED: no small disk can be mounted here, so the spool's was not filled", stacklevel=1)
        yield None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, spool: Path | None) -> Iterator[House]:
    print(f"BARAZA_FAULTS_SEED={SEED}")
    with running(tmp_path_factory.mktemp("house"), SEED, processes=2, spool=spool) as house:
        yield house


def storm(house: House, faults: Sequence[Fault], who: range, rate: float) -> None:
    """Let these people write, at so many messages a second, while `faults` happen at random moments; then judge."""
    chance = random.Random(SEED)
    began = time.monotonic()
    callers = Callers(house.hook("incoming"), SEED, threads=16, rate=rate)
    try:
        writing = callers.begin(who)
        for fault in faults:
            time.sleep(chance.uniform(0.2, 1))
            if fault is acts.fill_disk and not os.path.ismount(house.spool):
                continue
            fault(house, chance)
        assert [one.result(600) for one in writing] == [None] * len(who)
        house.mood("well")
        wrote = time.monotonic()
        house.settle()
    finally:
        callers.close()
    history = house.history(callers)
    assert len(history.sent) == len(who) * MESSAGES
    assert all(sent.acknowledged for sent in history.sent)
    print(
        f"{len(history.sent)} messages in {wrote - began:.0f} s and {time.monotonic() - wrote:.0f} s to settle, "
        f"refused {dict(callers.refused)}, slowest answer {callers.slowest:.1f} s, {len(history.doubtful)} doubtful, "
        f"{house.fates()}"
    )
    assert violations(history) == []


@pytest.mark.timeout(600)
def test_who_dials_while_postgresql_is_away_is_told_and_goes_on_later(house: House) -> None:
    person = number(90_000)
    assert house.dial(person, "s1", "").startswith("CON Take part?")
    assert house.dial(person, "s1", "1").startswith("CON Q1")
    assert house.dial(person, "s1", "1*17").startswith("CON Q2 after 17")
    house.postgres.kill(signal.SIGINT)
    began = time.monotonic()
    told = house.dial(person, "s1", "1*17*23")
    print(f"answered in {time.monotonic() - began:.2f} s")
    assert told.startswith("END Sorry")
    house.postgres.start()
    house.settle()
    assert house.dial(person, "s2", "").startswith("CON Q3 after 23")


@pytest.mark.timeout(600)
def test_who_fills_in_the_form_while_postgresql_is_away_is_told_and_goes_on_later(house: House) -> None:
    with requests.Session() as browser:
        page = browser.get(f"{house.url}/s/chain", timeout=20).text
        page = house.fill_in(browser, page, begin="en")
        page = house.fill_in(browser, page, key="1")
        assert "Q1" in page
        house.postgres.kill(signal.SIGINT)
        told = house.fill_in(browser, page, text="17")
        assert "Your answer is not lost" in told
        house.postgres.start()
        house.settle()
        assert "Q2 after 17" in house.fill_in(browser, told, text="CHAIN")


@pytest.mark.timeout(600)
def test_who_dials_while_postgresql_is_frozen_is_answered_in_time(house: House) -> None:
    """Africa's Talking gives up after ten seconds."""
    person = number(90_001)
    sessions = (f"f{each}" for each in count(2))
    until(lambda: house.dial(number(90_002), next(sessions), "").startswith("CON"), 60, lambda: "still sorry")
    assert house.dial(person, "f1", "").startswith("CON Take part?")
    acts.signal_all(house.postgres, signal.SIGSTOP)
    try:
        took = []
        for transcript in ("1", "1*17"):
            began = time.monotonic()
            assert house.dial(person, "f1", transcript).startswith("END Sorry")
            took.append(time.monotonic() - began)
        assert requests.get(f"{house.url}/readyz", timeout=20).text.startswith("The database does not take")
    finally:
        acts.signal_all(house.postgres, signal.SIGCONT)
    print(f"answered in {took[0]:.1f} s, then in {took[1]:.2f} s")
    house.settle()
    until(lambda: house.dial(person, next(sessions), "").startswith("CON Q2 after 17"), 60, lambda: "still sorry")


if FULL:

    @pytest.mark.timeout(3600)
    @pytest.mark.parametrize("scene", SCENES)
    def test_scene(house: House, scene: str) -> None:
        place = list(SCENES).index(scene)
        storm(house, SCENES[scene], range(place * PEOPLE, (place + 1) * PEOPLE), rate=0)

    @pytest.mark.timeout(3600)
    def test_a_postgresql_whose_disk_is_full(tmp_path: Path) -> None:
        """What it does not take goes to the spool. It may end itself; whoever supervises it starts it again."""
        spooled = []

        def fill_disk_of_postgres(house: House, chance: random.Random) -> None:
            junk = house.postgres.folder / "data" / "junk"
            acts.fill(junk)
            time.sleep(chance.uniform(5, 10))
            spooled.append(any(house.spool.glob("*.spool")))
            junk.unlink()
            assert house.postgres.process is not None
            if house.postgres.process.poll() is not None:
                print("PostgreSQL had ended itself")
                house.postgres.start()

        with running(tmp_path, SEED, megabytes=300) as house:
            storm(house, [fill_disk_of_postgres] * 3, range(PEOPLE), rate=0)
        assert any(spooled)  # else it was not full while people wrote

    @pytest.mark.timeout(3600)
    def test_a_sqlite_whose_disk_is_full(tmp_path: Path) -> None:
        """Nothing is acknowledged meanwhile."""

        def fill_disk_of_sqlite(house: House, chance: random.Random) -> None:
            junk = tmp_path / "disk" / "junk"
            acts.fill(junk)
            time.sleep(chance.uniform(5, 10))
            junk.unlink()

        with small_disk(tmp_path / "disk", 100, None), embedded(tmp_path, SEED, tmp_path / "disk" / "b.db") as house:
            storm(house, [fill_disk_of_sqlite] * 3, range(PEOPLE), rate=0)

else:

    @pytest.mark.timeout(600)
    def test_a_storm_of_faults_loses_and_doubles_nothing(house: House) -> None:
        storm(house, STORM, range(FEW), rate=20)
        written = house.logs()
        assert "worker started" in written
        assert "+2547110" not in written
