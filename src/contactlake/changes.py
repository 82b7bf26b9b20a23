"""What a batch changed in tables that others are derived from, written down before the batch begins.

A changes file holds one row for every row that was added to a table or removed from it. It is durable before the
batch's plan, and the ledger knows it until what follows from it has been derived: a kill in between is made up for by
the next writer.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from contactlake.model.arrow import PARQUET
from contactlake.pipeline import WATCHED

FOLDER = "changes"
ADDED = "added"
FACT = "derived"
"""The ledger's fact that tells under which settings and rules was derived. Without it everything will be derived: what
changed need not be written down."""


class Changes:
    """The changes of one batch."""

    def __init__(self, root: Path, batch: str) -> None:
        self.folder, self.batch = root / FOLDER, batch
        self._added: dict[str, list[str]] = defaultdict(list)
        self._removed: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)

    def added(self, table: str, path: str) -> None:
        """All rows of a file become rows of the table."""
        if table in WATCHED:
            self._added[table].append(path)

    def removed(self, table: str, path: str, rows: list[int]) -> None:
        """The rows with these numbers are taken out of a live file."""
        if table in WATCHED:
            self._removed[table].append((path, rows))

    def write(self, schemas: Mapping[str, pa.Schema]) -> list[str]:
        """Write a file for every table that changed, durably; returns their paths."""
        return [self._write(table, schemas[table]) for table in sorted({*self._added, *self._removed})]

    def _write(self, table: str, schema: pa.Schema) -> str:
        watched = WATCHED[table]
        names = [*watched.columns, *watched.of_removed]
        shape = pa.schema([*(_coded(schema.field(name)) for name in names), pa.field(ADDED, pa.bool_())])
        path = self.folder / table / f"{self.batch}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            with pq.ParquetWriter(out, shape, **PARQUET) as writer:
                for added in self._added[table]:
                    with pq.ParquetFile(added, read_dictionary=list(watched.columns)) as source:
                        rows = source.read(list(watched.columns)).unify_dictionaries().combine_chunks()
                        writer.write_table(_shaped(rows, shape, True))
                for old, numbers in self._removed[table]:
                    taken = _of_file(old, names).take(pa.array(numbers, pa.int64()))
                    writer.write_table(_shaped(taken, shape, False))
            out.flush()
            os.fsync(out.fileno())
        return str(path)


def clean(root: Path, pending: list[str]) -> None:
    """Remove files that no batch stands behind any more."""
    for path in (root / FOLDER).glob("*/*.parquet"):
        if str(path) not in pending:
            path.unlink(missing_ok=True)


def table_of_changes(path: str) -> str:
    """Of which table a file tells changes."""
    return Path(path).parent.name


def _coded(field: pa.Field) -> pa.Field:
    """Texts stay numbers of a dictionary on their way from file to file."""
    return field.with_type(pa.dictionary(pa.int32(), field.type)) if field.type == pa.string() else field


def _of_file(path: str, names: list[str]) -> pa.Table:
    with pq.ParquetFile(path) as file:  # an older version may have written fewer columns
        return file.read([name for name in names if name in file.schema_arrow.names])


def _shaped(rows: pa.Table, shape: pa.Schema, added: bool) -> pa.Table:
    columns = []
    for field in shape:
        if field.name == ADDED:
            columns.append(pa.repeat(pa.scalar(added), rows.num_rows))
        elif field.name in rows.column_names:
            columns.append(rows.column(field.name).cast(field.type))
        else:
            columns.append(pa.nulls(rows.num_rows, field.type))
    return pa.Table.from_arrays(columns, schema=shape)
