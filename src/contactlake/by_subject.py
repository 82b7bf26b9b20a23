"""Derives tables whose rows belong to subjects (a contact, an agent, a day): the subjects that a change concerns.

Where the subjects are days, a few of them at a time: the memory needed does not grow with the lake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contactlake.build import derive
from contactlake.build.grouped import GROUP_ROWS, listed
from contactlake.model.step import Family
from contactlake.rewriting import Rewriting, one
from contactlake.storage.store import DataFile

_SUBJECTS = "_subject"


class Subjects:
    """One derivation of a family's tables, into ``rewriting``."""

    def __init__(self, rewriting: Rewriting, family: Family, rules: Mapping[str, Any]) -> None:
        self.rewriting, self.con, self.family, self.rules = rewriting, rewriting.con, family, rules

    def catch_up(self, changes: Mapping[str, str]) -> None:
        """Derive the subjects that changes concern (by table: a query for the rows added and removed)."""
        if not changes.keys() & self.family.reach.keys() or self._is_nothing():
            return
        self._none()
        self._give_inputs()
        for table, reach in self.family.reach.items():
            if table in changes:
                self.con.execute(f"CREATE OR REPLACE TEMP TABLE _change AS {changes[table]}")
                self.con.execute(f"INSERT INTO {_SUBJECTS} SELECT * FROM ({reach.sql})")
        self._derive_subjects()

    def build(self, first: int | None, last: int | None) -> None:
        """Derive subjects again: all, or those that have rows in the files of some days (None: no bound)."""
        if self._is_nothing():
            return
        if first is None and last is None:
            if self._by_day:
                self._make_days(sorted({day for given in self._of_days() for day in given}))
            else:
                self._make(limited=False)
            for name in self.family.derivation.results:
                self.rewriting.put_in_place(name, "TRUE")
            return
        self._none()
        for given in self.family.inputs.values():
            if given.subject is not None:
                self._take(given.table, given.columns, given.subject, first, last)
        for name in self.family.derivation.results:
            self._take(name, None, self.family.subject, first, last)
        self._derive_subjects()

    # subjects ---------------------------------------------------------------------------------------------------------

    def _is_nothing(self) -> bool:
        """Whether nothing tells of any subject, nor did before: a lake of one stream has few families."""
        telling = [g.table for g in self.family.inputs.values() if g.subject is not None and not g.beside]
        return not any(self.rewriting.files(table) for table in (*telling, *self.family.derivation.results))

    def _none(self) -> None:
        kind = "BIGINT" if self._by_day else "VARCHAR"
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {_SUBJECTS} (subject {kind})")

    @property
    def _by_day(self) -> bool:
        return any(given.day for given in self.family.inputs.values())

    def _take(
        self, table: str, columns: tuple[str, ...] | None, subject: str, first: int | None, last: int | None
    ) -> None:
        files = [
            f
            for f in self.rewriting.files(table)
            if f.day is None or ((first is None or f.day >= first) and (last is None or f.day <= last))
        ]
        rows = self.rewriting.rows(table, columns, files)
        self.con.execute(f"INSERT INTO {_SUBJECTS} SELECT DISTINCT {subject} FROM ({rows})")

    def _derive_subjects(self) -> None:
        """Derive the subjects found and put their rows in place."""
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {_SUBJECTS} AS SELECT DISTINCT subject FROM {_SUBJECTS} "
            "WHERE subject IS NOT NULL"
        )
        if not one(self.con, f"SELECT COUNT(*) FROM {_SUBJECTS}"):
            return
        if self._by_day:
            self._make_days([day for (day,) in self.con.execute(f"FROM {_SUBJECTS} ORDER BY ALL").fetchall()])
        else:
            self._make(limited=True)
        touched = f"({self.family.subject}) IN (SELECT subject FROM {_SUBJECTS})"
        for name in self.family.derivation.results:
            self.rewriting.put_in_place(name, touched, days=self._days(name, touched))

    def _make(self, limited: bool) -> None:
        """Derive the subjects asked for, or all, and put their rows aside."""
        derive.run(self.con, self.family.derivation, self._inputs(limited), self.rules)
        for name in self.family.derivation.results:
            self.rewriting.put_aside(name, f"SELECT * FROM temp.{name}")

    def _make_days(self, days: Sequence[int]) -> None:
        """The same for subjects that are days, as many at a time as fit in memory."""
        for few in self._few(days):
            self._ask_for(few)
            self._make(limited=True)
        self._ask_for(days)

    def _few(self, days: Sequence[int]) -> Iterator[list[int]]:
        rows: Counter[int] = Counter()
        for given in self._of_days():
            rows.update(given)
        few: list[int] = []
        count = 0
        for day in days:
            if few and count + rows[day] > GROUP_ROWS:
                yield few
                few, count = [], 0
            few.append(day)
            count += rows[day]
        if few:
            yield few

    def _of_days(self) -> Iterator[Counter[int]]:
        """For every input that is given by day: how many rows its days have."""
        for given in self.family.inputs.values():
            if given.day:
                rows: Counter[int] = Counter()
                for file in self.rewriting.files(given.table):
                    if file.day is not None:
                        rows[file.day] += file.rows
                yield rows

    def _ask_for(self, days: Sequence[int]) -> None:
        self._none()
        listed_days = ", ".join(f"({day})" for day in days)
        if days:
            self.con.execute(f"INSERT INTO {_SUBJECTS} VALUES {listed_days}")

    def _days(self, table: str, touched: str) -> set[int | None]:
        """The days on which rows of the subjects are stored."""
        files = {f.path: f for f in self.rewriting.files(table)}
        if not files:
            return set()
        found = self.con.execute(
            f"SELECT DISTINCT filename FROM read_parquet({listed(list(files))}, hive_partitioning = false, "
            f"filename = true, union_by_name = true) WHERE {touched}"
        ).fetchall()
        return {files[path].day for (path,) in found}

    # inputs -----------------------------------------------------------------------------------------------------------

    def _give_inputs(self) -> None:
        """The inputs with all their rows, for the queries of reach."""
        for name, query in self._inputs(limited=False).items():
            self.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def _inputs(self, limited: bool) -> dict[str, str]:
        queries = {}
        for name, given in self.family.inputs.items():
            files: list[DataFile] | None = None
            if limited and given.day:
                days = {day for (day,) in self.con.execute(f"SELECT subject FROM {_SUBJECTS}").fetchall()}
                files = [f for f in self.rewriting.files(given.table) if f.day in days]
            query = self.rewriting.rows(given.table, given.columns, files)
            if limited and given.subject is not None and not given.day:
                query = f"SELECT * FROM ({query}) WHERE ({given.subject}) IN (SELECT subject FROM {_SUBJECTS})"
            queries[name] = query
        return queries
