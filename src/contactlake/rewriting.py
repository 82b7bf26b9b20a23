"""The change of derived tables that is under way: rows made again are put beside what is stored, day by day.

Nothing of it is visible before its plan is carried out; until then ``files`` already says what the tables will be, so
that tables can be derived from tables derived before them.
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace as with_
from pathlib import Path
from typing import Any

import duckdb

from contactlake.build.grouped import listed, quoted
from contactlake.build.replace import Replaced, replace
from contactlake.engines.duck import sql_type
from contactlake.landing.durable import sync
from contactlake.model.days import day_text, sql_day
from contactlake.pipeline import BY_NAME, WATCHED
from contactlake.storage.store import DataFile, Plan, Store

_FEW_ROWS = 250_000  # of a table, that are held in memory
_NO_DAY = "__HIVE_DEFAULT_PARTITION__"


class Rewriting:
    """Rows of derived tables replaced in one plan.

    con      the connection that derives
    scratch  a folder on the lake's own disk
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store, scratch: Path, now: int) -> None:
        self.con, self.store, self.scratch, self.now = con, store, scratch, now
        self._results: dict[str, list[tuple[int | None, Replaced]]] = defaultdict(list)
        self._aside: dict[str, tuple[int, int]] = {}  # by table: parts put aside, and their rows in memory
        self._lock = threading.Lock()

    def on(self, con: duckdb.DuckDBPyConnection) -> Rewriting:
        """The same change, by way of another connection to the same database."""
        other = copy(self)
        other.con = con
        return other

    # what is there ----------------------------------------------------------------------------------------------------

    def plan_of(self, table: str) -> Plan:
        """What a table will consist of."""
        plan = self.store.plan(table)
        results = self._results.get(table, [])
        gone = {path for _, result in results for path in result.delete}
        made = tuple(
            DataFile(r.add, day, r.rows_added, os.path.getsize(r.add)) for day, r in results if r.add is not None
        )
        columns = plan.columns or tuple(c.name for c in BY_NAME[table].columns)
        return with_(plan, files=tuple(f for f in plan.files if f.path not in gone) + made, columns=columns)

    def files(self, table: str) -> tuple[DataFile, ...]:
        """The files that a table will consist of."""
        return self.plan_of(table).files

    def rows(self, table: str, columns: Sequence[str] | None = None, files: Sequence[DataFile] | None = None) -> str:
        """The query for a table's rows (of some of its files); a column that files lack is null."""
        plan = self.plan_of(table)
        paths = [f.path for f in (plan.files if files is None else files)]
        declared = BY_NAME[table].by_name
        names = list(columns or declared)
        if not paths:
            nulls = ", ".join(f'CAST(NULL AS {sql_type(declared[n].type)}) AS "{n}"' for n in names)
            return f"SELECT {nulls} WHERE FALSE"
        there = ", ".join(
            f'"{n}"' if n in plan.columns else f'CAST(NULL AS {sql_type(declared[n].type)}) AS "{n}"' for n in names
        )
        union = "" if plan.uniform else ", union_by_name = true"
        return f"SELECT {there} FROM read_parquet({listed(paths)}, hive_partitioning = false{union})"

    def changed(self, table: str) -> str | None:
        """The query for rows added to and removed from a derived table (watched columns); None: it is as it was."""
        return f"SELECT * FROM {_changed(table)}" if table in WATCHED and self._results.get(table) else None

    # what is made -----------------------------------------------------------------------------------------------------

    def put_aside(self, table: str, rows: str, con: duckdb.DuckDBPyConnection | None = None) -> None:
        """Put fresh rows (a query on ``con``: another connection to the same database, perhaps) of a table aside, by
        day: in memory as long as they are few, then in files."""
        con = con or self.con
        by = BY_NAME[table].partition_by
        if imported := [f.path for f in self.files(table) if f.imported]:  # what was imported stands
            key = ", ".join(f'"{name}"' for name in BY_NAME[table].primary_key)
            theirs = f"SELECT {key} FROM read_parquet({listed(imported)}, hive_partitioning = false)"
            rows = f"FROM ({rows}) ANTI JOIN ({theirs}) USING ({key})"
        day = sql_day(f"EPOCH_US({by})") if by else "CAST(NULL AS BIGINT)"
        rows = f"SELECT *, {day} AS _day FROM ({rows})"
        with self._lock:
            number, held = self._aside.get(table, (0, 0))
            if number == 0:
                con.execute(f"CREATE OR REPLACE TABLE {_aside(table)} AS {rows} LIMIT 0")
            self._aside[table] = (number + 1, held)
        if held + held // max(number, 1) <= _FEW_ROWS:  # as many again as a part had until now
            count = one(con, f"INSERT INTO {_aside(table)} {rows}")
            with self._lock:
                number, held = self._aside[table]
                self._aside[table] = (number, held + count)
            return
        folder = self._folder(table)
        folder.mkdir(parents=True, exist_ok=True)
        con.execute(
            f"COPY ({rows}) TO '{quoted(folder)}' (FORMAT parquet, PARTITION_BY (_day), OVERWRITE_OR_IGNORE, "
            f"FILENAME_PATTERN 'part-{number}-{{uuid}}')"
        )

    @property
    def are_few(self) -> bool:
        """Whether all the rows that are put aside, of whatever table, are as few as are held of one in memory."""
        held = sum(rows for _, rows in self._aside.values())
        return held <= _FEW_ROWS and not any(self._folder(table).exists() for table in self._aside)

    def _fresh(self, table: str, con: duckdb.DuckDBPyConnection) -> dict[int | None, str]:
        """By day: the query for the rows that were put aside."""
        if table not in self._aside:
            return {}
        made: dict[int | None, list[str]] = defaultdict(list)
        for (day,) in con.execute(f"SELECT DISTINCT _day FROM {_aside(table)}").fetchall():
            that_day = "_day IS NULL" if day is None else f"_day = {day}"
            made[day].append(f"SELECT * EXCLUDE (_day) FROM {_aside(table)} WHERE {that_day}")
        for path in self._folder(table).glob("_day=*"):
            made[_day_of(path.name)].append(
                f"SELECT * FROM read_parquet('{quoted(path)}/*.parquet', hive_partitioning = false)"
            )
        return {day: " UNION ALL BY NAME ".join(queries) for day, queries in made.items()}

    def put_in_place(
        self,
        table: str,
        touched: str,
        first: int | None = None,
        last: int | None = None,
        days: set[Any] | None = None,
        words: Callable[[str], str] = str,
        con: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        """Compare what was put aside with what is stored, day by day, and take over what differs.

        ``touched`` is a condition on a stored row: only such rows are compared. Days before ``first``, after ``last``
        or, where given, without fresh rows and not among ``days`` hold none of them. ``words`` makes rows of the table
        of those that were put aside, a query of a query. ``con``: another connection to the same database, perhaps.
        """
        con = con or self.con
        made = self._fresh(table, con)
        stored: dict[int | None, list[str]] = defaultdict(list)
        for file in self.files(table):
            if not file.imported:
                stored[file.day].append(file.path)
        wanted = {*made, *stored} if days is None else {*made, *days}
        for day in sorted(wanted, key=lambda d: (d is not None, d or 0)):
            if day is None or ((first is None or day >= first) and (last is None or day <= last)):
                fresh = words(made[day]) if day in made else self.rows(table, files=())
                self.replace(table, day, fresh, stored[day], touched, con)
        if self._aside.pop(table, None):
            con.execute(f"DROP TABLE {_aside(table)}")
        shutil.rmtree(self._folder(table), ignore_errors=True)

    def replace(
        self,
        table: str,
        day: int | None,
        fresh: str,
        stored: Sequence[str],
        touched: str,
        con: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        """Compare the fresh rows of a day with those of its stored files that are ``touched``."""
        declared = BY_NAME[table]
        schema = self.store.file_schema(declared)
        watched = (_changed(table), WATCHED[table].columns) if table in WATCHED else None
        ready = self.scratch / "ready"
        result = replace(con or self.con, declared, schema, fresh, stored, touched, self.now, ready, watched)
        if result.add or result.delete:
            self._results[table].append((day, result))

    # the plan ---------------------------------------------------------------------------------------------------------

    def changes(self) -> dict[str, dict[str, list[Any]]]:
        """By table: the files to add (durable, where they are to stand) and those to delete."""
        plan: dict[str, dict[str, list[Any]]] = {}
        for table, results in self._results.items():
            add = []
            for day, result in results:
                if result.add:
                    sync(result.add)
                    add.append((result.add, self.store.data_path(table, day, f"{uuid.uuid4().hex}.parquet")))
            plan[table] = {"add": add, "delete": [path for _, r in results for path in r.delete]}
        return plan

    def counts(self) -> dict[str, dict[str, int]]:
        """By table: rows added and removed."""
        return {
            table: {
                "rows_added": sum(r.rows_added for _, r in results),
                "rows_removed": sum(r.rows_removed for _, r in results),
            }
            for table, results in self._results.items()
        }

    def days(self) -> list[str]:
        """The days in which something differs."""
        days = {day for results in self._results.values() for day, _ in results if day is not None}
        return [day_text(day) for day in sorted(days)]

    def _folder(self, table: str) -> Path:
        return self.scratch / "fresh" / table


def one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number that a query gives."""
    return int(con.execute(sql).fetchall()[0][0])


def _changed(table: str) -> str:
    return f"_changed_{table}"


def _aside(table: str) -> str:
    return f"_aside_{table}"


def _day_of(folder: str) -> int | None:
    text = folder.removeprefix("_day=")
    return None if text == _NO_DAY else int(text)
