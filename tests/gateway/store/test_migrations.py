from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.store import migrate
from gateway.store.database import connect
from gateway.store.schema import metadata
from tests.conftest import create_database, database_url

if TYPE_CHECKING:
    from pathlib import Path


def test_the_migrations_make_the_schema_that_the_code_knows(engine: sa.Engine) -> None:
    assert migrate.current(engine) == migrate.head() != ""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    assert set(sa.inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_what_alembic_does_not_compare_is_the_same_too(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    """Partial indexes, AUTOINCREMENT, foreign keys: the statements that made the tables, but for their order."""
    straight = connect(f"sqlite:///{tmp_path / 'straight.db'}")
    metadata.create_all(straight)
    assert statements(sqlite_engine) == statements(straight)


def statements(engine: sa.Engine) -> set[tuple[str, ...]]:
    query = sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    found = {(name, *sorted(part.strip(" )") for part in " ".join(sql.split()).split(","))) for name, sql in rows}
    assert len(found) > len(metadata.tables)
    return found


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    assert migrate.current(engine) == migrate.head()


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    assert migrate.current(connect(f"sqlite:///{tmp_path / 'empty.db'}")) == ""


def test_two_upgrades_at_once_run_one_after_the_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baraza.db'}"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(lambda: migrate.upgrade(connect(url))) for _ in range(2)]:
            done.result()
    assert migrate.current(connect(url)) == migrate.head()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_was_found_by_people_is_found_by_what_rises_in_time(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """0038, with rows: it moves what people sent to the address that it came from."""
    url = f"sqlite:///{tmp_path / 'before.db'}"
    if dialect == "postgresql":
        server = request.getfixturevalue("postgres_server")
        create_database(server, "before")
        url = database_url(server, "before")
    engine = connect(url)
    migrate.upgrade(engine, "0037")
    before = sa.MetaData()
    before.reflect(engine)

    def put(name: str, *rows: dict[str, Any]) -> None:
        """Rows of a table as it was; what they don't say and must is empty."""
        table = before.tables[name]
        empty = {
            column.name: b"" if isinstance(column.type, sa.LargeBinary) else 0 if column.type.python_type is int else ""
            for column in table.columns
            if not column.nullable and column.server_default is None and column.type.python_type is not bool
        }
        with engine.begin() as connection:
            connection.execute(table.insert(), [empty | row for row in rows])

    put("people", {"id": 7, "stopped": False}, {"id": 8, "stopped": False})
    ways = ({"id": 10, "channel": "sms"}, {"id": 20, "channel": "chat"})
    put("vault_addresses", *({"person": 7, "kind": "tel", "hmac": way["channel"].encode()} | way for way in ways))
    sent = [("sms", 7), ("chat", 7), ("ussd", 7), ("chat", 8), ("sms", None)]
    put(
        "inbounds",
        *(
            {"id": place, "channel": channel, "provider_id": str(place), "person": person, "received_at": place}
            for place, (channel, person) in enumerate(sent, start=1)
        ),
    )
    put("conversations", {"id": 1, "person": 7})
    put("answers", {"id": 1, "conversation": 1, "person": 7})
    put("respondents", {"person": 7, "survey": "land", "wave": 1}, {"person": 8, "survey": "land", "wave": 1})
    put("dispositions", *({"id": at, "person": 7, "survey": "land", "wave": 1, "at": at} for at in (5, 9)))

    migrate.upgrade(engine)
    with engine.connect() as connection:
        said = connection.execute(sa.text("SELECT address, received_at FROM inbounds ORDER BY id")).all()
        assert [tuple(row) for row in said] == [(10, 1), (20, 2), (10, 3), (None, 4), (None, 5)]
        since = connection.execute(sa.text("SELECT since FROM respondents ORDER BY person")).scalars().all()
        assert since == [9, 0]
        assert connection.execute(sa.text("SELECT person, conversation FROM answers")).one() == (7, 1)
        if dialect == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
