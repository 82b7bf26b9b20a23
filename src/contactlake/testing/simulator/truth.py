"""What really happened, from the simulation's own state and never from the documents, as Parquet.

Owns the truth tables' columns and their writing (one part per centre, joined afterwards). pyarrow is imported on use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

BATCH = 20_000
LEVELS = tuple(f"hierarchy_level_{n}_id" for n in range(1, 6))
STATUS_COLUMNS = (
    "instance_id", "user_id", "start_ms", "end_ms", "status_arn", "status_name", "status_type", "routing_profile_id",
    *LEVELS,
)  # fmt: skip
SPAN_COLUMNS = (
    "instance_id", "user_id", "contact_id", "appearance", "start_ms", "end_ms", "state", "connected", "queue_id",
    "queue_type", "channel", "initiation_method", "is_monitor",
)  # fmt: skip
CONTACT_COLUMNS = (
    "instance_id", "contact_id", "channel", "initiation_method", "initiation_ms", "connected_to_system_ms",
    "enqueue_ms", "dequeue_ms", "connected_to_agent_ms", "agent_left_ms", "acw_start_ms", "acw_end_ms",
    "transfer_completed_ms", "disconnect_ms", "agent_id", "queue_id", "queue_type", "routing_profile_id",
    "agent_connection_attempts", "hold_count", "hold_ms", "longest_hold_ms", "pause_count", "pause_ms",
    "interaction_ms", "disconnect_reason", "initial_contact_id", "previous_contact_id", "next_contact_id",
    "next_initiation_method", "transferred_out", "transferred_out_external", "hold_disconnect", "abandoned",
    "monitored_ms",
)  # fmt: skip
TABLES = {"agent_status_span": STATUS_COLUMNS, "agent_contact_span": SPAN_COLUMNS, "contact": CONTACT_COLUMNS}
_NUMBERS = frozenset({"appearance", "agent_connection_attempts", "hold_count", "pause_count"})
_DURATIONS = frozenset({"hold_ms", "longest_hold_ms", "pause_ms", "interaction_ms", "monitored_ms"})
_FLAGS = frozenset(
    {"connected", "is_monitor", "transferred_out", "transferred_out_external", "hold_disconnect", "abandoned"}
)


def _is_instant(column: str) -> bool:
    """Whether the column is a moment, which gets a timestamp column beside its milliseconds."""
    return column.endswith("_ms") and column not in _DURATIONS


def _schema(columns: tuple[str, ...]) -> Any:
    """The Arrow schema: the columns, then ``…_timestamp`` for each moment."""
    import pyarrow as pa

    def type_of(column: str) -> Any:
        if column in _FLAGS:
            return pa.bool_()
        return pa.int64() if column in _NUMBERS or column.endswith("_ms") else pa.string()

    moments = [(c.removesuffix("_ms") + "_timestamp", pa.timestamp("us", tz="UTC")) for c in columns if _is_instant(c)]
    return pa.schema([*((c, type_of(c)) for c in columns), *moments])


class TruthTable:
    """One truth table of one centre: rows are added when they are final and written in batches."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True, exist_ok=True)
        self._columns = columns
        self._schema = _schema(columns)
        self._rows: list[tuple[Any, ...]] = []
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def add(self, row: tuple[Any, ...]) -> None:
        """A final row, in the order of the columns."""
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa

        if not self._rows:
            return
        values = dict(zip(self._columns, zip(*self._rows, strict=True), strict=True))
        names = [field.name for field in self._schema]
        arrays = [pa.array(values[n], self._schema.field(n).type) for n in names[: len(self._columns)]]
        for name in names[len(self._columns) :]:
            source = values[name.removesuffix("_timestamp") + "_ms"]
            micros = [None if ms is None else ms * 1000 for ms in source]
            arrays.append(pa.array(micros, pa.timestamp("us", tz="UTC")))
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows = []

    def close(self) -> None:
        """Write what is left."""
        self._write()
        self._writer.close()


class Truth:
    """The truth tables of one centre."""

    def __init__(self, folder: Path, tag: str) -> None:
        made = {name: TruthTable(folder / f".{name}-{tag}.parquet", columns) for name, columns in TABLES.items()}
        self.status, self.spans, self.contacts = (made[name] for name in TABLES)

    def close(self) -> None:
        """Write what is left."""
        for table in (self.status, self.spans, self.contacts):
            table.close()


def join_parts(folder: Path, tags: list[str]) -> None:
    """Make one file per table of the centres' parts, batch by batch."""
    import pyarrow.parquet as pq

    for name, columns in TABLES.items():
        with pq.ParquetWriter(folder / f"{name}.parquet", _schema(columns), compression="zstd") as writer:
            for tag in tags:
                part = folder / f".{name}-{tag}.parquet"
                with pq.ParquetFile(part) as file:
                    for i in range(file.num_row_groups):
                        writer.write_table(file.read_row_group(i))
                part.unlink()
