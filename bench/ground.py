"""Common ground: many people with few votes each, from a file as Polis exports it, in a process of its own whose memory
is measured; and, against red-dwarf in one process, as many people and statements as its published example has."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from analysis.ground import polis
from analysis.ground.common import common_ground
from analysis.ground.votes import last

PEOPLE, STATEMENTS, VOTED = 100_000, 300, 0.05
SMALLER = 1_921, 197, 0.2
ROUNDS = 5


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "participants-votes.csv"
        votes = _write(file, *camps(PEOPLE, STATEMENTS, VOTED))
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "bench.ground", file], check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - began
    large = {"people": PEOPLE, "statements": STATEMENTS, "votes": votes, "command_seconds": round(seconds, 2)}
    return {"large": {**large, **json.loads(done.stdout)}, "goal_seconds": 30, "against_red_dwarf": _against()}


def camps(people: int, statements: int, voted: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three camps that differ on two statements of three: person, statement and vote."""
    random = np.random.default_rng(7)
    camp = random.integers(0, 3, people)
    tends = np.where(random.random((3, statements)) < 0.5, 0.2, 0.8)
    number = random.binomial(statements, voted, people)
    person = np.repeat(np.arange(people), number)
    statement = np.concatenate([random.choice(statements, many, replace=False) for many in number])
    vote = np.where(random.random(len(person)) < tends[camp[person], statement], 1, -1)
    vote[random.random(len(person)) < 0.1] = 0
    return person, statement, vote


def _write(file: Path, person: np.ndarray, statement: np.ndarray, vote: np.ndarray) -> int:
    starts = np.searchsorted(person, np.arange(PEOPLE + 1))
    with file.open("w") as out:
        out.write("participant,group-id," + ",".join(map(str, range(STATEMENTS))) + "\n")
        for one in range(PEOPLE):
            cells = [""] * STATEMENTS
            for at in range(starts[one], starts[one + 1]):
                cells[statement[at]] = str(vote[at])
            out.write(f"{one},,{','.join(cells)}\n")
    return len(vote)


def _alone(file: Path) -> dict[str, Any]:
    """Read and find; peak memory beside what the imports alone take."""

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    before, began = peak(), time.perf_counter()
    with file.open(encoding="utf-8", newline="") as lines:
        votes = polis.votes(lines, file.name).votes
    read, used = time.perf_counter(), time.process_time()
    found = common_ground(votes).ground
    return {
        "read_seconds": round(read - began, 2),
        "found_seconds": round(time.perf_counter() - read, 2),
        "found_cpu_seconds": round(time.process_time() - used, 2),
        "verdict": found.verdict,
        "groups": len(found.groups),
        "mib_of_imports": before,
        "mib_peak": peak(),
    }


def _against() -> dict[str, Any]:
    """The median of several rounds in one process, one after the other; ours with its stability, red-dwarf has none.

    Processor seconds beside those of the clock, which a busy machine stretches.
    """
    run_pipeline = import_module("reddwarf.implementations.base").run_pipeline  # its imports are not ours
    people, statements, voted = SMALLER
    columns = camps(people, statements, voted)
    votes = last([str(one) for one in range(people)], [str(one) for one in range(statements)], *columns)
    rows = [
        {"participant_id": int(person), "statement_id": int(statement), "vote": int(vote), "modified": 0}
        for person, statement, vote in zip(*columns, strict=True)
    ]
    rounds = [
        (_timed(lambda: common_ground(votes)), _timed(lambda: run_pipeline(votes=rows, random_state=0)))
        for _ in range(ROUNDS + 1)  # the first is not counted: it loads what is loaded late
    ]
    found: dict[str, Any] = {"people": people, "statements": statements, "votes": len(votes.vote), "goal_times": 5}
    for place, clock in enumerate(("seconds", "cpu_seconds")):
        one, other = (statistics.median(each[who][place] for each in rounds[1:]) for who in (0, 1))
        found |= {f"ours_{clock}": one, f"red_dwarf_{clock}": other, f"times_{clock}": other / one}
    return found


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


if __name__ == "__main__":
    print(json.dumps(_alone(Path(sys.argv[1]))))
