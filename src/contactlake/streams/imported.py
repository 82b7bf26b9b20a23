"""Exports: files whose records are rows already, of a table that the user names. One such stream for every table."""

from dataclasses import replace

from contactlake.model.stream import IMPORT, Stream
from contactlake.model.table import Column, Table
from contactlake.model.types import Array, Field, Map, Struct, Take, Type


def import_stream(table: Table, filled_by: Stream | None) -> Stream:
    """The stream of a table's exported rows; ``filled_by`` is the vendor's stream that fills the table, if any does.

    Rows of a table that a stream fills are versions beside those that the stream delivered: same keys, same rule of
    what is newer. Elsewhere the row that was processed last is the newest.
    """
    if filled_by is not None:
        return Stream(
            name=IMPORT + table.name,
            table=table.name,
            marks=(),
            event_time=filled_by.event_time,
            version=filled_by.version,
            keys=filled_by.name,
        )
    by = table.by_name[table.partition_by] if table.partition_by else None
    return Stream(
        name=IMPORT + table.name,
        table=table.name,
        marks=(),
        event_time=None,
        version=str(table.processed_at),
        day=by.name if by is not None and by.type.name == "timestamp" else None,  # type: ignore[union-attr]
    )


def row_table(table: Table) -> Table:
    """The table as its own rows are read: every value stands under its column's name and is taken as it is.

    Only the key is required: the documentation calls columns "not null" that exports leave empty.
    """
    columns = tuple(
        Column(name=c.name, type=_as_stored(c.type), path=c.name, required=c.name in table.primary_key)
        for c in table.columns
    )
    return replace(table, columns=columns)


def _as_stored(type_: Type) -> Type:
    match type_:
        case Array(item):
            return Array(_as_stored(item))
        case Map(value):
            return Map(_as_stored(value))
        case Struct(fields):
            return Struct(tuple(Field(f.name, _as_stored(f.type), f.name, Take.VALUE) for f in fields))
    return type_
