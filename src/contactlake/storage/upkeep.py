"""Upkeep of a table: old snapshots are expired, and files that no snapshot names any more are removed.

Never names a table. Only files in a table's own folder on a local disk are removed; elsewhere the catalog's owner does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from contactlake.storage.locations import local

if TYPE_CHECKING:
    from pyiceberg.table import Table as IcebergTable


@dataclass(frozen=True)
class Upkeep:
    """What upkeep did, or would do: snapshots expired; files removed and their bytes."""

    snapshots: int
    files: int
    bytes: int


def keep_up(loaded: IcebergTable, before: datetime, dry: bool) -> Upkeep:
    """Expire the snapshots replaced ``before`` a moment; remove files as old that nothing names.

    The current snapshot always stays. ``dry`` only counts.
    """
    old = _replaced_before(loaded, before)
    if old and not dry:
        expiry = loaded.maintenance.expire_snapshots().by_ids(old)
        expiry.commit()
        loaded = loaded.refresh()
    unnamed = [path for path in _unnamed(loaded, set(old)) if path.stat().st_mtime < before.timestamp()]
    size = sum(path.stat().st_size for path in unnamed)
    if not dry:
        for path in unnamed:
            path.unlink()
    return Upkeep(len(old), len(unnamed), size)


def _replaced_before(loaded: IcebergTable, before: datetime) -> list[int]:
    """Snapshots that were not the current one at that moment or after it."""
    moment = before.timestamp() * 1000
    log = sorted(loaded.metadata.snapshots, key=lambda s: (s.sequence_number or 0, s.timestamp_ms))
    kept = {ref.snapshot_id for ref in loaded.metadata.refs.values()}
    return [
        snapshot.snapshot_id
        for snapshot, follower in pairwise(log)
        if follower.timestamp_ms <= moment and snapshot.snapshot_id not in kept
    ]


def _unnamed(loaded: IcebergTable, but: set[int]) -> list[Path]:
    """The files in the table's folder that no snapshot names (those of ``but`` do not count)."""
    folder = Path(local(loaded.location()))
    if not folder.is_dir():
        return []
    named = {loaded.metadata_location, *(entry.metadata_file for entry in loaded.metadata.metadata_log)}
    for snapshot in loaded.metadata.snapshots:
        if snapshot.snapshot_id not in but:
            named.add(snapshot.manifest_list)
            for manifest in snapshot.manifests(loaded.io):
                named.add(manifest.manifest_path)
                named.update(
                    entry.data_file.file_path
                    for entry in manifest.fetch_manifest_entry(loaded.io, discard_deleted=True)
                )
    there = {local(path) for path in named}
    return sorted(path for path in folder.rglob("*") if path.is_file() and str(path) not in there)
