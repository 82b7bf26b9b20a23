"""Cuts rows into groups that fit in memory, so that what belongs together stays together. Never names a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

GROUP_ROWS = 400_000


def groups(
    con: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[str],
    by: str,
    folder: Path,
    group_rows: int = GROUP_ROWS,
) -> Iterator[str]:
    """Queries that together give the rows of ``source``; rows with the same ``by`` (an expression) in the same one.

    Few rows are one group and are not written; more are spooled into ``folder`` once.
    """
    names = ", ".join(columns)
    found = con.execute(f"SELECT COUNT(*) FROM ({source})").fetchone()
    count = -(-(found[0] if found else 0) // group_rows)
    if count <= 1:
        yield f"SELECT {names} FROM ({source})"
        return
    folder.mkdir(parents=True, exist_ok=True)
    con.execute(
        f"COPY (SELECT {names}, CAST(HASH({by}) % {count} AS INTEGER) AS _group FROM ({source}))"
        f" TO '{quoted(folder)}' (FORMAT parquet, PARTITION_BY (_group), OVERWRITE_OR_IGNORE)"
    )
    for part in sorted(folder.glob("_group=*")):
        yield f"SELECT {names} FROM read_parquet('{quoted(part)}/*.parquet', hive_partitioning = false)"


def quoted(path: Path | str) -> str:
    """A path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")


def listed(paths: Iterable[Path | str]) -> str:
    """Paths as a list in SQL."""
    return "[" + ", ".join(f"'{quoted(path)}'" for path in paths) + "]"
