"""What a lake holds, at a glance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactlake.landing.ledger import Ledger
from contactlake.model.days import day_text
from contactlake.tables import TABLES

if TYPE_CHECKING:
    from contactlake.engines.duck import Result
    from contactlake.storage.store import Store


def status(folder: Path, store: Store, query: Callable[[str], Result]) -> dict[str, Any]:
    """Objects and counts, tables (rows, files, bytes, days), quarantine by reason, unknown fields, unfinished work."""
    totals = {"objects": 0, "bytes": 0, "records": 0, "stored": 0, "duplicates": 0, "quarantined": 0}
    waiting = 0
    if (folder / "ledger.db").exists():
        ledger = Ledger(folder / "ledger.db")
        totals = ledger.totals()
        waiting = len(ledger.unbuilt())
        ledger.close()
    return {
        "lake": str(folder),
        **totals,
        "waiting": waiting,
        "tables": [_table(store, table.name) for table in TABLES],
        "quarantine": query("SELECT reason, count(*) AS records FROM quarantine GROUP BY ALL ORDER BY ALL").rows(),
        "unknown_fields": query(
            "SELECT stream, field, count(*) AS records, "
            "strftime(DATE '1970-01-01' + min(day)::INTEGER, '%Y-%m-%d') AS since "
            "FROM (SELECT stream, coalesce(day, epoch_us(stored_at) // 86400000000) AS day, unnest(unknown) AS field "
            "FROM record_version WHERE unknown IS NOT NULL) "
            "GROUP BY ALL ORDER BY records DESC, stream, field"
        ).rows(),
    }


def _table(store: Store, name: str) -> dict[str, Any]:
    files = store.plan(name).files
    days = sorted({f.day for f in files if f.day is not None})
    return {
        "name": name,
        "rows": sum(f.rows for f in files),
        "files": len(files),
        "bytes": sum(f.bytes for f in files),
        "days": len(days),
        "first_day": day_text(days[0]) if days else None,
        "last_day": day_text(days[-1]) if days else None,
    }
