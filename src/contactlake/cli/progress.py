"""Progress of long work, on standard error: a moving line on a terminal, only sentences elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import rich.progress


class Progress:
    """A watcher of an ingest run. Use as a context manager; ``seconds`` is how long it took."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._records = self._quarantined = 0
        self._bar: rich.progress.Progress | None = None

    def __enter__(self) -> Progress:
        self._start = time.monotonic()
        if sys.stderr.isatty():
            from rich import progress
            from rich.console import Console

            self._bar = progress.Progress(
                progress.TextColumn("landing"),
                progress.BarColumn(),
                progress.DownloadColumn(),
                progress.TransferSpeedColumn(),
                progress.TextColumn("{task.fields[decoded]}"),
                progress.TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("landing", total=None, decoded="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._start
        if self._bar is not None:
            self._bar.stop()

    def total(self, bytes_: int) -> None:
        """How many bytes there are to take."""
        if self._bar is not None:
            self._bar.update(self._task, total=bytes_ or None)

    def landed(self, bytes_: int) -> None:
        """So many bytes were just taken."""
        if self._bar is not None:
            self._bar.advance(self._task, bytes_)

    def decoded(self, records: int, quarantined: int) -> None:
        """So many records were just decoded."""
        self._records += records
        self._quarantined += quarantined
        if self._bar is not None:
            text = f"{self._records:,} records decoded"
            self._bar.update(self._task, decoded=text + (f", {self._quarantined:,} bad" if self._quarantined else ""))

    def say(self, sentence: str) -> None:
        """A sentence for the person."""
        click.echo(sentence, err=True)
