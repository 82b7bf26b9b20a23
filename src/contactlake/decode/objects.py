"""Objects of one place → arrays of what columns want from them; what repeats inside them is made once and shared.

What is wrong or unknown is kept as issues, by object; what they mean, the caller decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from contactlake.decode.nested import Cache, Converter, values_of
from contactlake.decode.repeats import Documents, is_token
from contactlake.model.arrow import arrow_type
from contactlake.model.stream import Repeat
from contactlake.model.types import Rule, Type

Path = tuple[str, ...]
KnownKeys = Mapping[Path, frozenset[str]]
_INDEX = re.compile(r"\[[0-9]+\]")
_EMPTY: dict[str, Any] = {}
_NO_FACTS: dict[Path, list[Any]] = {}
_NOWHERE: list[dict[str, Any]] = []


@dataclass(frozen=True)
class Want:
    """What a column wants from objects: the value at the first of the paths that gives one, as a type, by a rule."""

    paths: tuple[Path, ...]
    type: Type
    take: Rule

    def __hash__(self) -> int:
        return hash(self.paths)  # a type can be large, and the paths nearly tell

    def below(self, place: Path) -> Want | None:
        """The same, seen from the object at ``place``; None unless all paths go through it."""
        depth = len(place)
        for path in self.paths:
            if path[:depth] != place:
                return None
        return Want(tuple(path[depth:] for path in self.paths), self.type, self.take)

    def alternatives(self) -> list[Want]:
        """One for each path."""
        return [Want((path,), self.type, self.take) for path in self.paths]


class Issue(NamedTuple):
    """Something about an object: at ``path`` and ``below`` that stands a bad value (``message``) or something that
    nothing takes; ``key``: it is the object at ``path`` that has this key."""

    path: Path
    below: str = ""
    message: str | None = None
    key: str | None = None

    @property
    def where(self) -> str:
        """The path as text."""
        return ".".join(self.path if self.key is None else (*self.path, self.key)) + self.below


def is_beside(path: Path) -> bool:
    """Whether a column's path names a fact that stands beside the record, not in it."""
    return bool(path) and path[0].startswith("@")


def plain_name(where: str, item: str = "[]") -> str:
    """A path without the numbers of array items."""
    return _INDEX.sub(item, where)


@dataclass(frozen=True)
class Through:
    """A repeating sub-document that objects have at a place."""

    shared: Shared
    place: Path


class Shared:
    """The distinct sub-documents of one repeating kind, as arrays; row 0 is "missing".

    ``known`` are the keys known in them, wherever they stand.
    """

    def __init__(self, repeat: Repeat, known: Sequence[KnownKeys], cache: Cache) -> None:
        self.repeat, self.cache = repeat, cache
        self.places: list[Path] = [tuple(path.split(".")) for path in repeat.paths]
        here = [_known_below(place, keys) for keys in known for place in self.places]
        self.inner = throughs([Shared(within, here, cache) for within in repeat.within])
        self.known = _known_by_all(here)
        self.kind: type = dict
        self.rows: dict[str | None, int] = {None: 0}
        self._arrays: dict[Want, pa.Array] = {}
        self._indexes: dict[Through, pa.Array] = {}
        self.issues: dict[int, list[Issue]] = {}
        self._wants: list[Want] = []

    def plan(self, want: Want) -> None:
        """Be ready for what will be wanted of these sub-documents."""
        plan(want, self.inner, self._wants)
        if () in want.paths:
            self.kind = list

    def absorb(self, documents: Documents) -> None:
        """Make arrays of sub-documents that were not met before."""
        for shared in dict.fromkeys(through.shared for through in self.inner):
            shared.absorb(documents)
        met = documents.get(self.repeat, {})
        new = {token: value for token, value in met.items() if type(value) is self.kind and token not in self.rows}
        is_first = not (self._arrays or self._indexes)
        if not (new or is_first):
            return
        first = 0 if is_first else len(self.rows)
        values = [*([None if self.kind is list else _EMPTY] if is_first else []), *new.values()]
        objects = Objects(values, self.inner, self.known, self.cache)
        for want in self._wants:
            self._arrays[want] = _longer(self._arrays.get(want), objects.array(want))
        for through in self.inner:
            self._indexes[through] = _longer(self._indexes.get(through), objects.index(through))
        for token in new:
            self.rows[token] = len(self.rows)
        self.issues.update({first + row: issues for row, issues in objects.issues.items()})

    def take(self, want: Want, index: pa.Array) -> pa.Array:
        """What is wanted, of the sub-documents with these rows."""
        if (array := self._arrays.get(want)) is not None:
            return array.take(index)
        for through in self.inner:
            if (below := want.below(through.place)) is not None:
                return through.shared.take(below, self._indexes[through].take(index))
        return first_given(self.take(one, index) for one in want.alternatives())


class Objects:
    """Objects at one place (whole records, or distinct sub-documents), and what is wrong or unknown in them."""

    def __init__(
        self,
        values: list[Any],
        inner: Sequence[Through],
        known: KnownKeys,
        cache: Cache,
        facts: Mapping[Path, list[Any]] = _NO_FACTS,
    ) -> None:
        self.values, self.inner, self.known, self.cache, self.facts = values, inner, known, cache, facts
        self.count = len(values)
        self.issues: dict[int, list[Issue]] = {}
        self._levels: dict[Path, list[dict[str, Any]]] = {}
        self._indexes: dict[Through, pa.Array] = {}
        if set(map(type, values)) == {dict}:
            self._levels[()] = values
            self._find_unknown((), values)

    def array(self, want: Want) -> pa.Array:
        """What is wanted, of each object."""
        for through in self.inner:
            if (below := want.below(through.place)) is not None:
                return through.shared.take(below, self.index(through))
        if len(want.paths) > 1:
            return first_given(self.array(one) for one in want.alternatives())
        (path,) = want.paths
        if is_beside(path):
            values = self.facts[path]
        elif path:
            key = path[-1]
            level = self._level(path[:-1])
            if level is _NOWHERE:
                return pa.nulls(self.count, arrow_type(want.type))
            values = values_of(level, key)
        else:
            values = self.values

        def fail(row: int, message: str, below: str) -> None:
            self._note(row, Issue(path, below, message))

        def report(row: int, below: str) -> None:
            self._note(row, Issue(path, below))

        return Converter(self.cache, fail, report).convert(want.type, want.take, values)

    def index(self, through: Through) -> pa.Array:
        """Which of the repeating sub-documents each object has."""
        if through not in self._indexes:
            shared, place = through.shared, through.place
            key = place[-1]
            level = self._level(place[:-1])
            tokens = [None] * self.count if level is _NOWHERE else values_of(level, key)
            try:
                rows = [shared.rows[token] for token in tokens]
            except (KeyError, TypeError):  # something else stands there
                rows = [self._row(shared, place, number, token) for number, token in enumerate(tokens)]
            if shared.issues:
                moved = {
                    row: [Issue(place + i.path, i.below, i.message, i.key) for i in shared.issues[row]]
                    for row in shared.issues.keys() & set(rows)
                }
                for number, row in enumerate(rows):
                    if row in moved:
                        self.issues.setdefault(number, []).extend(moved[row])
            self._indexes[through] = pa.array(rows, pa.int32())
        return self._indexes[through]

    def _row(self, shared: Shared, place: Path, number: int, token: Any) -> int:
        row = shared.rows.get(token) if token is None or is_token(token) else None
        if row is None and token != "":
            what = "an array" if shared.kind is list else "an object"
            self._note(number, Issue(place, message=f"expected {what}"))
        return row or 0

    def _level(self, path: Path) -> list[dict[str, Any]]:
        """The objects at a path; an empty one where there is none, and none at all where there are none."""
        found = self._levels.get(path)
        if found is not None:
            return found
        key = path[-1]
        above = self._level(path[:-1])
        values = values_of(above, key)
        kinds = set(map(type, values))
        if kinds <= {type(None)}:
            self._levels[path] = _NOWHERE
            return _NOWHERE
        dicts = values if kinds == {dict} else [v if type(v) is dict else _EMPTY for v in values]
        if not kinds <= {dict, type(None)}:
            for row, value in enumerate(values):
                if not isinstance(value, dict) and value is not None and value != "":
                    self._note(row, Issue(path, message="expected an object"))
        self._find_unknown(path, dicts)
        self._levels[path] = dicts
        return dicts

    def _find_unknown(self, path: Path, dicts: list[dict[str, Any]]) -> None:
        known = self.known.get(path)
        if known is None:  # a column takes all of it
            return
        strange = {keys for keys in set(map(tuple, dicts)) if not known.issuperset(keys)}
        if strange:
            for row, d in enumerate(dicts):
                if tuple(d) in strange:
                    for key in d.keys() - known:
                        self._note(row, Issue(path, key=key))

    def _note(self, row: int, issue: Issue) -> None:
        self.issues.setdefault(row, []).append(issue)


def throughs(shared: Iterable[Shared]) -> tuple[Through, ...]:
    """The places of repeating sub-documents."""
    return tuple(Through(one, place) for one in shared for place in one.places)


def plan(want: Want, inner: Sequence[Through], here: list[Want]) -> None:
    """Say what will be wanted to whatever will give it: what repeats inside, or else (``here``) the objects."""
    for through in inner:
        if (below := want.below(through.place)) is not None:
            through.shared.plan(below)
            return
    if any(one.below(through.place) for one in want.alternatives() for through in inner):
        for one in want.alternatives():
            plan(one, inner, here)
    elif want not in here:
        here.append(want)


def first_given(arrays: Iterable[pa.Array]) -> pa.Array:
    """Row by row the first value that is given."""
    result: pa.Array | None = None
    for array in arrays:
        if result is None:
            result = array
        elif result.null_count:
            result = pc.coalesce(result, array)
    assert result is not None
    return result


def _longer(before: pa.Array | None, array: pa.Array) -> pa.Array:
    return array if before is None else pa.concat_arrays([before, array])


def _known_below(place: Path, known: KnownKeys) -> KnownKeys:
    return {path[len(place) :]: keys for path, keys in known.items() if path[: len(place)] == place}


def _known_by_all(known: Sequence[KnownKeys]) -> KnownKeys:
    """What is known at every place: about anything else, each place is asked."""
    paths = {path for keys in known for path in keys}
    return {path: frozenset.intersection(*(keys[path] for keys in known if path in keys)) for path in paths}
