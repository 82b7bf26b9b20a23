"""Imports: files whose records are rows of one table already, as another lake or the vendor's exports have them.

An import is a run over sources like any other: landed, decoded, merged, accounted for. Files are looked at before
anything is taken, so that a mistake leaves nothing behind.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from contactlake.decode import parquet
from contactlake.decode.rows import PARQUET, NotAnExport, check_names, format_of
from contactlake.errors import ContactlakeError, UsageError
from contactlake.ingest import Run, is_changed
from contactlake.landing.objects import import_id, sha256_of
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

    table = ""

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
            digest, before = None, None
            if source.is_file:
                before = os.fstat(stream.fileno())
                if self.ledger.has_size(before.st_size):
                    stream.seek(0)
                    digest = sha256_of(stream)
                    if (found := self.ledger.find(import_id(digest, self.table))) is not None:
                        self._take_known(source, *found)
                        return
                    stream.seek(len(head))
            else:
                self._look(source, head)
            now, step = self.clock(), self.watcher.landed
            kind = compression(head)
            landed = self.landing.land(head, stream, source.name, kind, step, self.ledger.at, digest)
            if before is not None and is_changed(before, os.fstat(stream.fileno())):
                raise ContactlakeError(
                    f"{source.name} was changed while it was being read; import it again when it is whole."
                )
        obj = replace(landed, id=import_id(landed.id, self.table), landed_at=now)
        if digest is None and (found := self.ledger.find(obj.id)) is not None:
            self._take_known(source, *found)
        else:
            self._queue_new(obj)
