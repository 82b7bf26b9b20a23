"""The ledger: which objects were landed, what became of them, and which batch of changes is under way.

A SQLite file beside the lake's tables. A batch is written down whole before its first table is touched, so that the
next run finishes a killed one instead of repeating it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contactlake.errors import ContactlakeError
from contactlake.landing.objects import Frame, LandedObject

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL,
  frames TEXT NOT NULL, landed_at INTEGER NOT NULL, built INTEGER NOT NULL DEFAULT 0, counts TEXT);
CREATE INDEX IF NOT EXISTS object_bytes ON object (bytes);
CREATE INDEX IF NOT EXISTS object_path ON object (path);
CREATE INDEX IF NOT EXISTS object_built ON object (built);
CREATE TABLE IF NOT EXISTS batch (
  id TEXT PRIMARY KEY, plan TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS pending (path TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Ledger:
    """A lake's ledger."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ContactlakeError(f"The ledger {path} cannot be read: {error}. Put back a copy of it.") from None

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    # objects ----------------------------------------------------------------------------------------------------------

    def add(self, obj: LandedObject, landed_at: int) -> None:
        """Remember a landed object (time in µs since 1970)."""
        frames = json.dumps([list(asdict(f).values()) for f in obj.frames])
        self._db.execute(
            f"INSERT OR IGNORE INTO object ({_OBJECT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (obj.id, obj.source, obj.path, obj.kind, obj.bytes, frames, landed_at),
        )

    def has_size(self, size: int) -> bool:
        """Whether an object of that many bytes was landed: a file of another size is certainly new."""
        return self._db.execute("SELECT 1 FROM object WHERE bytes = ? LIMIT 1", (size,)).fetchone() is not None

    def find(self, id_: str) -> tuple[LandedObject, bool] | None:
        """An object and whether it was built."""
        row = self._db.execute(f"SELECT {_OBJECT}, built FROM object WHERE id = ?", (id_,)).fetchone()
        return (_object(row), bool(row[-1])) if row else None

    def at(self, path: str) -> LandedObject | None:
        """An object whose bytes stand in a file."""
        row = self._db.execute(f"SELECT {_OBJECT} FROM object WHERE path = ? LIMIT 1", (path,)).fetchone()
        return _object(row) if row else None

    def counts(self, id_: str) -> dict[str, int]:
        """An object's counts; empty where it is not built."""
        row = self._db.execute("SELECT counts FROM object WHERE id = ?", (id_,)).fetchone()
        return dict(json.loads(row[0])) if row and row[0] else {}

    def unbuilt(self) -> list[LandedObject]:
        """Objects that were landed and not built: what a killed run left."""
        return [
            _object(row) for row in self._db.execute(f"SELECT {_OBJECT} FROM object WHERE NOT built ORDER BY rowid")
        ]

    def imported_into(self) -> list[str]:
        """The tables into which files were imported."""
        rows = self._db.execute("SELECT DISTINCT substr(id, instr(id, '.') + 1) FROM object WHERE instr(id, '.')")
        return [table for (table,) in rows]

    def landed_at(self, ids: Iterable[str]) -> dict[str, int]:
        """When objects were landed (µs since 1970)."""
        wanted = list(ids)
        return {
            id_: self._db.execute("SELECT landed_at FROM object WHERE id = ?", (id_,)).fetchone()[0] for id_ in wanted
        }

    def totals(self) -> dict[str, int]:
        """Objects, bytes and the four counts over all built objects."""
        result = {"objects": 0, "bytes": 0, "records": 0, "stored": 0, "duplicates": 0, "quarantined": 0}
        for size, counts in self._db.execute("SELECT bytes, counts FROM object WHERE built"):
            result["objects"] += 1
            result["bytes"] += size
            for name, value in json.loads(counts or "{}").items():
                result[name] += value
        return result

    # batches ----------------------------------------------------------------------------------------------------------

    def begin(self, batch: str, plan: dict[str, Any]) -> None:
        """Write a batch down; from now on it will be finished."""
        self._db.execute("INSERT INTO batch (id, plan) VALUES (?, ?)", (batch, json.dumps(plan)))

    def open_batches(self) -> list[tuple[str, dict[str, Any]]]:
        """Batches that were written down and not finished."""
        rows = self._db.execute("SELECT id, plan FROM batch WHERE NOT done ORDER BY rowid").fetchall()
        return [(id_, json.loads(plan)) for id_, plan in rows]

    def finish(self, batch: str, plan: dict[str, Any]) -> None:
        """The batch is applied: its objects (with their counts) are built, what it changed is pending, what it derived
        is pending no more, and what it holds to be true is remembered."""
        self._db.execute("BEGIN IMMEDIATE")
        for id_, numbers in plan["counts"].items():
            self._db.execute("UPDATE object SET built = 1, counts = ? WHERE id = ?", (json.dumps(numbers), id_))
        for path in plan.get("pending", []):
            self._db.execute("INSERT OR IGNORE INTO pending (path) VALUES (?)", (path,))
        for path in plan.get("derived", []):
            self._db.execute("DELETE FROM pending WHERE path = ?", (path,))
        for fact in plan.get("facts", {}).items():
            self._db.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", fact)
        self._db.execute("UPDATE batch SET done = 1, plan = '{}' WHERE id = ?", (batch,))
        self._db.execute("COMMIT")

    # what is derived --------------------------------------------------------------------------------------------------

    def pending(self) -> list[str]:
        """Files of changes from which nothing has been derived yet, oldest first."""
        return [path for (path,) in self._db.execute("SELECT path FROM pending ORDER BY rowid")]

    def fact(self, name: str) -> str | None:
        """Something remembered by a batch."""
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None


_OBJECT = "id, source, path, kind, bytes, frames, landed_at"


def _object(row: tuple[Any, ...]) -> LandedObject:
    frames = tuple(Frame(f[0], f[1], f[2], f[3], bool(f[4])) for f in json.loads(row[5]))
    return LandedObject(row[0], row[1], row[2], row[3], row[4], frames, row[6])
