"""Three hosts, each of which is cut off for a while: network namespaces, where they can be made. In full runs alone: it
takes minutes, most of them waiting for what was cut."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.checker import violations
from tests.faults.hosts import Network, network
from tests.faults.house import running
from tests.faults.people import MESSAGES, Callers
from tests.faults.test_house import FULL, PEOPLE, SEED


@pytest.fixture
def hosts() -> Iterator[Network]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(network())
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"NOT TESTED: network namespaces can't be made here ({error}); run as root, with iproute2")
        yield made


if FULL:

    @pytest.mark.timeout(1800)
    def test_a_host_that_is_cut_off_and_comes_back_loses_and_doubles_nothing(
        hosts: Network, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        chance = random.Random(SEED)
        with hosts.entered("outside"), running(tmp_path_factory.mktemp("hosts"), SEED, network=hosts) as house:
            callers = Callers(house.hook("incoming"), SEED, threads=16)
            try:
                writing = callers.begin(range(PEOPLE))
                for host in ("database", "worker", "web"):
                    time.sleep(chance.uniform(0.5, 2))
                    hosts.cut(host)
                    time.sleep(chance.uniform(12, 20))
                    hosts.mend(host)
                assert [one.result(900) for one in writing] == [None] * PEOPLE
                house.settle()
            finally:
                callers.close()
            history = house.history(callers)
            print(
                f"BARAZA_FAULTS_SEED={SEED}: {len(history.sent)} messages, refused {dict(callers.refused)}, "
                f"slowest answer {callers.slowest:.1f} s, {len(history.doubtful)} doubtful, {house.fates()}"
            )
        assert len(history.sent) == PEOPLE * MESSAGES
        assert all(sent.acknowledged for sent in history.sent)
        assert violations(history) == []
