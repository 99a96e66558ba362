"""What every table is made with: the metadata, times, and row numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Time(TypeDecorator[datetime]):
    """An aware UTC time, held as microseconds since 1970: sorts, costs eight bytes, is the same in both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND  # a float would be off by one

    def process_result_value(self, value: int | None, _dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as a column of JSON holds it."""

Row = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts up by itself, and needs no index beside the table, only where a key is declared INTEGER."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
