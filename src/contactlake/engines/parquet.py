"""A few rows of Parquet files by a column's value. No SQL: loading an engine for it takes longer than the reading.

Never names a table.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any


def rows_with(
    paths: Sequence[str], column: str, values: Collection[str], columns: Sequence[str]
) -> list[dict[str, Any]] | None:
    """``columns`` of the rows that have one of ``values`` in ``column``; a column that a file does not have is null.

    None where a file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = []
    try:
        for path in paths:
            with pq.ParquetFile(path) as file:
                there = [c for c in columns if c in file.schema_arrow.names]
                for group in range(file.num_row_groups):
                    kept = file.read_row_group(group, [column], use_threads=False)[column].to_pylist()
                    numbers = [n for n, value in enumerate(kept) if value in values]
                    if numbers:
                        rows = file.read_row_group(group, there, use_threads=False)
                        for n in numbers:
                            (row,) = rows.slice(n, 1).to_pylist(maps_as_pydicts="strict")
                            found.append({c: row.get(c) for c in columns})
    except (OSError, pa.ArrowException):
        return None
    return found
