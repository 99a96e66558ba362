"""Bringing a database to the schema of this version. Alembic is configured here: there is no alembic.ini."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.store.database import take_time

LOCK = 0x6261_7261_7A61
"""The advisory lock that one upgrade of a PostgreSQL database holds; a number that nobody else uses ("baraza")."""


def upgrade(engine: sa.Engine, to: str = "head") -> None:
    """Run what is missing up to a revision, all or nothing. Two at once run one after the other."""
    config = _config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            take_time(connection)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def current(engine: sa.Engine) -> str:
    """The revision that the database is at, "" for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """The revision that this version of the program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config
