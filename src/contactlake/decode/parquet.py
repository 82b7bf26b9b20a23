"""A Parquet file → its rows as JSON values, part by part.

What JSON has no word for becomes text that the columns' rules read exactly: instants in ISO-8601, decimals with all
their digits. Knows no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as kinds

from contactlake.decode.framing import Piece
from contactlake.decode.parse import compact
from contactlake.model.reason import Reason, Reject

MAGIC = b"PAR1"
_BATCH_BYTES = 8 << 20
_MOST_ROWS = 5_000
_ROW_BYTES = 64  # what a row counts for: batches are cut by ``_BATCH_BYTES`` already


def names(path: Path) -> list[str]:
    """The columns of a file. Raises ``ValueError`` where it is no Parquet file."""
    try:
        with pq.ParquetFile(path) as file:
            return list(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(_sentence(error)) from None


def rows(path: Path) -> Iterator[Piece]:
    """All rows, in order; their places are row numbers. What cannot be read is one broken piece at the end."""
    number = 0
    try:
        with pq.ParquetFile(path, coerce_int96_timestamp_unit="us") as file:
            for batch in file.iter_batches(batch_size=_rows_at_once(file)):
                yield from _Batch(batch).pieces(number)
                number += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        message = f"After {number:,} rows the Parquet file is damaged: {_sentence(error)}."
        yield Piece(number, b"", 0, reject=Reject(Reason.TRUNCATED, message))


def _sentence(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def _rows_at_once(file: pq.ParquetFile) -> int:
    about = file.metadata
    size: int = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    rows: int = max(about.num_rows, 1)
    return max(1, min(_MOST_ROWS, _BATCH_BYTES * rows // max(size, 1)))


class _Batch:
    """Some rows; ``rejects`` are those with a value that cannot be said exactly."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch
        self.rejects: dict[int, Reject] = {}
        self.row = 0
        self.name = ""

    def pieces(self, first: int) -> Iterator[Piece]:
        columns = []
        for field, array in zip(self.batch.schema, self.batch.columns, strict=True):
            self.name = field.name
            plainer = self._plainer(field.type)
            said = _textual(field.type)
            values = (array if said == field.type else array.cast(said)).to_pylist()
            columns.append(values if plainer is None else self._each(plainer, values))
        for row, values in enumerate(zip(*columns, strict=True)):
            value = dict(zip(self.batch.schema.names, values, strict=True))
            if row in self.rejects:
                raw = compact(value).encode()
                yield Piece(first + row, raw, len(raw), reject=self.rejects[row])
            else:
                yield Piece(first + row, None, _ROW_BYTES, value)

    def _each(self, plainer: Callable[[Any], Any], values: list[Any]) -> list[Any]:
        made = []
        for row, value in enumerate(values):
            self.row = row
            made.append(None if value is None else plainer(value))
        return made

    def _plainer(self, type_: pa.DataType) -> Callable[[Any], Any] | None:
        """What makes a JSON value of a value of this type; None where it is one."""
        if kinds.is_floating(type_):
            return lambda v: v if isfinite(v) else str(v)
        if kinds.is_binary(type_) or kinds.is_large_binary(type_) or kinds.is_fixed_size_binary(type_):
            return self._text
        if kinds.is_map(type_):
            inner = self._plainer(type_.item_type)
            return lambda pairs: self._object(pairs, inner)
        if _is_list(type_):
            inner = self._plainer(type_.value_type)
            return inner and (lambda items: [None if v is None else inner(v) for v in items])
        if kinds.is_struct(type_):
            parts = {f.name: made for f in type_ if (made := self._plainer(f.type)) is not None}
            if parts:
                return lambda v: {k: parts[k](x) if k in parts and x is not None else x for k, x in v.items()}
        return None

    def _text(self, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            self._reject(Reason.INVALID_UNICODE, "the bytes are not valid UTF-8")
            return value.decode(errors="backslashreplace")

    def _object(self, pairs: list[tuple[Any, Any]], inner: Callable[[Any], Any] | None) -> dict[str, Any]:
        found = {str(k): v if inner is None or v is None else inner(v) for k, v in pairs}
        if len(found) != len(pairs):
            self._reject(Reason.DUPLICATE_KEY, "a key stands twice in the map")
        return found

    def _reject(self, reason: Reason, what: str) -> None:
        self.rejects.setdefault(self.row, Reject(reason, f"{self.name}: {what}.", self.name))


def _is_list(type_: pa.DataType) -> bool:
    return bool(kinds.is_list(type_) or kinds.is_large_list(type_) or kinds.is_fixed_size_list(type_))


def _textual(type_: pa.DataType) -> pa.DataType:
    """The type with text for all that JSON has no word for."""
    if kinds.is_temporal(type_) or kinds.is_decimal(type_):
        return pa.string()
    if kinds.is_dictionary(type_):
        return _textual(type_.value_type)
    if kinds.is_map(type_):
        return pa.map_(_textual(type_.key_type), _textual(type_.item_type))
    if _is_list(type_):
        return pa.list_(type_.value_field.with_type(_textual(type_.value_type)))
    if kinds.is_struct(type_):
        return pa.struct([f.with_type(_textual(f.type)) for f in type_])
    return type_
