"""Whole lakes compared: every table, without the stamp of when a row was processed."""

from __future__ import annotations

from typing import Any

from contactlake.lake import Lake
from contactlake.model.table import PROCESSED_AT
from contactlake.tables import BY_NAME

TABLES = ("agent_event", "contact_record")


def rows(lake: Lake, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table in the order of its key, without the processed stamp."""
    declared = BY_NAME[table]
    names = [c.name for c in declared.columns if c.name.lower() != PROCESSED_AT]
    columns = ", ".join(f'"{n}"' for n in names)
    found = lake.query(f"SELECT {columns} FROM {table} ORDER BY {', '.join(declared.primary_key)}").rows()
    return [tuple(map(repr, row.values())) for row in found]


def content(lake: Lake) -> dict[str, list[tuple[Any, ...]]]:
    """What must not depend on how the input came: the tables, and the versions by hash."""
    found = {table: rows(lake, table) for table in TABLES}
    found["record_version"] = [
        tuple(row.values())
        for row in lake.query(
            "SELECT stream, key_hi, key_lo, content_hi, content_lo, stamp, day FROM record_version ORDER BY ALL"
        ).rows()
    ]
    return found


def counts(summary: Any) -> tuple[int, int, int, int]:
    """The four counts; they must add up."""
    assert summary.records == summary.stored + summary.duplicates + summary.quarantined
    return summary.records, summary.stored, summary.duplicates, summary.quarantined


def scalar(lake: Lake, sql: str) -> Any:
    (row,) = lake.query(sql).rows()
    (value,) = row.values()
    return value
