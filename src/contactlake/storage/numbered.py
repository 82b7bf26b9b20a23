"""Table declarations as Arrow schemas with Iceberg's field ids. Does without PyIceberg, which takes long to import."""

from __future__ import annotations

from itertools import count

import pyarrow as pa

from contactlake.model.arrow import arrow_schema
from contactlake.model.table import Table


def numbered_schema(table: Table) -> pa.Schema:
    """A table's columns with field ids, the same in every run, as Iceberg gives them to a table that is new: those of
    one struct follow each other. All are optional: keys are checked when decoding."""
    return pa.schema(_numbered(list(arrow_schema(table)), count(1)))


def _numbered(fields: list[pa.Field], ids: count[int]) -> list[pa.Field]:
    own = [next(ids) for _ in fields]
    return [
        field.with_type(_inside(field.type, ids)).with_metadata({"PARQUET:field_id": str(id_)})
        for field, id_ in zip(fields, own, strict=True)
    ]


def _inside(type_: pa.DataType, ids: count[int]) -> pa.DataType:
    if pa.types.is_struct(type_):
        return pa.struct(_numbered(list(type_), ids))
    if pa.types.is_list(type_):
        return pa.list_(*_numbered([type_.value_field], ids))
    if pa.types.is_map(type_):
        return pa.map_(*_numbered([type_.key_field, type_.item_field], ids))
    return type_
