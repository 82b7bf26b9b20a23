"""A batch: what decoding made becomes permanent, in every table or in none.

Iceberg replaces the files of one table at once, not of several. So the whole change is written down in the ledger first
(the plan), then carried out table by table; each table remembers the batch it last took, so carrying a plan out again
does nothing twice.
"""

from __future__ import annotations

import os
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from contactlake.build.merge import Staged, Verdict, merge
from contactlake.build.rewrite import rows_with_keys, rows_with_keys_of, together, without_rows
from contactlake.changes import FACT, Changes
from contactlake.landing.durable import sync
from contactlake.landing.ledger import Ledger
from contactlake.model.stream import IMPORT
from contactlake.pipeline import BY_NAME, QUARANTINE, RECORD_VERSION, STANDS_APART, STREAMS
from contactlake.staging import Outcome
from contactlake.storage.store import IMPORTED as FILES_IMPORTED
from contactlake.storage.store import DataFile, Store

_SMALL_BYTES = 16 << 20
_MANY_FILES = 16
_FEW_FILES = 4  # a run that adds many files at once has better things to do than to write them twice
_COMPACT_BYTES = 64 << 20


class Batch:
    """One batch over a lake.

    changed   by table: rows added and rows removed, known once applied
    """

    def __init__(self, store: Store, ledger: Ledger, scratch: Path, schemas: dict[str, pa.Schema], now: int) -> None:
        self.store, self.ledger, self.scratch, self.schemas, self.now = store, ledger, scratch, schemas, now
        self.id = uuid.uuid4().hex
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.changed: dict[str, tuple[int, int]] = {}
        self._changes = Changes(store.root, self.id)
        self._add: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._delete: dict[str, list[str]] = defaultdict(list)
        self._days: dict[str, dict[int | None, list[str]]] = defaultdict(lambda: defaultdict(list))

    def judge(self, outcomes: list[Outcome]) -> Verdict:
        """Which decoded versions are new, and which rows win."""
        known = [f.path for f in self.store.plan(RECORD_VERSION.name).files]
        staged = [s for outcome in outcomes for s in outcome.staged]
        return merge(staged, known, self.scratch, self.schemas[RECORD_VERSION.name], self.now)

    def apply(self, outcomes: list[Outcome], verdict: Verdict, counts: dict[str, dict[str, int]]) -> None:
        """Write the plan down and carry it out."""
        for outcome in outcomes:
            for staged in outcome.staged:
                self._take_rows(staged, verdict.drop.get(staged.path, []))
            if outcome.quarantine is not None:
                self._put(QUARANTINE.name, None, outcome.quarantine)
        self._displace(verdict)
        self._displace_derived([s for outcome in outcomes for s in outcome.staged])
        if verdict.new_versions is not None:
            self._put(RECORD_VERSION.name, None, verdict.new_versions)
        self._compact()
        names = sorted({*self._add, *self._delete})
        plan = {
            "tables": {name: {"add": self._add[name], "delete": self._delete[name]} for name in names},
            "counts": counts,
            "pending": [] if self.ledger.fact(FACT) is None else self._changes.write(self.schemas),
        }
        self.ledger.begin(self.id, plan)
        carry_out(self.store, self.ledger, self.id, plan)

    def remove(self, table: str, path: str, rows: list[int]) -> None:
        """Take rows (by number) out of a live file."""
        if rows:
            target = str(self.scratch / f"{uuid.uuid4().hex}.parquet")
            if without_rows(path, rows, target):
                self._put(table, None, target)
            self._delete[table].append(path)
            self._count(table, removed=len(rows))

    def _take_rows(self, staged: Staged, drop: list[int]) -> None:
        self._take_file(staged.table, staged.day, staged.path, staged.rows, drop)
        if (also := staged.also) is not None:
            dropped = set(drop)
            gone = [row for row, of in enumerate(also.of) if of in dropped]
            self._take_file(also.table, staged.day, also.path, len(also.of), gone)

    def _take_file(self, table: str, day: int | None, path: str, rows: int, drop: list[int]) -> None:
        kept = rows - len(drop)
        if kept == 0:
            return
        if drop:
            source, path = path, str(self.scratch / f"{uuid.uuid4().hex}.parquet")
            without_rows(source, drop, path)
        self._put(table, day, path, imported=table in STANDS_APART)
        self._changes.added(table, path)
        self._count(table, added=kept)

    def _displace(self, verdict: Verdict) -> None:
        """Take out of the tables the rows whose keys have a newer version in this batch."""
        tables_of = {s.name: (s.table, s.also.table) if s.also else (s.table,) for s in STREAMS}
        days: dict[tuple[str, int | None], list[tuple[str, int]]] = defaultdict(list)
        for (stream, day), wanted in verdict.displace.items():
            shared = next((s.name for s in STREAMS if IMPORT + s.table == stream), stream)
            for name in tables_of.get(shared, (stream.removeprefix(IMPORT),)):
                days[name, day].extend(wanted)
        for (name, day), wanted in days.items():
            table = BY_NAME[name]
            files = {f.path: f for f in self.store.plan(name).files if f.day == day}
            found = rows_with_keys(list(files), table.primary_key, wanted) if files else {}
            for path, rows in found.items():
                self._take_out(name, files[path], rows)

    def _displace_derived(self, staged: list[Staged]) -> None:
        """Take derived rows out of the tables whose keys were imported: what is imported stands."""
        fresh: dict[str, list[str]] = defaultdict(list)
        for each in staged:
            if each.table in STANDS_APART:
                fresh[each.table].append(each.path)
        for name, paths in fresh.items():
            files = {f.path: f for f in self.store.plan(name).files if not f.imported}
            for path, rows in rows_with_keys_of(list(files), BY_NAME[name].primary_key, paths).items():
                self._take_out(name, files[path], rows)

    def _take_out(self, table: str, file: DataFile, rows: list[int]) -> None:
        """Write a live file again without some of its rows."""
        target = str(self.scratch / f"{uuid.uuid4().hex}.parquet")
        if without_rows(file.path, rows, target):
            self._put(table, file.day, target, file.imported)
        self._delete[table].append(file.path)
        self._changes.removed(table, file.path, rows)
        self._count(table, removed=len(rows))

    def _compact(self) -> None:
        """Where a day has come to consist of many small files, write them as one."""
        for name in list(self._add):
            small: dict[int | None, list[str]] = defaultdict(list)
            sizes: dict[str, int] = {}
            for file in self.store.plan(name).files:
                if file.imported != (name in STANDS_APART):
                    continue
                sizes[file.path] = file.bytes
                if file.bytes < _SMALL_BYTES and file.path not in self._delete[name]:
                    small[file.day].append(file.path)
            for day, added in list(self._days[name].items()):
                fresh = [path for path in added if os.path.getsize(path) < _SMALL_BYTES]
                total = sum(sizes[path] for path in small[day])
                if len(fresh) < _FEW_FILES and len(small[day]) >= _MANY_FILES and total < _COMPACT_BYTES:
                    target = str(self.scratch / f"{uuid.uuid4().hex}.parquet")
                    together([*small[day], *fresh], target, self.schemas[name])
                    self._delete[name] += small[day]
                    self._add[name] = [pair for pair in self._add[name] if pair[0] not in fresh]
                    self._put(name, day, target, imported=name in STANDS_APART)

    def _put(self, table: str, day: int | None, path: str, imported: bool = False) -> None:
        sync(path)
        name = f"{FILES_IMPORTED if imported else ''}{uuid.uuid4().hex}.parquet"
        self._add[table].append((path, self.store.data_path(table, day, name)))
        if imported == (table in STANDS_APART):
            self._days[table][day].append(path)

    def _count(self, table: str, added: int = 0, removed: int = 0) -> None:
        before = self.changed.get(table, (0, 0))
        self.changed[table] = (before[0] + added, before[1] + removed)


def carry_out(store: Store, ledger: Ledger, batch: str, plan: dict[str, Any]) -> None:
    """Carry out a plan, from wherever it was left."""
    for name, change in plan["tables"].items():
        for staged, final in change["add"]:
            if not Path(final).exists():
                Path(final).parent.mkdir(parents=True, exist_ok=True)
                os.replace(staged, final)
        store.commit(BY_NAME[name], [final for _, final in change["add"]], change["delete"], batch)
    ledger.finish(batch, plan)


def recover(store: Store, ledger: Ledger) -> int:
    """Finish what a killed run had written down; returns how many batches that were."""
    open_batches = ledger.open_batches()
    for batch, plan in open_batches:
        carry_out(store, ledger, batch, plan)
    return len(open_batches)
