"""Opening the store at the start of a process: the database at its newest schema, and the key file it belongs to."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.settings import Settings
from gateway.store import migrate
from gateway.store.database import connect, insert_ignoring, is_away, reading
from gateway.store.keys import KeyFileError, Vault, create_key_file, load_key_file, parse_wrapping_keys
from gateway.store.schema import meta
from gateway.store.wiping import KEY_FILE, is_wiped


class StoreError(Exception):
    """The store can't be opened. Its text is one sentence for the operator, without secrets."""


class DatabaseAway(StoreError):
    """The database can't be reached: later it may."""


@dataclass(frozen=True, slots=True)
class Store:
    engine: sa.Engine
    vault: Vault


def open_store(settings: Settings) -> Store:
    """The database and the vault of these settings. The first process to open a new database makes its key file.

    Raises StoreError, KeyFileError or DatabaseUrlError.
    """
    engine = connect(settings.database_url)
    try:
        at, needed = migrate.current(engine), migrate.head()
    except sa.exc.OperationalError as error:
        if is_away(error):
            raise DatabaseAway("The database can't be reached: check DATABASE_URL, and that it is running.") from None
        raise
    if at != needed:
        raise StoreError(
            f"The database is at revision {at or 'none'}, this version needs {needed}: run `baraza db upgrade`."
        )
    return Store(engine, open_vault(engine, settings))


def open_vault(engine: sa.Engine, settings: Settings) -> Vault:
    """The vault that this database was written with. Raises KeyFileError."""
    wrapping = parse_wrapping_keys(settings.wrapping_keys)
    with reading(engine) as connection:
        known = connection.scalar(sa.select(meta.c.value).where(meta.c.name == KEY_FILE))
    if is_wiped(known):
        raise KeyFileError(
            "This gateway was wiped: what its database holds sealed can't be opened again. Begin with a new database, "
            "a new key file and a new BARAZA_KEYS."
        )
    if known is None and not settings.key_file.exists():
        with contextlib.suppress(KeyFileError):  # another process may be faster
            create_key_file(settings.key_file, wrapping)
    vault = load_key_file(settings.key_file, wrapping)
    if known is None:
        known = _claim(engine, vault.file)
    if known != vault.file:
        raise KeyFileError(
            f"The key file {settings.key_file} is not the one that this database was written with: it has the id "
            f"{vault.file}, and the database needs {known}."
        )
    return vault


def _claim(engine: sa.Engine, file: str) -> str:
    """Put the key file's id into the database, unless somebody was faster. Returns the id that is there."""
    with engine.begin() as connection:
        connection.execute(insert_ignoring(engine.dialect.name, meta), {"name": KEY_FILE, "value": file})
        return str(connection.scalar(sa.select(meta.c.value).where(meta.c.name == KEY_FILE)))
