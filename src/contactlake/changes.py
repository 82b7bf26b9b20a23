"""What a batch changed in tables that others are derived from, written down before the batch begins.

A changes file holds one row for every row that was added or removed. It is durable before the batch's plan, and the
ledger knows it until what follows from it has been derived: a kill in between is made up for by the next writer.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from contactlake.model.arrow import PARQUET
from contactlake.pipeline import WATCHED

FOLDER = "changes"
ADDED = "added"


class Changes:
    """The changes of one batch."""

    def __init__(self, root: Path, batch: str) -> None:
        self.path = root / FOLDER / f"{batch}.parquet"
        self._added: list[str] = []
        self._removed: list[tuple[str, list[int]]] = []

    def added(self, table: str, path: str) -> None:
        """All rows of a file become rows of the table."""
        if table == WATCHED.table:
            self._added.append(path)

    def removed(self, table: str, path: str, rows: list[int]) -> None:
        """The rows with these numbers are taken out of a live file."""
        if table == WATCHED.table:
            self._removed.append((path, rows))

    def write(self, schema: pa.Schema) -> list[str]:
        """Write the file, durably; returns its path, or nothing where nothing of interest changed."""
        if not self._added and not self._removed:
            return []
        names = [*WATCHED.columns, *WATCHED.of_removed]
        shape = pa.schema([*(schema.field(name) for name in names), pa.field(ADDED, pa.bool_())])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("wb") as out:
            with pq.ParquetWriter(out, shape, **PARQUET) as writer:
                for path in self._added:
                    with pq.ParquetFile(path) as source:
                        for batch in source.iter_batches(columns=list(WATCHED.columns)):
                            writer.write_table(_shaped(pa.Table.from_batches([batch]), shape, True))
                for path, rows in self._removed:
                    taken = pq.read_table(path, columns=names).take(pa.array(rows, pa.int64()))
                    writer.write_table(_shaped(taken, shape, False))
            out.flush()
            os.fsync(out.fileno())
        return [str(self.path)]


def clean(root: Path, pending: list[str]) -> None:
    """Remove files that no batch stands behind any more."""
    for path in (root / FOLDER).glob("*.parquet"):
        if str(path) not in pending:
            path.unlink(missing_ok=True)


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
