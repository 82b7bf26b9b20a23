"""What a commit does otherwise than PyIceberg alone would: no work is done anew for each file, nor for each look.

A commit of a few files is most of what a small run waits for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_file_to_data_file,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import Transaction

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.metadata import TableMetadata


class Change(Transaction):
    """A transaction that works the table's metadata out when they change: PyIceberg does so at every look, a dozen
    times in a commit, and copies all of them each time."""

    _known: tuple[object, object, TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        """The metadata as they will be."""
        base, updates = self._table.metadata, self._updates
        if self._known is None or self._known[0] is not base or self._known[1] is not updates:
            self._known = (base, updates, super().table_metadata)
        return self._known[2]


def evaluating_apart(change: Any) -> Any:
    """An overwrite that looks at each manifest with an evaluator of its own.

    PyIceberg gives one evaluator to several threads; it remembers the manifest it is at, so that now and then a file to
    delete is said to be missing.
    """
    build = change._build_manifest_evaluator
    change._build_manifest_evaluator = lambda spec: lambda manifest: build(spec)(manifest)
    return change


def data_files(table: IcebergTable, paths: Iterable[str]) -> Iterator[DataFile]:
    """The entries of local files for a snapshot of ``table``.

    As PyIceberg makes them one by one, but what only depends on the schema is worked out once, and only the first of
    files that have one schema is compared with the table's. Raises ``ValueError`` for a file that is not of the table.
    """
    schema, spec = table.schema(), table.spec()
    plan, ids = compute_statistics_plan(schema, table.properties), parquet_path_to_id_mapping(schema)
    compared: pq.ParquetSchema | None = None
    for path in paths:
        url, footer = f"file://{path}", pq.read_metadata(path)
        if compared is None or not footer.schema.equals(compared):
            compared = footer.schema
            yield parquet_file_to_data_file(table.io, table.metadata, url)
            continue
        statistics = data_file_statistics_from_parquet_metadata(footer, plan, ids)
        yield DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=url,
            file_format=FileFormat.PARQUET,
            partition=statistics.partition(spec, schema),
            file_size_in_bytes=Path(path).stat().st_size,
            sort_order_id=None,
            spec_id=spec.spec_id,
            equality_ids=None,
            key_metadata=None,
            **statistics.to_serialized_dict(),
        )
