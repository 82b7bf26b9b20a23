"""Rows made again take the place of stored rows: only what differs is written. Never names a table.

Rows are compared by primary key. Equal rows keep the time at which they last changed; a day in which nothing differs
keeps its files.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from contactlake.build.grouped import listed
from contactlake.model.arrow import PARQUET
from contactlake.model.table import Table

MANY_FILES = 8
_BATCH_ROWS = 20_000
_SORTED_ROWS = 100_000


@dataclass(frozen=True)
class Replaced:
    """What differs in one day: the file to add, the files to delete, and how many rows that means."""

    add: str | None = None
    delete: tuple[str, ...] = ()
    rows_added: int = 0
    rows_removed: int = 0


def replace(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    schema: pa.Schema,
    fresh: str,
    stored: Sequence[str],
    touched: str,
    now: int,
    scratch: Path,
    watched: tuple[str, Sequence[str]] | None = None,
) -> Replaced:
    """Compare the ``fresh`` rows (a query) of one day with those rows of its ``stored`` files that are ``touched``.

    ``touched`` is a condition on a row ``o`` that says which stored rows the fresh ones stand for. ``now`` (µs since
    1970) stamps rows that are new or have changed; ``schema`` is that of the file. ``watched``: the name of a relation
    to which rows added and removed are told (with those columns, and ``added``).
    """
    names = ", ".join(f'"{c.name}"' for c in table.columns if c.name != table.processed_at)
    if not stored:
        _tell(con, watched, f"SELECT {{}}, TRUE AS added FROM ({fresh})")
        made = f"SELECT {_stamped(table, now)} FROM ({fresh}) AS f"
        return Replaced(_write(con, table, schema, made, scratch), (), _count(con, f"({fresh})"))
    con.execute(f"CREATE OR REPLACE TEMP TABLE _fresh AS SELECT {names} FROM ({fresh})")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE _old AS SELECT o.* FROM {_rows(con, table, stored)} AS o WHERE {touched}"
    )
    key = " AND ".join(f'o."{n}" IS NOT DISTINCT FROM f."{n}"' for n in table.primary_key)
    equal = _equal(table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE _same AS SELECT o.* FROM _old AS o JOIN _fresh AS f ON {key}{equal}")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE _gone AS SELECT filename, file_row_number FROM _old "
        "ANTI JOIN _same USING (filename, file_row_number)"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE _new AS SELECT f.* FROM _fresh AS f ANTI JOIN _same AS o ON {key}")
    added, removed = _count(con, "_new"), _count(con, "_gone")
    if not added and not removed:
        return Replaced()
    _tell(con, watched, "SELECT {}, TRUE AS added FROM _new")
    _tell(con, watched, "SELECT {}, FALSE AS added FROM _old SEMI JOIN _gone USING (filename, file_row_number)")
    rewritten = [path for (path,) in con.execute("SELECT DISTINCT filename FROM _gone ORDER BY ALL").fetchall()]
    if len(stored) - len(rewritten) >= MANY_FILES:
        rewritten = list(stored)
    made = f"SELECT {_stamped(table, now)} FROM _new AS f"
    if rewritten:
        columns = ", ".join(f'o."{c.name}"' for c in table.columns)
        made = (
            f"SELECT {columns} FROM {_rows(con, table, rewritten)} AS o ANTI JOIN _gone AS g "
            f"ON g.filename = o.filename AND g.file_row_number = o.file_row_number UNION ALL BY NAME {made}"
        )
    return Replaced(_write(con, table, schema, made, scratch), tuple(rewritten), added, removed)


def _rows(con: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str]) -> str:
    """Rows of files, with file and row number; a column that an older version did not write is null."""
    source = (
        f"read_parquet({listed(paths)}, hive_partitioning = false, filename = true, file_row_number = true, "
        "union_by_name = true)"
    )
    there = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    lacking = [f', (SELECT "{c.name}" FROM _fresh LIMIT 0) AS "{c.name}"' for c in table.columns if c.name not in there]
    return f"(SELECT *{''.join(lacking)} FROM {source})" if lacking else source


def _tell(con: duckdb.DuckDBPyConnection, watched: tuple[str, Sequence[str]] | None, rows: str) -> None:
    if watched is None:
        return
    name, columns = watched
    query = rows.format(", ".join(f'"{c}"' for c in columns))
    con.execute(f"CREATE TABLE IF NOT EXISTS {name} AS {query} LIMIT 0")
    con.execute(f"INSERT INTO {name} {query}")


def _equal(table: Table) -> str:
    others = [c.name for c in table.columns if c.name not in (*table.primary_key, table.processed_at)]
    return "".join(f' AND o."{n}" IS NOT DISTINCT FROM f."{n}"' for n in others)


def _stamped(table: Table, now: int) -> str:
    """The columns of a fresh row ``f``, with the time of its last change."""
    return ", ".join(
        f'MAKE_TIMESTAMPTZ({now}) AS "{c.name}"' if c.name == table.processed_at else f'f."{c.name}"'
        for c in table.columns
    )


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(con.execute(f"SELECT COUNT(*) FROM {name}").fetchall()[0][0])


def _write(con: duckdb.DuckDBPyConnection, table: Table, schema: pa.Schema, made: str, scratch: Path) -> str | None:
    """Write rows in the order of agents and times, as neighbours are mostly read together; None if there are none.

    Rows are wide, and to sort many at once takes more memory than deriving them: some agents after the other.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    path = str(scratch / f"{uuid.uuid4().hex}.parquet")
    leading = ["instance_id", "user_id", table.partition_by, *table.primary_key]
    order = dict.fromkeys(f'"{n}"' for n in leading if n in table.by_name)
    writer = None
    for some in _some_agents(con, made) if "user_id" in table.by_name else ("TRUE",):
        sorted_rows = con.sql(f"FROM ({made}) WHERE {some} ORDER BY {', '.join(order)}")
        for batch in sorted_rows.to_arrow_reader(_BATCH_ROWS):
            if batch.num_rows:
                writer = writer or pq.ParquetWriter(path, schema, **PARQUET)
                writer.write_table(pa.Table.from_batches([batch]).select(schema.names).cast(schema))
    if writer is None:
        return None
    writer.close()
    return path


def _some_agents(con: duckdb.DuckDBPyConnection, rows: str) -> Iterator[str]:
    """Conditions that cut rows into pieces of about ``_SORTED_ROWS``, by agent, in the order of their ids."""
    count = -(-_count(con, f"({rows})") // _SORTED_ROWS)
    if count <= 1:
        yield "TRUE"
        return
    shares = ", ".join(str(n / count) for n in range(1, count))
    cuts = con.execute(f"SELECT QUANTILE_DISC(user_id, [{shares}]) FROM ({rows})").fetchall()[0][0]
    bounds = ["'" + cut.replace("'", "''") + "'" for cut in sorted(set(cuts or ()))]
    for start, end in zip([None, *bounds], [*bounds, None], strict=True):
        within = ["user_id IS NOT NULL"] if start is None else [f"user_id >= {start}"]
        yield " AND ".join(within + ([] if end is None else [f"user_id < {end}"]))
    yield "user_id IS NULL"
