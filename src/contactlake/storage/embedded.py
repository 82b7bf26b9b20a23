"""The catalog in the lake's own folder: SQLite, and metadata files that are read once."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from pyiceberg.catalog.sql import IcebergTables, SqlCatalog

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata

_T = TypeVar("_T")


class Embedded(SqlCatalog):
    """PyIceberg's catalog in SQLite; a table is parsed when its metadata file is another than before (it never
    changes itself): a commit alone would do so twice."""

    def __init__(self, name: str, **properties: str) -> None:
        super().__init__(name, **properties)
        self._parsed: dict[str, Table] = {}

    def _convert_orm_to_iceberg(self, orm_table: IcebergTables) -> Table:
        key = f"{orm_table.table_namespace}.{orm_table.table_name}"
        table = self._parsed.get(key)
        if table is None or table.metadata_location != orm_table.metadata_location:
            table = super()._convert_orm_to_iceberg(orm_table)
            table.metadata = _uncopied(table.metadata)
            self._parsed[key] = table
        return copy.copy(table)


class _Settled(list[_T]):
    """What is never changed in place and need not be copied: a copy of all snapshots takes longer than a commit."""

    def __deepcopy__(self, memo: Any) -> _Settled[_T]:
        return self

    def __add__(self, more: list[_T]) -> _Settled[_T]:  # type: ignore[override]
        return _Settled([*self, *more])


def _uncopied(metadata: TableMetadata) -> TableMetadata:
    settled = {n: _Settled(getattr(metadata, n)) for n in ("schemas", "snapshots", "snapshot_log", "metadata_log")}
    return metadata.model_copy(update=settled)
