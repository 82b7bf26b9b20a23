"""Bytes → typed rows and quarantined records, batch by batch: the stage *decode* as a whole.

Every record of the input ends in exactly one row of a batch or one entry of its quarantine.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, NamedTuple

import pyarrow as pa

from contactlake.decode.also import AlsoMaker, AlsoRows
from contactlake.decode.beside import Beside, Origin
from contactlake.decode.columns import ColumnMaker
from contactlake.decode.framing import Piece, documents
from contactlake.decode.parse import compact, digest
from contactlake.decode.repeats import Repeats
from contactlake.decode.unwrap import carried, content
from contactlake.decode.window import Known
from contactlake.model.reason import Reason, Reject
from contactlake.model.stream import Stream
from contactlake.model.table import Table

_PARSED_BYTES = 8 << 20  # a batch holds values parsed from so many bytes …
_HELD_BYTES = 32 << 20  # … and records of so many bytes (most of an agent event was parsed before)
_BATCH_RECORDS = 20_000
_MAX_WRAPPINGS = 3
_NO_STAMP = -(2**63)


@dataclass(frozen=True)
class Quarantined:
    """A record that could not become a row: why, where it was, and its exact bytes (None: too large to carry)."""

    reason: str
    message: str
    stream: str | None
    offset: int
    length: int
    json_path: str | None
    raw: bytes | None


@dataclass(frozen=True)
class Rows:
    """Typed rows of one stream.

    rows      the table's columns
    versions  for each row: key_hi, key_lo, content_hi, content_lo (hashes), stamp (µs), day (days since 1970), offset,
              length, path (inside a wrapping), unknown (paths that no column takes)
    also      the rows that some of the records give in a second table
    """

    stream: str
    table: str
    rows: pa.RecordBatch
    versions: pa.RecordBatch
    also: AlsoRows | None = None


@dataclass
class Decoded:
    """One batch of decoded input."""

    rows: list[Rows] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)


@dataclass
class _Pending:
    """Records of one stream that wait to become columns."""

    values: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[int, int | None, str | None, bytes | None]] = field(default_factory=list)


class _Wrapped(NamedTuple):
    """A part of a wrapping that waits to be opened: what it is, the piece that holds it, and where inside."""

    data: Any
    piece: Piece
    path: str
    raw: bytes | None
    depth: int


class _Shapes:
    """Of which stream a record is, by its keys."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self.streams = streams
        self._of: dict[tuple[str, ...], Stream | None] = {}

    def stream_of(self, value: dict[str, Any]) -> Stream | None:
        shape = tuple(value)
        if shape not in self._of:
            keys = frozenset(shape)
            possible = [s for s in self.streams if s.recognises(keys)]
            if any(s.says for s in possible):  # the keys alone do not tell
                return next((s for s in possible if s.hears(value) and not (s.says and self._is_envelope(value))), None)
            if len(self._of) > 10_000:
                self._of.clear()
            self._of[shape] = possible[0] if possible else None
        return self._of[shape]

    def accept(self, value: Any) -> bool:
        """Whether a value is a record of a stream."""
        return isinstance(value, dict) and self.stream_of(value) is not None

    def hint(self) -> re.Pattern[bytes]:
        """Finds one of the keys that every record spells."""
        keys = sorted({min(mark, key=lambda k: (-len(k), k)) for s in self.streams for mark in s.marks})
        return re.compile(b"|".join(b'"' + re.escape(key.encode()) + b'"' for key in keys))

    def _is_envelope(self, value: dict[str, Any]) -> bool:
        return any(self.accept(data) for _, data in carried(value) or ())


class Decoder:
    """Decodes the records of the given streams."""

    def __init__(self, streams: Iterable[Stream], tables: Mapping[str, Table], max_record_bytes: int) -> None:
        self.streams = tuple(streams)
        self.limit = max_record_bytes
        self._beside = {s.name: Beside(s, tables[s.table]) for s in self.streams}
        self._also = {s.name: AlsoMaker(s, s.also, tables[s.also.table]) for s in self.streams if s.also}
        self._makers = {
            s.name: ColumnMaker(s, tables[s.table], tables[s.also.table].columns if s.also else ())
            for s in self.streams
        }
        self._repeats = Repeats(repeat for s in self.streams for repeat in s.repeats)
        self._wrapped: deque[_Wrapped] = deque()
        self._shapes = _Shapes(self.streams)
        self._known = Known(self._shapes.accept, self._shapes.hint())
        self._origins: Sequence[Origin] | None = None
        self._origin = Origin()
        self._start()

    def decode(self, chunks: Iterable[bytes], offset: int = 0, origin: Origin | None = None) -> Iterator[Decoded]:
        """All records of a stretch of input that begins at ``offset``, in batches."""
        self._origin, self._origins = origin or Origin(), None
        for piece in documents(chunks, self._repeats.parse, self._known, self.limit, offset):
            self._take(piece)
            if self._wrapped or self._is_full():
                yield from self._unwrap_all()
        if self._count or self._decoded.quarantined:
            yield self._finish()

    def decode_each(self, documents_: Iterable[bytes], origins: Sequence[Origin] | None = None) -> Iterator[Decoded]:
        """Decode documents given one by one, each with its origin; ``offset`` in what comes out is its number."""
        self._origin, self._origins = Origin(), origins
        for number, raw in enumerate(documents_):
            for piece in documents([raw], self._repeats.parse, self._known, self.limit):
                self._take(replace(piece, offset=number))
                if self._wrapped or self._is_full():
                    yield from self._unwrap_all()
        if self._count or self._decoded.quarantined:
            yield self._finish()

    def decode_rows(self, pieces: Iterable[Piece]) -> Iterator[Decoded]:
        """Records that are known to be of the one stream there is; a bad one without bytes is kept as JSON."""
        (stream,) = self.streams
        self._origin, self._origins = Origin(), None
        for piece in pieces:
            self._count += 1
            self._bytes += piece.length
            if piece.reject is not None:
                self._quarantine(piece.reject, stream.name, piece, None, piece.raw)
            else:
                pending = self._pending.setdefault(stream.name, _Pending())
                pending.values.append(piece.value)
                pending.places.append((piece.offset, None if piece.raw is None else piece.length, None, piece.raw))
            if self._bytes > _PARSED_BYTES or self._count > _BATCH_RECORDS:  # all of it is parsed
                yield self._finish()
        if self._count:
            yield self._finish()

    def _unwrap_all(self) -> Iterator[Decoded]:
        """Take what is wrapped, part by part, and a batch whenever there is enough for one."""
        while self._wrapped:
            self._unwrap(self._wrapped.popleft())
            if self._is_full():
                yield self._finish()
        if self._is_full():
            yield self._finish()

    def _is_full(self) -> bool:
        parsed = self._repeats.parsed - self._parsed_before
        return parsed > _PARSED_BYTES or self._bytes > _HELD_BYTES or self._count > _BATCH_RECORDS

    def _start(self) -> None:
        self._decoded = Decoded()
        self._pending: dict[str, _Pending] = {}
        self._bytes = self._count = 0
        self._parsed_before = self._repeats.parsed

    # one piece ------------------------------------------------------------------------------------------------------

    def _take(self, piece: Piece) -> None:
        self._count += 1
        self._bytes += piece.length
        if piece.reject is not None:
            self._quarantine(piece.reject, None, piece, None, piece.raw)
        else:
            self._route(piece.value, piece, None, piece.raw, 0)

    def _route(self, value: Any, piece: Piece, path: str | None, raw: bytes | None, depth: int) -> None:
        if not isinstance(value, dict):
            self._quarantine(Reject(Reason.NOT_AN_OBJECT), None, piece, path, raw)
            return
        if (stream := self._shapes.stream_of(value)) is not None:
            pending = self._pending.get(stream.name)
            if pending is None:
                pending = self._pending[stream.name] = _Pending()
            pending.values.append(value)
            pending.places.append((piece.offset, piece.length, path, raw))
            return
        inner = carried(value) if depth < _MAX_WRAPPINGS else None
        if inner is None or any(isinstance(data, dict) and self._shapes.stream_of(data) is None for _, data in inner):
            message = f"No known stream has a record with the keys {_some(value)}."
            self._quarantine(Reject(Reason.UNKNOWN_STREAM, message), None, piece, path, raw)
            return
        for below, data in inner:
            self._wrapped.append(_Wrapped(data, piece, f"{path}.{below}" if path else below, raw, depth + 1))

    def _unwrap(self, wrapped: _Wrapped) -> None:
        data, piece, path, raw, depth = wrapped
        if isinstance(data, dict):
            self._route(self._repeats.tokenise(data), piece, path, raw, depth)
            return
        if data is None:
            self._quarantine(Reject(Reason.BAD_VALUE, "The wrapping carries no data here."), None, piece, path, raw)
            return
        try:
            carried_bytes = data if isinstance(data, bytes) else content(data, self.limit)
        except Reject as reject:
            self._quarantine(reject, None, piece, path, data.encode())
            return
        self._count += 1
        self._bytes += len(carried_bytes)
        found = False
        for inner in documents([carried_bytes], self._repeats.parse, self._known, self.limit):
            found = True
            if inner.reject is not None:
                self._quarantine(inner.reject, None, piece, path, inner.raw)
            else:
                self._route(inner.value, piece, path, inner.raw, depth)
        if not found:
            self._quarantine(Reject(Reason.INVALID_JSON, "The data is empty."), None, piece, path, carried_bytes)

    def _quarantine(
        self, reject: Reject, stream: str | None, piece: Piece, path: str | None, raw: bytes | None
    ) -> None:
        place = ".".join(p for p in (path, reject.json_path) if p) or None
        self._decoded.quarantined.append(
            Quarantined(str(reject.reason), reject.message, stream, piece.offset, piece.length, place, raw)
        )

    # one batch ------------------------------------------------------------------------------------------------------

    def _finish(self) -> Decoded:
        documents = self._repeats.release()
        for maker in self._makers.values():
            maker.absorb(documents)
        for stream in self.streams:
            if (pending := self._pending.get(stream.name)) is not None:
                self._make(stream, pending)
        decoded = self._decoded
        decoded.quarantined.sort(key=lambda bad: bad.offset)
        if self._repeats.is_full:
            self._repeats.forget()
            for maker in self._makers.values():
                maker.forget()
        self._start()
        return decoded

    def _make(self, stream: Stream, pending: _Pending) -> None:
        maker = self._makers[stream.name]
        beside = self._beside[stream.name]
        contents = [digest(value) for value in pending.values] if beside.digest else None
        facts = beside.facts([self._origin_of(place[0]) for place in pending.places], contents) if beside.paths else {}
        columns = maker.make(pending.values, facts)
        for row, reject in sorted(columns.rejects.items()):
            offset, length, path, raw = pending.places[row]
            if length is None:
                raw = compact(pending.values[row]).encode()
                length = len(raw)
            self._quarantine(reject, stream.name, Piece(offset, raw, length), path, raw)
        good = [row for row in range(len(pending.values)) if row not in columns.rejects]
        if not good:
            return
        arrays = columns.arrays
        if columns.rejects:
            keep = pa.array(good, pa.int64())
            arrays = {name: array.take(keep) for name, array in arrays.items()}
        rows = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
        if stream.is_import:  # the same row in another format is the same content
            content = [digest({k: v for k, v in row.items() if v is not None}) for row in rows.to_pylist()]
        else:
            content = [contents[row] if contents else digest(pending.values[row]) for row in good]
        versions = _versions(stream, maker.table, rows, pending, good, content, columns.unknown)
        also = self._also[stream.name].make([pending.values[row] for row in good]) if stream.also else None
        self._decoded.rows.append(Rows(stream.name, maker.table.name, rows, versions, also))

    def _origin_of(self, offset: int) -> Origin:
        return self._origin if self._origins is None else self._origins[offset]


def _versions(
    stream: Stream,
    table: Table,
    rows: pa.RecordBatch,
    pending: _Pending,
    good: list[int],
    content: list[bytes],
    unknown: dict[int, tuple[str, ...]],
) -> pa.RecordBatch:
    key = _key_hashes(stream.keys or stream.name, [_texts(rows.column(name)) for name in table.primary_key])
    stamp = rows.column(stream.version).cast(pa.int64()).fill_null(_NO_STAMP)
    key_hi, key_lo = _halves(key)
    content_hi, content_lo = _halves(content)
    offsets, lengths, paths, _ = zip(*(pending.places[row] for row in good), strict=True)
    return pa.RecordBatch.from_pydict(
        {
            "key_hi": key_hi,
            "key_lo": key_lo,
            "content_hi": content_hi,
            "content_lo": content_lo,
            "stamp": stamp,
            "day": _days(rows, stream.day_column),
            "offset": pa.array(offsets, pa.int64()),
            "length": pa.array(lengths, pa.int64()),
            "path": pa.array(paths, pa.string()),
            "unknown": pa.array([unknown.get(row) for row in good], pa.list_(pa.field("element", pa.string()))),
        }
    )


def _days(rows: pa.RecordBatch, column: str | None) -> pa.Array:
    return (
        pa.nulls(rows.num_rows, pa.int32())
        if column is None
        else rows.column(column).cast(pa.date32()).cast(pa.int32())
    )


def _texts(array: pa.Array) -> list[str]:
    texts: list[str] = (array if array.type == pa.string() else array.cast(pa.string())).to_pylist()
    return texts


def key_hash(stream: str, key: tuple[str, ...]) -> bytes:
    """16 bytes that stand for a record's key in its stream."""
    return _key_hashes(stream, [[text] for text in key])[0]


def _key_hashes(stream: str, key: list[list[str]]) -> list[bytes]:
    """The same for many records, whose keys are given by column."""
    name = _part(stream)
    columns = [map(_part, texts) for texts in key]
    return [blake2b(name + b"".join(parts), digest_size=16).digest() for parts in zip(*columns, strict=True)]


def _part(text: str) -> bytes:
    encoded = text.encode()
    return b"%d:%b" % (len(encoded), encoded)


def _halves(hashes: list[bytes]) -> tuple[pa.Array, pa.Array]:
    """Hashes of 16 bytes as two columns of integers."""
    numbers = memoryview(b"".join(hashes)).cast("q")
    halves = (pa.py_buffer(numbers[start::2].tobytes()) for start in (0, 1))
    hi, lo = (pa.Array.from_buffers(pa.int64(), len(hashes), [None, half]) for half in halves)
    return hi, lo


def _some(value: dict[str, Any]) -> str:
    names = [repr(key) for key in sorted(value)[:6]]
    return ", ".join(names) + (" …" if len(value) > 6 else "") if names else "(none)"
