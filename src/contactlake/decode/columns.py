"""Parsed records → a table's columns, a batch at a time.

Each column is made for all records of a batch at once; a value that its column cannot hold rejects its own record and
nothing else. Keys that no column takes are reported. The declarations say everything; nothing here names a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contactlake.decode.objects import Issue, Objects, Path, Shared, Want, is_beside, plain_name, plan, throughs
from contactlake.decode.repeats import Documents
from contactlake.model.arrow import arrow_type
from contactlake.model.reason import Reason, Reject
from contactlake.model.stream import Stream
from contactlake.model.table import Column, Table
from contactlake.model.types import Rule, Take, Type

_NO_FACTS: dict[Path, list[Any]] = {}
_REMEMBERED = 50_000


@dataclass
class Columns:
    """The outcome for one batch: arrays by column name, and by record number the rejects and the unknown paths."""

    arrays: dict[str, pa.Array]
    rejects: dict[int, Reject]
    unknown: dict[int, tuple[str, ...]]


class ColumnMaker:
    """Makes a table's columns from a stream's parsed records."""

    def __init__(self, stream: Stream, table: Table, besides: Sequence[Column] = ()) -> None:
        """``besides``: columns that are made of the same records elsewhere; what they take is not reported."""
        self.stream, self.table = stream, table
        self._known = _known_keys(stream, (*table.columns, *besides))
        self._taken = {path[:depth] for path in _paths(table) for depth in range(len(path) + 1)}
        self._wants = {c.name: Want(c.paths, c.type, c.take) for c in table.columns if c.paths}
        self._caches: dict[tuple[Type, Rule], dict[Any, Any]] = {}
        self._unknown: dict[Issue, str] = {}
        self.forget()

    def forget(self) -> None:
        """Drop the repeating sub-documents that were absorbed."""
        self._unknown.clear()
        self._inner = throughs(Shared(repeat, [self._known], self.cache) for repeat in self.stream.repeats)
        for want in self._wants.values():
            plan(want, self._inner, [])

    def absorb(self, documents: Documents) -> None:
        """Make the columns of repeating sub-documents (by token); records then take theirs from them."""
        for shared in dict.fromkeys(through.shared for through in self._inner):
            shared.absorb(documents)

    def make(self, records: Sequence[dict[str, Any]], facts: Mapping[Path, list[Any]] = _NO_FACTS) -> Columns:
        """Columns of ``records``, whose tokens were absorbed before.

        ``facts`` are what stands beside the records: by path (which begins with ``@``), a value for each.
        """
        objects = Objects(list(records), self._inner, self._known, self.cache, facts)
        arrays = {column.name: self._column(objects, column) for column in self.table.columns}
        rejects: dict[int, Reject] = {}
        unknown: dict[int, tuple[str, ...]] = {}
        for row, issues in objects.issues.items():
            self._judge(row, issues, rejects, unknown)
        self._require(arrays, rejects)
        return Columns(arrays, rejects, unknown)

    def cache(self, type: Type, take: Rule) -> dict[Any, Any]:
        """Conversions already done, by text (bounded)."""
        cache = self._caches.setdefault((type, take), {None: None})
        if len(cache) > _REMEMBERED:
            cache.clear()
            cache[None] = None
        return cache

    def _column(self, objects: Objects, column: Column) -> pa.Array:
        if column.name not in self._wants:
            return pa.nulls(objects.count, arrow_type(column.type))
        array = objects.array(self._wants[column.name])
        return array if column.default is None else pc.fill_null(array, column.default)

    def _judge(
        self, row: int, issues: list[Issue], rejects: dict[int, Reject], unknown: dict[int, tuple[str, ...]]
    ) -> None:
        """What a record's issues mean: only those count that stand where this table takes something."""
        names = set()
        for issue in issues:
            if issue.message is None:
                if issue not in self._unknown:
                    if len(self._unknown) > _REMEMBERED:
                        self._unknown.clear()
                    self._unknown[issue] = self._unknown_name(issue)
                names.add(self._unknown[issue])
            elif issue.path in self._taken:
                where = issue.where
                rejects.setdefault(row, Reject(Reason.BAD_VALUE, f"{where}: {issue.message}.", where))
        names.discard("")
        if names:
            unknown[row] = tuple(sorted(names))

    def _unknown_name(self, issue: Issue) -> str:
        """Under which name something unknown is reported; empty where it is known after all, or of no interest."""
        if issue.path not in self._taken:
            return ""
        if issue.key is not None:
            known = self._known.get(issue.path)
            return "" if known is None or issue.key in known else plain_name(issue.where)
        return "" if plain_name(issue.where, "") in self.stream.uncolumned else plain_name(issue.where)

    def _require(self, arrays: dict[str, pa.Array], rejects: dict[int, Reject]) -> None:
        event_time = self.stream.event_time
        required = [(c, Reason.NO_KEY) for c in self.table.columns if c.required and c.name != event_time]
        if event_time is not None:
            required.append((self.table.by_name[event_time], Reason.NO_EVENT_TIME))
        for column, reason in required:
            array = arrays[column.name]
            if array.null_count:
                what = "key" if reason is Reason.NO_KEY else "event time"
                message = f"The record's {what} is missing: {column.name} (from {column.path}) is null."
                for row, null in enumerate(array.is_null().to_pylist()):
                    if null:
                        rejects.setdefault(row, Reject(reason, message, column.path))


def _paths(table: Table) -> list[Path]:
    return [path for column in table.columns for path in column.paths]


def _known_keys(stream: Stream, columns: Sequence[Column]) -> dict[Path, frozenset[str]]:
    """By path of an object: the keys in it that a column takes or that the stream documents without a column; nothing
    for an object that a column takes as a whole."""
    whole = {path for column in columns if column.take is Take.JSON for path in column.paths}
    known: dict[Path, set[str]] = {}
    inside = [path for column in columns for path in column.paths if not is_beside(path)]
    for path in (*inside, *(tuple(path.split(".")) for path in stream.uncolumned)):
        for depth in range(len(path)):
            known.setdefault(path[:depth], set()).add(path[depth])
    return {
        path: frozenset(keys)
        for path, keys in known.items()
        if not any(path[:depth] in whole for depth in range(1, len(path) + 1))
    }
