"""Rows that some records of a stream give in a second table, beside their own row in the first.

Such a row has no version of its own: it is stored, displaced and dropped with the record's own row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contactlake.decode.columns import ColumnMaker
from contactlake.decode.objects import Path
from contactlake.model.stream import Also, Stream
from contactlake.model.table import Table


@dataclass(frozen=True)
class AlsoRows:
    """Rows of a second table.

    of  for each of them: the number of the record's row in the first, ascending
    """

    table: str
    rows: pa.RecordBatch
    of: tuple[int, ...]

    def take(self, kept: Sequence[int]) -> AlsoRows:
        """Those of the records whose rows are kept (numbers in their new order)."""
        place = {row: i for i, row in enumerate(self.of)}
        pairs = [(new, place[old]) for new, old in enumerate(kept) if old in place]
        rows = self.rows.take(pa.array([i for _, i in pairs], pa.int32()))
        return AlsoRows(self.table, rows, tuple(new for new, _ in pairs))


class AlsoMaker:
    """Makes the rows of a stream's second table."""

    def __init__(self, stream: Stream, also: Also, table: Table) -> None:
        self.also, self.table = also, table
        self._maker = ColumnMaker(stream, table)
        self._keys: dict[Path, set[str]] = defaultdict(set)
        for name in also.needs:
            for path in table.by_name[name].paths:
                self._keys[path[:-1]].add(path[-1])

    def make(self, records: Sequence[dict[str, Any]]) -> AlsoRows | None:
        """The rows of records that became rows of the first table; most often there are none."""
        maybe = [row for row, record in enumerate(records) if self._may_have(record)]
        if not maybe:
            return None
        made = self._maker.make([records[row] for row in maybe])
        given = [pc.is_valid(made.arrays[name]) for name in self.also.needs]
        has_row = reduce(pc.or_, given).to_pylist()
        good = [i for i, given in enumerate(has_row) if given and i not in made.rejects]
        rows = pa.RecordBatch.from_arrays(list(made.arrays.values()), names=list(made.arrays))
        return AlsoRows(self.table.name, rows.take(pa.array(good, pa.int32())), tuple(maybe[i] for i in good))

    def _may_have(self, record: dict[str, Any]) -> bool:
        for path, keys in self._keys.items():
            place: Any = record
            for key in path:
                place = place.get(key) if type(place) is dict else None
            if type(place) is dict and not keys.isdisjoint(place):
                return True
        return False
