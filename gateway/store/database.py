"""The way into the database: SQLite or PostgreSQL by its URL, and what their errors mean to the gateway."""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from gateway.store.columns import written

BUSY_SECONDS = 5
"""How long a statement waits for a lock before it counts as busy."""

PRAGMAS = (
    "PRAGMA busy_timeout = {busy}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was acknowledged survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = FAST",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",  # KiB
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 16000",  # pages after which whoever writes does itself what `take_over` does
)

ANSWER_SECONDS = 30.0
"""How long a server may say nothing. It ends a statement by itself long before: who does not even do that is frozen, or
the network is cut."""

TCP = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""How a cut network is noticed by the kernel: seconds, and milliseconds for the last. Sockets of one host need none."""

POSTGRES_OPTIONS = {
    "statement_timeout": "15s",
    "lock_timeout": f"{BUSY_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",
    # A server that waits for the rest of what was sent together is not idle: only its kernel can tell that the network
    # to us was cut, and until then it holds the rows of the people whose messages it has.
    **{f"tcp_{name.removeprefix('tcp_')}": str(value) for name, value in TCP.items()},
    "timezone": "UTC",
}


class DatabaseUrlError(ValueError):
    """DATABASE_URL is not one that can be used. Its text is one sentence, without the URL's password."""


def connect(url: str) -> sa.Engine:
    """An engine for `url`: sqlite:///path, or postgresql:// (also postgres://, postgresql+psycopg://).

    Opens no connection to PostgreSQL. Makes the file of a SQLite database (0600) and its folder (0700) where they
    are missing. On SQLite a transaction takes the write lock when it begins; see `reading`. Raises DatabaseUrlError.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseUrlError("DATABASE_URL is not a database URL: write sqlite:///path or postgresql://...") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return _sqlite(parsed)
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise DatabaseUrlError(f"DATABASE_URL names {parsed.drivername}: only sqlite and postgresql are supported.")


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection in a transaction that only reads: one snapshot on SQLite, and it waits for no writer."""
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


def take_time(connection: sa.Connection) -> None:
    """Let this transaction's statements take as long as they need. Also what comes on its connection later is waited
    for without end: not for a process that serves people."""
    driver = connection.connection.driver_connection
    if isinstance(driver, _Connection):
        driver.patience = None
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))


@functools.cache
def insert_ignoring(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """INSERT ... ON CONFLICT DO NOTHING for the engine's dialect (`engine.dialect.name`).

    With `.returning(...)` and a list of rows, those come back that were not there before, in no promised order.
    Made once for each table: a statement that is reused is compiled once.
    """
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def insert_once(connection: sa.Connection, table: sa.Table, **row: Any) -> bool:
    """Insert a row unless one is in its way. Returns whether it was inserted."""
    key = table.primary_key.columns.values()[0]
    put = insert_ignoring(connection.dialect.name, table).values(row).returning(key)
    return connection.execute(put).first() is not None


def among(dialect: str, column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether the column is one of the values in the list bound to `name`.

    PostgreSQL gets them as one array, so that the statement is the same however many there are, and is planned once.
    """
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(column.type)))
    return column.in_(sa.bindparam(name, expanding=True))


# SQLite -------------------------------------------------------------------------------------------------------------


def _sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseUrlError(
            "DATABASE_URL names no file: write sqlite:///path, with a fourth slash for an absolute path."
        )
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))  # the -wal and -shm files take its mode
    except OSError as error:
        raise DatabaseUrlError(f"DATABASE_URL names {path}, which can't be made: {error.strerror}.") from None
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        pool_size=8,
        max_overflow=16,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "cached_statements": 512},
        json_serializer=written,
    )
    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: `_begin` does
    for pragma in PRAGMAS:
        _patiently(connection, pragma.format(busy=BUSY_SECONDS * 1000))


def _patiently(connection: sqlite3.Connection, pragma: str) -> None:
    """Two that change a new file's journal at the same moment don't wait for each other by themselves."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(pragma).close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later can fail at once with "database is locked", however long it
    # was willing to wait: those that may write take the lock when they begin.
    deferred = connection.get_execution_options().get("reading")
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute("BEGIN" if deferred else "BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise refused(connection, error) from None


def take_over(engine: sa.Engine) -> None:
    """Take what SQLite's write-ahead log holds over into the database itself, as far as nobody has to wait for it. Of a
    page that was changed several times the last is written."""
    connection: Any = engine.raw_connection()  # outside any transaction
    try:
        with contextlib.suppress(sqlite3.OperationalError):  # a full disk, say: whoever writes next is told
            connection.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        connection.close()


# PostgreSQL ---------------------------------------------------------------------------------------------------------


class _Connection(psycopg.Connection[Any]):
    """Waits for an answer so long and no longer, unless somebody said that this one may take its time."""

    patience: float | None = ANSWER_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # it may still come: to something else
                self.pgconn.finish()
            raise


def _postgresql(url: sa.URL) -> sa.Engine:
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # its warnings say what is raised anyway, and quote rows
    engine = sa.create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": BUSY_SECONDS,
            "prepare_threshold": 2,
            "options": " ".join(f"-c {name}={value}" for name, value in POSTGRES_OPTIONS.items()),
            **TCP,
        },
        json_serializer=written,
    )
    sa.event.listen(engine, "do_connect", lambda _dialect, _record, given, named: _Connection.connect(*given, **named))
    sa.event.listen(engine, "checkout", _leave_if_ended)
    return engine


def _leave_if_ended(driver: Any, record: sa.pool.ConnectionPoolEntry, _taken: object) -> None:
    """A server that was restarted has ended all connections that the pool holds: each would fail once, long after it is
    back. What it said to that end has arrived meanwhile; looking for it waits for nothing."""
    if "used" in record.info and _has_ended(driver):
        raise sa.exc.DisconnectionError("the server has ended this connection")
    record.info["used"] = True  # what is ended before its first use fails as any other


def _has_ended(driver: Any) -> bool:
    try:
        driver.pgconn.consume_input()  # its farewell
        driver.pgconn.consume_input()  # the end of the stream
    except psycopg.OperationalError:
        return True
    return False


# Errors -------------------------------------------------------------------------------------------------------------

_BUSY = frozenset({"55P03", "40P01", "40001", "57014"})  # lock not available, deadlock, serialization, time-out
_AWAY = frozenset({"57P01", "57P02", "57P03", "57P05", "53300"})  # shutting down, crashed, starting, idle, too many
_FULL = frozenset({"53100"})


def is_busy(error: BaseException) -> bool:
    """Somebody else holds what is needed: waiting and trying again may help."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    return _state(error) in _BUSY or _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_deadlock(error: BaseException) -> bool:
    """Two waited for each other, and this one was ended: the same again will do."""
    return _state(error) == "40P01"


def is_away(error: BaseException) -> bool:
    """The database can't be reached, or went away in the middle of it."""
    cause = _cause(error)
    if isinstance(cause, psycopg.OperationalError):
        state = cause.sqlstate
        return state is None or state.startswith("08") or state in _AWAY
    if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        return True
    return _code(error) == sqlite3.SQLITE_CANTOPEN


def is_full(error: BaseException) -> bool:
    """The disk is full: nothing can be taken until somebody makes room."""
    cause = _cause(error)
    if isinstance(cause, OSError):
        return cause.errno in (errno.ENOSPC, errno.EDQUOT)
    return _state(error) in _FULL or _code(error) == sqlite3.SQLITE_FULL


def refused(connection: sa.Connection, error: Any) -> BaseException:
    """The driver's error as SQLAlchemy raises it. A connection that is lost is given up, as it does."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if lost:
        connection.invalidate(error)
    known: BaseException = sa.exc.DBAPIError.instance("", None, error, dialect.loaded_dbapi.Error, False, lost, dialect)
    return known


def _cause(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, sa.exc.DBAPIError) else error


def _state(error: BaseException) -> str | None:
    cause = _cause(error)
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _code(error: BaseException) -> int | None:
    """SQLite's primary result code, without the extended part."""
    cause = _cause(error)
    code = getattr(cause, "sqlite_errorcode", None) if isinstance(cause, sqlite3.Error) else None
    return None if code is None else code & 0xFF
