"""Each web process keeps to a core of its own, on which its threads take turns."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import pytest

PROCESS = """
import os, sys
from gateway.cores import keep_to_one
print(keep_to_one(chr(0) + sys.argv[1]), sorted(os.sched_getaffinity(0)), flush=True)
sys.stdin.read()
"""


TURNS = """
import os, threading
from gateway.cores import take_turns
take_turns()
found = []
thread = threading.Thread(target=lambda: found.append(os.sched_getscheduler(0) == os.SCHED_BATCH))
thread.start()
thread.join()
print(found)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows turns that are not cut short")
def test_threads_that_start_later_take_turns_too() -> None:
    done = subprocess.run([sys.executable, "-c", TURNS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[True]"


def test_web_processes_keep_to_different_cores_while_there_are_some() -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("this machine has one core")
    ours = uuid.uuid4().hex
    running: list[subprocess.Popen[str]] = []

    def started() -> str:
        command = [sys.executable, "-c", PROCESS, ours]
        running.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return running[-1].stdout.readline().strip()  # type: ignore[union-attr]

    try:
        assert started() == f"{cores[0]} [{cores[0]}]"
        assert started() == f"{cores[1]} [{cores[1]}]"
        assert [started() for _ in cores][-1] == f"None {cores}"
        running[0].kill()
        running[0].wait()
        assert started() == f"{cores[0]} [{cores[0]}]"
    finally:
        for process in running:
            process.kill()
            process.communicate()
