"""Drives the stage "derive": derived tables are kept as a build of everything stored would make them.

A run derives what its input changed and no more: agents' statistics by agent and window of time (``by_window.py``),
everything else by subject (``by_subject.py``). All changes become one plan in the ledger, carried out like any batch;
that plan also takes the changes off the pending list.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from contactlake.batch import carry_out
from contactlake.build.crew import AT_ONCE, Crew
from contactlake.build.grouped import listed
from contactlake.by_subject import Subjects
from contactlake.by_window import EVENTS, TABLES, Windows
from contactlake.changes import ADDED, FACT, table_of_changes
from contactlake.config import Settings
from contactlake.landing.ledger import Ledger
from contactlake.model.account import Watcher
from contactlake.model.step import Family, Step
from contactlake.pipeline import FAMILIES
from contactlake.rewriting import Rewriting
from contactlake.storage.store import Store
from contactlake.tables import _agent_statistics as steps

_MEMORY = ("500MB", "1000MB", "2000MB", "4000MB")  # the later ones where what cannot be put on disk needs it
_LITTLE = 500_000  # rows to derive from: what that holds in memory leaves room for something beside it
_MEANT = {
    "interval_minutes": ("agent_statistic_record", "agent_queue_statistic_record"),
    "max_silence_seconds": TABLES,
    "idle_includes_ringing": ("agent_statistic_record",),
    "contacts_handled": ("agent_queue_statistic_record",),
    "rules": TABLES,
    **{family.name: family.derivation.results for family in FAMILIES},
}


@dataclass
class Derived:
    """What was derived: by table, rows added and removed; agents and days concerned; what was said."""

    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    agents: int = 0
    days: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def rules_of(settings: Settings) -> dict[str, Any]:
    """The settings as the steps know them."""
    return {
        "interval_ms": settings.interval_minutes * 60_000,
        "max_silence_ms": settings.max_silence_seconds * 1000,
        "idle_includes_ringing": settings.idle_includes_ringing,
        "contacts_handled": settings.contacts_handled,
        "window_ms": 3_600_000,
    }


class Deriving:
    """One derivation over a lake. Use as a context manager."""

    def __init__(
        self, root: Path, settings: Settings, store: Store, ledger: Ledger, watcher: Watcher, now: int
    ) -> None:
        self.settings, self.store, self.ledger, self.watcher, self.now = settings, store, ledger, watcher, now
        self.id = uuid.uuid4().hex
        self.scratch = root / "staging" / f"derive-{self.id}"
        self.rules = rules_of(settings)
        self.done = Derived()
        self._begun = False

    def __enter__(self) -> Deriving:
        self._open(_MEMORY[0])
        return self

    def _open(self, memory: str) -> None:
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.con = connect(self.scratch, self.settings, memory)
        self.rewriting = Rewriting(self.con, self.store, self.scratch, self.now)

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self.con.close()
        if not self._begun:  # else the plan that was written down still needs its files
            shutil.rmtree(self.scratch, ignore_errors=True)

    def catch_up(self) -> Derived:
        """Derive what pending changes reach; everything where settings or rules have changed since the last time."""
        return self._with_room(self._catch_up)

    def build(self, first: int | None = None, last: int | None = None, renumber: bool = False) -> Derived:
        """Derive days again (None: from the beginning, to the end) from what is stored."""
        return self._with_room(lambda: self._build(first, last, renumber))

    def _with_room(self, work: Callable[[], Derived]) -> Derived:
        """Do ``work``; from the beginning with more memory where it did not suffice."""
        for more in _MEMORY[1:]:
            try:
                return work()
            except duckdb.OutOfMemoryException:
                self._close()
                self.watcher.say(f"Deriving needs more memory than it took: once more with {more}.")
                self.done = Derived()
                self._open(more)
        return work()

    def _catch_up(self) -> Derived:
        pending = self.ledger.pending()
        changes = _changes(pending)
        again = self._made_otherwise()
        if not pending and not again:
            return self.done

        def of_agents(windows: Windows) -> int:
            if again & _OF_AGENTS:
                windows.build(None, None, renumber=False)
            elif EVENTS in changes:
                added = f"SELECT * FROM ({changes[EVENTS]}) WHERE {ADDED}"
                return windows.catch_up(changes[EVENTS], added)
            return 0

        def of_subjects(subjects: Subjects) -> None:
            if subjects.family.name in again:
                subjects.build(None, None)
            else:
                reach, derived = subjects.family.reach, subjects.rewriting.changed
                subjects.catch_up({t: query for t in reach if (query := _both(changes.get(t), derived(t)))})

        self._derive(of_agents, of_subjects)
        return self._carry_out(pending)

    def _build(self, first: int | None, last: int | None, renumber: bool) -> Derived:
        pending = self.ledger.pending()
        if pending or self._made_otherwise() or renumber:
            first = last = None
        self._derive(lambda windows: windows.build(first, last, renumber), lambda subjects: subjects.build(first, last))
        return self._carry_out(pending)

    def _derive(self, of_agents: Callable[[Windows], int], of_subjects: Callable[[Subjects], None]) -> None:
        """Agents' statistics and the families, those that follow from the statistics last; where there is little of
        all, the others beside the statistics."""

        def agents(rewriting: Rewriting) -> None:
            self.done.agents = of_agents(Windows(rewriting, self.rules, self._say))

        def families(some: Iterable[Family]) -> Callable[[Rewriting], None]:
            def derive(rewriting: Rewriting) -> None:
                for family in some:
                    of_subjects(Subjects(rewriting, family, self.rules))

            return derive

        read = {EVENTS, *(given.table for family in _BESIDE for given in family.inputs.values())}
        width = AT_ONCE if sum(f.rows for table in read for f in self.rewriting.files(table)) <= _LITTLE else 1
        with Crew(self.con) as crew:
            crew.side_by_side(lambda con, work: work(self.rewriting.on(con)), (agents, families(_BESIDE)), width)
        families(_AFTER)(self.rewriting)

    def _made_otherwise(self) -> set[str]:
        """What tells that tables were made under other settings or rules, or never; says so where there are any."""
        wanted = _facts(self.settings)
        known = json.loads(self.ledger.fact(FACT) or "{}")
        otherwise = {name for name in wanted if known.get(name) != wanted[name]}
        for name in (n for n in wanted if n in otherwise and n in known):
            what = (
                f"{name} was {known[name]} and is {wanted[name]} now"
                if hasattr(self.settings, name)
                else "The rules of derivation have changed"
            )
            tables = " and ".join(_MEANT[name])
            self._say(f"{what}: {tables} are built again, for all days.")
        return otherwise

    def _carry_out(self, pending: list[str]) -> Derived:
        """Write the plan down and carry it out; the changes it answers to are pending no more."""
        facts = json.dumps(_facts(self.settings))
        plan: dict[str, Any] = {
            "tables": self.rewriting.changes(),
            "counts": {},
            "derived": pending,
            "facts": {FACT: facts},
        }
        self.done.tables = self.rewriting.counts()
        self.done.days = self.rewriting.days()
        if plan["tables"] or pending or self.ledger.fact(FACT) != facts:
            self._begun = True
            self.ledger.begin(self.id, plan)
            carry_out(self.store, self.ledger, self.id, plan)
            self._begun = False
        for path in pending:
            Path(path).unlink(missing_ok=True)
        return self.done

    def _say(self, sentence: str) -> None:
        self.done.said.append(sentence)
        self.watcher.say(sentence)


def connect(scratch: Path, settings: Settings, memory: str) -> duckdb.DuckDBPyConnection:
    """A connection for deriving: bounded memory, everything else spills to ``scratch``."""
    config: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": str(scratch / "spill"),
        "preserve_insertion_order": False,
    }
    if settings.workers:
        config["threads"] = settings.workers
    con = duckdb.connect(config=config)
    con.execute("SET TimeZone = 'UTC'")
    return con


def _changes(pending: Iterable[str]) -> dict[str, str]:
    """By table: the query for the rows added and removed that are written down."""
    paths: dict[str, list[str]] = defaultdict(list)
    for path in pending:
        paths[table_of_changes(path)].append(path)
    return {
        table: f"SELECT * FROM read_parquet({listed(found)}, hive_partitioning = false)"
        for table, found in paths.items()
    }


def _both(first: str | None, second: str | None) -> str | None:
    """The rows of two queries; either may be missing (an imported row and a derived one may change in one table)."""
    return f"{first} UNION ALL BY NAME {second}" if first and second else first or second


def _after(families: Iterable[Family]) -> Iterator[Family]:
    """The families that follow from agents' statistics, perhaps by way of each other."""
    made = {*TABLES}
    for family in families:
        if made & {*family.reach, *(given.table for given in family.inputs.values())}:
            made |= {*family.derivation.results}
            yield family


_AFTER = tuple(_after(FAMILIES))
_BESIDE = tuple(family for family in FAMILIES if family not in _AFTER)

_OF_AGENTS = _MEANT.keys() - {family.name for family in FAMILIES}


def _facts(settings: Settings) -> dict[str, Any]:
    """What the derived tables depend on besides what is stored."""
    known = {name: getattr(settings, name) for name in _MEANT if hasattr(settings, name)}
    known["rules"] = _digest((*steps.AGENT_STATUSES.steps, *steps.AGENT_STATISTICS.steps))
    return known | {family.name: _digest(family.derivation.steps) for family in FAMILIES}


def _digest(steps_: Iterable[Step]) -> str:
    return hashlib.md5("".join(step.sql for step in steps_).encode()).hexdigest()
