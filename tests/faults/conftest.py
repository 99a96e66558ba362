"""A provider that counts, and workers that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from channels.adapter import Status
from gateway.delivery.redis import Embedded
from gateway.store.keys import Vault
from gateway.store.schema import outbox
from tests.conftest import Clock, until
from tests.gateway.delivery.parts import Outbox

ROOT = Path(__file__).parents[2]


class Now(Clock):
    """Real time: another process is under test."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Provider:
    """Takes messages over HTTP and counts them. `answer` gives status and headers for the text of a message."""

    answer: Callable[[str], tuple[int, dict[str, str]]] = lambda _text: (200, {})
    arrived: list[dict[str, Any]] = field(default_factory=list)
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    close_after: int | None = None
    url: str = ""
    _busy: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: dict[str, Any]) -> tuple[int, dict[str, str]]:
        with self._lock:
            self.arrived.append(message)
            if message["address"] in self._busy and not message["repeat"]:
                self.overlaps.append(message)
            self._busy.add(message["address"])
            if self.close_after is not None and len(self.arrived) >= self.close_after:
                self.close_after = None
                self.open.clear()
            answer = self.answer(message["text"])
        self.open.wait(60)
        with self._lock:
            self._busy.discard(message["address"])
        return answer

    def texts(self) -> list[str]:
        with self._lock:
            return [message["text"] for message in self.arrived]


@pytest.fixture
def provider() -> Iterator[Callable[[], Provider]]:
    """Starts providers."""
    servers = []

    def start() -> Provider:
        provider = Provider()
        provider.open.set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers = provider.take(message)
                body = f"p-{message['id']}".encode()
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # who asked was killed

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        provider.url = f"http://127.0.0.1:{server.server_port}/"
        servers.append((server, provider))
        return provider

    yield start
    for server, started in servers:
        started.open.set()
        server.shutdown()
        server.server_close()


@dataclass
class Workers:
    """Starts worker processes on one database; what they wrote is in `log`."""

    database: str
    key_file: Path
    wrapping_key: str
    folder: Path
    redis: str | None = None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def start(self, providers: dict[str, Provider], **settings: object) -> subprocess.Popen[bytes]:
        told = {
            "database": self.database,
            "key_file": str(self.key_file),
            "redis": self.redis,
            "folder": str(self.folder / "redis"),
            "providers": {name: started.url for name, started in providers.items()},
            "settings": {"sweep": 0.1} | settings,
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("worker_process.py")), json.dumps(told)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT), "BARAZA_KEYS": self.wrapping_key},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End those that still run, kindly: the last one stops the embedded Redis."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
            finally:
                Embedded(self.folder / "redis").close()


@pytest.fixture
def workers(database_url_of_either: str, key_file: Path, wrapping_key: str, tmp_path: Path) -> Iterator[Workers]:
    started = Workers(database_url_of_either, key_file, wrapping_key, tmp_path)
    yield started
    started.stop()
    written = started.log.read_text()
    assert "worker started" in written
    assert "+2547" not in written, "a number was logged"
    assert "text-" not in written, "a text was logged"


@pytest.fixture
def box(workers: Workers, engine: sa.Engine, vault: Vault) -> Outbox:
    return Outbox(engine, vault, Now())


@pytest.fixture
def settled(box: Outbox) -> Callable[..., list[Status]]:
    """Waits until no row is open any more, and gives all statuses."""

    def wait() -> list[Status]:
        until(lambda: not any(status < Status.UNKNOWN for status in box.statuses()))
        return box.statuses()

    return wait


def count_by_row(box: Outbox) -> dict[int, tuple[Status, int]]:
    """Status and repeats of each row."""
    with box.engine.connect() as connection:
        found = connection.execute(sa.select(outbox.c.id, outbox.c.status, outbox.c.repeats))
        return {row.id: (Status(row.status), row.repeats) for row in found}
