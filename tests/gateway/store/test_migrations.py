from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.store import migrate
from gateway.store.database import connect
from gateway.store.schema import metadata

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
