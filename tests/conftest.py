"""Real parts for every test: PostgreSQL, Redis, and a migrated database of either kind for each test that asks.

Servers are started once for each pytest worker, in a folder of their own, on a unix socket. Where a program is
missing, the tests that need it fail and say how to install it: nothing is skipped.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from gateway.store import migrate
from gateway.store.database import connect
from gateway.store.keys import Vault, create_key_file, generate_wrapping_key, load_key_file, parse_wrapping_keys

# Databases of tests need not outlive a power cut: where there is room for them in memory, no commit waits for a disk.
MEMORY, ROOM = Path("/dev/shm"), 6 << 30  # noqa: S108 - pytest and tempfile make folders of their own in it
if not os.environ.get("TMPDIR") and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None

# Programs -----------------------------------------------------------------------------------------------------------


# No test fails for a busy machine.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unhurried", UNHURRIED)
settings.register_profile("long", UNHURRIED, max_examples=3000)  # make fuzz
settings.load_profile("unhurried")


def find_program(name: str, package: str) -> str:
    """The program's path, looked for on PATH and where Debian keeps PostgreSQL's."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    if found is None:
        pytest.fail(f"{name} is missing: install it with `apt-get install {package}`.", pytrace=False)
    return found


@dataclass
class Server:
    """A server in a folder of its own. `kill` ends it as a crash would; `start` brings it back with its data."""

    command: list[str]
    folder: Path
    url: str
    ready: Callable[[], object]
    not_yet: tuple[type[Exception], ...]
    user: str | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        # Ends with the test run, however that ends.
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        self.process = subprocess.Popen(
            [*guard, *self.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
        )
        log.close()
        for _ in range(600):
            try:
                self.ready()
            except self.not_yet:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"{self.command[0]} did not start:\n{(self.folder / 'server.log').read_text()}", pytrace=False)

    def kill(self, with_signal: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            children = _children(self.process.pid)
            self.process.send_signal(with_signal)
            self.process.wait()
            self.process = None
            # PostgreSQL's own processes notice a moment later that they are alone, and answer until then.
            for _ in range(200):
                if not any(Path(f"/proc/{child}").exists() for child in children):
                    break
                time.sleep(0.05)


def _children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


@contextmanager
def temporary_folder(owner: str | None) -> Iterator[Path]:
    """A folder directly under /tmp: a socket's path may have about a hundred characters, and pytest's are longer."""
    folder = Path(tempfile.mkdtemp(prefix="baraza-"))
    try:
        if owner:
            shutil.chown(folder, owner, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def small_disk(folder: Path, megabytes: int, owner: str | None) -> Iterator[Path]:
    """The folder, on a disk of its own of this size where it is not 0. Raises CalledProcessError where it can't be."""
    if not megabytes:
        yield folder
        return
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", folder], check=True)
    try:
        if owner:
            shutil.chown(folder, owner, owner)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


Place = tuple[str, list[str]]
"""An address beside the socket, and what a command begins with to run where that address is."""

NOWHERE: Place = ("", [])


@contextmanager
def running_postgres(*, keeps: bool = False, at: Place = NOWHERE, megabytes: int = 0) -> Iterator[Server]:
    """A PostgreSQL server without databases of ours. It does not wait for the disk: not for tests of power cuts.
    With `keeps` a commit outlives a kill of the server. It can be reached at `at` too, by TCP. With `megabytes` it has
    a disk of its own, of that size, in its folder's `data`."""
    initdb = find_program("initdb", "postgresql")
    postgres = find_program("postgres", "postgresql")
    user = unprivileged_user() if os.geteuid() == 0 else None
    with temporary_folder(user) as folder, small_disk(folder / "data", megabytes, user) as data:
        subprocess.run(
            [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        options = {
            "listen_addresses": at[0],
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "on" if keeps else "off",
            "shared_buffers": "32MB",
            "max_connections": "60",
            "autovacuum": "off",
        }
        command = [postgres, "-D", str(data), *(part for pair in options.items() for part in ("-c", "=".join(pair)))]
        if at[0]:
            with (data / "pg_hba.conf").open("a") as allowed:
                allowed.write(f"host all all {at[0]}/24 trust\n")
        if at[1]:  # only root enters another network
            lesser = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
            command, user = [*at[1], *lesser, *command], None
        url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        conninfo = f"host={folder} user=postgres dbname=postgres"
        server = Server(
            command, folder, url, lambda: psycopg.connect(conninfo).close(), (psycopg.OperationalError,), user
        )
        server.start()
        try:
            yield server
        finally:
            server.kill(signal.SIGQUIT)


def unprivileged_user() -> str:
    """PostgreSQL refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.fail("PostgreSQL won't run as root, and there is no user postgres: `apt-get install postgresql`.")


@contextmanager
def running_redis(at: Place = NOWHERE) -> Iterator[Server]:
    """A Redis on a socket, and at `at` too, on the usual port."""
    program = find_program("redis-server", "redis-server")
    with temporary_folder(None) as folder:
        socket = folder / "redis.sock"
        tcp = ["--port", "6379", "--bind", at[0], "--protected-mode", "no"] if at[0] else ["--port", "0"]
        command = [*at[1], program, *tcp, "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
        url = f"unix://{socket}"
        server = Server(command, folder, url, lambda: redis.from_url(url).ping(), (redis.ConnectionError,))
        server.start()
        try:
            yield server
        finally:
            server.kill(signal.SIGTERM)


def until(holds: Callable[[], object], seconds: float = 60, why: Callable[[], str] = lambda: "") -> None:
    """Wait for what must come about; far longer than it takes, so that a busy machine fails nothing."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it did not come about: {why()}"
        time.sleep(0.02)


def free_port() -> int:
    """A port of 127.0.0.1 for a process to listen on soon. It is below those that systems hand out by themselves, so
    that no connection is given it meanwhile."""
    while True:
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


# Servers ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Shared by the tests of one worker: don't stop it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """One that the test may kill and start again; its database "postgres" is empty."""
    with running_postgres(keeps=True) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    """Shared by the tests of one worker: don't stop it."""
    with running_redis() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[Server]:
    """One that the test may kill and start again."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Server) -> str:
    """An empty Redis."""
    with redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


# Databases ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Server) -> str:
    """The name of a migrated database, which every test leaves empty."""
    name = "migrated"
    create_database(postgres_server, name)
    engine = connect(database_url(postgres_server, name))
    migrate.upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database's file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "baraza.db"
    engine = connect(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()  # the last connection leaves everything in the one file
    return path


@pytest.fixture
def postgres_url(postgres_server: Server, migrated_postgres: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without rows."""
    yield database_url(postgres_server, migrated_postgres)
    conninfo = f"host={postgres_server.folder} user=postgres dbname={migrated_postgres}"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(EMPTY)


EMPTY = b"""
DO $$ DECLARE one record; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;  -- in any order, whatever refers to whatever
  FOR one IN SELECT oid, relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP
    IF pg_relation_size(one.oid) > 1000000 THEN EXECUTE format('TRUNCATE %I CASCADE', one.relname);
    ELSE EXECUTE format('DELETE FROM %I', one.relname);
    END IF;
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$
"""
"""Leaves a migrated database as it was made, which takes a fiftieth of what making another does."""


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The URL of a freshly migrated SQLite database."""
    return copied(migrated_sqlite, tmp_path / "database")


def copied(database: Path, folder: Path) -> str:
    """The URL of a copy of this SQLite database, in a new folder."""
    folder.mkdir(mode=0o700)
    shutil.copy(database, folder / "baraza.db")
    return f"sqlite:///{folder / 'baraza.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url_of_either(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[sa.Engine]:
    engine = connect(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[sa.Engine]:
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database_url_of_either: str) -> Iterator[sa.Engine]:
    """A freshly migrated database: the test runs on SQLite and on PostgreSQL."""
    engine = connect(database_url_of_either)
    yield engine
    engine.dispose()


def create_database(server: Server, name: str, template: str = "template1") -> None:
    with psycopg.connect(f"host={server.folder} user=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())


def database_url(server: Server, name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={server.folder}"


# Keys and time ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def wrapping_key() -> str:
    """A BARAZA_KEYS."""
    return generate_wrapping_key()


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory, wrapping_key: str) -> Path:
    """A key file that `wrapping_key` opens. Shared: tests that change one make their own."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    create_key_file(path, parse_wrapping_keys(wrapping_key))
    return path


@pytest.fixture(scope="session")
def vault(key_file: Path, wrapping_key: str) -> Vault:
    return load_key_file(key_file, parse_wrapping_keys(wrapping_key))


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on by timedelta's arguments: advance(minutes=5)."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
