"""How far a change of events reaches, and which events are needed to derive what it reaches.

Reads as little as it can: the days around the changes, of the agents concerned; more days for those agents whose
windows are not yet bounded. The days read of one agent have no gap: neighbouring events must be neighbours in truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from contactlake.build import derive
from contactlake.build.grouped import listed
from contactlake.model.days import sql_day
from contactlake.storage.store import DataFile
from contactlake.tables import _agent_statistics as steps

_WIDER = (1, 4, 16, 64)  # days before and after
_DAY_MS = 86_400_000
_USER = steps.USER_ID.replace("e.", "")
_NONE_KNOWN = (
    "SELECT '' AS instance_id, '' AS user_id, '' AS contact_id, TIMESTAMPTZ 'epoch' AS start_time, "
    "FALSE AS connected WHERE FALSE"
)


class Reach:
    """Finds windows of agents and the events that give their rows.

    Afterwards the relation ``agent_stretch`` holds the windows: instance_id, user_id, from_ms, to_ms, starts, ends.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        rules: dict[str, Any],
        files: Sequence[DataFile],
        spans: Sequence[str],
    ) -> None:
        self.con, self.rules, self.files, self.spans = con, rules, files, spans
        days = [f.day for f in files if f.day is not None]
        self.first, self.last = (min(days), max(days)) if days else (0, 0)

    def after(self, changes: str) -> str:
        """The windows that changes reach; returns the query for the events of their agents."""
        day = sql_day("EPOCH_US(event_timestamp)")
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE _change AS SELECT *, {_USER} AS user_id FROM ({changes})")
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE _range AS SELECT instance_id, user_id, MIN({day}) AS first_day, "
            f"MAX({day}) AS last_day, FALSE AS settled FROM _change WHERE user_id IS NOT NULL GROUP BY ALL"
        )
        return self._search(changed=True)

    def of_days(self, first: int | None, last: int | None) -> str:
        """Whole days (inclusive) of all agents; returns the query for the events."""
        first, last = self.first if first is None else first, self.last if last is None else last
        agents = f"SELECT DISTINCT instance_id, {_USER} AS user_id FROM ({self._source(self.files)})"
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE _range AS SELECT *, {first}::BIGINT AS first_day, {last}::BIGINT AS "
            f"last_day, FALSE AS settled FROM ({agents}) WHERE user_id IS NOT NULL"
        )
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE _given AS SELECT instance_id, user_id, first_day * {_DAY_MS} AS from_ms, "
            f"(last_day + 1) * {_DAY_MS} AS to_ms FROM _range"
        )
        return self._search(changed=False)

    def _search(self, changed: bool) -> str:
        """Widen the days read until every window is bounded, or all days are read."""
        con = self.con
        self._know_contacts()
        nothing = f"SELECT {_columns()} FROM ({self._source(self.files)}) LIMIT 0"
        con.execute(f"CREATE OR REPLACE TEMP TABLE _nearby AS {nothing}")
        stretch = "instance_id VARCHAR, user_id VARCHAR, from_ms BIGINT, to_ms BIGINT, starts BIGINT, ends BIGINT"
        con.execute(f"CREATE OR REPLACE TEMP TABLE _settled ({stretch})")
        for wider in (*_WIDER, self.last - self.first + 1):
            self._read(wider)
            self._find(changed)
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE _bounded AS SELECT s.* FROM agent_stretch AS s JOIN _range AS r "
                "USING (instance_id, user_id) WHERE NOT r.settled "
                f"AND (s.starts IS NOT NULL OR r.first_day - {wider} <= {self.first}) "
                f"AND (s.ends IS NOT NULL OR r.last_day + {wider} >= {self.last})"
            )
            con.execute("INSERT INTO _settled SELECT instance_id, user_id, from_ms, to_ms, starts, ends FROM _bounded")
            con.execute(
                "UPDATE _range SET settled = TRUE WHERE (instance_id, user_id) IN "
                "(SELECT (instance_id, user_id) FROM _bounded)"
            )
            if con.execute("SELECT COUNT(*) FROM _range WHERE NOT settled").fetchall() == [(0,)]:
                break
        con.execute("CREATE OR REPLACE TEMP TABLE agent_stretch AS FROM _settled")
        return "SELECT * FROM _nearby"

    def _read(self, wider: int) -> None:
        """The events of agents that are not settled, from so many days before to so many days after."""
        con = self.con
        con.execute(
            f"DELETE FROM _nearby WHERE (instance_id, {_USER}) IN "
            "(SELECT (instance_id, user_id) FROM _range WHERE NOT settled)"
        )
        first, last = con.execute("SELECT MIN(first_day), MAX(last_day) FROM _range WHERE NOT settled").fetchall()[0]
        if first is None:
            return
        files = [f for f in self.files if f.day is not None and first - wider <= f.day <= last + wider]
        if files:
            con.execute(
                f"INSERT INTO _nearby SELECT {_columns('e')} FROM ({self._source(files)}) AS e JOIN _range AS r "
                f"ON r.instance_id = e.instance_id AND r.user_id = {steps.USER_ID} AND NOT r.settled "
                f"AND {sql_day('EPOCH_US(e.event_timestamp)')} BETWEEN r.first_day - {wider} AND r.last_day + {wider}"
            )

    def _find(self, changed: bool) -> None:
        """One window for each agent that is not settled, and the events that its rows need."""
        con = self.con
        unsettled = "(SELECT (instance_id, user_id) FROM _range WHERE NOT settled)"
        if changed:
            given = {
                "_agent_event": f"SELECT * FROM _nearby WHERE (instance_id, {_USER}) IN {unsettled}",
                "_agent_change": f"SELECT * FROM _change WHERE (instance_id, user_id) IN {unsettled}",
                "_agent_contact_known": "SELECT * FROM _known",
            }
            derive.run(con, steps.AGENT_REACH, given, self.rules)
            window = (
                "SELECT instance_id, user_id, CASE WHEN NOT BOOL_OR(from_ms IS NULL) THEN MIN(from_ms) END AS from_ms, "
                "CASE WHEN NOT BOOL_OR(to_ms IS NULL) THEN MAX(to_ms) END AS to_ms FROM agent_reach GROUP BY ALL"
            )
        else:
            window = f"SELECT * FROM _given WHERE (instance_id, user_id) IN {unsettled}"
        given = {"_agent_event": "SELECT * FROM _nearby", "_agent_window": window}
        derive.run(con, steps.AGENT_STRETCHES, given, self.rules)

    def _know_contacts(self) -> None:
        """When contacts were connected with the agents concerned, from the stored spans."""
        known = _NONE_KNOWN
        if self.spans:
            users = [u for (u,) in self.con.execute("SELECT DISTINCT user_id FROM _range").fetchall()]
            few = ", ".join("'" + u.replace("'", "''") + "'" for u in users) if len(users) <= 200 else None
            known = (
                "SELECT instance_id, user_id, contact_id, start_time, connected "
                f"FROM read_parquet({listed(self.spans)}, hive_partitioning = false) WHERE connected"
                + (f" AND user_id IN ({few or 'NULL'})" if few is not None else "")
            )
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE _known AS {known}")

    def _source(self, files: Sequence[DataFile]) -> str:
        if not files:
            return f"SELECT {_columns()} FROM _change LIMIT 0"
        return f"SELECT {_columns()} FROM read_parquet({listed(f.path for f in files)}, hive_partitioning = false)"


def _columns(of: str | None = None) -> str:
    return ", ".join(f"{of}.{name}" if of else name for name in steps.EVENT_COLUMNS)
