"""The processes that work beside this one. Begins them without loading what they will need."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from contactlake.errors import ContactlakeError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

LARGE_BYTES = 128 << 20
"""Of more input than this, workers decode."""

_ENDED = (
    "A worker process was ended from outside (often: out of memory), or could not start. Nothing is lost: "
    "run the command again, perhaps with fewer workers in contactlake.toml. A script that calls ingest "
    'must do so under: if __name__ == "__main__".'
)

Given = TypeVar("Given")
Made = TypeVar("Made")


class Workers:
    """Worker processes, ``count`` of them (0: one per core), begun when there is work. Use as a context manager."""

    def __init__(self, count: int) -> None:
        self.count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None
        self._processes: list[BaseProcess] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def are_there(self) -> bool:
        """Whether they were begun."""
        return self._pool is not None

    def begin(self) -> None:
        """Begin them, where there can be several; they load what they need while this process does the same."""
        if self.count > 1:
            self._begun()

    def submit(self, work: Callable[[Given], Made], given: Given) -> Future[Made]:
        """Have ``work`` done by one of them. Raises ``ContactlakeError`` where they have ended."""
        from concurrent.futures import BrokenExecutor

        try:
            return self._begun().submit(work, given)
        except BrokenExecutor:
            raise ContactlakeError(_ENDED) from None

    @staticmethod
    def made(future: Future[Made]) -> Made:
        """What came of it, waited for. Raises ``ContactlakeError`` where the worker has ended."""
        from concurrent.futures import BrokenExecutor

        try:
            return future.result()
        except BrokenExecutor:
            raise ContactlakeError(_ENDED) from None

    def release(self) -> None:
        """Let them end, which they may not have done yet when this returns."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
        self._pool = None

    def close(self) -> None:
        """End them, whatever they are at: nobody will ask what came of it."""
        if self._pool is not None:
            for process in self._processes:
                process.terminate()
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def _begun(self) -> ProcessPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import active_children, get_context

            others = {*active_children()}
            self._pool = ProcessPoolExecutor(self.count, mp_context=get_context("spawn"), initializer=_begin)
            # Ctrl-C is for this process, which ends them: what is blocked here stays blocked in them
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                for _ in range(self.count):
                    self._pool.submit(os.getpid)  # one begins when there is something to do
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            self._processes = [process for process in active_children() if process not in others]
        return self._pool


def _begin() -> None:
    """In a worker: load what tasks need, and end when the parent is gone (a killed run must not leave workers)."""
    import gc
    import threading
    from multiprocessing import parent_process

    gc.disable()  # nothing that is loaded is garbage
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
    from contactlake import staging  # noqa: F401

    gc.freeze()
    gc.enable()
