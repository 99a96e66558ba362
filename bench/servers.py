"""What the intake is measured on, started here and stopped again: PostgreSQL, Redis, and the web processes."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

BIN = Path(sys.executable).parent


@contextmanager
def folder(owner: str | None = None) -> Iterator[Path]:
    """Directly under /tmp: the path of a socket must be short."""
    path = Path(tempfile.mkdtemp(prefix="baraza-bench-"))
    try:
        if owner:
            shutil.chown(path, owner, owner)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running(
    command: Sequence[str], ready: Callable[[], object], stop: int = signal.SIGTERM, **how: Any
) -> Iterator[None]:
    process: subprocess.Popen[bytes] = subprocess.Popen(command, stdin=subprocess.DEVNULL, **how)
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with status {process.returncode}")
            try:
                ready()
                break
            except (OSError, psycopg.OperationalError, redis.ConnectionError):
                time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer")
        yield
    finally:
        process.send_signal(stop)
        process.wait(30)


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database of a cluster of its own that waits for the disk, as PostgreSQL does by default."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[4]))
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    how: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
    with folder(user if how else None) as path:
        data, log = path / "data", (path / "log").open("ab")
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run(initdb, check=True, capture_output=True, cwd=path, **how)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(path),
            "fsync": "on",
            "synchronous_commit": "on",
            "shared_buffers": "128MB",
        }
        command = [str(programs / "postgres"), "-D", str(data)]
        command += [part for pair in options.items() for part in ("-c", "=".join(pair))]
        where = f"host={path} user=postgres dbname=postgres"
        with running(
            command, lambda: psycopg.connect(where).close(), signal.SIGINT, cwd=path, stdout=log, stderr=log, **how
        ):
            yield f"postgresql://postgres@/postgres?host={path}"


@contextmanager
def redis_server() -> Iterator[str]:
    with folder() as path:
        url = f"unix://{path / 'redis.sock'}"
        command = ["redis-server", "--port", "0", "--unixsocket", str(path / "redis.sock"), "--save", ""]
        with running(command, lambda: redis.from_url(url).ping(), cwd=path, stdout=subprocess.DEVNULL):
            yield url


@contextmanager
def bare(processes: int, threads: int, cores: str = "") -> Iterator[str]:
    """`cores` are those to which it keeps, as taskset takes them; its threads then take turns as well."""
    port = free_port()
    command = ["chrt", "--batch", "0", "taskset", "-c", cores] if cores else []
    command += [str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--workers",
        str(processes),
        "--blocking-threads",
        str(threads),
        "--backpressure",
        str(max(threads, 64)),
    ]
    with running([*command, "--no-ws", "--log-level", "error", "bench.bare:app"], lambda: reach(port)):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def baraza(processes: int, environ: Mapping[str, str], *options: str) -> Iterator[str]:
    port = free_port()
    command = [str(BIN / "baraza"), "serve", "--port", str(port), "--processes", str(processes), *options]
    with running(command, lambda: reach(port), env=dict(environ)):
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def reach(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), 1).close()
