"""The store's contract: what holds on SQLite and on PostgreSQL alike, and what each of them needs."""

from __future__ import annotations

import errno
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.database import (
    DatabaseUrlError,
    connect,
    insert_ignoring,
    is_away,
    is_busy,
    is_full,
    reading,
    take_over,
    take_time,
)
from gateway.store.ids import pseudonym, rising
from gateway.store.keys import Vault
from gateway.store.schema import (
    Time,
    addresses,
    answers,
    consents,
    conversations,
    inbounds,
    link_tries,
    links,
    metadata,
    people,
    ussd_sessions,
)

NOW = datetime(2026, 3, 2, 9, 0, 0, 123457, tzinfo=UTC)


def person(connection: sa.Connection, **values: Any) -> int:
    number = pseudonym()
    connection.execute(people.insert(), {"id": number, "created_at": NOW, "seen_at": NOW, **values})
    return number


def arrival(provider_id: str, channel: str = "sms") -> dict[str, Any]:
    return {"channel": channel, "provider_id": provider_id, "received_at": NOW}


# Values -------------------------------------------------------------------------------------------------------------


def test_times_come_back_to_the_microsecond_in_utc(engine: sa.Engine) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=3)))
    with engine.begin() as connection:
        number = person(connection, created_at=elsewhere)
        row = connection.execute(sa.select(people).where(people.c.id == number)).one()
        assert row.created_at == NOW
        assert row.created_at.tzinfo is UTC
        assert connection.scalar(sa.select(people.c.id).where(people.c.created_at <= NOW)) == number
        assert connection.scalar(sa.select(people.c.id).where(people.c.created_at < NOW)) is None


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - made aware
def test_every_time_survives(at: datetime) -> None:
    kept = Time().process_bind_param(at, None)
    assert Time().process_result_value(kept, None) == at


def test_a_time_without_a_zone_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="offset-naive"), engine.begin() as connection:
        person(connection, created_at=datetime(2026, 3, 2))  # noqa: DTZ001 - the mistake


def test_the_largest_ids_fit(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(people.insert(), {"id": 2**63 - 1, "created_at": NOW, "seen_at": NOW})
        assert connection.scalar(sa.select(people.c.id)) == 2**63 - 1


def test_rising_ids_rise() -> None:
    ids = [rising() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert 0 < ids[0] < ids[-1] < 2**63


def test_sealed_values_come_back(engine: sa.Engine, vault: Vault) -> None:
    with engine.begin() as connection:
        row = {
            "id": rising(),
            "person": person(connection),
            "kind": "tel",
            "hmac": vault.fingerprint("tel", "+254700000001"),
            "sealed_address": vault.seal("+254700000001", "address"),
            "channel": "sms",
        }
        connection.execute(addresses.insert(), row)
        wanted = vault.fingerprints("tel", "+254700000001")
        found = connection.execute(sa.select(addresses).where(addresses.c.hmac.in_(wanted))).one()
        assert vault.open_text(found.sealed_address, "address") == "+254700000001"


# Constraints --------------------------------------------------------------------------------------------------------


def test_every_constraint_has_a_name() -> None:
    assert len(metadata.tables) > 10
    for table in metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name


def test_a_webhook_that_comes_twice_is_stored_once(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(inbounds.insert(), [arrival("a", "sms"), arrival("a", "telegram")])
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(inbounds.insert(), arrival("a", "sms"))


def test_a_row_cannot_belong_to_nobody(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(inbounds.insert(), arrival("a") | {"address": 1})


def test_insert_ignoring_returns_what_is_new_of_a_batch(engine: sa.Engine) -> None:
    insert = insert_ignoring(engine.dialect.name, inbounds).returning(inbounds.c.id, inbounds.c.provider_id)
    with engine.begin() as connection:
        first = connection.execute(insert, [arrival(str(n)) for n in range(16)]).all()
    assert {row.provider_id for row in first} == {str(n) for n in range(16)}
    with engine.begin() as connection:
        second = connection.execute(insert, [arrival(str(n % 24)) for n in range(8, 40)]).all()
        assert connection.scalar(sa.select(sa.func.count()).select_from(inbounds)) == 24
    assert {row.provider_id for row in second} == {str(n) for n in range(16, 24)}
    assert len({row.id for row in (*first, *second)}) == 24


def test_insert_ignoring_is_made_once(engine: sa.Engine) -> None:
    assert insert_ignoring(engine.dialect.name, inbounds) is insert_ignoring(engine.dialect.name, inbounds)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (addresses, "hmac"),
        (addresses, "person"),
        (inbounds, "address"),
        (conversations, "person"),
        (conversations, "flow"),
        (ussd_sessions, "session"),
        (answers, "survey"),
        (answers, "conversation"),
        (links, "code"),
        (link_tries, "person"),
        (consents, "person"),
    ],
    ids=str,
)
def test_what_is_looked_up_has_an_index_that_begins_with_it(table: sa.Table, column: str) -> None:
    unique = [constraint for constraint in table.constraints if isinstance(constraint, sa.UniqueConstraint)]
    leading = {next(iter(index.columns)).name for index in table.indexes}
    leading |= {next(iter(constraint.columns)).name for constraint in unique}
    assert column in leading


# Transactions -------------------------------------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing(engine: sa.Engine) -> None:
    with pytest.raises(RuntimeError), engine.begin() as connection:  # noqa: PT012 - the point is where it fails
        person(connection)
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.execute(sa.select(people)).all() == []


def test_a_savepoint_that_fails_leaves_its_neighbours(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for provider_id in ("a", "a", "b"):
            try:
                with connection.begin_nested():
                    connection.execute(inbounds.insert(), arrival(provider_id))
            except sa.exc.IntegrityError:
                continue
    with reading(engine) as connection:
        assert set(connection.scalars(sa.select(inbounds.c.provider_id))) == {"a", "b"}


def test_who_reads_waits_for_no_writer_and_sees_no_half(engine: sa.Engine) -> None:
    with engine.begin() as writer:
        person(writer)
        with reading(engine) as reader:
            assert reader.execute(sa.select(people)).all() == []


def test_a_second_transaction_on_one_person_waits_for_the_first(postgres_engine: sa.Engine) -> None:
    with postgres_engine.begin() as connection:
        number = person(connection)
    lock = sa.select(people.c.language).where(people.c.id == number).with_for_update()
    order: list[str] = []

    def second() -> None:
        with postgres_engine.begin() as connection:
            order.append(f"second sees {connection.scalar(lock)}")

    with postgres_engine.begin() as connection:
        connection.execute(lock)
        thread = threading.Thread(target=second)
        thread.start()
        wait_for_a_waiter(postgres_engine)
        connection.execute(people.update().where(people.c.id == number).values(language="sw"))
        order.append("first is done")
    thread.join()
    assert order == ["first is done", "second sees sw"]


def wait_for_a_waiter(engine: sa.Engine) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            pass


def test_a_second_writer_waits_from_its_beginning(sqlite_engine: sa.Engine) -> None:
    """Each reads, then writes: begun without the lock, one of them would fail."""

    def raise_attempts(_: int) -> None:
        with sqlite_engine.begin() as connection:
            count = connection.scalar(sa.select(sa.func.count()).select_from(people))
            connection.execute(inbounds.insert(), arrival(f"{count} {threading.get_ident()} {rising()}"))
            person(connection)

    threads = [threading.Thread(target=raise_attempts, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(sqlite_engine) as connection:
        seen = sorted(int(text.split()[0]) for text in connection.scalars(sa.select(inbounds.c.provider_id)))
    assert seen == list(range(8))


# SQLite -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)]
)
def test_sqlite_is_set_up_for_durability(sqlite_engine: sa.Engine, pragma: str, value: object) -> None:
    with sqlite_engine.connect() as one, sqlite_engine.connect() as other:
        for connection in (one.execution_options(reading=True), other.execution_options(reading=True)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_the_log_is_taken_over_while_somebody_writes(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    with sqlite_engine.begin() as connection:
        connection.execute(inbounds.insert(), [arrival(str(number)) for number in range(100)])
    with sqlite_engine.begin() as connection:
        connection.execute(inbounds.insert(), arrival("later"))
        take_over(sqlite_engine)
        alone = tmp_path / "alone.db"
        alone.write_bytes(Path(str(sqlite_engine.url.database)).read_bytes())  # without the log that lies beside it
    with connect(f"sqlite:///{alone}").connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(inbounds)) == 100


def test_nobody_else_can_read_the_files(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/var/baraza.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id INTEGER)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").iterdir()}
    assert modes == {"baraza.db": 0o600, "baraza.db-wal": 0o600, "baraza.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


# PostgreSQL ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_by_any_name(postgres_url: str, scheme: str) -> None:
    engine = connect(postgres_url.replace("postgresql+psycopg", scheme))
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("statement_timeout", "lock_timeout", "timezone")
        }
    engine.dispose()
    assert engine.dialect.driver == "psycopg"
    assert settings == {"statement_timeout": "15s", "lock_timeout": "5s", "timezone": "UTC"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("baraza", "is not a database URL"),
        ("mysql://somebody:secret@host/db", "names mysql: only sqlite and postgresql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////proc/nowhere/baraza.db", "can't be made"),
    ],
)
def test_a_url_that_cannot_be_used_is_told(url: str, said: str) -> None:
    with pytest.raises(DatabaseUrlError, match=said) as refused:
        connect(url)
    assert "secret" not in str(refused.value)


# Errors -------------------------------------------------------------------------------------------------------------


def verdict(error: BaseException) -> tuple[bool, bool, bool]:
    return is_busy(error), is_away(error), is_full(error)


BUSY, AWAY, FULL, NEITHER = (True, False, False), (False, True, False), (False, False, True), (False, False, False)


def test_a_locked_sqlite_is_busy(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.connect().execution_options(reading=True) as impatient:
        impatient.exec_driver_sql("PRAGMA busy_timeout = 0")
        impatient.rollback()
        with engine.begin() as connection:
            person(connection)
            with pytest.raises(sa.exc.OperationalError) as refused:
                person(impatient)
    assert verdict(refused.value) == BUSY


def test_a_locked_row_is_busy(postgres_engine: sa.Engine) -> None:
    with postgres_engine.begin() as connection:
        number = person(connection)
    lock = sa.select(people.c.id).where(people.c.id == number).with_for_update(nowait=True)
    with postgres_engine.begin() as connection, postgres_engine.connect() as other:
        connection.execute(lock)
        with pytest.raises(sa.exc.OperationalError) as refused:
            other.execute(lock)
    assert verdict(refused.value) == BUSY


def test_a_sqlite_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/baraza.db")
    (tmp_path / "baraza.db").unlink()
    (tmp_path / "baraza.db").mkdir()
    with pytest.raises(sa.exc.OperationalError) as refused:
        engine.connect()
    assert verdict(refused.value) == AWAY


def test_a_postgresql_that_is_down_is_away_and_comes_back(own_postgres: Any) -> None:
    engine = connect(own_postgres.url)
    with engine.connect() as connection:
        own_postgres.kill()
        with pytest.raises(sa.exc.OperationalError) as in_the_middle:
            connection.execute(sa.select(1))
    with pytest.raises(sa.exc.OperationalError) as at_the_door:
        engine.connect()
    assert verdict(in_the_middle.value) == verdict(at_the_door.value) == AWAY
    for _ in range(2):  # the second time the pool holds what was ended while nobody used it
        own_postgres.start()
        with engine.connect() as one, engine.connect() as other:
            assert [each.scalar(sa.select(1)) for each in (one, other)] == [1, 1]
        own_postgres.kill()
    engine.dispose()


def test_a_full_sqlite_is_full(sqlite_engine: sa.Engine) -> None:
    with sqlite_engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(sa.exc.OperationalError) as refused:
            connection.execute(inbounds.insert(), arrival("a") | {"sealed_content": bytes(100_000)})
        connection.rollback()
    assert verdict(refused.value) == FULL


def test_a_full_disk_is_full() -> None:
    assert verdict(OSError(errno.ENOSPC, "No space left on device")) == FULL


@pytest.mark.parametrize("error", [ValueError(), sqlite3.OperationalError("near"), OSError(errno.EACCES, "denied")])
def test_other_errors_are_none_of_these(error: Exception) -> None:
    assert verdict(error) == NEITHER


def test_a_broken_constraint_is_none_of_these(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError) as refused:
        connection.execute(inbounds.insert(), [arrival("a"), arrival("a")])
    assert verdict(refused.value) == NEITHER


def test_a_server_that_says_nothing_is_given_up_and_counts_as_away(postgres_url: str) -> None:
    """One that is frozen still acknowledges at the level of TCP, so nobody but the client notices."""
    engine = connect(postgres_url)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.patience = 0.1
        with pytest.raises(sa.exc.OperationalError) as silence:
            connection.execute(sa.text("SELECT pg_sleep(60)"))
    assert is_away(silence.value)
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
        take_time(connection)
        assert connection.scalar(sa.text("SHOW statement_timeout")) == "0"
    engine.dispose()
