"""Writing to a lake: one writer at a time, and whatever was left unfinished is finished first."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from filelock import FileLock, Timeout

from contactlake import changes
from contactlake.batch import recover
from contactlake.config import Settings
from contactlake.deriving import Derived, Deriving
from contactlake.importing import Import
from contactlake.ingest import Run
from contactlake.landing.ledger import Ledger
from contactlake.landing.objects import Landing
from contactlake.maintaining import Maintained, maintain
from contactlake.model.account import Summary, Watcher
from contactlake.retrying import Retry
from contactlake.sources.files import Source
from contactlake.storage.store import Store
from contactlake.storage.whereabouts import Whereabouts
from contactlake.tables._contact_ids import LOCATED
from contactlake.workers import Workers

_Run = TypeVar("_Run", bound=Run)


class Silent:
    """A watcher that is not interested."""

    def total(self, bytes_: int) -> None:
        """Ignored."""

    def landed(self, bytes_: int) -> None:
        """Ignored."""

    def decoded(self, records: int, quarantined: int) -> None:
        """Ignored."""

    def say(self, sentence: str) -> None:
        """Ignored."""


class Writer:
    """The one process that writes; others wait. Use as a context manager."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        clock: Callable[[], int],
        watcher: Watcher | None,
        workers: Workers | None = None,
    ) -> None:
        self.folder, self.settings, self.clock = folder, settings, clock
        self.watcher: Watcher = watcher or Silent()
        self.workers = workers or Workers(settings.workers)

    def __enter__(self) -> Writer:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.folder / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self.watcher.say(f"Another process is writing to {self.folder}; waiting until it is done.")
            self._lock.acquire()
        try:
            self._prepare()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _prepare(self) -> None:
        """Open the stores and finish what an earlier run left."""
        self.store = Store(self.folder, self.settings.catalog)
        self.ledger = Ledger(self.folder / "ledger.db")
        if finished := recover(self.store, self.ledger):
            self.watcher.say(f"Finished {finished} batch{'es' if finished > 1 else ''} that an earlier run had begun.")
        shutil.rmtree(self.folder / "staging", ignore_errors=True)
        Landing(self.folder / "raw").clean()
        changes.clean(self.folder, self.ledger.pending())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ledger.close()
        self._lock.release()

    def ingest(self, sources: Iterable[Source], in_place: bool) -> Summary:
        """Ingest sources."""
        run = self._run(Run)
        try:
            return self._derive(run.ingest(sources, in_place))
        finally:
            run.close()

    def import_(self, table: str, sources: Iterable[Source]) -> Summary:
        """Import exports of a table."""
        run = self._run(Import)
        try:
            return self._derive(run.import_(table, sources))
        finally:
            run.close()

    def retry(self, reason: str | None) -> Summary:
        """Decode quarantined records again."""
        run = self._run(Retry)
        try:
            return self._derive(run.retry(reason))
        finally:
            run.close()

    def build(self, first: int | None, last: int | None, renumber: bool) -> Derived:
        """Derive days again (None: all) from what is stored."""
        with self._deriving() as deriving:
            derived = deriving.build(first, last, renumber)
        self._locate()
        return derived

    def maintain(self, dry: bool) -> list[Maintained]:
        """Remove what is past its retention, and what was replaced long enough ago."""
        return maintain(self.store, self.settings, self.clock(), dry)

    def _derive(self, summary: Summary) -> Summary:
        """Derive what the run changed, and what an earlier one left."""
        with self._deriving() as deriving:
            derived = deriving.catch_up()
        for name, counts in derived.tables.items():
            before = summary.tables.setdefault(name, {"rows_added": 0, "rows_removed": 0})
            for what, count in counts.items():
                before[what] += count
        self._locate()
        return summary

    def _locate(self) -> None:
        """Take new data files into the lists of where contacts' ids stand; also those that an earlier run did not."""
        for table, columns in LOCATED.items():
            files = {f.path: f.rows for f in self.store.plan(table).files}
            Whereabouts(self.folder, table, columns).catch_up(files)

    def _deriving(self) -> Deriving:
        return Deriving(self.folder, self.settings, self.store, self.ledger, self.watcher, self.clock())

    def _run(self, kind: type[_Run]) -> _Run:
        return kind(self.folder, self.settings, self.store, self.ledger, self.watcher, self.clock, self.workers)
