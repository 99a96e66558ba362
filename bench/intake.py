"""USSD and SMS webhooks a second, against a bare Flask route: the same server, processes and requests.

The bare route has a thread for each connection, as a Flask application that waits for a commit would need. It is
measured as the server runs it, and once more kept to one core and to turns, as `baraza serve` keeps each of its
processes.

Sixteen connections of wrk send people through the short poll. An answer counts once it is committed: SQLite with
synchronous=FULL, PostgreSQL with fsync and synchronous_commit on. They take turns, A B C A B C; each
figure is the median of its rounds. The rows that are stored are counted against the requests that were acknowledged:
there may be as many more as were in flight when wrk stopped, and never fewer.

No worker runs: sending is not part of taking in. Redis does, and is told what waits.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import sqlalchemy as sa

from bench import servers
from gateway.store.database import connect
from gateway.store.keys import generate_wrapping_key
from gateway.store.schema import inbounds

CONNECTIONS, ROUNDS, SECONDS, THREADS = 16, 3, 5, 16
PROCESSES = {"sqlite": 1, "postgresql": 1}
GOALS = {"sqlite": 0.5, "postgresql": 1 / 3}
LEAST = 1_000
TOKEN = "bench-token"  # noqa: S105 - of a gateway that lives for a minute
HOOKS = {"ussd": f"/hooks/at-ussd/{TOKEN}/ussd", "sms": f"/hooks/at-sms/{TOKEN}/incoming"}
APART = 10_000_000
"""Between the first persons of two rounds."""

SETTINGS = """
languages: [en]
country: KE
"""
CHANNELS = """
channels:
  at-ussd: {adapter: africastalking, medium: ussd, sender: "*384*22#", start: PULSE, language: en}
  at-sms: {adapter: africastalking, medium: sms, sender: "22384", rate: 1000, language: en}
"""


def measure() -> dict[str, Any]:
    found: dict[str, Any] = {}
    with servers.redis_server() as redis_url:
        for database, processes in PROCESSES.items():
            with ExitStack() as stack:
                url, environ = stack.enter_context(gateway(database, redis_url))
                ours = stack.enter_context(servers.baraza(processes, environ))
                bare = stack.enter_context(servers.bare(processes, THREADS))
                kept = stack.enter_context(servers.bare(processes, THREADS, "0"))
                _warm(ours, bare, kept)
                for number, (kind, hook) in enumerate(HOOKS.items()):
                    found[f"{kind}, {database}"] = {
                        "processes": processes,
                        "bare_threads": THREADS,
                        "connections": CONNECTIONS,
                        **_compare(
                            {"ours": ours + hook, "bare": bare + hook, "bare_on_one_core": kept + hook},
                            kind,
                            url,
                            1 + number * ROUNDS,
                        ),
                        "goal": round(GOALS[database], 2),
                        "least": LEAST,
                    }
    return found


def _compare(urls: dict[str, str], kind: str, database: str, first: int) -> dict[str, Any]:
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in urls}
    channel = f"at-{kind}"
    stored = -_stored(database, channel)
    for number in range(first, first + ROUNDS):
        for name, url in urls.items():
            runs[name].append(wrk(url, kind, number * APART))
    stored += _stored(database, channel)
    rates = {name: [run["acknowledged"] / run["seconds"] for run in each] for name, each in runs.items()}
    middle = {name: round(statistics.median(each)) for name, each in rates.items()}
    acknowledged = sum(run["acknowledged"] for run in runs["ours"])
    return {
        "a_second": middle["ours"],
        "bare_a_second": middle["bare"],
        "bare_on_one_core_a_second": middle["bare_on_one_core"],
        "ratio": _ratio(rates["ours"], rates["bare"]),
        "ratio_to_bare_on_one_core": _ratio(rates["ours"], rates["bare_on_one_core"]),
        "p50_ms": statistics.median(run["p50_ms"] for run in runs["ours"]),
        "p99_ms": statistics.median(run["p99_ms"] for run in runs["ours"]),
        "failed": {name: sum(run["not_200"] + run["broken"] for run in each) for name, each in runs.items()},
        "acknowledged": acknowledged,
        "stored": stored,
        "counts_agree": 0 <= stored - acknowledged <= ROUNDS * CONNECTIONS,
        "rounds": {name: [round(rate) for rate in each] for name, each in rates.items()},
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 2)


def wrk(url: str, kind: str, first: int, seconds: int = SECONDS) -> dict[str, Any]:
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", "bench/load.lua", url, "--", kind, str(first)],
        check=True,
        capture_output=True,
        text=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("JSON "))
    run: dict[str, Any] = json.loads(line.removeprefix("JSON "))
    run["acknowledged"] = run["answered"] - run["not_200"]
    return run


def _stored(url: str, channel: str) -> int:
    """How many inbounds of the channel are there, and could be handled."""
    handled = sa.select(sa.func.count()).where(inbounds.c.channel == channel, inbounds.c.error.is_(None))
    engine = connect(url)
    with engine.connect() as connection:
        count = connection.scalar(handled)
    engine.dispose()
    return int(count or 0)


def _warm(ours: str, *bares: str) -> None:
    """Each once."""
    for kind, hook in HOOKS.items():
        for bare in bares:
            wrk(bare + hook, kind, 90_000_000, seconds=1)
    check(ours)


def check(ours: str) -> None:
    """Whether what is measured is a gateway that asks its poll."""
    dialled = "sessionId=warm&phoneNumber=%2B254799999999&networkCode=63902&serviceCode=%2A384%2A22%23&text="
    for typed, expected in (("", "Take part?"), ("1", "Where do you live?")):
        with urlopen(ours + HOOKS["ussd"], (dialled + typed).encode(), timeout=10) as answer:  # noqa: S310 - our own
            said = answer.read().decode()
        if not (said.startswith("CON ") and expected in said):
            raise RuntimeError(f"the gateway answered {said[:200]!r}")


@contextmanager
def gateway(database: str, redis_url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """A configuration with the short poll and a migrated database: its URL, and the environment that names both."""
    with servers.folder() as path, ExitStack() as stack:
        url = f"sqlite:///{path / 'baraza.db'}" if database == "sqlite" else stack.enter_context(servers.postgresql())
        (path / "config" / "surveys").mkdir(parents=True)
        (path / "config" / "settings.yaml").write_text(SETTINGS)
        (path / "config" / "channels.yaml").write_text(CHANNELS)
        shutil.copy(Path("config/surveys/ussd_pulse.yaml"), path / "config" / "surveys")
        environ = {
            "PATH": os.environ["PATH"],
            "BARAZA_CONFIG": str(path / "config"),
            "BARAZA_KEY_FILE": str(path / "keys.json"),
            "BARAZA_KEYS": generate_wrapping_key(),
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        }
        for channel in ("AT_USSD", "AT_SMS"):
            for secret in ("USERNAME", "API_KEY", "HOOK_TOKEN"):
                environ[f"BARAZA_{channel}_{secret}"] = TOKEN
        for command in (("db", "upgrade"), ("survey", "open", "ussd_pulse")):
            subprocess.run([servers.BIN / "baraza", *command], check=True, env=environ, capture_output=True)
        yield url, environ
