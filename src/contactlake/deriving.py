"""Drives the stage "derive": tables made of agent events are kept as a build of everything would make them.

A run derives what its input changed, by agent and window of time (``reaching.py`` says which), and no more. All changes
become one plan in the ledger, carried out like any batch; that plan also takes the changes off the pending list.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from contactlake.batch import carry_out, sync
from contactlake.build import derive
from contactlake.build.grouped import groups
from contactlake.build.replace import Replaced, replace
from contactlake.changes import ADDED
from contactlake.config import Settings
from contactlake.landing.ledger import Ledger
from contactlake.model.account import Watcher
from contactlake.model.days import day_text
from contactlake.pipeline import BY_NAME, WATCHED
from contactlake.reaching import Reach
from contactlake.storage.store import DataFile, Store
from contactlake.tables import _agent_statistics as steps

FACT = "derived"
STATUS = "agent_status"
TABLES = steps.AGENT_STATISTICS.results
_MEMORY = "1GB"
_WHOLE = 0.3  # of the events changed: from here on whole agents are derived
_MEANT = {
    "interval_minutes": ("agent_statistic_record", "agent_queue_statistic_record"),
    "max_silence_seconds": TABLES,
    "idle_includes_ringing": ("agent_statistic_record",),
    "contacts_handled": ("agent_queue_statistic_record",),
    "rules": TABLES,
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
        self._changed: dict[str, list[Replaced]] = defaultdict(list)
        self._days: dict[str, list[int | None]] = defaultdict(list)

    def __enter__(self) -> Deriving:
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.con = connect(self.scratch, self.settings)
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()
        if not self._begun:  # else the plan that was written down still needs its files
            shutil.rmtree(self.scratch, ignore_errors=True)

    # what to derive ---------------------------------------------------------------------------------------------------

    def catch_up(self) -> Derived:
        """Derive what pending changes reach; everything where settings have changed since the last time."""
        pending = self.ledger.pending()
        files = self._events()
        if self._differs() and (files or pending):
            return self.build()
        if not pending:
            return self.done
        changes = f"SELECT * FROM read_parquet({listed(pending)}, hive_partitioning = false)"
        self._number(f"SELECT * FROM ({changes}) WHERE {ADDED}", renumber=False)
        reach = Reach(self.con, self.rules, files, [f.path for f in self._stored("agent_contact_span")])
        count = _one(self.con, f"SELECT COUNT(*) FROM ({changes})")
        much = count > _WHOLE * sum(f.rows for f in files)
        self._derive(reach.whole_agents(changes) if much else reach.after(changes), windows=True)
        return self._carry_out(pending)

    def build(self, first: int | None = None, last: int | None = None, renumber: bool = False) -> Derived:
        """Derive days again (None: from the beginning, to the end) from all stored events."""
        files = self._events()
        pending = self.ledger.pending()
        if pending or self._differs() or renumber:
            first = last = None
        events = f"SELECT * FROM read_parquet({listed([f.path for f in files])}, hive_partitioning = false)"
        if not files:
            return self._carry_out(pending)
        self._number(events, renumber)
        if first is None and last is None:
            self._derive(events, windows=False)
        else:
            reach = Reach(self.con, self.rules, files, [f.path for f in self._stored("agent_contact_span")])
            self._derive(reach.of_days(first, last), windows=True)
        return self._carry_out(pending)

    def _differs(self) -> bool:
        """Whether the tables were made under other settings or rules; says so where there are any."""
        known = self.ledger.fact(FACT)
        wanted = _facts(self.settings)
        if known is None or json.loads(known) == wanted:
            return known is None
        before = json.loads(known)
        for name in (n for n in wanted if before.get(n) != wanted[n]):
            what = "The rules of derivation have changed" if name == "rules" else (
                f"{name} was {before.get(name)} and is {wanted[name]} now"
            )  # fmt: skip
            self._say(f"{what}: {' and '.join(_MEANT[name])} are built again, for all days.")
        return True

    # how --------------------------------------------------------------------------------------------------------------

    def _number(self, events: str, renumber: bool) -> None:
        """Give numbers to new custom statuses; from here on ``agent_status`` is known to the steps."""
        stored = [f.path for f in self._stored(STATUS)]
        known = f"SELECT * FROM read_parquet({listed(stored)}, hive_partitioning = false)"
        if renumber or not stored:
            known = _nothing(STATUS)
        derive.run(self.con, steps.AGENT_STATUSES, {"_agent_event": events, "_agent_status_known": known}, self.rules)
        beyond = _one(self.con, "SELECT COUNT(*) FROM agent_status WHERE number > 50")
        if beyond:
            self._say(f"{beyond} custom statuses are beyond number 50: they count in non_productive_time only.")
        self._replace(STATUS, None, "SELECT * FROM agent_status", stored, "TRUE")

    def _derive(self, events: str, windows: bool) -> None:
        """Derive the rows of all windows in ``agent_stretch`` (all rows without ``windows``) and put them in place."""
        spans = [f.path for f in self._stored("agent_contact_span")]
        known = f"SELECT * FROM read_parquet({listed(spans)}, hive_partitioning = false)" if spans else None
        given = {
            "_agent_status_number": "SELECT instance_id, status_id, number FROM agent_status",
            "_agent_connected": steps.connected_before(known) if known and windows else NOBODY,
        }
        by = f"({steps.USER_ID.replace('e.', '')})"
        for number, group in enumerate(groups(self.con, events, steps.EVENT_COLUMNS, by, self.scratch / "groups")):
            source = steps.stretch_events(group) if windows else group
            derive.run(self.con, steps.AGENT_STATISTICS, {"_agent_event": source, **given}, self.rules)
            for name in TABLES:
                self._spool(name, steps.in_window(name) if windows else f"SELECT * FROM temp.{name}", number)
        for name in TABLES:
            self._put_in_place(name, windows)
        if windows:
            self.done.agents = _one(self.con, "SELECT COUNT(DISTINCT (instance_id, user_id)) FROM agent_stretch")

    def _spool(self, name: str, rows: str, group: int) -> None:
        folder = self.scratch / "fresh" / name
        folder.mkdir(parents=True, exist_ok=True)
        day = f"CAST(FLOOR(EPOCH_US({steps.ROW_TIME[name]}) / 86400000000) AS BIGINT)"
        self.con.execute(
            f"COPY (SELECT *, {day} AS _day FROM ({rows})) TO '{_quoted(folder)}' "
            f"(FORMAT parquet, PARTITION_BY (_day), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'group-{group}-{{uuid}}')"
        )

    def _put_in_place(self, name: str, windows: bool) -> None:
        """Compare day by day what was derived with what is stored."""
        made = {int(p.name.removeprefix("_day=")): p for p in (self.scratch / "fresh" / name).glob("_day=*")}
        stored: dict[int, list[str]] = defaultdict(list)
        for file in self._stored(name):
            if file.day is not None:
                stored[file.day].append(file.path)
        touched, first, last = "TRUE", None, None
        if windows:
            touched = _in_windows(name)
            first, last = self.con.execute(
                "SELECT CASE WHEN NOT BOOL_OR(from_ms IS NULL) THEN MIN(from_ms) END // 86400000, "
                "CASE WHEN NOT BOOL_OR(to_ms IS NULL) THEN MAX(to_ms) - 1 END // 86400000 FROM agent_stretch"
            ).fetchall()[0]
        empty = _nothing(name)
        for day in sorted({*made, *stored}):
            if (first is None or day >= first) and (last is None or day <= last):
                fresh = (
                    f"SELECT * FROM read_parquet('{_quoted(made[day])}/*.parquet', hive_partitioning = false)"
                    if day in made
                    else empty
                )
                self._replace(name, day, fresh, stored[day], touched)

    def _replace(self, name: str, day: int | None, fresh: str, stored: Sequence[str], touched: str) -> None:
        table = BY_NAME[name]
        schema = self.store.file_schema(table)
        result = replace(self.con, table, schema, fresh, stored, touched, self.now, self.scratch / "ready")
        if result.add or result.delete:
            self._changed[name].append(result)
            self._days[name].append(day)

    def _carry_out(self, pending: list[str]) -> Derived:
        """Write the plan down and carry it out; the changes it answers to are pending no more."""
        plan: dict[str, Any] = {"tables": {}, "counts": {}, "derived": pending}
        plan["facts"] = {FACT: json.dumps(_facts(self.settings))}
        days: set[int] = set()
        for name, results in self._changed.items():
            add = []
            for day, result in zip(self._days[name], results, strict=True):
                if result.add:
                    sync(result.add)
                    add.append((result.add, self.store.data_path(name, day, f"{uuid.uuid4().hex}.parquet")))
                if day is not None:
                    days.add(day)
            plan["tables"][name] = {"add": add, "delete": [path for r in results for path in r.delete]}
            self.done.tables[name] = {
                "rows_added": sum(r.rows_added for r in results),
                "rows_removed": sum(r.rows_removed for r in results),
            }
        if plan["tables"] or pending or self.ledger.fact(FACT) != plan["facts"][FACT]:
            self._begun = True
            self.ledger.begin(self.id, plan)
            carry_out(self.store, self.ledger, self.id, plan)
            self._begun = False
        for path in pending:
            Path(path).unlink(missing_ok=True)
        self.done.days = [day_text(day) for day in sorted(days)]
        return self.done

    def _events(self) -> tuple[DataFile, ...]:
        return self.store.plan(WATCHED.table).files

    def _stored(self, table: str) -> tuple[DataFile, ...]:
        return self.store.plan(table).files

    def _say(self, sentence: str) -> None:
        self.done.said.append(sentence)
        self.watcher.say(sentence)


NOBODY = "SELECT '' AS instance_id, '' AS user_id, '' AS contact_id WHERE FALSE"


def connect(scratch: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection for deriving: bounded memory, everything else spills to ``scratch``."""
    config: dict[str, Any] = {"memory_limit": _MEMORY, "temp_directory": str(scratch / "spill")}
    if settings.workers:
        config["threads"] = settings.workers
    con = duckdb.connect(config=config)
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    return con


def listed(paths: Sequence[str]) -> str:
    """Paths as a list in SQL."""
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def _in_windows(name: str) -> str:
    t = f"EPOCH_US(o.{steps.ROW_TIME[name]}) // 1000"
    return (
        "EXISTS (SELECT 1 FROM agent_stretch AS w WHERE w.instance_id = o.instance_id AND w.user_id = o.user_id "
        f"AND COALESCE(w.from_ms, -9223372036854775807) <= {t} AND {t} < COALESCE(w.to_ms, 9223372036854775807))"
    )


def _facts(settings: Settings) -> dict[str, Any]:
    text = "".join(step.sql for step in (*steps.AGENT_STATUSES.steps, *steps.AGENT_STATISTICS.steps))
    known = {name: getattr(settings, name) for name in _MEANT if name != "rules"}
    return {**known, "rules": hashlib.md5(text.encode()).hexdigest()}


def _nothing(name: str) -> str:
    from contactlake.engines.duck import sql_type

    columns = ", ".join(f'CAST(NULL AS {sql_type(c.type)}) AS "{c.name}"' for c in BY_NAME[name].columns)
    return f"SELECT {columns} WHERE FALSE"


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
