"""Decoding as an independent task: some landed bytes → files of rows, versions and quarantine.

A task needs nothing but its arguments and runs in any process. What it writes counts for nothing until a batch takes it
up.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contactlake.build.merge import REPETITIVE, Staged, StagedAlso
from contactlake.decode.also import AlsoRows
from contactlake.decode.beside import Origin
from contactlake.decode.decoder import Decoded, Decoder, Quarantined, Rows
from contactlake.decode.rows import RowDecoder
from contactlake.landing.durable import sync
from contactlake.landing.objects import Frame, LandedObject, short_of
from contactlake.landing.read import Damaged, read
from contactlake.model.arrow import PARQUET
from contactlake.model.days import day_text
from contactlake.model.reason import Reason
from contactlake.model.stream import IMPORT
from contactlake.pipeline import BY_NAME, QUARANTINE, STREAMS, rows_of

_FILE_BYTES = 64 << 20
_BAD_BYTES = 16 << 20
_HELD_BYTES = 64 << 20
_SOON_MERGED = {"compression": "none", "use_dictionary": REPETITIVE}


@dataclass(frozen=True)
class Share:
    """A part of a task: an object, and which of its frames (None: all)."""

    object: LandedObject
    frames: tuple[Frame, ...] | None = None


@dataclass(frozen=True)
class Task:
    """What to decode, and where to.

    schemas  by table: the Arrow schema (with field ids) of its files
    now      the clock: µs since 1970
    """

    shares: tuple[Share, ...]
    folder: str
    schemas: dict[str, pa.Schema]
    max_record_bytes: int
    now: int


@dataclass
class Outcome:
    """What a task made: files of rows, a file of quarantine, and the accounts by object."""

    staged: list[Staged] = field(default_factory=list)
    quarantine: str | None = None
    records: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    quarantined_by_stream: Counter[str] = field(default_factory=Counter)

    def rename(self, ids: Mapping[str, str]) -> None:
        """Call objects that were decoded under a passing id by their own (``ids``: by the passing one)."""
        if self.quarantine is not None:
            for passing in ids.keys() & +self.quarantined:
                _rename_bad(self.quarantine, passing, ids[passing])
        for counts in (self.records, self.quarantined):
            for passing in ids.keys() & counts.keys():
                counts[ids[passing]] += counts.pop(passing)
        self.staged = [replace(s, objects=tuple(ids.get(id_, id_) for id_ in s.objects)) for s in self.staged]


def run(task: Task) -> Outcome:
    """Carry out a task."""
    gc_was_on = gc.isenabled()
    gc.disable()  # parsed records have no cycles, and there are many
    try:
        Path(task.folder).mkdir(parents=True, exist_ok=True)
        return Decoding(task).run()
    finally:
        if gc_was_on:
            gc.enable()


class Decoding:
    """A task under way: what it decodes, it writes."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.outcome = Outcome()
        self.decoder = Decoder(STREAMS, BY_NAME, task.max_record_bytes)
        self.row_decoders: dict[str, RowDecoder] = {}
        self.writers: dict[tuple[str, int | None], _DayWriter] = {}
        self.numbers: dict[str, int] = {}  # by object
        self.bad: list[dict[str, object]] = []
        self.bad_bytes = 0
        self.bad_here: tuple[tuple[str, int], int] = (("", 0), 0)
        self.bad_writer: pq.ParquetWriter | None = None

    def run(self) -> Outcome:
        for share in self.task.shares:
            for decoded in self._decode(share):
                self._keep(share.object, decoded)
        self.close()
        return self.outcome

    def close(self) -> None:
        for writer in self.writers.values():
            self.outcome.staged.append(writer.close(tuple(self.numbers)))
        self._flush_bad()
        if self.bad_writer is not None:
            self.bad_writer.close()

    def _decode(self, share: Share) -> Iterator[Decoded]:
        """The object's batches; damage to its compression becomes one more quarantined record."""
        damage: list[str] = []
        size = [0]

        def chunks() -> Iterator[bytes]:
            try:
                for chunk in read(share.object, share.frames):
                    size[0] += len(chunk)
                    yield chunk
            except Damaged as error:
                damage.append(str(error))

        offset = share.frames[0].offset if share.frames else 0
        if share.object.table is not None:
            batches = self.rows_of(share.object.table).decode(chunks(), Path(self.task.folder) / "export")
        else:
            origin = Origin(share.object.source, self._landed_at(share.object))
            batches = self.decoder.decode(chunks(), offset, origin)
        last: Decoded | None = None
        for decoded in batches:
            if last is not None:
                yield last
            last = decoded
        if damage:
            last = last or Decoded()
            message = f"After {size[0]:,} bytes {damage[0]}; what came before was taken."
            bad = last.quarantined[-1] if last.quarantined else None
            if bad is None or bad.reason != Reason.TRUNCATED or bad.offset + bad.length < size[0] + offset:
                last.quarantined.append(
                    Quarantined(str(Reason.TRUNCATED), message, None, offset + size[0], 0, None, b"")
                )
        if last is not None:
            yield last

    def rows_of(self, table: str) -> RowDecoder:
        """What decodes exported rows of a table."""
        if table not in self.row_decoders:
            self.row_decoders[table] = RowDecoder(*rows_of(table), self.task.max_record_bytes)
        return self.row_decoders[table]

    def _landed_at(self, obj: LandedObject) -> int:
        return self.task.now if obj.landed_at is None else obj.landed_at

    def _keep(self, obj: LandedObject, decoded: Decoded) -> None:
        for rows in decoded.rows:
            self.outcome.records[obj.id] += rows.rows.num_rows
            self.write([obj.id] * rows.rows.num_rows, rows)
        self.outcome.records[obj.id] += len(decoded.quarantined)
        self.outcome.quarantined[obj.id] += len(decoded.quarantined)
        for record in decoded.quarantined:
            self.outcome.reasons[record.reason] += 1
            self.outcome.quarantined_by_stream[record.stream or "unknown"] += 1
            self._keep_bad(obj, record)
        if sum(w.held for w in self.writers.values()) > _HELD_BYTES:
            max(self.writers.values(), key=lambda w: w.held).flush()

    def write(self, objects: list[str], rows: Rows) -> None:
        kept = rows.stream.startswith(IMPORT)  # when a row was processed is one of its values
        batch, also = self._stamped(rows.table, rows.rows, kept), rows.also
        numbers = [self.numbers.setdefault(id_, len(self.numbers)) for id_ in objects]
        versions = rows.versions.append_column("object", pa.array(numbers, pa.int32()))
        days = versions.column("day").to_pylist()
        if len(set(days)) > 1:
            order = sorted(range(len(days)), key=lambda row: (days[row] is not None, days[row] or 0))
            days = [days[row] for row in order]
            batch, versions = batch.take(pa.array(order, pa.int32())), versions.take(pa.array(order, pa.int32()))
            also = also and also.take(order)
        start = 0
        for day, count in Counter(days).items():
            writer = self.writers.get((rows.stream, day))
            if writer is None:
                writer = _DayWriter(self.task.folder, rows.stream, rows.table, day, self.task.schemas)
                self.writers[rows.stream, day] = writer
            if also and (of_day := also.take(range(start, start + count))).of:
                writer.add_also(AlsoRows(also.table, self._stamped(also.table, of_day.rows), of_day.of))
            writer.add(batch.slice(start, count), versions.slice(start, count))
            start += count

    def _stamped(self, name: str, batch: pa.RecordBatch, kept: bool = False) -> pa.RecordBatch:
        """The rows with the time of this run where the table says when they last changed (``kept``: if they do not)."""
        if (column := BY_NAME[name].processed_at) is None:
            return batch
        stamp = pa.repeat(pa.scalar(self.task.now, pa.int64()).cast(pa.timestamp("us", "UTC")), batch.num_rows)
        if kept:
            stamp = pc.coalesce(batch.column(column), stamp)
        return batch.set_column(batch.schema.get_field_index(column), column, stamp)

    def _keep_bad(self, obj: LandedObject, record: Quarantined) -> None:
        here = (obj.id, record.offset)
        self.bad_here = (here, self.bad_here[1] + 1 if self.bad_here[0] == here else 0)
        self.bad.append(
            {
                "id": f"{obj.short}-{record.offset}-{self.bad_here[1]}",
                "reason": record.reason,
                "message": record.message,
                "stream": record.stream,
                "source": obj.source,
                "offset": record.offset,
                "length": record.length,
                "json_path": record.json_path,
                "raw": record.raw,
                "landed_at": self._landed_at(obj),
                "object": obj.id,
            }
        )
        self.bad_bytes += 200 + len(record.raw or b"")
        if self.bad_bytes > _BAD_BYTES:
            self._flush_bad()

    def _flush_bad(self) -> None:
        if not self.bad:
            return
        schema = self.task.schemas[QUARANTINE.name]
        if self.bad_writer is None:
            self.outcome.quarantine = str(Path(self.task.folder) / "quarantine.parquet")
            self.bad_writer = pq.ParquetWriter(self.outcome.quarantine, schema, **PARQUET)
        self.bad_writer.write_table(pa.Table.from_pylist(self.bad, schema=schema))
        self.bad, self.bad_bytes = [], 0


class _Writer:
    """A file of rows of one table, written in pieces; no file is made for no rows."""

    def __init__(self, path: str, schema: pa.Schema, options: Mapping[str, Any] = PARQUET) -> None:
        self.path, self.schema, self.options = path, schema, options
        self.batches: list[pa.RecordBatch] = []
        self.held = 0
        self.rows = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        self.batches.append(batch)
        self.rows += batch.num_rows
        self.held += batch.get_total_buffer_size() if len(self.batches) < 2 else batch.nbytes
        if self.held > _FILE_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.batches:
            if self._writer is None:
                self._writer = pq.ParquetWriter(self.path, self.schema, **self.options)
            self._writer.write_table(_as(pa.Table.from_batches(self.batches), self.schema))
            self.batches, self.held = [], 0

    def close(self) -> None:
        self.flush()
        if self._writer is not None:
            self._writer.close()
            sync(self.path)  # while other tasks work on


class _DayWriter:
    """Rows of one stream and day, and beside them their versions (in the same order) and what they give in a second
    table."""

    def __init__(self, folder: str, stream: str, table: str, day: int | None, schemas: dict[str, pa.Schema]) -> None:
        self.stream, self.table, self.day, self.schemas = stream, table, day, schemas
        self.path = str(Path(folder) / (stream if day is None else f"{stream}-{day_text(day)}"))
        self.writer = _Writer(f"{self.path}.parquet", schemas[table])
        self.versions: _Writer | None = None
        self.also: tuple[str, _Writer, list[int]] | None = None

    @property
    def held(self) -> int:
        return self.writer.held + (self.also[1].held if self.also else 0)

    def add(self, batch: pa.RecordBatch, versions: pa.RecordBatch) -> None:
        self.writer.add(batch)
        if self.versions is None:
            self.versions = _Writer(f"{self.path}.versions.parquet", versions.schema, _SOON_MERGED)
        self.versions.add(versions)

    def add_also(self, also: AlsoRows) -> None:
        """Rows of records that are added next."""
        if self.also is None:
            self.also = (also.table, _Writer(f"{self.path}.also.parquet", self.schemas[also.table]), [])
        _, writer, of = self.also
        of += [self.writer.rows + row for row in also.of]
        writer.add(also.rows)

    def flush(self) -> None:
        self.writer.flush()
        if self.also:
            self.also[1].flush()

    def close(self, objects: tuple[str, ...]) -> Staged:
        self.writer.close()
        assert self.versions is not None
        self.versions.close()
        also = None
        if self.also:
            table, writer, of = self.also
            writer.close()
            also = StagedAlso(table, writer.path, tuple(of))
        return Staged(
            self.stream, self.table, self.day, self.writer.path, self.versions.path, self.writer.rows, objects, also
        )


def _rename_bad(path: str, passing: str, id_: str) -> None:
    """Write a file of quarantine again with another id of an object."""
    old, new = short_of(passing), short_of(id_)
    target = f"{path}.renamed"
    with pq.ParquetFile(path) as file, pq.ParquetWriter(target, file.schema_arrow, **PARQUET) as writer:
        for number in range(file.num_row_groups):
            rows = file.read_row_group(number)
            theirs = pc.equal(rows["object"], passing)
            renamed = {
                "object": pc.if_else(theirs, id_, rows["object"]),
                "id": pc.if_else(theirs, pc.replace_substring(rows["id"], old, new, max_replacements=1), rows["id"]),
            }
            for name, column in renamed.items():
                place = rows.schema.get_field_index(name)
                rows = rows.set_column(place, rows.schema.field(place), column)
            writer.write_table(rows)
    os.replace(target, path)


def _as(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows under the file's schema (names of inner fields and field ids differ, values do not)."""
    return rows.select(schema.names).cast(schema)
