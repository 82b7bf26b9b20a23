"""Derives in two passes what does not fit in memory: over parts of the input, then over groups of subjects.

The first pass leaves of every part what the second needs, already cut into groups. Both do two parts or groups at once.
Never names a table.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count as count_from
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from contactlake.build.derive import run
from contactlake.build.grouped import quoted
from contactlake.model.step import Derivation

AT_ONCE = 2
"""Parts, and groups, that are worked on at a time: each takes memory."""
PART_ROWS = 250_000
"""Rows of a part, about: what the first pass holds, for each of them."""
GROUP_ROWS = 300_000
"""Rows of the input, about, that a group comes from."""

FEW_GROUPS = AT_ONCE
"""For so many groups, what the second pass needs stays in tables: quick to write, but every group reads all of them."""

Item = TypeVar("Item")


def parts(days: Mapping[int, int], part_rows: int) -> list[tuple[int, ...]]:
    """Days (with their rows) that follow each other, put together to parts of about ``part_rows``."""
    made: list[list[int]] = []
    rows = part_rows
    for day in sorted(days):
        if rows + days[day] > part_rows:
            made.append([])
            rows = 0
        made[-1].append(day)
        rows += days[day]
    return [tuple(part) for part in made]


def stretches(con: duckdb.DuckDBPyConnection, source: str, time: str, rows: int, part_rows: int) -> Iterator[str]:
    """Queries that together give the ``rows`` rows of ``source``, each for a stretch of ``time`` (a column of instants)
    that has about ``part_rows``. No millisecond is in two of them; rows without time are in none, but where one query
    gives all."""
    count = -(-rows // part_rows)
    if count <= 1:
        yield source
        return
    shares = ", ".join(str(n / count) for n in range(1, count))
    cuts = f"SELECT QUANTILE_DISC(EPOCH_US({time}) // 1000, [{shares}]) FROM ({source})"
    bounds = sorted({cut * 1000 for cut in con.execute(cuts).fetchall()[0][0] or ()})
    for start, end in zip([None, *bounds], [*bounds, None], strict=True):
        within = ["TRUE"] if start is None else [f"{time} >= MAKE_TIMESTAMPTZ({start})"]
        within += [f"{time} < MAKE_TIMESTAMPTZ({end})"] if end is not None else []
        yield f"SELECT * FROM ({source}) WHERE {' AND '.join(within)}"


def group_count(rows: int) -> int:
    """How many groups: as many as can be worked on at once, or a multiple of it; few rows are one group."""
    return 1 if rows < GROUP_ROWS // 10 else AT_ONCE * -(-rows // (AT_ONCE * GROUP_ROWS))


def side_by_side(
    con: duckdb.DuckDBPyConnection,
    work: Callable[[duckdb.DuckDBPyConnection, Item], None],
    items: Iterable[Item],
    width: int = AT_ONCE,
) -> None:
    """Do ``work`` for every item, for ``width`` of them at a time.

    Each has a connection of its own. They share the database, but not what is temporary in it.
    """
    running: list[duckdb.DuckDBPyConnection] = []

    def alone(item: Item) -> None:
        with con.cursor() as own:
            running.append(own)
            try:
                work(own, item)
            finally:
                running.remove(own)

    with ThreadPoolExecutor(width) as pool:
        try:
            for _ in pool.map(alone, items):
                pass
        except BaseException:  # nobody waits for what would not be used
            pool.shutdown(wait=False, cancel_futures=True)
            for own in tuple(running):
                own.interrupt()
            raise


def at_once(
    con: duckdb.DuckDBPyConnection,
    work: Callable[[duckdb.DuckDBPyConnection, Item], None],
    items: Iterable[Item],
    width: int = AT_ONCE,
) -> None:
    """The same for steps that are alike, and too small to keep several threads busy.

    The database has so many threads fewer as the connections bring: more than asked for would stand in each other's
    way.
    """
    waiting = list(items)
    threads = con.execute("SELECT CAST(CURRENT_SETTING('threads') AS BIGINT)").fetchall()[0][0]
    con.execute(f"SET threads = {max(1, threads + 1 - min(width, len(waiting)))}")
    try:
        side_by_side(con, work, waiting, width)
    finally:
        con.execute(f"SET threads = {threads}")


class Kept:
    """What the first pass leaves for the second, cut into ``count`` groups: few groups as tables, more as files.

    ``cut`` gives, by result of ``first``, the query for its rows with their ``_group``; ``{part}`` and ``{groups}`` in
    it stand for the part's number and ``count``.
    """

    def __init__(
        self, first: Derivation, rules: Mapping[str, Any], cut: Mapping[str, str], count: int, folder: Path
    ) -> None:
        self.first, self.rules, self.cut, self.count, self.folder = first, rules, cut, count, folder
        self._numbers = count_from(0)
        self._parts: list[int] = []
        for name in first.results:
            (folder / name).mkdir(parents=True)

    def add(self, con: duckdb.DuckDBPyConnection, source: str) -> None:
        """The first pass over a part of the input (a query)."""
        part = next(self._numbers)
        self._parts.append(part)
        run(con, self.first, {self.first.inputs[0]: source}, self.rules)
        for name in self.first.results:
            rows, folder = self.cut[name].format(part=part, groups=self.count), quoted(self.folder / name)
            if self.count <= FEW_GROUPS:
                con.execute(f"CREATE OR REPLACE TABLE {_table(name, part)} AS {rows}")
                continue
            if part == 0:  # for a group without any
                con.execute(f"COPY (SELECT * EXCLUDE (_group) FROM ({rows}) LIMIT 0) TO '{folder}/none.parquet'")
            con.execute(
                f"COPY ({rows}) TO '{folder}' (FORMAT parquet, COMPRESSION uncompressed, PARTITION_BY (_group),"
                f" OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-{part}-{{uuid}}')"
            )

    def group(self, number: int) -> dict[str, str]:
        """The inputs (by name, a query) of the second pass for a group, after all parts."""
        return {name: self._rows(name, number) for name in self.first.results}

    def drop(self, con: duckdb.DuckDBPyConnection) -> None:
        """Forget all of it."""
        for name in self.first.results:
            for part in self._parts:
                con.execute(f"DROP TABLE IF EXISTS {_table(name, part)}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _rows(self, name: str, number: int) -> str:
        if self.count <= FEW_GROUPS:
            tables = (_table(name, part) for part in self._parts)
            return " UNION ALL ".join(f"SELECT * EXCLUDE (_group) FROM {t} WHERE _group = {number}" for t in tables)
        folder = self.folder / name
        paths = [folder / "none.parquet", *sorted(folder.glob(f"_group={number}/*"))]
        listed = ", ".join(f"'{quoted(path)}'" for path in paths)
        return f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"


def _table(name: str, part: int) -> str:
    return f"_kept_{part}{name}"
