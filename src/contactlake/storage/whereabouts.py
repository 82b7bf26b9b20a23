"""In which data files of a table an id stands: sorted hashes of ids, beside the table. Never names a table.

Data files never change, so what is known of a file stays true; only which files are live changes, and that the caller
says. Everything here is derived: it may lag behind or be absent, and then more files are named than would be needed,
never fewer. Segments are Arrow files read through memory maps: finding an id takes no reading of whole files.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import os
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY = "256MB"
MANY_IDS = 300_000  # so many ids stand nearly everywhere: hashing and looking for them would take longer than reading
_BATCH_ROWS = 65_536
_FEW_IDS = 1_000  # up to here each is looked for by bisection, from here on all are compared with all


@dataclass(frozen=True)
class Segment:
    """A file of hashes in ascending order, with the position in ``files`` of the data file that has an id of that hash.

    name   of the segment's file
    rows   how many hashes it has
    files  the data files that it knows
    """

    name: str
    rows: int
    files: tuple[str, ...]


class Whereabouts:
    """Of one table: which data files have an id in one of ``columns``."""

    def __init__(self, root: Path, table: str, columns: Sequence[str]) -> None:
        self.folder = root / "cache" / "ids" / table
        self.columns = list(columns)
        self._spill = root / "cache" / "spill"

    def holding(self, ids: Collection[str], live: Iterable[str]) -> set[str]:
        """Those of the ``live`` data files that may have one of the ids: all that have one, and few others."""
        wanted = set(live)
        if len(ids) > MANY_IDS or not (segments := self._segments()):
            return wanted
        keys = sorted({_key(i) for i in ids})
        known: set[str] = set()
        found: set[str] = set()
        for segment in segments:
            numbers = self._numbers(segment, keys)
            if numbers is not None:
                known.update(segment.files)
                found.update(segment.files[n] for n in numbers)
        return wanted & found | wanted - known

    def catch_up(self, live: Mapping[str, int]) -> None:
        """Take in those ``live`` data files (path, rows) that are not known. Only the lake's one writer does this."""
        kept = [s for s in self._segments() if self._sound(s)]
        known = {path for segment in kept for path in segment.files}
        fresh = [path for path in live if path not in known]
        if not fresh:
            return
        merged: list[Segment] = []
        rows = sum(live[path] for path in fresh)
        # Kept: each at least twice as long as all after it, so few there are. An id is written again only when the
        # segment that it is in is outgrown.
        while kept and kept[-1].rows < 2 * rows:
            merged.append(kept.pop())
            rows += merged[-1].rows
        self.folder.mkdir(parents=True, exist_ok=True)
        made = self._join(fresh, merged, live)
        self._remember([*kept, *([made] if made.files else [])], [s.name for s in merged])

    def _segments(self) -> list[Segment]:
        """What is known; nothing where nothing is, or where it was of other columns or cannot be read."""
        try:
            stored = json.loads((self.folder / "segments.json").read_bytes())
        except (OSError, ValueError):
            return []
        if not isinstance(stored, dict) or stored.get("columns") != self.columns:
            return []
        return [Segment(s["name"], s["rows"], tuple(s["files"])) for s in stored["segments"]]

    def _sound(self, segment: Segment) -> bool:
        return self._numbers(segment, [0]) is not None

    def _numbers(self, segment: Segment, keys: list[int]) -> set[int] | None:
        """Positions of the data files that have these hashes; None where the segment cannot be read."""
        import pyarrow as pa

        try:
            with pa.memory_map(str(self.folder / segment.name)) as source:
                reader = pa.ipc.open_file(source)
                return set(_few(reader, keys)) if len(keys) <= _FEW_IDS else _many(reader, keys)
        except (OSError, pa.ArrowInvalid):  # removed or torn: the files that it knew are read instead
            return None

    def _join(self, fresh: list[str], merged: list[Segment], live: Mapping[str, int]) -> Segment:
        """One segment of new data files and of what older segments know of those that still live."""
        import duckdb
        import pyarrow as pa

        files = [*fresh, *sorted({path for s in merged for path in s.files if path in live})]
        number = {path: n for n, path in enumerate(files)}
        name = f"{uuid.uuid4().hex}.arrow"
        schema = pa.schema([pa.field("key", pa.uint64()), pa.field("file", pa.int32())])
        ids = ", ".join(f'"{column}"' for column in self.columns)
        parts = [
            f"SELECT md5_number_lower(id) AS key, file FROM (SELECT unnest([{ids}]) AS id, file_index::INTEGER AS file "
            "FROM read_parquet($fresh, union_by_name = true, hive_partitioning = false)) WHERE id IS NOT NULL"
        ]
        with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(self._spill)}) as con:
            for n, segment in enumerate(merged):
                con.register(f"old_{n}", pa.ipc.open_file(pa.memory_map(str(self.folder / segment.name))).read_all())
                was = [i for i, path in enumerate(segment.files) if path in live]
                now = [number[segment.files[i]] for i in was]
                con.register(
                    f"kept_{n}", pa.table({"was": pa.array(was, pa.int32()), "now": pa.array(now, pa.int32())})
                )
                parts.append(f"SELECT key, now FROM old_{n} JOIN kept_{n} ON was = file")
            made = con.sql(f"{' UNION ALL '.join(parts)} ORDER BY key, file", params={"fresh": fresh})
            rows = _write(made.to_arrow_reader(_BATCH_ROWS), schema, self.folder / name)
        _durable(self.folder / name)
        return Segment(name, rows, tuple(files))

    def _remember(self, segments: list[Segment], replaced: list[str]) -> None:
        """Make segments the known ones. Those replaced now stay until the next time: somebody may be reading them."""
        text = json.dumps({"columns": self.columns, "segments": [asdict(s) for s in segments]})
        temporary = self.folder / "segments.new"
        temporary.write_text(text)
        _durable(temporary)
        temporary.replace(self.folder / "segments.json")
        keep = {*(s.name for s in segments), *replaced}
        for path in self.folder.glob("*.arrow"):
            if path.name not in keep:
                path.unlink(missing_ok=True)


def _key(text: str) -> int:
    """The hash of an id, as DuckDB's ``md5_number_lower``."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _few(reader: pa.RecordBatchFileReader, keys: list[int]) -> Iterator[int]:
    """By bisection: first of the batches, then within one."""
    count = reader.num_record_batches
    for key in keys:
        at = bisect.bisect_left(range(count), key, key=lambda n: _last(reader.get_batch(n)))
        found = True
        while found and at < count:
            batch = reader.get_batch(at)
            hashes = memoryview(batch.column(0).buffers()[1]).cast("Q")[: batch.num_rows]
            row = bisect.bisect_left(hashes, key)
            while row < batch.num_rows and hashes[row] == key:
                yield batch.column(1)[row].as_py()
                row += 1
            found = row == batch.num_rows  # more of the same hash may stand in the next batch
            at += 1


def _last(batch: pa.RecordBatch) -> int:
    return int(batch.column(0)[batch.num_rows - 1].as_py())


def _many(reader: pa.RecordBatchFileReader, keys: list[int]) -> set[int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = reader.read_all()
    found = table.filter(pc.is_in(table["key"], value_set=pa.array(keys, pa.uint64())))
    return set(pc.unique(found["file"]).to_pylist())


def _write(batches: Iterable[pa.RecordBatch], schema: pa.Schema, target: Path) -> int:
    """Write batches, and say how many rows they have."""
    import pyarrow as pa

    rows = 0
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch.cast(schema))
                rows += batch.num_rows
    return rows


def _durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
