"""Derives the statistics of agents: by agent and window of time, as far as a change of events reaches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from duckdb import DuckDBPyConnection

from contactlake.build import derive
from contactlake.build.crew import AT_ONCE, Crew
from contactlake.build.grouped import groups
from contactlake.build.parted import group_count, in_passes, parts, read
from contactlake.reaching import Reach
from contactlake.rewriting import Rewriting, one
from contactlake.storage.store import DataFile
from contactlake.tables import _agent_statistics as steps

EVENTS = "agent_event"
STATUS = "agent_status"
SPANS = "agent_contact_span"
TABLES = steps.AGENT_STATISTICS.results
_WHOLE = 0.3  # of the events changed: from here on everything is derived
_NUMBERS = "SELECT instance_id, status_id, number FROM agent_status"
_BY_AGENT = f"({steps.USER_ID.replace('e.', '')})"
_NOBODY = "SELECT '' AS instance_id, '' AS user_id, '' AS contact_id WHERE FALSE"


class Windows:
    """One derivation of agents' statistics, into ``rewriting``."""

    def __init__(self, rewriting: Rewriting, rules: dict[str, Any], say: Callable[[str], None]) -> None:
        self.rewriting, self.con, self.rules, self.say = rewriting, rewriting.con, rules, say
        self.files: tuple[DataFile, ...] = rewriting.files(EVENTS)

    def catch_up(self, changes: str, added: str) -> int:
        """Derive what changes reach (a query; ``added``: of those, the added events); returns how many agents."""
        self._number(self.con, added, renumber=False)
        if one(self.con, f"SELECT COUNT(*) FROM ({changes})") <= _WHOLE * sum(f.rows for f in self.files):
            return self._derive(self._reach().after(changes))
        self._derive_all()
        who = f"SELECT DISTINCT instance_id, {_BY_AGENT} AS user_id FROM ({changes})"
        return one(self.con, f"SELECT COUNT(*) FROM ({who}) WHERE user_id IS NOT NULL")

    def build(self, first: int | None, last: int | None, renumber: bool) -> int:
        """Derive days again (None: from the beginning, to the end); returns how many agents, 0 for all."""
        if not self.files:
            return 0
        if first is None and last is None:
            return self._derive_all(partial(self._number, renumber=renumber))
        self._number(self.con, self._gist(self.con), renumber)
        return self._derive(self._reach().of_days(first, last))

    def _gist(self, con: DuckDBPyConnection) -> str:
        """What all events show of agents and statuses: a query on ``con`` for few rows, which are found once."""
        events = read([f.path for f in self.files])
        con.execute(f"CREATE OR REPLACE TEMP TABLE agent_gist AS {steps.gist(events)}")
        return "SELECT * FROM agent_gist"

    def _reach(self) -> Reach:
        return Reach(self.con, self.rules, self.files, [f.path for f in self.rewriting.files(SPANS)])

    def _number(self, con: DuckDBPyConnection, events: str, renumber: bool) -> None:
        """Give numbers to new custom statuses; from here on ``agent_status`` is known to the steps."""
        stored = [f.path for f in self.rewriting.files(STATUS)]
        known = read(stored)
        if renumber or not stored:
            known = self.rewriting.rows(STATUS, files=())
        given = {"_agent_event": events, "_agent_status_known": known}
        derive.run(con, steps.AGENT_STATUSES, given, self.rules, shared=True)
        beyond = one(con, "SELECT COUNT(*) FROM agent_status WHERE number > 50")
        if beyond:
            self.say(f"{beyond} custom statuses are beyond number 50: they count in non_productive_time only.")
        self.rewriting.replace(STATUS, None, "SELECT * FROM agent_status", stored, "TRUE", con)

    def _derive(self, events: str) -> int:
        """Derive the rows of all windows in ``agent_stretch`` and put them in place."""
        spans = [f.path for f in self.rewriting.files(SPANS)]
        given = {
            "_agent_status_number": _NUMBERS,
            "_agent_connected": steps.connected_before(read(spans)) if spans else _NOBODY,
        }
        spool = self.rewriting.scratch / "groups"
        for group in groups(self.con, events, steps.EVENT_COLUMNS, _BY_AGENT, spool):
            source = {"_agent_event": steps.stretch_events(group)}
            derive.run(self.con, steps.AGENT_STATISTICS, {**source, **given}, self.rules)
            for name in TABLES:
                self.rewriting.put_aside(name, steps.in_window(name))
        self._put_windows()
        return one(self.con, "SELECT COUNT(DISTINCT (instance_id, user_id)) FROM agent_stretch")

    def _derive_all(self, number: Callable[[DuckDBPyConnection, str], None] | None = None) -> int:
        """Derive all rows and put them in place: stretches of days first, then groups of agents. ``number`` gives
        numbers to custom statuses, where that was not done."""

        def overall(con: DuckDBPyConnection) -> None:
            gist = self._gist(con)
            if number:
                number(con, gist)
            derive.run(con, steps.AGENT_FACES, {"_agent_event": gist}, self.rules, shared=True)

        def take(con: DuckDBPyConnection) -> None:
            for name in TABLES:
                self.rewriting.put_aside(name, f"SELECT * FROM temp.{steps.BRIEF.get(name, name)}", con)

        def put(con: DuckDBPyConnection, name: str) -> None:
            self.rewriting.put_in_place(name, "TRUE", words=partial(steps.in_words, name), con=con)

        with Crew(self.con) as crew:
            if self.files:
                count = group_count(sum(f.rows for f in self.files))
                given = {"_agent_status_number": _NUMBERS, "_agent_connected": _NOBODY}
                folder = self.rewriting.scratch / "kept"
                files = ((-1 if f.day is None else f.day, f.path, f.rows) for f in self.files)
                events = parts(self.con, files, "event_timestamp")
                in_passes(crew, steps.AGENT_PASSES, overall, events, count, self.rules, given, take, folder)
            # rows in words take most of the memory
            crew.at_once(put, TABLES, width=AT_ONCE if self.rewriting.are_few else 1)
        return 0

    def _put_windows(self) -> None:
        """Put the rows of all windows in ``agent_stretch`` in place."""
        first, last = self.con.execute(
            "SELECT CASE WHEN NOT BOOL_OR(from_ms IS NULL) THEN MIN(from_ms) END // 86400000, "
            "CASE WHEN NOT BOOL_OR(to_ms IS NULL) THEN MAX(to_ms) - 1 END // 86400000 FROM agent_stretch"
        ).fetchall()[0]
        for name in TABLES:
            self.rewriting.put_in_place(name, _in_windows(name), first, last)


def _in_windows(name: str) -> str:
    t = f"EPOCH_US(o.{steps.ROW_TIME[name]}) // 1000"
    return (
        "EXISTS (SELECT 1 FROM agent_stretch AS w WHERE w.instance_id = o.instance_id AND w.user_id = o.user_id "
        f"AND COALESCE(w.from_ms, -9223372036854775807) <= {t} AND {t} < COALESCE(w.to_ms, 9223372036854775807))"
    )
