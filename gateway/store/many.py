"""Writing many rows by one statement, for the path on which every participant waits.

PostgreSQL takes the rows as one array a column: one statement, the same however many rows there are, so that it is
planned once and makes one journey. SQLite has no journeys: there it is a plain statement with the values in their
places. SQLAlchemy's own ways, which name each row's values or take them apart one by one, cost the intake more than the
database does.

The rows of one call have the same columns. The table's defaults are not filled in.
"""

from __future__ import annotations

import json
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
        connection.execute(_insert(table, names), arrays(table, names, rows))
    else:
        connection.exec_driver_sql(_insert_sql(table, names), _values(connection, table, names, rows))


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *back: str) -> set[tuple[Any, ...]]:
    """Insert the rows in their order, save those that a unique constraint says are there already.

    Returns the columns `back`, numbers or texts, of those inserted.
    """
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        found = connection.execute(_insert_new(table, names, back), arrays(table, names, rows))
    else:
        values = _values(connection, table, names, rows)
        found = connection.exec_driver_sql(
            f"{_insert_sql(table, names, len(rows))} ON CONFLICT DO NOTHING RETURNING {', '.join(back)}",
            tuple(chain.from_iterable(values)),
        )
    return {tuple(row) for row in found}


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows, or set what is beside the key where the table has it. No two rows have one key."""
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.execute(_put(table, names), arrays(table, names, rows))
    else:
        connection.exec_driver_sql(_put_sql(table, names), _values(connection, table, names, rows))


def update(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    """Set the columns that the rows have, where the table has their `id`. Of two with one id the later counts."""
    last = list({row["id"]: row for row in rows}.values())
    names = tuple(name for name in last[0] if name != "id")
    if connection.dialect.name == "postgresql":
        connection.execute(_update(table, names), arrays(table, (*names, "id"), last))
    else:
        connection.exec_driver_sql(_update_sql(table, names), _values(connection, table, (*names, "id"), last))


# PostgreSQL ---------------------------------------------------------------------------------------------------------


def arrays(table: sa.Table, names: Names, rows: Sequence[Row]) -> dict[str, list[Any]]:
    """What to bind where `given` stands."""
    return {f"all_{name}": _array(table.c[name].type, [row[name] for row in rows]) for name in names}


def _array(kind: sa.types.TypeEngine[Any], values: list[Any]) -> list[Any]:
    """JSON goes as text: a list among the values would be taken for another dimension of the array."""
    if not isinstance(kind, sa.JSON):
        return values
    return [None if value is None else json.dumps(value) for value in values]


def _sent(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return sa.Text() if isinstance(kind, sa.JSON) else kind


def given(table: sa.Table, names: Names) -> sa.TableValuedAlias:
    """The rows that are bound as arrays, each with its place."""
    kinds = {name: _sent(table.c[name].type) for name in names}
    arrays = (sa.bindparam(f"all_{name}", type_=postgresql.ARRAY(kinds[name])) for name in names)
    columns = (sa.column(name, kinds[name]) for name in names)
    return sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="place").render_derived("given")


def _select(table: sa.Table, names: Names) -> sa.Select[Any]:
    rows = given(table, names)
    return sa.select(*(_taken(table, rows, name) for name in names)).order_by(rows.c.place)


def _taken(table: sa.Table, given: sa.TableValuedAlias, name: str) -> sa.ColumnElement[Any]:
    kind = table.c[name].type
    return sa.cast(given.c[name], kind) if isinstance(kind, sa.JSON) else given.c[name]


@cache
def _insert(table: sa.Table, names: Names) -> sa.Insert:
    return sa.insert(table).from_select(names, _select(table, names), include_defaults=False)


@cache
def _insert_new(table: sa.Table, names: Names, back: Names) -> Any:
    rows = postgresql.insert(table).from_select(names, _select(table, names), include_defaults=False)
    return rows.on_conflict_do_nothing().returning(*(table.c[name] for name in back))


@cache
def _put(table: sa.Table, names: Names) -> Any:
    rows = postgresql.insert(table).from_select(names, _select(table, names), include_defaults=False)
    key = tuple(column.name for column in table.primary_key)
    return rows.on_conflict_do_update(
        table.primary_key, set_={name: rows.excluded[name] for name in names if name not in key}
    )


@cache
def _update(table: sa.Table, names: Names) -> sa.Update:
    rows = given(table, (*names, "id"))
    return sa.update(table).where(table.c.id == rows.c.id).values({name: _taken(table, rows, name) for name in names})


# SQLite -------------------------------------------------------------------------------------------------------------


@cache
def _insert_sql(table: sa.Table, names: Names, rows: int = 1) -> str:
    one = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([one] * rows)}"  # noqa: S608 - our names


@cache
def _put_sql(table: sa.Table, names: Names) -> str:
    key = [column.name for column in table.primary_key]
    values = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"{_insert_sql(table, names)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {values}"


@cache
def _update_sql(table: sa.Table, names: Names) -> str:
    return f"UPDATE {table.name} SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"  # noqa: S608 - our names


@cache
def _binders(dialect: sa.Dialect, table: sa.Table, names: Names) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """What makes of each column's value what the driver takes."""
    return [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]


def _values(connection: sa.Connection, table: sa.Table, names: Names, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    binders = _binders(connection.dialect, table, names)
    return [tuple([bind(row[name]) if bind else row[name] for name, bind in binders]) for row in rows]
