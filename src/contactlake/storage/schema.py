"""Table declarations as Iceberg schemas and partition specs."""

from __future__ import annotations

import pyarrow as pa
from pyiceberg.io.pyarrow import pyarrow_to_schema, schema_to_pyarrow
from pyiceberg.partitioning import PARTITION_FIELD_ID_START, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import DayTransform

from contactlake.model.table import Table
from contactlake.storage.numbered import numbered_schema


def iceberg_schema(table: Table) -> Schema:
    """A table's columns with field ids, the same in every run."""
    return pyarrow_to_schema(numbered_schema(table))


def partition_spec(table: Table, schema: Schema) -> PartitionSpec:
    """Days of the table's partition column; unpartitioned where it has none."""
    if table.partition_by is None or table.by_name[table.partition_by].type.name != "timestamp":  # type: ignore[union-attr]
        return PartitionSpec()
    source = schema.find_field(table.partition_by).field_id
    return PartitionSpec(
        PartitionField(source, PARTITION_FIELD_ID_START, DayTransform(), name=f"{table.partition_by}_day")
    )


def file_schema(schema: Schema) -> pa.Schema:
    """The Arrow schema of a data file: field ids in its metadata, strings and lists with 32-bit offsets."""
    return pa.schema([_narrow_field(f) for f in schema_to_pyarrow(schema)])


def _narrow_field(field: pa.Field) -> pa.Field:
    return pa.field(field.name, _narrow_type(field.type), nullable=field.nullable, metadata=field.metadata)


def _narrow_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(type_):
        return pa.string()
    if pa.types.is_large_list(type_) or pa.types.is_list(type_):
        return pa.list_(_narrow_field(type_.value_field))
    if pa.types.is_struct(type_):
        return pa.struct([_narrow_field(type_.field(i)) for i in range(type_.num_fields)])
    if pa.types.is_map(type_):
        return pa.map_(_narrow_field(type_.key_field), _narrow_field(type_.item_field))
    return type_
