"""Imports: files whose records are rows of one table already, as another lake or the vendor's exports have them.

An import is a run over sources like any other: landed, decoded, merged, accounted for. Files are looked at before
anything is taken, so that a mistake leaves nothing behind.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from contactlake.decode import parquet
from contactlake.decode.rows import PARQUET, NotAnExport, check_names, format_of
from contactlake.errors import UsageError
from contactlake.ingest import Run
from contactlake.model.account import Summary
from contactlake.pipeline import BY_NAME, VENDOR_TABLES
from contactlake.sources.files import Source, compression, head_of, peek


def table_named(text: str) -> str:
    """The table that can be imported into. Raises ``UsageError`` with the nearest name."""
    name = text.lower().removeprefix("connect_datalake.")
    names = [table.name for table in VENDOR_TABLES]
    if name in names:
        return name
    if name in BY_NAME:
        raise UsageError(
            f"{name} is contactlake's own and follows from what is stored; only the vendor's tables are imported."
        )
    near = difflib.get_close_matches(name, names, 1)
    hint = f" Did you mean {near[0]}?" if near else " See: contactlake describe"
    raise UsageError(f"There is no table {text}.{hint}")


class Import(Run):
    """A run over exports of one table."""

    table: str

    def import_(self, table: str, sources: Iterable[Source]) -> Summary:
        """Take all sources as rows of ``table``, and whatever earlier runs left."""
        self.table = table
        sources = list(sources)
        for source in sources:
            if source.is_file:
                with source.open() as stream:
                    self._look(source, head_of(stream))
        return self.ingest(sources)

    def _look(self, source: Source, head: bytes) -> None:
        """Raise ``UsageError`` where a source that begins so holds no rows of the table."""
        table = BY_NAME[self.table]
        kind = compression(head)
        try:
            found = format_of(peek(head, kind), table)
            if found.name == PARQUET and kind == "plain" and source.is_file:
                try:
                    names = parquet.names(Path(str(source.path)))
                except ValueError as error:
                    raise NotAnExport(f"it begins as Parquet and is damaged: {error}") from None
                check_names(names, table)
        except NotAnExport as why:
            raise UsageError(f"{source.name} cannot be imported into {self.table}: {why}. Nothing was taken.") from None

    def _take(self, source: Source, in_place: bool) -> None:
        with source.open() as stream:
            head = head_of(stream)
            if not head:
                self.summary.skipped.append({"file": source.name, "reason": "it is empty"})
                return
            if not source.is_file:
                self._look(source, head)
            self._land(source, stream, head)
