"""Landed stretches → tasks, and who carries them out: this process, or workers once there is enough to do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from contactlake.config import Settings
from contactlake.landing.objects import Frame, LandedObject
from contactlake.model.account import Watcher
from contactlake.pipeline import BY_NAME, QUARANTINE, RECORD_VERSION, STREAMS
from contactlake.staging import Outcome, Share, Task, run
from contactlake.storage.store import Store
from contactlake.workers import LARGE_BYTES, Workers

TASK_BYTES = LARGE_BYTES // 2
_PACKED = 8  # how much larger a compressed file is likely to become


class Tasks:
    """Collects shares into tasks and has them carried out: by worker processes once there is enough to do."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        store: Store,
        watcher: Watcher,
        clock: Callable[[], int],
        workers: Workers,
    ) -> None:
        self.folder, self.settings, self.store, self.watcher, self.clock = folder, settings, store, watcher, clock
        self.workers = workers
        self.bytes = 0
        self._shares: list[Share] = []
        self._weight = 0
        self._outcomes: list[Outcome | Future[Outcome]] = []
        self._schemas: dict[str, Any] = {}
        self._number = 0
        self._ids: dict[str, str] = {}  # by passing id, of objects that were decoded while they were landed

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
        frames = Frames(self, obj.bytes, obj.landed_at)
        for frame in obj.frames:
            frames.add(obj, frame)
        frames.finish(obj)

    def frames(self, size: int, landed_at: int) -> Frames | None:
        """What takes an object of that size while it is landed; None where that is not worth it."""
        return Frames(self, size, landed_at) if size > LARGE_BYTES and self.workers.count > 1 else None

    def finish(self) -> list[Outcome]:
        """The outcomes of all tasks since the last call."""
        self.submit(parallel=self.workers.are_there)
        if self.workers.are_there:
            self.store.warm()
        outcomes = [self.workers.made(o) if isinstance(o, Future) else o for o in self._outcomes]
        self._outcomes, self.bytes = [], 0
        ids, self._ids = self._ids, {}
        for outcome in outcomes if ids else ():
            outcome.rename(ids)
        return outcomes

    def submit(self, parallel: bool) -> None:
        """Have what was collected carried out as one task."""
        if not self._shares:
            return
        self._number += 1
        folder = str(self.folder / f"task-{self._number}")
        limit = self.settings.max_record_bytes
        task = Task(tuple(self._shares), folder, self.schemas(), limit, self.clock())
        self._shares, self._weight = [], 0
        if parallel and self.workers.count > 1:
            future = self.workers.submit(run, task)
            future.add_done_callback(self._tell)
            self._outcomes.append(future)
        else:
            outcome = run(task)
            self._outcomes.append(outcome)
            self.watcher.decoded(sum(outcome.records.values()), sum(outcome.quarantined.values()))

    def known_as(self, passing: str, id_: str) -> None:
        """What was decoded of an object under a passing id is of the object ``id_``."""
        self._ids[passing] = id_

    def _tell(self, future: Future[Outcome]) -> None:
        if not future.cancelled() and future.exception() is None:
            outcome = future.result()
            self.watcher.decoded(sum(outcome.records.values()), sum(outcome.quarantined.values()))


class Frames:
    """Puts the frames of an object together to shares that can be decoded apart from each other."""

    def __init__(self, tasks: Tasks, size: int, landed_at: int | None) -> None:
        self.tasks, self.size, self.landed_at = tasks, size, landed_at
        self._share: list[Frame] = []
        self._length = 0
        self._passing: set[str] = set()

    def add(self, obj: LandedObject, frame: Frame) -> None:
        """The next frame of ``obj``, which may have a passing id as yet."""
        if frame.safe and self._length >= self._enough(frame.offset):
            self._passing.add(obj.id)
            self._give(obj)
            self.tasks.submit(parallel=True)
            self._share, self._length = [], 0
        self._share.append(frame)
        self._length += frame.length

    def finish(self, obj: LandedObject) -> None:
        """The rest, after all frames; ``obj`` has its id."""
        for id_ in self._passing - {obj.id}:
            self.tasks.known_as(id_, obj.id)
        self._give(obj)

    def _give(self, obj: LandedObject) -> None:
        share = Share(replace(obj, frames=(), landed_at=self.landed_at), tuple(self._share))
        self.tasks.add(share, self._length)

    def _enough(self, offset: int) -> int:
        """How much makes a task: towards the end of a large object less, so that all workers end at about one time."""
        if self.size <= LARGE_BYTES:
            return TASK_BYTES
        return max(TASK_BYTES // 4, min(TASK_BYTES, (self.size - offset) // (2 * self.tasks.workers.count)))
