"""Work in groups, so that memory is bounded whatever the amount of input.

Knows a source query and the column that keeps rows together; it must not know any table's name or meaning.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

GROUP_ROWS = 500_000
"""Rows in a group, about: large enough for the engine to be fast, small enough for a laptop."""


def groups(
    con: duckdb.DuckDBPyConnection,
    source: str,
    columns: Iterable[str],
    together: str,
    folder: Path,
    rows: int = GROUP_ROWS,
) -> Iterator[str]:
    """Queries whose results together are ``columns`` of the rows of ``source``, each about ``rows`` long.

    Rows with the same value of ``together`` come in the same group. More than one group is spooled to ``folder`` in
    one pass over the source, and removed from there afterwards.
    """
    found = con.execute(f"SELECT COUNT(*) FROM ({source})").fetchone()
    count = -(-(found[0] if found else 0) // rows)
    if count <= 1:
        yield source
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = str(folder).replace("'", "''")
    try:
        con.execute(
            f"COPY (SELECT {', '.join(columns)}, HASH({together}) % {count} AS _group FROM ({source})) TO '{target}'"
            " (FORMAT parquet, COMPRESSION lz4, PARTITION_BY (_group), OVERWRITE_OR_IGNORE)"
        )
        for part in sorted(folder.glob("_group=*")):
            path = str(part).replace("'", "''")
            yield f"SELECT * FROM read_parquet('{path}/*.parquet', hive_partitioning = false)"
            shutil.rmtree(part)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
