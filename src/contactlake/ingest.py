"""One ingest run: drives the stages of ``pipeline`` over sources.

A run lands every source, decodes landed objects in independent tasks, and makes the outcome permanent in batches.
Whoever opens the lake next finishes a batch that was written down and decodes again what was only landed: killing a run
at any moment loses nothing and doubles nothing.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from io import BufferedIOBase
from pathlib import Path

from contactlake.batch import Batch
from contactlake.build.merge import Verdict
from contactlake.config import Settings
from contactlake.errors import ContactlakeError
from contactlake.landing.ledger import Ledger
from contactlake.landing.objects import LandedObject, Landing, import_id, sha256_of
from contactlake.model.account import Account, Summary, Watcher
from contactlake.sources.files import Source, compression, head_of, is_prose, size_of, why_not_text
from contactlake.staging import Outcome
from contactlake.storage.store import Store
from contactlake.tasks import Frames, Tasks
from contactlake.workers import Workers

_BATCH_BYTES = 4 << 30
_BATCH_OBJECTS = 20_000


class Run:
    """An ingest run over one lake. ``table``: whose rows the sources hold, where they are imported."""

    table: str | None = None

    def __init__(
        self,
        root: Path,
        settings: Settings,
        store: Store,
        ledger: Ledger,
        watcher: Watcher,
        clock: Callable[[], int],
        workers: Workers,
    ) -> None:
        self.root, self.settings, self.store, self.ledger = root, settings, store, ledger
        self.watcher, self.clock = watcher, clock
        self.landing = Landing(root / "raw")
        self.staging = root / "staging" / uuid.uuid4().hex
        self.summary = Summary()
        self.objects: dict[str, LandedObject] = {}  # of the batch at hand
        self.workers = workers
        self.tasks = Tasks(self.staging, settings, store, watcher, clock, workers)

    def ingest(self, sources: Iterable[Source], in_place: bool = False) -> Summary:
        """Land, decode and build all sources, and whatever earlier runs left."""
        sources = list(sources)
        self.watcher.total(size_of(sources))
        for obj in self.ledger.unbuilt():
            self._resume(obj)
        for source in sources:
            self._take(source, in_place)
            if self.tasks.bytes > _BATCH_BYTES or len(self.objects) >= _BATCH_OBJECTS:
                self._finish_batch()
        self._finish_batch()
        self.workers.release()  # what follows needs their memory; it can begin meanwhile
        summary = self.summary
        if summary.records != summary.stored + summary.duplicates + summary.quarantined:
            raise ContactlakeError(f"The accounts do not add up, which must never happen: {summary}")
        return summary

    def close(self) -> None:
        """End the workers and remove what was staged, unless a batch that was written down still needs it."""
        self.workers.close()
        if not self.ledger.open_batches():
            shutil.rmtree(self.staging, ignore_errors=True)

    # collect and land -------------------------------------------------------------------------------------------------

    def _resume(self, obj: LandedObject) -> None:
        if not Path(obj.path).exists():
            self.watcher.say(f"{obj.source} was registered in place and is not at {obj.path} any more; it waits.")
            return
        if not self.landing.holds(obj) and not _is(obj):
            self.watcher.say(f"{obj.path} was registered in place and has been changed since; what it was waits.")
            return
        self.watcher.say(f"Finishing {obj.source}, which an earlier run had landed.")
        self.summary.resumed.append(obj.source)
        self._queue(obj)

    def _take(self, source: Source, in_place: bool) -> None:
        with source.open() as stream:
            head = head_of(stream)
            kind = compression(head)
            why = why_not_text(head, kind)
            if why is None and kind == "plain" and source.path is not None and source.is_file and is_prose(source.path):
                why = "it is text without any JSON object"
            if why is not None:
                self.summary.skipped.append({"file": source.name, "reason": why})
                return
            self._land(source, stream, head, in_place)

    def _land(self, source: Source, stream: BufferedIOBase, head: bytes, in_place: bool = False) -> None:
        """Land a source of which ``head`` was read, and have it decoded; what was taken before is only said to be."""
        before = os.fstat(stream.fileno()) if source.is_file else None
        digest = None
        if before is not None and self.ledger.has_size(before.st_size):
            stream.seek(0)
            digest = sha256_of(stream)
            if self._was_taken(source, self._id(digest)):
                return
            stream.seek(len(head))
        certainly_new = before is not None and digest is None
        now, step, kind = self.clock(), self.watcher.landed, compression(head)
        early = self.tasks.frames(before.st_size, now) if before and certainly_new and self.table is None else None
        told = None if early is None else early.add
        if in_place and source.path is not None and source.is_file:
            landed = self.landing.register(source.path, source.name, kind, step, told)
        else:
            landed = self.landing.land(head, stream, source.name, kind, step, self.ledger.at, digest, told)
        if before is not None and _is_changed(before, os.fstat(stream.fileno())):
            raise ContactlakeError(
                f"{source.name} was changed while it was being read. Nothing of it was taken: "
                "give it again when it is whole."
            )
        obj = replace(landed, id=self._id(landed.id), landed_at=now)
        if certainly_new or not self._was_taken(source, obj.id):
            self.ledger.add(obj, now)
            self._queue(obj, early)

    def _id(self, digest: str) -> str:
        return digest if self.table is None else import_id(digest, self.table)

    def _was_taken(self, source: Source, id_: str) -> bool:
        """Whether an object is in the lake; says so."""
        found = self.ledger.find(id_)
        if found is None:
            return False
        obj, built = found
        self.watcher.landed(obj.bytes)
        if built or obj.source != source.name or obj.source not in self.summary.resumed:  # else this run is building it
            reason = f"the same bytes were ingested before, as {obj.source}"
            self.summary.skipped.append({"file": source.name, "reason": reason})
        return True

    def _queue(self, obj: LandedObject, early: Frames | None = None) -> None:
        """Have an object decoded; ``early`` has its frames, and may have begun."""
        self.objects[obj.id] = obj
        if early is not None and obj.frames:
            early.finish(obj)
        else:
            self.tasks.add_object(obj)

    # build ------------------------------------------------------------------------------------------------------------

    def _finish_batch(self) -> None:
        outcomes = self.tasks.finish()
        objects, self.objects = self.objects, {}
        if not objects:
            return
        batch = Batch(self.store, self.ledger, self.staging / "batch", self.tasks.schemas(), self.clock())
        verdict = batch.judge(outcomes)
        accounts = _accounts(objects, outcomes, verdict)
        batch.apply(outcomes, verdict, {id_: asdict(account) for id_, account in accounts.items()})
        self._report(objects, accounts, outcomes, verdict, batch)
        shutil.rmtree(self.staging, ignore_errors=True)
        self.landing.clean()

    def _report(
        self,
        objects: dict[str, LandedObject],
        accounts: dict[str, Account],
        outcomes: list[Outcome],
        verdict: Verdict,
        batch: Batch,
    ) -> None:
        summary = self.summary
        for id_, account in accounts.items():
            summary.add(account)
            summary.bytes += objects[id_].bytes
            summary.files.setdefault(objects[id_].source, Account()).add(account)
        for stream, (stored, duplicates) in verdict.by_stream.items():
            summary.streams.setdefault(stream, Account()).add(Account(stored + duplicates, stored, duplicates))
        for outcome in outcomes:
            for stream, count in outcome.quarantined_by_stream.items():
                summary.streams.setdefault(stream, Account()).add(Account(count, 0, 0, count))
            for reason, count in outcome.reasons.items():
                summary.reasons[reason] = summary.reasons.get(reason, 0) + count
        for table, (added, removed) in batch.changed.items():
            before = summary.tables.setdefault(table, {"rows_added": 0, "rows_removed": 0})
            before["rows_added"] += added
            before["rows_removed"] += removed


def _is(obj: LandedObject) -> bool:
    """Whether a file that was registered in place is still what it was."""
    with open(obj.path, "rb") as stream:
        return sha256_of(stream) == obj.id


def _is_changed(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether a file was written to between two looks at it."""
    return (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)


def _accounts(objects: dict[str, LandedObject], outcomes: list[Outcome], verdict: Verdict) -> dict[str, Account]:
    """Each object's counts, from what was decoded and what the merge said; they must agree."""
    accounts = {}
    for id_ in objects:
        account = Account(
            records=sum(o.records[id_] for o in outcomes),
            stored=verdict.stored.get(id_, 0),
            duplicates=verdict.duplicates.get(id_, 0),
            quarantined=sum(o.quarantined[id_] for o in outcomes),
        )
        if account.records != account.stored + account.duplicates + account.quarantined:
            raise ContactlakeError(f"The account of {objects[id_].source} does not add up: {account}")
        accounts[id_] = account
    return accounts
