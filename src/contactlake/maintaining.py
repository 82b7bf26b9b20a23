"""Maintaining a lake: days past their retention leave the tables, replaced snapshots and files leave the disk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contactlake.config import Settings
from contactlake.model.days import DAY_US
from contactlake.pipeline import BY_NAME
from contactlake.storage.store import Store


@dataclass(frozen=True)
class Maintained:
    """What was done (or would be) to one table: rows and days past retention, snapshots and files, and their bytes."""

    table: str
    rows: int
    days: int
    snapshots: int
    files: int
    bytes: int


def maintain(store: Store, settings: Settings, now: int, dry: bool) -> list[Maintained]:
    """Keep every table up; ``now`` in µs since 1970. Tables for which there was nothing to do are left out.

    Landed raw objects, quarantine and the memory of versions are kept: what is delivered again is known to have been
    there, and what left the tables does not come back.
    """
    before = datetime.fromtimestamp(now / 1_000_000, UTC) - timedelta(days=settings.snapshot_days)
    first_kept = now // DAY_US - settings.retention_days if settings.retention_days else None
    done = []
    for table in store.tables():
        rows, days = (0, 0) if first_kept is None else _retire(store, table, first_kept, dry)
        upkeep = store.keep_up(table, before, dry)
        what = Maintained(table, rows, days, upkeep.snapshots, upkeep.files, upkeep.bytes)
        if rows or what.snapshots or what.files:
            done.append(what)
    return done


def _retire(store: Store, name: str, first_kept: int, dry: bool) -> tuple[int, int]:
    """Take whole days (of its partition) out of a table; returns rows and days."""
    old = [f for f in store.plan(name).files if f.day is not None and f.day < first_kept]
    if old and not dry:
        store.commit(BY_NAME[name], [], [f.path for f in old], uuid.uuid4().hex)
    return sum(f.rows for f in old), len({f.day for f in old})
