"""Drives ``fetch``: what the vendor's API says is landed like any delivery; the rest follows from what is stored."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from contactlake.config import Settings
from contactlake.engines.duck import Result
from contactlake.model.account import Summary, Watcher
from contactlake.sources.directory import KINDS, Directory, Instance, Known, spelled
from contactlake.sources.files import Source
from contactlake.streams.directory import DIRECTORY
from contactlake.writing import Silent, Writer


def fetch(
    folder: Path,
    settings: Settings,
    clock: Callable[[], int],
    query: Callable[[str], Result],
    directory: Directory,
    everything: bool,
    watcher: Watcher | None,
) -> Summary:
    """Ask for everything first, then take it in: what was asked in part is not stored.

    ``everything``: also what is stored and did not change.
    """
    instance = directory.instance
    known = {} if everything else _known(query, instance)
    at = datetime.fromtimestamp(clock() / 1_000_000, UTC)
    with tempfile.TemporaryDirectory(prefix="contactlake-") as scratch:
        path = Path(scratch) / "directory.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for document in directory.documents(at, known, (watcher or Silent()).say):
                out.write(json.dumps(document, ensure_ascii=False) + "\n")
        with Writer(folder, settings, clock, watcher) as writer:
            return writer.ingest([Source(f"directory of {instance.id} at {spelled(at)}", path)], in_place=False)


def _known(query: Callable[[str], Result], instance: Instance) -> Known:
    kinds = ", ".join(f"'{kind.name}'" for kind in KINDS)
    of = instance.id.replace("'", "''")
    found = query(
        f"SELECT resource_type, resource_id, MAX(last_modified_timestamp) AS changed FROM {DIRECTORY.table} "
        f"WHERE instance_id = '{of}' AND resource_type IN ({kinds}) GROUP BY ALL"
    )
    return {(row["resource_type"], row["resource_id"]): row["changed"] for row in found.rows()}
