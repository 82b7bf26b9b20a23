"""Derives in two passes what does not fit in memory: over parts of the input, then over groups of subjects.

The first pass leaves of every part what the second needs, already cut into groups. Some parts, or groups, are worked
on at once.
Never names a table.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from contactlake.build.crew import AT_ONCE, Crew
from contactlake.build.derive import prepare, run
from contactlake.build.grouped import listed, quoted
from contactlake.model.step import Passes

PART_ROWS = 250_000
"""Rows of a part, about: what the first pass holds, for each of them."""
GROUP_ROWS = 300_000
"""Rows of the input, about, that a group comes from."""

FEW_GROUPS = AT_ONCE
"""For so many groups, what the second pass needs stays in tables: quick to write, but every group reads all of them."""

Work = Callable[[duckdb.DuckDBPyConnection], None]


def parts(con: duckdb.DuckDBPyConnection, files: Iterable[tuple[int, str, int]], time: str) -> Iterator[str]:
    """Queries that together give the rows of Parquet files (day, path, rows), each about ``PART_ROWS`` of them: days
    that follow each other, or a stretch of ``time`` (a column of instants) of a day that has many more.

    No millisecond is in two of them; rows without time are in none, but where one query gives all of a day.
    """
    by_day: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for day, path, rows in files:
        by_day[day].append((path, rows))
    part: list[str] = []
    count = 0
    for day in sorted(by_day):
        more = sum(rows for _, rows in by_day[day])
        if part and count + more > PART_ROWS:
            yield from _stretches(con, read(part), time, count)
            part, count = [], 0
        part += [path for path, _ in by_day[day]]
        count += more
    if part:
        yield from _stretches(con, read(part), time, count)


def _stretches(con: duckdb.DuckDBPyConnection, source: str, time: str, rows: int) -> Iterator[str]:
    count = round(rows / PART_ROWS)
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


def read(paths: Iterable[Path | str]) -> str:
    """The query for the rows of Parquet files, whatever their folders are called."""
    return f"SELECT * FROM read_parquet({listed(sorted(map(str, paths)))}, hive_partitioning = false)"


def group_count(rows: int) -> int:
    """How many groups: as many as can be worked on at once, or a multiple of it; few rows are one group."""
    return 1 if rows < GROUP_ROWS // 10 else AT_ONCE * -(-rows // (AT_ONCE * GROUP_ROWS))


def _do(con: duckdb.DuckDBPyConnection, work: Work) -> None:
    work(con)


def in_passes(
    crew: Crew,
    passes: Passes,
    overall: Work,
    parts: Iterable[str],
    count: int,
    rules: Mapping[str, Any],
    given: Mapping[str, str],
    take: Work,
    folder: Path,
) -> None:
    """Derive from ``parts`` (queries, at least one) by ``count`` groups.

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
        prepare(own, passes.second)

    def second(own: duckdb.DuckDBPyConnection, group: int) -> None:
        run(own, passes.second, {**kept.group(group), **given}, rules)
        take(own)

    first: list[Work] = [partial(kept.add, part=n, source=source, ready=ready) for n, source in enumerate(parts)]
    crew.leave_threads(min(AT_ONCE, len(first)))
    crew.side_by_side(_do, [begin, *first])
    crew.at_once(second, range(count))
    kept.drop(crew.con)


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
            con.execute(
                f"COPY ({rows}) TO '{quoted(folder)}' (FORMAT parquet, COMPRESSION uncompressed, PARTITION_BY (_group),"
                f" WRITE_PARTITION_COLUMNS, OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-{part}-{{uuid}}')"
            )
            files = list(folder.glob(f"*/part-{part}-*"))
            if not files:  # what has no rows has columns
                files = [folder / "none" / f"part-{part}-.parquet"]
                files[0].parent.mkdir(exist_ok=True)
                con.execute(f"COPY (SELECT * FROM ({rows}) LIMIT 0) TO '{quoted(files[0])}'")
            made[name] = read(files)

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
        files = sorted(folder.glob(f"_group={number}/*"))
        rows = f"SELECT * EXCLUDE (_group) FROM ({read(files or sorted(folder.glob('*/*'))[:1])})"
        return rows if files else f"{rows} LIMIT 0"


def _table(name: str, part: int) -> str:
    return f"_kept_{part}{name}"
