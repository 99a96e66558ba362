"""Messages sent a second by workers, against the provider's SDK alone called by as many threads.

The provider is on this machine and takes each message after 20 ms. The outbox is filled beforehand, each message for
another person; a rate is counted at the provider, up to its last message, from when as many have come as the SDK alone
is warmed up with: connections are there, modules loaded. SDK and workers take turns, A B A B, and each figure is the
median of its rounds. Each message is on disk as `sending` before it is sent, and as
sent soon after: SQLite with synchronous=FULL, PostgreSQL with fsync and synchronous_commit on.

The other question is whether a channel that is held at 50 messages a second keeps to it, with two processes.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import sqlalchemy as sa

from bench import servers
from channels.adapter import Status
from gateway.store.database import connect
from gateway.store.keys import Vault, generate_wrapping_key, load_key_file, parse_wrapping_keys
from gateway.store.replies import dumps
from gateway.store.schema import addresses, outbox, people
from surveys.prompt import Prompt

MESSAGES, ROUNDS, THREADS = 4_000, 3, 32
WARMING = 2 * THREADS
PROCESSES = (1, 2, 4)
GOAL, COURIER = 0.8, 975
HELD, HELD_SECONDS = 50, 20
SDKS = ("twilio", "africastalking")
TEXT = "How is the water where you live? 1 Good 2 Bad 3 There is none"

SETTINGS = f"""
languages: [en]
country: KE
quiet_hours: {{start: "00:00", end: "00:00"}}
delivery: {{threads: {THREADS}}}
"""
CHANNELS = """
channels:
  twilio: {{adapter: twilio, medium: sms, sender: "+15005550006", rate: {rate}, base_url: "{url}"}}
  africastalking: {{adapter: africastalking, medium: sms, sender: "22384", rate: {rate}, base_url: "{url}"}}
"""


def measure(
    messages: int = MESSAGES, rounds: int = ROUNDS, databases: Sequence[str] = ("postgresql", "sqlite")
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with servers.redis_server() as redis_url:
        for database in databases:
            for sdk in SDKS:
                for processes in PROCESSES if database == "postgresql" else (1,):
                    name = f"{sdk}, {database}, {processes} process{'es' if processes > 1 else ''}"
                    found[name] = _compare(sdk, database, redis_url, processes, messages, rounds)
        found[f"held at {HELD} a second, 2 processes"] = _held(redis_url)
    return found


def _compare(sdk: str, database: str, redis_url: str, processes: int, messages: int, rounds: int) -> dict[str, Any]:
    bare, ours, cpu = [], [], []
    with _gateway(database, redis_url, 10_000) as (gateway, provider):
        for number in range(rounds):
            bare.append(_bare(sdk, provider, messages // 2))
            gateway.fill(sdk, messages, number)
            rate, spent = gateway.work(provider, messages, processes)
            ours.append(rate)
            cpu.append(spent)
    return {
        "threads": THREADS,
        "a_second": round(statistics.median(ours)),
        "bare_a_second": round(statistics.median(run["a_second"] for run in bare)),
        "ratio": round(statistics.median(a / b["a_second"] for a, b in zip(ours, bare, strict=True)), 2),
        "cpu_ms": round(statistics.median(cpu), 2),
        "bare_cpu_ms": round(statistics.median(run["cpu_ms"] for run in bare), 2),
        "goal": GOAL,
        "courier": COURIER,
    }


def _held(redis_url: str) -> dict[str, Any]:
    """The rate over the whole, and the fullest second: the bucket's burst is one second's worth."""
    with _gateway("postgresql", redis_url, HELD) as (gateway, provider):
        gateway.fill("twilio", HELD * (HELD_SECONDS + 5), 0)
        seen = gateway.arrivals(provider, HELD * (HELD_SECONDS + 2), 2)
    settled = [at for at in seen if at >= seen[0] + 2]  # after the burst
    rate = (len(settled) - 1) / (settled[-1] - settled[0])
    fullest = max(sum(start <= at < start + 1 for at in settled) for start in settled[:-HELD])
    return {"a_second": round(rate, 2), "off_by": round(abs(rate / HELD - 1), 4), "fullest_second": fullest}


def _bare(sdk: str, provider: str, messages: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.sdk", sdk, provider, str(THREADS), str(messages)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


class Gateway:
    def __init__(self, url: str, environ: dict[str, str], vault: Vault) -> None:
        self._url, self._environ, self._vault = url, environ, vault

    def fill(self, channel: str, messages: int, number: int) -> None:
        """So many messages that are due, each for a person of its own."""
        now = datetime.now(UTC)
        first = number * 10_000_000
        engine = connect(self._url)
        with engine.begin() as connection:
            ids = range(first, first + messages)
            connection.execute(
                sa.insert(people),
                [{"id": one, "language": "en", "stopped": False, "created_at": now, "seen_at": now} for one in ids],
            )
            connection.execute(sa.insert(addresses), [self._address(one, channel) for one in ids])
            connection.execute(
                sa.insert(outbox),
                [
                    {
                        "person": one,
                        "address": one,
                        "channel": channel,
                        "kind": "broadcast",
                        "sealed_reply": self._vault.seal(dumps((Prompt(TEXT, "en"),)), "reply"),
                        "due_at": now,
                        "created_at": now,
                        "updated_at": now,
                    }
                    for one in ids
                ],
            )
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
        engine.dispose()

    def _address(self, person: int, channel: str) -> dict[str, Any]:
        address = f"+2547{person:08}"
        return {
            "id": person,
            "person": person,
            "kind": "tel",
            "hmac": self._vault.fingerprint("tel", address),
            "sealed_address": self._vault.seal(address, "address"),
            "channel": channel,
        }

    def work(self, provider: str, messages: int, processes: int) -> tuple[float, float]:
        """Messages a second, and CPU milliseconds of the workers a message, their start included. Raises where the
        database disagrees."""
        before = os.times()
        seen = self.arrivals(provider, messages, processes)
        after = os.times()
        if (sent := self._sent()) % messages:
            raise RuntimeError(f"{sent} of {messages} are sent")
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        warm = seen[WARMING * processes :]
        return (len(warm) - 1) / (warm[-1] - warm[0]), spent / messages * 1000

    def arrivals(self, provider: str, messages: int, processes: int) -> list[float]:
        """When the next so many messages came in, from workers that run meanwhile."""
        before = len(_seen(provider))
        with ExitStack() as stack:
            for _ in range(processes):
                command = [str(servers.BIN / "baraza"), "worker"]
                stack.enter_context(
                    servers.running(command, lambda: None, env=self._environ, stderr=subprocess.DEVNULL)
                )
            while len(seen := _seen(provider)) < before + messages:
                time.sleep(0.5)
        return seen[before:]

    def _sent(self) -> int:
        engine = connect(self._url)
        with engine.connect() as connection:
            sent = connection.scalar(sa.select(sa.func.count()).where(outbox.c.status == Status.SENT.value))
        engine.dispose()
        return int(sent or 0)


def _seen(provider: str) -> list[float]:
    with urlopen(provider + "/seen", timeout=10) as answer:  # noqa: S310 - our own
        seen: list[float] = json.load(answer)
    return seen


@contextmanager
def _gateway(database: str, redis_url: str, rate: int) -> Iterator[tuple[Gateway, str]]:
    """A migrated database with its configuration, and the provider's URL."""
    with servers.folder() as path, ExitStack() as stack:
        url = f"sqlite:///{path / 'baraza.db'}" if database == "sqlite" else stack.enter_context(servers.postgresql())
        port = servers.free_port()
        command = [sys.executable, "-m", "bench.provider", str(port)]
        stack.enter_context(servers.running(command, lambda: servers.reach(port)))
        provider = f"http://127.0.0.1:{port}"
        (path / "config" / "surveys").mkdir(parents=True)
        (path / "config" / "settings.yaml").write_text(SETTINGS)
        (path / "config" / "channels.yaml").write_text(CHANNELS.format(rate=rate, url=provider))
        keys = generate_wrapping_key()
        environ = {
            "PATH": os.environ["PATH"],
            "BARAZA_CONFIG": str(path / "config"),
            "BARAZA_KEY_FILE": str(path / "keys.json"),
            "BARAZA_KEYS": keys,
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
            "BARAZA_TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
            "BARAZA_TWILIO_AUTH_TOKEN": "token",
            "BARAZA_AFRICASTALKING_USERNAME": "user",
            "BARAZA_AFRICASTALKING_API_KEY": "key",
            "BARAZA_AFRICASTALKING_HOOK_TOKEN": "token",
        }
        for arguments in (("db", "upgrade"), ("doctor",)):
            subprocess.run([servers.BIN / "baraza", *arguments], check=False, env=environ, capture_output=True)
        # The key file is made at the first start.
        subprocess.run([servers.BIN / "baraza", "survey", "list"], check=True, env=environ, capture_output=True)
        vault = load_key_file(Path(environ["BARAZA_KEY_FILE"]), parse_wrapping_keys(keys))
        yield Gateway(url, environ, vault), provider
