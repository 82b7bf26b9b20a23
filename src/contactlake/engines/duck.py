"""SQL over the lake's tables, in DuckDB. Read-only by construction.

A query sees views over the data files that Iceberg plans, and nothing else: no other file, no network, no setting, no
statement but a query. Never names a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from contactlake.engines.content import Content
from contactlake.errors import QueryError
from contactlake.model.table import Table
from contactlake.model.types import Array, Map, Scalar, Struct, Type

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow as pa

SCHEMA = "connect_datalake"
_SCALARS = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "int": "INTEGER",
    "double": "DOUBLE",
    "number": "DOUBLE",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "binary": "BLOB",
}
_BATCH_ROWS = 20_000
_MISSING = (duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)

ASKS_FOR_TABLES = re.compile(
    r'"error":true|"(?:show_ref|information_schema|(?:duckdb|pg|pragma|sqlite)_\w+|query|json_execute_serialized_sql)"'
)
"""In a query's tree, what may ask which tables there are, or run a query that does."""


Contents = Callable[[str], Content]
"""Says what a table (by name) consists of."""


class Result:
    """Rows of a query. Take them once, in the shape you like."""

    def __init__(self, reader: pa.RecordBatchReader, connection: Any) -> None:
        self._reader, self._connection = reader, connection
        self.schema: pa.Schema = reader.schema

    def batches(self) -> Iterable[pa.RecordBatch]:
        """The rows as they come, in Arrow batches. Raises ``QueryError`` where a value stops the query."""
        try:
            yield from self._reader
        except (duckdb.Error, OSError) as error:
            raise QueryError(_sentence(error)) from None
        finally:
            self._connection.close()

    def arrow(self) -> pa.Table:
        """All rows as an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(), self.schema)

    def rows(self) -> list[dict[str, Any]]:
        """All rows as dictionaries of Python values."""
        return list(self.arrow().to_pylist())

    def pandas(self) -> pandas.DataFrame:
        """All rows as a pandas frame (needs pandas)."""
        return self.arrow().to_pandas()

    def polars(self) -> polars.DataFrame:
        """All rows as a polars frame (needs polars)."""
        import polars

        return polars.DataFrame(polars.from_arrow(self.arrow()))


def query(
    sql: str,
    tables: Iterable[Table],
    contents: Contents,
    views: Sequence[tuple[str, str]] = (),
    spill: Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    sparing: bool = False,
) -> Result:
    """Answer one query. Raises ``QueryError`` where it is no query or is wrong.

    ``contents`` says what each table consists of; ``views`` are further (name, SELECT) pairs over the tables;
    ``parameters`` are the values of ``$name`` in the query. ``sparing``: only those tables are looked at that the
    query can reach; its answer is the same.
    """
    connection = _connect(spill)
    try:
        _check(connection, sql)
        every = tuple(tables)
        some = _reached(connection, sql, every, views) if sparing else every
        if len(some) < len(every):
            try:
                return _answer(connection, sql, some, contents, views, parameters)
            except _MISSING:  # in the long way it may be there; else the message knows all tables
                connection.close()
                connection = _connect(spill)
        return _answer(connection, sql, every, contents, views, parameters)
    except (duckdb.Error, QueryError) as error:
        connection.close()
        raise error if isinstance(error, QueryError) else QueryError(_sentence(error)) from None


def _connect(spill: Path | None) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"temp_directory": str(spill) if spill else ""})


def _answer(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    tables: Iterable[Table],
    contents: Contents,
    views: Sequence[tuple[str, str]],
    parameters: Mapping[str, Any] | None,
) -> Result:
    allowed = _define(connection, tables, contents)
    for name, select in views:
        connection.execute(f"CREATE VIEW {SCHEMA}.{name} AS {select}")
    _lock(connection, allowed)
    return Result(connection.sql(sql, params=dict(parameters or {})).to_arrow_reader(_BATCH_ROWS), connection)


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if not statements:
        raise QueryError("There is no query. Say for example: SELECT 1")
    if len(statements) > 1:
        raise QueryError(f"One query at a time, please: these are {len(statements)} statements.")
    kind = statements[0].type
    if kind != duckdb.StatementType.SELECT:
        raise QueryError(f"Only queries (SELECT …) are answered; this is a statement of the kind {kind.name}.")


def _reached(
    connection: duckdb.DuckDBPyConnection, sql: str, tables: tuple[Table, ...], views: Sequence[tuple[str, str]]
) -> tuple[Table, ...]:
    """The tables that a query and ``views`` name: defining one takes longer than most queries do. All of them where
    the query may ask which tables there are."""
    try:
        tree = str(connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchall()[0][0]).lower()
    except duckdb.Error:  # a query that can be answered need not be one that can be written down
        return tables
    if ASKS_FOR_TABLES.search(tree):
        return tables
    words = set(re.findall(r"\w+", " ".join([tree, *(select.lower() for _, select in views)])))
    return tuple(t for t in tables if t.name in words)


def _define(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], contents: Contents) -> list[str]:
    """Create a view per table; returns the files that they read."""
    connection.execute(f"SET TimeZone = 'UTC'; CREATE SCHEMA {SCHEMA}")
    allowed: list[str] = []
    for table in tables:
        content = contents(table.name)
        empty = not content.paths and content.rows is None
        names = ", ".join(
            f'"{c.name}"' if not empty and c.name in content.columns else f'NULL::{sql_type(c.type)} AS "{c.name}"'
            for c in table.columns
        )
        if content.rows is not None:
            connection.register(f"_rows_{table.name}", content.rows)
            select = f'SELECT {names} FROM memory.main."_rows_{table.name}"'
        elif empty:
            select = f"SELECT {names} WHERE false"
        else:
            allowed += content.paths
            union = "" if content.uniform else ", union_by_name = true"
            select = f"SELECT {names} FROM read_parquet({_listed(content.paths)}, hive_partitioning = false{union})"
        connection.execute(f'CREATE VIEW {SCHEMA}."{table.name}" AS {select}')
    return allowed


def _lock(connection: duckdb.DuckDBPyConnection, allowed: list[str]) -> None:
    connection.execute(f"SET search_path = '{SCHEMA},main'")
    if allowed:
        connection.execute(f"SET allowed_paths = {_listed(allowed)}")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")


def _listed(paths: Iterable[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def sql_type(type_: Type) -> str:
    """A column type as DuckDB spells it."""
    match type_:
        case Scalar(name):
            return _SCALARS[name]
        case Array(item):
            return f"{sql_type(item)}[]"
        case Map(value):
            return f"MAP(VARCHAR, {sql_type(value)})"
        case Struct(fields):
            return "STRUCT(" + ", ".join(f'"{f.name}" {sql_type(f.type)}' for f in fields) + ")"


def _sentence(error: Exception) -> str:
    """DuckDB's message without its class name."""
    text = str(error)
    head, separator, rest = text.partition(" Error: ")
    return rest if separator and " " not in head else text
