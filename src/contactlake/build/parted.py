"""Derives in two passes what does not fit in memory: over parts of the input, then over groups of subjects.

The first pass leaves of every part what the second needs, already cut into groups. Both do two parts or groups at once.
Never names a table.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from contactlake.build.derive import run
from contactlake.build.grouped import quoted
from contactlake.model.step import Passes

AT_ONCE = 2
"""Parts, and groups, that are worked on at a time: each takes memory."""
PART_ROWS = 250_000
"""Rows of a part, about: what the first pass holds, for each of them."""
GROUP_ROWS = 300_000
"""Rows of the input, about, that a group comes from."""

FEW_GROUPS = AT_ONCE
"""For so many groups, what the second pass needs stays in tables: quick to write, but every group reads all of them."""

_NO_GROUP = -1

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
    """The same for steps that are alike, and too small to keep several threads busy."""
    waiting = list(items)
    with _fewer_threads(con, min(width, len(waiting))):
        side_by_side(con, work, waiting, width)


@contextmanager
def _fewer_threads(con: duckdb.DuckDBPyConnection, connections: int) -> Iterator[None]:
    """The database has so many threads fewer as the connections bring: more than asked for would stand in each other's
    way."""
    threads = con.execute("SELECT CAST(CURRENT_SETTING('threads') AS BIGINT)").fetchall()[0][0]
    con.execute(f"SET threads = {max(1, threads + 1 - max(1, connections))}")
    try:
        yield
    finally:
        con.execute(f"SET threads = {threads}")


def _do(con: duckdb.DuckDBPyConnection, work: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
    work(con)


def in_passes(
    con: duckdb.DuckDBPyConnection,
    passes: Passes,
    overall: Callable[[duckdb.DuckDBPyConnection], None],
    parts: Iterable[str],
    count: int,
    rules: Mapping[str, Any],
    given: Mapping[str, str],
    take: Callable[[duckdb.DuckDBPyConnection], None],
    folder: Path,
) -> None:
    """Derive from ``parts`` (queries) by ``count`` groups.

    ``overall`` makes what ``passes.first`` needs besides, beside the first part. ``given`` are the further inputs of
    ``passes.second``. ``take`` has the results of a group before it, as what is temporary on its connection.
    ``folder`` is for what does not stay in memory, and is removed.
    """
    kept = _Kept(passes, rules, count, folder)
    ready: Future[None] = Future()

    def begin(own: duckdb.DuckDBPyConnection) -> None:
        try:
            overall(own)
        except BaseException as error:
            ready.set_exception(error)
            raise
        ready.set_result(None)

    def second(own: duckdb.DuckDBPyConnection, group: int) -> None:
        run(own, passes.second, {**kept.group(group), **given}, rules)
        take(own)

    waiting = list(parts)
    first = [partial(kept.add, part=number, source=source, ready=ready) for number, source in enumerate(waiting)]
    with _fewer_threads(con, min(AT_ONCE, len(waiting))):
        side_by_side(con, _do, (begin, *first))
    at_once(con, second, range(count))
    kept.drop(con)


class _Kept:
    """What the first pass leaves for the second, cut into ``count`` groups: few groups as tables, more as files."""

    def __init__(self, passes: Passes, rules: Mapping[str, Any], count: int, folder: Path) -> None:
        self.passes, self.rules, self.count, self.folder = passes, rules, count, folder
        self._parts: list[int] = []
        for name in passes.first.results:
            (folder / name).mkdir(parents=True)

    def add(self, con: duckdb.DuckDBPyConnection, part: int, source: str, ready: Future[None]) -> None:
        """The first pass over a part of the input (a query), which waits for what is ``ready`` where it needs it."""
        self._parts.append(part)
        run(con, self.passes.alone, {self.passes.alone.inputs[0]: source}, self.rules)
        ready.result()
        run(con, self.passes.first, {}, self.rules)
        made: dict[str, str] = {}
        for name, cut in self.passes.by_group.items():
            rows = cut.format(part=part, groups=self.count, **made)
            if self.count <= FEW_GROUPS:
                con.execute(f"CREATE OR REPLACE TABLE {_table(name, part)} AS {rows}")
                made[name] = f"FROM {_table(name, part)}"
                continue
            folder = self.folder / name
            none = folder / f"_group={_NO_GROUP}" / f"part-{part}.parquet"  # for a group without any
            none.parent.mkdir(exist_ok=True)
            con.execute(f"COPY (SELECT * EXCLUDE (_group) FROM ({rows}) LIMIT 0) TO '{quoted(none)}'")
            con.execute(
                f"COPY ({rows}) TO '{quoted(folder)}' (FORMAT parquet, COMPRESSION uncompressed, PARTITION_BY (_group),"
                f" OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-{part}-{{uuid}}')"
            )
            made[name] = _read([none, *folder.glob(f"*/part-{part}-*")], groups=True)

    def group(self, number: int) -> dict[str, str]:
        """The inputs (by name, a query) of the second pass for a group, after all parts."""
        return {name: self._rows(name, number) for name in self.passes.by_group}

    def drop(self, con: duckdb.DuckDBPyConnection) -> None:
        """Forget all of it."""
        for name in self.passes.by_group:
            for part in self._parts:
                con.execute(f"DROP TABLE IF EXISTS {_table(name, part)}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _rows(self, name: str, number: int) -> str:
        if self.count <= FEW_GROUPS:
            tables = (_table(name, part) for part in self._parts)
            return " UNION ALL ".join(f"SELECT * EXCLUDE (_group) FROM {t} WHERE _group = {number}" for t in tables)
        folder = self.folder / name
        return _read([path for group in (_NO_GROUP, number) for path in folder.glob(f"_group={group}/*")], groups=False)


def _table(name: str, part: int) -> str:
    return f"_kept_{part}{name}"


def _read(paths: Iterable[Path], groups: bool) -> str:
    listed = ", ".join(f"'{quoted(path)}'" for path in sorted(paths))
    return f"SELECT * FROM read_parquet([{listed}], hive_partitioning = {groups})"
