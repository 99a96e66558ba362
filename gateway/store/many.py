"""Reading and writing many rows by one statement, for the path on which every participant waits.

    with many.together(connection):
        held = many.ask(connection, query, people)
        taken = many.insert_new(connection, inbounds, rows, "channel", "provider_id")
    for row in held():
        ...

Statements are made once and handed to the driver itself. SQLAlchemy's own ways, which look a statement up, name each
row's values and wrap each row, cost the intake more than the database does. PostgreSQL takes the rows as one array a
column: one statement, the same however many rows there are, so that it is planned once. What is asked `together` makes
one journey there and back; SQLite has no journeys.

The rows of one call have the same columns. The table's defaults are not filled in. Errors are SQLAlchemy's.
"""

from __future__ import annotations

import json
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from gateway.store.columns import Time, written
from gateway.store.database import refused

Row = Mapping[str, Any]
Names = tuple[str, ...]
Answer = Callable[[], list[Any]]
"""What the database says, as rows with named columns: read it once. In `together` that waits for it."""

POSTGRESQL = "postgresql"


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows, in their order."""
    names = tuple(rows[0])
    if connection.dialect.name == POSTGRESQL:
        _send(connection, _insert_arrays(table, names), _arrays(table, names, rows))
    else:
        _each(connection, _insert_values(table, names), _values(table, names, rows))


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *back: str) -> Answer:
    """Insert the rows in their order, save those that a unique constraint says are there already.

    The answer has the columns `back` of those inserted, in no promised order.
    """
    names = tuple(rows[0])
    columns = tuple(table.c[name] for name in back)
    new = f" ON CONFLICT DO NOTHING RETURNING {_listed(back)}"
    if connection.dialect.name == POSTGRESQL:
        return _send(connection, _insert_arrays(table, names) + new, _arrays(table, names, rows), columns)
    values = _values(table, names, rows)
    return _send(connection, _insert_values(table, names, len(rows)) + new, list(chain.from_iterable(values)), columns)


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows, or set what is beside the key where the table has it. No two rows have one key."""
    names = tuple(rows[0])
    if connection.dialect.name == POSTGRESQL:
        _send(connection, _insert_arrays(table, names) + _instead(table, names), _arrays(table, names, rows))
    else:
        _each(connection, _insert_values(table, names) + _instead(table, names), _values(table, names, rows))


def update(connection: sa.Connection, table: sa.Table, rows: Iterable[Row], *by: str) -> None:
    """Set the columns that the rows have, where the table has their `by` (their `id`, if nothing is said).
    Of two with the same the later counts."""
    by = by or ("id",)
    last = list({tuple(row[name] for name in by): row for row in rows}.values())
    names = tuple(name for name in last[0] if name not in by)
    if connection.dialect.name == POSTGRESQL:
        _send(connection, _update_arrays(table, names, by), _arrays(table, names + by, last))
    else:
        _each(connection, _update_values(table, names, by), _values(table, names + by, last))


def delete(connection: sa.Connection, table: sa.Table, name: str, values: Iterable[Any]) -> None:
    """Delete the rows that have one of these values in the column of this name."""
    if connection.dialect.name == POSTGRESQL:
        kind = table.c[name].type
        sql = f'DELETE FROM {table.name} WHERE "{name}" = ANY($1::{_sent(kind)}[])'  # noqa: S608 - our names
        _send(connection, sql, [_array(kind, list(values))])
    else:
        sql = f'DELETE FROM {table.name} WHERE "{name}" = ?'  # noqa: S608 - our names
        _each(connection, sql, [(value,) for value in values])


def ask(connection: sa.Connection, query: sa.Select[Any], values: Iterable[Any]) -> Answer:
    """Ask a query that is kept and has one `among`, which is bound to these values."""
    values = list(values)
    if connection.dialect.name == POSTGRESQL:
        sql, kind = _numbered(query)
        values = [_array(kind, values)]
    else:
        sql = _expanded(query, len(values))
    return _send(connection, sql, values, tuple(query.selected_columns))


def run(connection: sa.Connection, statement: sa.Executable, values: Mapping[str, Any]) -> Answer:
    """Execute a statement that is kept, with the values it names: lists for what it has as arrays (see `among`), and
    columns that can be the names of a row's. The answer is for a query alone."""
    if connection.dialect.name != POSTGRESQL:
        found = connection.execute(statement, values)
        return lambda: list(found)
    sql, binds, columns = _positional(statement)
    return _send(connection, sql, [bind(values) for bind in binds], columns)


@contextmanager
def together(connection: sa.Connection) -> Iterator[None]:
    """Send what is asked and written in here without waiting for one thing before the next. An answer that is read in
    here is waited for, with all that was sent before it. What is together within another is part of that one."""
    if connection.dialect.name != POSTGRESQL or _driver(connection).pgconn.pipeline_status:
        yield
        return
    try:
        with _driver(connection).pipeline():
            yield
    except psycopg.Error as error:
        raise refused(connection, error) from None


def by_indexes(connection: sa.Connection) -> None:
    """Have PostgreSQL plan what follows in this transaction by indexes alone. It keeps its plans: one made while a
    table was small, or before there were statistics, would scan it from end to end long after it has grown."""
    if connection.dialect.name == POSTGRESQL:
        _send(connection, _BY_INDEXES, ())


def given(table: sa.Table, names: Names) -> sa.TableValuedAlias:
    """Rows that are bound as arrays, for PostgreSQL and a statement that SQLAlchemy writes."""
    kinds = {name: table.c[name].type for name in names}
    bound = (sa.bindparam(f"all_{name}", type_=postgresql.ARRAY(kinds[name])) for name in names)
    columns = (sa.column(name, kinds[name]) for name in names)
    return sa.func.unnest(*bound).table_valued(*columns).render_derived("given")


def arrays(names: Names, rows: Sequence[Row]) -> dict[str, list[Any]]:
    """What to bind where `given` stands. Its columns hold no JSON."""
    return {f"all_{name}": [row[name] for row in rows] for name in names}


# The driver ---------------------------------------------------------------------------------------------------------


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _send(
    connection: sa.Connection, sql: str, values: Sequence[Any], columns: tuple[sa.ColumnElement[Any], ...] = ()
) -> Answer:
    driver = _driver(connection)
    try:
        if connection.dialect.name == POSTGRESQL:
            cursor = psycopg.RawCursor(driver)
            cursor.execute(sql, values, binary=True)
            return lambda: _read(connection, columns, cursor.fetchall())
        rows = driver.execute(sql, values).fetchall()
    except (psycopg.Error, sqlite3.Error) as error:
        raise refused(connection, error) from None
    return lambda: _read(connection, columns, rows)


def _each(connection: sa.Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    try:
        _driver(connection).executemany(sql, rows)
    except sqlite3.Error as error:
        raise refused(connection, error) from None


def _read(connection: sa.Connection, columns: tuple[sa.ColumnElement[Any], ...], rows: list[Any]) -> list[Any]:
    if not rows:
        return []
    shape, readers = _shape(connection.dialect, columns)
    by_column = zip(readers, zip(*rows, strict=True), strict=True)
    return list(map(shape, *(map(reader, values) if reader else values for reader, values in by_column)))


@cache
def _shape(
    dialect: sa.Dialect, columns: tuple[sa.ColumnElement[Any], ...]
) -> tuple[Any, list[Callable[[Any], Any] | None]]:
    """What makes a row, and of each column what makes its value of the driver's."""
    kinds = (column.type.dialect_impl(dialect) for column in columns)
    named = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc] # noqa: PYI024 - made of a query
    return named, [kind.result_processor(dialect, None) for kind in kinds]


def _listed(names: Iterable[str]) -> str:
    return ", ".join([f'"{name}"' for name in names])


@cache
def _instead(table: sa.Table, names: Names) -> str:
    key = [column.name for column in table.primary_key]
    values = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
    return f" ON CONFLICT ({_listed(key)}) DO UPDATE SET {values}"


# PostgreSQL ---------------------------------------------------------------------------------------------------------

_NUMBERED = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call] # the library has no type

_BY_INDEXES = "SELECT " + ", ".join(
    f"set_config('enable_{way}', 'off', true)" for way in ("seqscan", "hashjoin", "mergejoin")
)


@cache
def _numbered(query: sa.Select[Any]) -> tuple[str, sa.types.TypeEngine[Any]]:
    """The query as PostgreSQL's protocol takes it, and the type of the values that it is bound to."""
    compiled: Any = query.compile(dialect=_NUMBERED)
    [among] = compiled.binds.values()
    return str(compiled), among.type.item_type


@cache
def _positional(
    statement: Any,
) -> tuple[str, list[Callable[[Mapping[str, Any]], Any]], tuple[sa.ColumnElement[Any], ...]]:
    """The statement as PostgreSQL's protocol takes it, what finds each of its values, and its columns."""
    compiled = statement.compile(dialect=_NUMBERED)
    binds = [_bound(compiled.binds[name]) for name in compiled.positiontup]
    return str(compiled), binds, tuple(getattr(statement, "selected_columns", ()))


def _bound(bind: sa.BindParameter[Any]) -> Callable[[Mapping[str, Any]], Any]:
    """What finds its value among those that are given, or else its own, as the driver takes it."""
    name, own, kind = bind.key, bind.value, bind.type
    if isinstance(kind, postgresql.ARRAY):
        return lambda values: _array(kind.item_type, values[name])
    write = kind.dialect_impl(_NUMBERED).bind_processor(_NUMBERED)
    return (lambda values: write(values.get(name, own))) if write else lambda values: values.get(name, own)


def _arrays(table: sa.Table, names: Names, rows: Sequence[Row]) -> list[str]:
    return [_array(table.c[name].type, [row[name] for row in rows]) for name in names]


def _array(kind: sa.types.TypeEngine[Any], values: list[Any]) -> str:
    """The values as the text of an array. The driver would look for the type of each, and for what to escape."""
    write = _writer(kind)
    return f"{{{','.join(['NULL' if value is None else write(value) for value in values])}}}"


@cache
def _writer(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], str]:
    return next((write for of, write in _WRITE.items() if isinstance(kind, of)), str)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_time = Time().process_bind_param
_WRITE: Mapping[type[sa.types.TypeEngine[Any]], Callable[[Any], str]] = {
    sa.String: _quoted,
    sa.LargeBinary: lambda value: f'"\\\\x{value.hex()}"',
    sa.JSON: lambda value: _quoted(json.dumps(value)),
    Time: lambda value: str(_time(value, None)),
}
"""How a value stands in an array, by its column's type; the others as Python writes them."""


def _sent(kind: sa.types.TypeEngine[Any]) -> str:
    """The type that a column's values are sent as: a text that is too long is refused, not cut off."""
    return "text" if isinstance(kind, (sa.String, sa.JSON)) else kind.compile(_NUMBERED)


def _unnested(table: sa.Table, names: Names) -> str:
    """The rows that are bound as arrays, each with its place."""
    arrays = (f"${number}::{_sent(table.c[name].type)}[]" for number, name in enumerate(names, start=1))
    return f"unnest({', '.join(arrays)}) WITH ORDINALITY AS given({_listed((*names, 'place'))})"


def _taken(table: sa.Table, name: str) -> str:
    return f'given."{name}"{"::json" if isinstance(table.c[name].type, sa.JSON) else ""}'


@cache
def _insert_arrays(table: sa.Table, names: Names) -> str:
    taken = ", ".join(_taken(table, name) for name in names)
    return f"INSERT INTO {table.name} ({_listed(names)}) SELECT {taken} FROM {_unnested(table, names)} ORDER BY place"  # noqa: S608 - our names


@cache
def _update_arrays(table: sa.Table, names: Names, by: Names) -> str:
    taken = ", ".join(f'"{name}" = {_taken(table, name)}' for name in names)
    found = " AND ".join(f'{table.name}."{name}" = given."{name}"' for name in by)
    return f"UPDATE {table.name} SET {taken} FROM {_unnested(table, names + by)} WHERE {found}"  # noqa: S608 - our names


# SQLite -------------------------------------------------------------------------------------------------------------

_PLAIN = SQLiteDialect_pysqlite()


@cache
def _expanded(query: sa.Select[Any], values: int) -> str:
    """The query with a place for each of so many values."""
    named: Any = query.compile(dialect=_PLAIN)
    [among] = named.binds
    full = query.params({among: [None] * values})
    return str(full.compile(dialect=_PLAIN, compile_kwargs={"render_postcompile": True}))


@cache
def _insert_values(table: sa.Table, names: Names, rows: int = 1) -> str:
    one = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({_listed(names)}) VALUES {', '.join([one] * rows)}"  # noqa: S608 - our names


@cache
def _update_values(table: sa.Table, names: Names, by: Names) -> str:
    given = ", ".join(f'"{name}" = ?' for name in names)
    found = " AND ".join(f'"{name}" = ?' for name in by)
    return f"UPDATE {table.name} SET {given} WHERE {found}"  # noqa: S608 - our names


_BIND: Mapping[type[sa.types.TypeEngine[Any]], Callable[[Any], Any]] = {
    sa.JSON: lambda value: None if value is None else written(value),
    Time: lambda value: _time(value, None),
}
"""What the driver does not take as it is, by its column's type."""


@cache
def _binders(table: sa.Table, names: Names) -> list[tuple[int, Callable[[Any], Any]]]:
    """What makes of the values of some columns what the driver takes, with the columns' places."""
    kinds = ((place, table.c[name].type) for place, name in enumerate(names))
    return [(place, bind) for place, kind in kinds for of, bind in _BIND.items() if isinstance(kind, of)]


def _values(table: sa.Table, names: Names, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    columns = [[row[name] for row in rows] for name in names]
    for place, bind in _binders(table, names):
        columns[place] = [bind(value) for value in columns[place]]
    return list(zip(*columns, strict=True))
