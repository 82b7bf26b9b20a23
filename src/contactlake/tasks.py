"""Landed stretches → tasks, and who carries them out: this process, or workers once there is enough to do."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from contactlake.config import Settings
from contactlake.errors import ContactlakeError
from contactlake.landing.objects import Frame, LandedObject
from contactlake.model.account import Watcher
from contactlake.pipeline import BY_NAME, QUARANTINE, RECORD_VERSION, STREAMS
from contactlake.staging import Outcome, Share, Task, run, watch_parent
from contactlake.storage.store import Store

TASK_BYTES = 64 << 20
LARGE_BYTES = 2 * TASK_BYTES
_PACKED = 8  # how much larger a compressed file is likely to become


class Tasks:
    """Collects shares into tasks and has them carried out: by worker processes once there is enough to do."""

    def __init__(
        self, folder: Path, settings: Settings, store: Store, watcher: Watcher, clock: Callable[[], int]
    ) -> None:
        self.folder, self.settings, self.store, self.watcher, self.clock = folder, settings, store, watcher, clock
        self.workers = settings.workers or os.cpu_count() or 1
        self.bytes = 0
        self._shares: list[Share] = []
        self._weight = 0
        self._outcomes: list[Outcome | Future[Outcome]] = []
        self._pool: ProcessPoolExecutor | None = None
        self._schemas: dict[str, Any] = {}
        self._number = 0

    def start(self) -> None:
        """Get ready for much work: begin the workers, and load in the meantime what the commit will need."""
        self._begun()
        threading.Thread(target=self.store.warm, daemon=True).start()

    def _begun(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=watch_parent)
            for _ in range(self.workers):
                self._pool.submit(os.getpid)  # a worker begins when there is something to do
        return self._pool

    def schemas(self, *tables: str) -> dict[str, Any]:
        """By table: the schema of its data files; those of streams and of any other ``tables`` that were named."""
        names = {s.table for s in STREAMS} | {s.also.table for s in STREAMS if s.also}
        names |= {QUARANTINE.name, RECORD_VERSION.name, *tables}
        for name in sorted(names - self._schemas.keys()):
            self._schemas[name] = self.store.file_schema(BY_NAME[name])
        return self._schemas

    def add(self, share: Share, weight: int) -> None:
        """One more share, of about ``weight`` bytes."""
        if share.object.table is not None:
            self.schemas(share.object.table)
        self._shares.append(share)
        self._weight += weight
        self.bytes += weight
        if self._weight >= TASK_BYTES:
            self.submit(parallel=True)

    def add_object(self, obj: LandedObject) -> None:
        """All of an object: in shares that can be decoded apart from each other, where it has frames."""
        if not obj.frames or obj.table is not None:
            self.add(Share(obj), obj.bytes * _PACKED)
            return
        share: list[Frame] = []
        size = 0
        for frame in obj.frames:
            if frame.safe and size >= self._enough(obj.bytes, frame.offset):
                self.add(Share(obj, tuple(share)), size)
                self.submit(parallel=True)
                share, size = [], 0
            share.append(frame)
            size += frame.length
        self.add(Share(obj, tuple(share)), size)

    def _enough(self, size: int, offset: int) -> int:
        """How much makes a task: towards the end of a large object less, so that all workers end at about one time."""
        if size <= LARGE_BYTES:
            return TASK_BYTES
        return max(TASK_BYTES // 4, min(TASK_BYTES, (size - offset) // (2 * self.workers)))

    def finish(self) -> list[Outcome]:
        """The outcomes of all tasks since the last call."""
        self.submit(parallel=self._pool is not None)
        try:
            outcomes = [o.result() if isinstance(o, Future) else o for o in self._outcomes]
        except BrokenProcessPool:
            raise ContactlakeError(
                "A worker process was ended from outside (often: out of memory), or could not start. Nothing is lost: "
                "run the command again, perhaps with fewer workers in contactlake.toml. A script that calls ingest "
                'must do so under: if __name__ == "__main__".'
            ) from None
        self._outcomes, self.bytes = [], 0
        return outcomes

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    def submit(self, parallel: bool) -> None:
        """Have what was collected carried out as one task."""
        if not self._shares:
            return
        self._number += 1
        folder = str(self.folder / f"task-{self._number}")
        limit = self.settings.max_record_bytes
        task = Task(tuple(self._shares), folder, self.schemas(), limit, self.clock())
        self._shares, self._weight = [], 0
        if parallel and self.workers > 1:
            future = self._begun().submit(run, task)
            future.add_done_callback(self._tell)
            self._outcomes.append(future)
        else:
            outcome = run(task)
            self._outcomes.append(outcome)
            self.watcher.decoded(sum(outcome.records.values()), sum(outcome.quarantined.values()))

    def _tell(self, future: Future[Outcome]) -> None:
        if not future.cancelled() and future.exception() is None:
            outcome = future.result()
            self.watcher.decoded(sum(outcome.records.values()), sum(outcome.quarantined.values()))
