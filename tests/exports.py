"""Rows of any table, and what ``contactlake query --format`` makes of them."""

from __future__ import annotations

import contextlib
import io
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from contactlake.cli import render
from contactlake.lake import Lake
from contactlake.model.arrow import arrow_schema
from contactlake.model.table import Table
from contactlake.model.types import Array, Map, Struct, Type
from contactlake.pipeline import BY_NAME, rows_of

FORMATS = ("csv", "json", "parquet")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEXTS = (
    *("", "x", "007", " a ", 'a,b;c\t"d"', "two\r\nlines\n", "\n", '"', "Zoë \U0001f600", "nu\0l"),
    *("null", "\\N", '{"a": [1]}', "'", "\ufeff"),
)
_NUMBERS: dict[str, list[Any]] = {
    "bigint": [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)],
    "int": [0, 7, 2**31 - 1, -(2**31)],
    "double": [0.1, -0.5, 1e300, 5e-324, 2.0**60, 1 / 3, 12.0, 1e22],
    "float": [0.5, 0.10000000149011612, 3.4028234663852886e38],
    "boolean": [True, False],
}
_MICROS = (0, -1, 1_709_284_500_000_000, 1_709_284_500_123_000, 1_709_284_500_123_456)


def value(type_: Type, chance: random.Random) -> Any:
    """Some value of a type, of those that are easily spoilt; at times null."""
    if chance.random() < 0.2:
        return None
    match type_:
        case Array(item):
            return [value(item, chance) for _ in range(chance.randrange(3))]
        case Map(inner):
            return sorted((k, value(inner, chance)) for k in chance.sample(["a", "Ö", "k.1", ""], chance.randrange(3)))
        case Struct(fields):
            return {f.name: value(f.type, chance) for f in fields}
    if type_.name == "string":
        return chance.choice(TEXTS)
    if type_.name == "timestamp":
        return EPOCH + timedelta(microseconds=chance.choice(_MICROS))
    return chance.choice(_NUMBERS["double" if type_.name == "number" else type_.name])


def some_rows(table: str, seed: int = 0, count: int = 3, **fixed: Any) -> pa.Table:
    """Rows of a table with distinct keys; ``fixed`` values are those of every row."""
    declared, chance = BY_NAME[table], random.Random(seed)
    event_time = rows_of(table)[0].event_time
    made = []
    for number in range(count):
        row = {c.name: value(c.type, chance) for c in declared.columns}
        row |= {name: _key(declared, name, number) for name in declared.primary_key}
        row[str(declared.processed_at)] = EPOCH + timedelta(days=20_000, milliseconds=number)
        if event_time is not None:
            row[event_time] = EPOCH + timedelta(days=19_000 + number)
        made.append({**row, **fixed})
    return pa.Table.from_pylist(made, schema=arrow_schema(declared))


def _key(table: Table, name: str, number: int) -> Any:
    match str(table.by_name[name].type):
        case "bigint":
            return 2**53 + number
        case "timestamp":
            return EPOCH + timedelta(days=number)
    return f"{name} {number}"


def exported(rows: pa.Table, format_: str) -> bytes:
    """What ``contactlake query --format`` prints."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", newline="")
    writers = {"csv": render.write_csv, "json": render.write_json, "parquet": render.write_parquet}
    with contextlib.redirect_stdout(out):
        writers[format_](rows.to_batches(), rows.schema)
    out.flush()
    return raw.getvalue()


def export(lake: Lake, table: str, format_: str) -> bytes:
    """All rows of a lake's table."""
    return exported(lake.query(f"SELECT * FROM {table}").arrow(), format_)


def all_of(lake: Lake, table: str) -> list[dict[str, Any]]:
    """Every value of every row, in the order of the key."""
    return lake.query(f"SELECT * FROM {table} ORDER BY {', '.join(BY_NAME[table].primary_key)}").rows()
