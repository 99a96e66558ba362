from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from gateway.settings import Settings, load
from gateway.store import migrate
from gateway.store.audit import note
from gateway.store.database import connect
from gateway.store.keys import KeyFileError, generate_wrapping_key
from gateway.store.opening import StoreError, open_store
from gateway.store.schema import audit

if TYPE_CHECKING:
    from tests.conftest import Clock

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def settings(database_url_of_either: str, wrapping_key: str, tmp_path: Path) -> Settings:
    return load(
        {
            "BARAZA_CONFIG": str(CONFIG),
            "DATABASE_URL": database_url_of_either,
            "PUBLIC_BASE_URL": "https://polls.example.org",
            "BARAZA_KEYS": wrapping_key,
            "BARAZA_KEY_FILE": str(tmp_path / "keys" / "keys.json"),
        }
    )


def test_the_first_process_makes_the_key_file_and_the_next_one_finds_it(settings: Settings) -> None:
    first = open_store(settings)
    sealed = first.vault.seal("yes", "answer")
    second = open_store(settings)
    assert second.vault.open_text(sealed, "answer") == "yes"
    first.engine.dispose()
    second.engine.dispose()


def test_a_lost_key_file_is_not_replaced(settings: Settings) -> None:
    open_store(settings).engine.dispose()
    settings.key_file.unlink()
    with pytest.raises(KeyFileError, match="is missing: restore it"):
        open_store(settings)
    assert not settings.key_file.exists()


def test_another_databases_key_file_is_told(settings: Settings, tmp_path: Path, sqlite_url: str) -> None:
    needed = open_store(settings).vault.file
    other = open_store(
        settings.model_copy(
            update={"key_file": tmp_path / "other.json", "database_url": f"sqlite:///{migrated(tmp_path / 'other.db')}"}
        )
    )
    with pytest.raises(KeyFileError) as refused:
        open_store(settings.model_copy(update={"key_file": tmp_path / "other.json"}))
    assert needed in str(refused.value)
    assert other.vault.file in str(refused.value)


def migrated(path: Path) -> Path:
    migrate.upgrade(connect(f"sqlite:///{path}"))
    return path


def test_wrong_wrapping_keys_are_told(settings: Settings) -> None:
    open_store(settings).engine.dispose()
    with pytest.raises(KeyFileError, match="No key in BARAZA_KEYS opens"):
        open_store(settings.model_copy(update={"wrapping_keys": generate_wrapping_key()}))


def test_a_database_without_the_schema_is_told(settings: Settings, tmp_path: Path) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})
    with pytest.raises(StoreError, match=r"at revision none, this version needs .*: run `baraza db upgrade`"):
        open_store(empty)
    assert not settings.key_file.exists()


def test_a_database_that_is_down_is_told(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"database_url": f"postgresql:///baraza?host={tmp_path}"})
    with pytest.raises(StoreError, match="can't be reached: check DATABASE_URL"):
        open_store(away)


def test_the_audit_log_keeps_who_and_what(engine: sa.Engine, clock: Clock) -> None:
    with engine.begin() as connection:
        note(connection, "system", "purge", "inbounds 3", clock())
    with engine.connect() as connection:
        row = connection.execute(sa.select(audit)).one()
    assert (row.at, row.who, row.what, row.subject) == (clock(), "system", "purge", "inbounds 3")
