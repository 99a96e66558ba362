"""Writing many rows by one statement, for the path on which every participant waits.

PostgreSQL takes the rows as one array a column: one statement, the same however many rows there are, so that it is
planned once and makes one journey. SQLite has no journeys: there it is a plain statement with the values in their
places. SQLAlchemy's own ways, which name each row's values or take them apart one by one, cost the intake more than the
database does.

The rows of one call have the same columns. The table's defaults are not filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any]
Names = tuple[str, ...]


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows, in their order."""
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.execute(_insert(table, names), _arrays(names, rows))
    else:
        connection.exec_driver_sql(_insert_sql(table, names), _values(connection, table, names, rows))


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *back: str) -> set[tuple[Any, ...]]:
    """Insert the rows in their order, save those that a unique constraint says are there already.

    Returns the columns `back`, numbers or texts, of those inserted.
    """
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        found = connection.execute(_insert_new(table, names, back), _arrays(names, rows))
    else:
        values = _values(connection, table, names, rows)
        found = connection.exec_driver_sql(
            f"{_insert_sql(table, names, len(rows))} ON CONFLICT DO NOTHING RETURNING {', '.join(back)}",
            tuple(chain.from_iterable(values)),
        )
    return {tuple(row) for row in found}


# PostgreSQL ---------------------------------------------------------------------------------------------------------


def _arrays(names: Names, rows: Iterable[Row]) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in names}


def _given(table: sa.Table, names: Names) -> sa.TableValuedAlias:
    """The rows that are bound as arrays, each with its place."""
    arrays = (sa.bindparam(f"all_{name}", type_=postgresql.ARRAY(table.c[name].type)) for name in names)
    columns = (sa.column(name, table.c[name].type) for name in names)
    return sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="place").render_derived("given")


def _select(table: sa.Table, names: Names) -> sa.Select[Any]:
    given = _given(table, names)
    return sa.select(*(given.c[name] for name in names)).order_by(given.c.place)


@cache
def _insert(table: sa.Table, names: Names) -> sa.Insert:
    return sa.insert(table).from_select(names, _select(table, names), include_defaults=False)


@cache
def _insert_new(table: sa.Table, names: Names, back: Names) -> Any:
    rows = postgresql.insert(table).from_select(names, _select(table, names), include_defaults=False)
    return rows.on_conflict_do_nothing().returning(*(table.c[name] for name in back))


# SQLite -------------------------------------------------------------------------------------------------------------


@cache
def _insert_sql(table: sa.Table, names: Names, rows: int = 1) -> str:
    one = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([one] * rows)}"  # noqa: S608 - our names


@cache
def _binders(dialect: sa.Dialect, table: sa.Table, names: Names) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """What makes of each column's value what the driver takes."""
    return [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]


def _values(connection: sa.Connection, table: sa.Table, names: Names, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    binders = _binders(connection.dialect, table, names)
    return [tuple([bind(row[name]) if bind else row[name] for name, bind in binders]) for row in rows]
