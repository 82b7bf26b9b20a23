"""Parsed records → a table's columns, a batch at a time.

Each column is made for all records of a batch at once; a value that its column cannot hold rejects its own record and
nothing else. Keys that no column takes are reported. The declarations say everything; nothing here names a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contactlake.decode.nested import Converter
from contactlake.decode.repeats import is_token
from contactlake.model.arrow import arrow_type
from contactlake.model.reason import Reason, Reject
from contactlake.model.stream import Stream
from contactlake.model.table import Column, Table
from contactlake.model.types import Rule, Take, Type

Path = tuple[str, ...]
_INDEX = re.compile(r"\[[0-9]+\]")
_EMPTY: dict[str, Any] = {}
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
        self.repeats = tuple(tuple(path.split(".")) for path in stream.repeats)
        columns = (*table.columns, *besides)
        self.known = _known_keys(stream, columns)
        self.whole = {path for column in columns if column.take is Take.JSON for path in column.paths}
        self._caches: dict[tuple[Type, Rule], dict[Any, Any]] = {}
        self.forget()

    def forget(self) -> None:
        """Drop the repeating sub-documents that were absorbed."""
        deepest_first = sorted(self.repeats, key=len, reverse=True)
        self.shared = {path: _Shared(path, self.table) for path in deepest_first}

    def absorb(self, documents: dict[str, Any]) -> None:
        """Make the columns of repeating sub-documents (by token); records then take theirs from them."""
        for shared in self.shared.values():
            shared.add(self, documents)

    def make(self, records: Sequence[dict[str, Any]], facts: Mapping[Path, list[Any]] = _NO_FACTS) -> Columns:
        """Columns of ``records``, whose tokens were absorbed before.

        ``facts`` are what stands beside the records: by path (which begins with ``@``), a value for each.
        """
        return _Batch(self, list(records), (), (), facts).run()

    def cache(self, type: Type, take: Rule) -> dict[Any, Any]:
        """Conversions already done, by text (bounded)."""
        cache = self._caches.setdefault((type, take), {None: None})
        if len(cache) > _REMEMBERED:
            cache.clear()
            cache[None] = None
        return cache


class _Shared:
    """The distinct sub-documents at one repeating path, as columns; place 0 is "missing".

    The path is that of an object with columns below it, or that of an array that is itself a column.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self.path = path
        self.columns = [(c, p) for c in table.columns for p in c.paths if p[: len(path)] == path]
        self.kind: type = list if any(p == path for _, p in self.columns) else dict
        self.places: dict[str | None, int] = {None: 0}
        self.arrays: dict[tuple[str, Path], pa.Array] = {}
        self.rejects: dict[int, Reject] = {}
        self.unknown: dict[int, list[str]] = {}

    def add(self, maker: ColumnMaker, documents: dict[str, Any]) -> None:
        new = {t: d for t, d in documents.items() if type(d) is self.kind and t not in self.places}
        if not new and self.arrays:
            return
        values: list[Any] = list(new.values()) if self.arrays else [None, *new.values()]
        first = len(self.places) if self.arrays else 0
        if self.kind is list:
            batch = _Batch(maker, [{self.path[-1]: value} for value in values], self.path[:-1], self.path)
        else:
            batch = _Batch(maker, [value or _EMPTY for value in values], self.path, self.path)
        for column, path in self.columns:
            array = batch.array(column, path)
            before = self.arrays.get((column.name, path))
            self.arrays[column.name, path] = array if before is None else pa.concat_arrays([before, array])
        for token in new:
            self.places[token] = len(self.places)
        self.rejects.update({first + i: reject for i, reject in batch.rejects.items()})
        self.unknown.update({first + i: names for i, names in batch.unknown.items()})


class _Batch:
    """Objects at one path (``base``; () for whole records) and the columns below it; what repeats below ``within`` is
    taken from what is shared."""

    def __init__(
        self,
        maker: ColumnMaker,
        dicts: list[dict[str, Any]],
        base: Path,
        within: Path,
        facts: Mapping[Path, list[Any]] = _NO_FACTS,
    ) -> None:
        self.maker, self.facts = maker, facts
        inside = [path for path in maker.shared if _below(path, within)]
        self.shared = [maker.shared[p] for p in inside if not any(_below(p, other) for other in inside)]
        self.count = len(dicts)
        self.rejects: dict[int, Reject] = {}
        self.unknown: dict[int, list[str]] = {}
        self.levels: dict[Path, list[dict[str, Any]]] = {base: dicts}
        self.indexes: dict[Path, pa.Array] = {}
        self._report_unknown(base, dicts)

    def run(self) -> Columns:
        arrays = {column.name: self._column(column) for column in self.maker.table.columns}
        self._require(arrays)
        return Columns(arrays, self.rejects, {i: tuple(sorted(set(u))) for i, u in self.unknown.items()})

    def _column(self, column: Column) -> pa.Array:
        result: pa.Array | None = None
        for path in column.paths:
            array = self.array(column, path)
            if result is None:
                result = array
            elif result.null_count:
                result = pc.coalesce(result, array)
        if result is None:
            return pa.nulls(self.count, arrow_type(column.type))
        return result if column.default is None else pc.fill_null(result, column.default)

    def array(self, column: Column, path: Path) -> pa.Array:
        """One column's values at one path."""
        for shared in self.shared:
            if path[: len(shared.path)] == shared.path:
                return shared.arrays[column.name, path].take(self._index(shared))
        if is_beside(path):
            values = self.facts[path]
        else:
            key = path[-1]
            values = [d.get(key) for d in self._level(path[:-1])]

        def fail(row: int, message: str, below: str) -> None:
            where = ".".join(path) + below
            self.rejects.setdefault(row, Reject(Reason.BAD_VALUE, f"{where}: {message}.", where))

        def report(row: int, below: str) -> None:
            name = ".".join(path) + below
            if _INDEX.sub("", name) not in self.maker.stream.uncolumned:
                self.unknown.setdefault(row, []).append(_INDEX.sub("[]", name))

        return Converter(self.maker.cache, fail, report).convert(column.type, column.take, values)

    def _level(self, path: Path) -> list[dict[str, Any]]:
        known = self.levels.get(path)
        if known is not None:
            return known
        key = path[-1]
        values: list[Any] = [d.get(key) for d in self._level(path[:-1])]
        kinds = set(map(type, values))
        dicts = values if kinds == {dict} else [v if type(v) is dict else _EMPTY for v in values]
        if not kinds <= {dict, type(None)}:
            for row, value in enumerate(values):
                self._expect_object(row, value, path)
        self._report_unknown(path, dicts)
        self.levels[path] = dicts
        return dicts

    def _index(self, shared: _Shared) -> pa.Array:
        """Which of the shared sub-documents each object has."""
        if shared.path not in self.indexes:
            key = shared.path[-1]
            index = []
            for row, token in enumerate([d.get(key) for d in self._level(shared.path[:-1])]):
                place = shared.places.get(token) if token is None or is_token(token) else None
                if place is None:
                    place = 0
                    if token != "":
                        what = "an array" if shared.kind is list else "an object"
                        where = ".".join(shared.path)
                        self.rejects.setdefault(row, Reject(Reason.BAD_VALUE, f"{where}: expected {what}.", where))
                index.append(place)
            if shared.rejects or shared.unknown:
                for row, place in enumerate(index):
                    if place in shared.rejects:
                        self.rejects.setdefault(row, shared.rejects[place])
                    if place in shared.unknown:
                        self.unknown.setdefault(row, []).extend(shared.unknown[place])
            self.indexes[shared.path] = pa.array(index, pa.int32())
        return self.indexes[shared.path]

    def _expect_object(self, row: int, value: Any, path: Path) -> None:
        if not isinstance(value, dict) and value is not None and value != "":
            where = ".".join(path)
            self.rejects.setdefault(row, Reject(Reason.BAD_VALUE, f"{where}: expected an object.", where))

    def _report_unknown(self, path: Path, dicts: list[dict[str, Any]]) -> None:
        if any(path[:depth] in self.maker.whole for depth in range(1, len(path) + 1)):
            return  # a column takes all of it
        known = self.maker.known.get(path, frozenset())
        strange = {keys for keys in set(map(tuple, dicts)) if not known.issuperset(keys)}
        if strange:
            for row, d in enumerate(dicts):
                if tuple(d) in strange:
                    names = [".".join((*path, key)) for key in d if key not in known]
                    self.unknown.setdefault(row, []).extend(names)

    def _require(self, arrays: dict[str, pa.Array]) -> None:
        event_time = self.maker.stream.event_time
        required = [(c, Reason.NO_KEY) for c in self.maker.table.columns if c.required and c.name != event_time]
        if event_time is not None:
            required.append((self.maker.table.by_name[event_time], Reason.NO_EVENT_TIME))
        for column, reason in required:
            array = arrays[column.name]
            if array.null_count:
                what = "key" if reason is Reason.NO_KEY else "event time"
                message = f"The record's {what} is missing: {column.name} (from {column.path}) is null."
                for row, null in enumerate(array.is_null().to_pylist()):
                    if null:
                        self.rejects.setdefault(row, Reject(reason, message, column.path))


def is_beside(path: Path) -> bool:
    """Whether a column's path names a fact that stands beside the record, not in it."""
    return path[0].startswith("@")


def _below(path: Path, base: Path) -> bool:
    return len(path) > len(base) and path[: len(base)] == base


def _known_keys(stream: Stream, columns: Sequence[Column]) -> dict[Path, frozenset[str]]:
    """By path of an object: the keys in it that a column takes or that the stream documents without a column."""
    known: dict[Path, set[str]] = {}
    paths = [path for column in columns for path in column.paths if not is_beside(path)]
    paths += [tuple(path.split(".")) for path in stream.uncolumned]
    for path in paths:
        for depth in range(len(path)):
            known.setdefault(path[:depth], set()).add(path[depth])
    return {path: frozenset(keys) for path, keys in known.items()}
