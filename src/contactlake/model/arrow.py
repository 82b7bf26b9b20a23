"""Column types as Arrow types: the shape in which rows travel between the stages."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from contactlake.model.table import Table
from contactlake.model.types import Array, Map, Scalar, Struct, Type

PARQUET = {"compression": "zstd", "store_schema": False}
"""How every Parquet file of a lake is written (arguments of ``pyarrow.parquet.ParquetWriter``)."""

_SCALARS = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "float": pa.float32(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "binary": pa.large_binary(),
}


@cache
def arrow_type(type: Type) -> pa.DataType:
    """The Arrow type of a column type."""
    match type:
        case Scalar(name):
            return _SCALARS[name]
        case Array(item):
            return pa.list_(pa.field("element", arrow_type(item)))
        case Map(value):
            return pa.map_(pa.string(), pa.field("value", arrow_type(value)))
        case Struct(fields):
            return pa.struct([pa.field(f.name, arrow_type(f.type)) for f in fields])


def arrow_schema(table: Table) -> pa.Schema:
    """A table's columns as an Arrow schema; keys are checked by the decoder, so every column may be null."""
    return pa.schema([pa.field(c.name, arrow_type(c.type)) for c in table.columns])
