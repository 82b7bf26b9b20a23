"""The entries of data files for a snapshot, made as PyIceberg would, but without doing the same work for each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_file_to_data_file,
    parquet_path_to_id_mapping,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat

from contactlake.storage.locations import url

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable


def data_files(table: IcebergTable, paths: Iterable[str]) -> Iterator[DataFile]:
    """The entries of local files for a snapshot of ``table``.

    As PyIceberg makes them one by one, but what only depends on the schema is worked out once, and only the first of
    files that have one schema is compared with the table's. Raises ``ValueError`` for a file that is not of the table.
    """
    schema, spec = table.schema(), table.spec()
    plan, ids = compute_statistics_plan(schema, table.properties), parquet_path_to_id_mapping(schema)
    compared: pq.ParquetSchema | None = None
    for path in paths:
        location, footer = url(path), pq.read_metadata(path)
        if compared is None or not footer.schema.equals(compared):
            compared = footer.schema
            yield parquet_file_to_data_file(table.io, table.metadata, location)
            continue
        statistics = data_file_statistics_from_parquet_metadata(footer, plan, ids)
        yield DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=location,
            file_format=FileFormat.PARQUET,
            partition=statistics.partition(spec, schema),
            file_size_in_bytes=Path(path).stat().st_size,
            sort_order_id=None,
            spec_id=spec.spec_id,
            equality_ids=None,
            key_metadata=None,
            **statistics.to_serialized_dict(),
        )
