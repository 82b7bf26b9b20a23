"""How answers look: tables for people, JSON and CSV for programs."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_TABLE_ROWS = 40
_TO_QUOTE = re.compile(r"""[",\r\n]|^\s|\s$""")
_PRINTABLE = frozenset(range(32, 127)) - {92}


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers exact, nested values nested, timestamps in ISO-8601 in UTC with milliseconds
    (microseconds where they have them)."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else None
        case datetime.datetime():
            fine = "microseconds" if value.microsecond % 1000 else "milliseconds"
            if value.tzinfo is not None:
                return value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(timespec=fine) + "Z"
            return value.isoformat(timespec=fine)
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case decimal.Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return "".join(chr(b) if b in _PRINTABLE else f"\\x{b:02X}" for b in value)
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
    return str(value)


def _maps(type_: pa.DataType) -> Any:
    """A function that turns Arrow's pairs into dictionaries wherever ``type_`` has a map; None if it has none."""
    import pyarrow.types as kinds

    if kinds.is_map(type_):
        inner = _maps(type_.item_type)
        return lambda v: None if v is None else {k: inner(x) if inner else x for k, x in v}
    if kinds.is_list(type_) or kinds.is_large_list(type_):
        inner = _maps(type_.value_type)
        return (lambda v: None if v is None else [inner(x) for x in v]) if inner else None
    if kinds.is_struct(type_):
        fields = {f.name: fixed for f in type_ if (fixed := _maps(f.type))}
        if not fields:
            return None
        return lambda v: None if v is None else {k: fields[k](x) if k in fields else x for k, x in v.items()}
    return None


def rows(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterable[list[Any]]:
    """Rows of plain values."""
    fixes = [_maps(field.type) for field in schema]
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns, strict=True) if columns else ():
            yield [plain(fix(v) if fix else v) for v, fix in zip(row, fixes, strict=True)]


def write_json(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """One array of objects on standard output, as it comes."""
    out = sys.stdout
    names = _distinct(schema.names)
    out.write("[")
    separator = "\n"
    for row in rows(batches, schema):
        out.write(separator + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
        separator = ",\n"
    out.write("\n]\n" if separator != "\n" else "]\n")


def _distinct(names: list[str]) -> list[str]:
    """Names that an object can have side by side: a column of the same name is numbered, not lost."""
    taken: list[str] = []
    for name in names:
        number = 0
        spelled = name
        while spelled in taken or (number and spelled in names):
            number += 1
            spelled = f"{name}_{number}"
        taken.append(spelled)
    return taken


def write_csv(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """CSV with a header; nested values as JSON, null as nothing, empty text as quotes around nothing."""
    out = sys.stdout
    out.write(",".join(map(_quoted, schema.names)) + "\n")
    for row in rows(batches, schema):
        out.write(",".join("" if v is None else _quoted(cell(v)) for v in row) + "\n")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if not text or _TO_QUOTE.search(text) else text


def write_parquet(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """A Parquet file on standard output."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(sys.stdout.buffer, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)


def write_table(batches: Iterable[pa.RecordBatch], schema: pa.Schema, limit: int = _TABLE_ROWS) -> None:
    """A table for people; long results are cut, and say so."""
    shown: list[list[str]] = []
    more = 0
    for row in rows(batches, schema):
        if len(shown) < limit:
            shown.append([cell(v) for v in row])
        else:
            more += 1
    table(schema.names, shown)
    if more:
        print(f"… and {more:,} more rows; --format csv or json prints them all.")


def table(names: Iterable[str], cells: Iterable[Iterable[Any]], title: str | None = None) -> None:
    """Print a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", show_edge=False, pad_edge=False)
    for name in names:
        drawn.add_column(name, overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(cell(v), justify="right" if isinstance(v, int) else "left") for v in row))
    Console(width=None if sys.stdout.isatty() else 160).print(drawn)


def document(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=2))


def cell(value: Any) -> str:
    """A plain value as the text of one cell; nested values as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def encoded(raw: bytes) -> dict[str, str]:
    """Exact bytes for a JSON document: as text where they are UTF-8, else base64."""
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(raw).decode()}
