"""Data files written again without some of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from contactlake.model.arrow import PARQUET


def without_rows(path: str, rows: Sequence[int], target: str) -> int:
    """Copy a file without the rows of these numbers; returns how many are left (no file is written for none)."""
    dropped = set(rows)
    written = 0
    with pq.ParquetFile(path) as source:
        if source.metadata.num_rows == len(dropped):
            return 0
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(target, source.schema_arrow, **PARQUET) as writer:
            start = 0
            for batch in source.iter_batches(batch_size=8_192):
                keep = [i for i in range(batch.num_rows) if start + i not in dropped]
                start += batch.num_rows
                if keep:
                    writer.write_batch(batch.take(pa.array(keep, pa.int32())))
                    written += len(keep)
    return written


def together(paths: Sequence[str], target: str, schema: pa.Schema) -> None:
    """Write the rows of several files into one, in their order."""
    with pq.ParquetWriter(target, schema, **PARQUET) as writer:
        for path in paths:
            with pq.ParquetFile(path) as source:
                for batch in source.iter_batches(batch_size=8_192):
                    writer.write_batch(_conform(batch, schema))


def _conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch under ``schema``; columns that an older file lacks are null."""
    for field in schema:
        if field.name not in batch.schema.names:
            batch = batch.append_column(field.name, pa.nulls(batch.num_rows, field.type))
    return batch.select(schema.names).cast(schema)


def rows_with_keys(files: Sequence[str], key: Sequence[str], wanted: Sequence[tuple[str, int]]) -> dict[str, list[int]]:
    """In which of ``files``, and at which row, the keys stand that the ``wanted`` rows (file, row number) have."""
    by_file: dict[str, list[int]] = {}
    for file, row in wanted:
        by_file.setdefault(file, []).append(row)
    keys = pa.concat_tables(list(_key_rows(by_file, list(key))))
    with duckdb.connect(config={"memory_limit": "256MB"}) as db:
        db.register("wanted", keys)
        return _matching(db, files, key)


def rows_with_keys_of(files: Sequence[str], key: Sequence[str], others: Sequence[str]) -> dict[str, list[int]]:
    """In which of ``files``, and at which row, the keys stand that any row of the ``others`` has."""
    if not files or not others:
        return {}
    names = ", ".join(f'"{name}"' for name in key)
    with duckdb.connect(config={"memory_limit": "256MB"}) as db:
        db.execute(
            f"CREATE TEMP TABLE wanted AS SELECT {names} FROM read_parquet($others, hive_partitioning = false)",
            {"others": list(others)},
        )
        return _matching(db, files, key)


def _matching(db: duckdb.DuckDBPyConnection, files: Sequence[str], key: Sequence[str]) -> dict[str, list[int]]:
    names = ", ".join(f'"{name}"' for name in key)
    found: dict[str, list[int]] = {}
    for file, row in db.execute(
        f"SELECT filename, file_row_number FROM read_parquet($files, filename = true, file_row_number = true, "
        f"hive_partitioning = false) SEMI JOIN wanted USING ({names}) ORDER BY ALL",
        {"files": list(files)},
    ).fetchall():
        found.setdefault(file, []).append(row)
    return found


def _key_rows(by_file: dict[str, list[int]], key: list[str]) -> Iterator[pa.Table]:
    for file, rows in by_file.items():
        yield pq.read_table(file, columns=key).take(pa.array(rows, pa.int64()))
