"""Drives ``fetch``: what the vendor's API says is landed like any delivery; the rest follows from what is stored."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contactlake.config import Settings
from contactlake.engines.duck import Result
from contactlake.errors import ContactlakeError
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
    """Ask first, then take in what was said: all of it, or what there was when the API refused or somebody stopped us.

    What was said is true however the run ends, and the next run need not ask for it again. ``everything``: also ask
    for what is stored and did not change.
    """
    instance = directory.instance
    known = {} if everything else _known(query, instance)
    at = datetime.fromtimestamp(clock() / 1_000_000, UTC)
    with tempfile.TemporaryDirectory(prefix="contactlake-") as scratch:
        path = Path(scratch) / "directory.jsonl"
        stopped = _write(path, directory.documents(at, known, (watcher or Silent()).say))
        if stopped is not None and not path.stat().st_size:
            raise stopped
        with Writer(folder, settings, clock, watcher) as writer:
            source = Source(f"directory of {instance.id} at {spelled(at)}", path)
            summary = writer.ingest([source], in_place=False)
    if isinstance(stopped, ContactlakeError):
        raise type(stopped)(f"{stopped} What it said until then is stored; the same command goes on from there.")
    if stopped is not None:
        raise stopped
    return summary


def _write(path: Path, documents: Iterable[dict[str, Any]]) -> ContactlakeError | KeyboardInterrupt | None:
    """Write documents as they come; returns what stopped them."""
    with path.open("w", encoding="utf-8") as out:
        try:
            for document in documents:
                out.write(json.dumps(document, ensure_ascii=False) + "\n")
        except (ContactlakeError, KeyboardInterrupt) as stopped:
            return stopped
    return None


def _known(query: Callable[[str], Result], instance: Instance) -> Known:
    kinds = ", ".join(f"'{kind.name}'" for kind in KINDS)
    of = instance.id.replace("'", "''")
    found = query(
        f"SELECT resource_type, resource_id, MAX(last_modified_timestamp) AS changed FROM {DIRECTORY.table} "
        f"WHERE instance_id = '{of}' AND resource_type IN ({kinds}) GROUP BY ALL"
    )
    return {(row["resource_type"], row["resource_id"]): row["changed"] for row in found.rows()}
