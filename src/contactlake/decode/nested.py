"""Values of one column → an Arrow array; nested types by recursion.

A value that the type cannot hold is told to the caller with its path, and becomes null. Knows types, not columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contactlake.decode.values import BadValue, converter, to_text
from contactlake.model.arrow import arrow_type
from contactlake.model.types import Array, Map, Rule, Scalar, Struct, Take, Type

Fail = Callable[[int, str, str], None]
"""Called with the position of a bad value, what is wrong, and its path below the column's."""

Cache = Callable[[Type, Rule], dict[Any, Any]]
"""Gives the conversions of a type and rule that were already done, by text; it has None."""

_EMPTY: dict[str, Any] = {}


class Converter:
    """Values of one column → an Arrow array; nested types by recursion."""

    def __init__(self, cache: Cache, fail: Fail, report: Callable[[int, str], None]) -> None:
        self.cache, self.fail, self.report = cache, fail, report

    def convert(self, type_: Type, take: Rule, values: list[Any]) -> pa.Array:
        match type_:
            case Scalar():
                return self._scalars(type_, take, values)
            case Array(item):
                return self._lists(type_, item, values)
            case Map(value):
                return self._maps(type_, value, take, values)
            case Struct():
                return self._structs(type_, values)

    def _below(self, place: Callable[[int], tuple[int, str]]) -> Converter:
        """A converter for what is inside: ``place`` maps an inner position to the outer one and the path between."""

        def fail(inner: int, message: str, path: str) -> None:
            outer, between = place(inner)
            self.fail(outer, message, between + path)

        def report(inner: int, path: str) -> None:
            outer, between = place(inner)
            self.report(outer, between + path)

        return Converter(self.cache, fail, report)

    def _scalars(self, type_: Scalar, take: Rule, values: list[Any]) -> pa.Array:
        arrow = arrow_type(type_)
        kinds = set(map(type, values)) - {type(None)}
        if take is Take.VALUE:
            if type_.name == "string" and kinds <= {str}:
                return pa.array(values, arrow)
            if type_.name == "boolean" and kinds <= {bool}:
                return pa.array(values, arrow)
            if type_.name == "bigint" and kinds <= {int}:
                try:
                    return pa.array(values, arrow)
                except (OverflowError, pa.ArrowInvalid):
                    pass
        if type_.name == "timestamp" and kinds <= {str} and (usual := _usual_timestamps(values, arrow)) is not None:
            return usual
        made = self._by_text(type_, take, values) if kinds <= {str} else self._each(type_, take, values)
        return pa.array(made, pa.int64()).cast(arrow) if type_.name == "timestamp" else pa.array(made, arrow)

    def _by_text(self, type_: Scalar, take: Rule, values: list[Any]) -> list[Any]:
        cache = self.cache(type_, take)
        convert = converter(type_, take)
        bad: dict[str, str] = {}
        for text in set(values) - cache.keys():
            try:
                cache[text] = convert(text)
            except BadValue as error:
                bad[text] = str(error)
        if not bad:
            return [cache[v] for v in values]
        for i, v in enumerate(values):
            if v in bad:
                self.fail(i, bad[v], "")
        return [cache.get(v) for v in values]

    def _each(self, type_: Scalar, take: Rule, values: list[Any]) -> list[Any]:
        convert = converter(type_, take)
        made: list[Any] = []
        for i, v in enumerate(values):
            try:
                made.append(None if v is None else convert(v))
            except BadValue as error:
                self.fail(i, str(error), "")
                made.append(None)
        return made

    def _lists(self, type_: Array, item: Type, values: list[Any]) -> pa.Array:
        missing = None
        if set(map(type, values)) != {list}:
            missing = pa.array([type(v) is not list for v in values], pa.bool_())
            for i, v in enumerate(values):
                if type(v) is not list and v is not None and v != "":
                    self.fail(i, "expected an array", "")
            values = [v if type(v) is list else _NO_ITEMS for v in values]
        flat = list(chain.from_iterable(values))
        offsets = list(accumulate(map(len, values), initial=0))

        def place(inner: int) -> tuple[int, str]:
            outer = bisect_right(offsets, inner) - 1
            return outer, f"[{inner - offsets[outer]}]"

        items = self._below(place).convert(item, Take.VALUE, flat)
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items, type=arrow_type(type_), mask=missing)

    def _maps(self, type_: Map, value_type: Type, take: Rule, values: list[Any]) -> pa.Array:
        keys: list[str] = []
        inner: list[Any] = []
        offsets: list[int | None] = []
        starts = [0]
        for i, v in enumerate(values):
            if type(v) is dict:
                offsets.append(len(keys))
                for key in sorted(v):
                    keys.append(key)
                    inner.append(v[key])
            else:
                offsets.append(None)
                if v is not None and v != "":
                    self.fail(i, "expected an object", "")
            starts.append(len(keys))
        offsets.append(len(keys))
        if isinstance(value_type, Scalar):
            unwrapped = [_value_string(v) for v in inner] if take is Take.VALUE_STRING else inner
            items = pa.array([None if v is None else to_text(v) for v in unwrapped], pa.string())
        else:

            def place(position: int) -> tuple[int, str]:
                return bisect_right(starts, position) - 1, "." + keys[position]

            items = self._below(place).convert(value_type, Take.VALUE, _with_key(value_type, keys, inner))
        return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(keys, pa.string()), items).cast(
            arrow_type(type_)
        )

    def _structs(self, type_: Struct, values: list[Any]) -> pa.Array:
        missing = None
        dicts = values
        if set(map(type, values)) != {dict}:
            missing = pa.array([type(v) is not dict for v in values], pa.bool_())
            dicts = [v if type(v) is dict else _EMPTY for v in values]
            for i, v in enumerate(values):
                if type(v) is not dict and v is not None and v != "":
                    self.fail(i, "expected an object", "")
        known = {f.key for f in type_.fields} | {_MAP_KEY}
        for keys in {keys for keys in set(map(tuple, dicts)) if not known.issuperset(keys)}:
            for i, d in enumerate(dicts):
                if tuple(d) == keys:
                    for key in keys:
                        if key not in known:
                            self.report(i, "." + key)
        arrays = []
        for f in type_.fields:
            key = _MAP_KEY if f.take is Take.MAP_KEY else f.key
            inside = self._below(partial(_inside, key))
            arrays.append(inside.convert(f.type, f.take, values_of(dicts, key)))
        return pa.StructArray.from_arrays(arrays, fields=list(arrow_type(type_)), mask=missing)


def values_of(dicts: list[dict[str, Any]], key: str) -> list[Any]:
    """What each has under a key; None where it has nothing."""
    try:
        return [d[key] for d in dicts]  # the usual case, in half the time
    except KeyError:
        return [d.get(key) for d in dicts]


_MAP_KEY = "\x00key"
_NO_ITEMS: list[Any] = []
_USUAL_LENGTHS = {None, 20, 24}  # with whole seconds or milliseconds, and Z
_YEAR_1000_US = -30_610_224_000_000_000
_YEAR_9000_US = 221_845_392_000_000_000


def _usual_timestamps(values: list[Any], arrow: pa.DataType) -> pa.Array | None:
    """Timestamps all at once, where each is written as the vendor writes them and exists; else None."""
    texts = pa.array(values, pa.string())
    lengths = pc.value_counts(pc.utf8_length(texts)).field(0).to_pylist()
    if not _USUAL_LENGTHS.issuperset(lengths):
        return None
    try:
        times = texts.cast(arrow)
    except pa.ArrowInvalid:
        return None
    bounds = pc.min_max(times.cast(pa.int64())).as_py()
    usual = bounds["min"] is None or (bounds["min"] >= _YEAR_1000_US and bounds["max"] < _YEAR_9000_US)
    return times if usual else None


def _inside(key: str, position: int) -> tuple[int, str]:
    return position, "." + key


def _with_key(type_: Type, keys: list[str], values: list[Any]) -> list[Any]:
    """Give each struct of a map the key under which it stands, where the struct has a column for it."""
    if not (isinstance(type_, Struct) and any(f.take is Take.MAP_KEY for f in type_.fields)):
        return values
    return [{**v, _MAP_KEY: k} if isinstance(v, dict) else v for k, v in zip(keys, values, strict=True)]


def _value_string(value: Any) -> Any:
    """``{"ValueString": "x"}`` → ``x``; an object of another shape stays what it is."""
    if isinstance(value, dict) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if key.startswith("Value"):
            return inner
    return value
