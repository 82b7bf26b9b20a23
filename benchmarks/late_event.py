# ruff: noqa: ANN001
"""How long one late event takes: reach, stretch and rows of the windows concerned.

    python benchmarks/late_event.py FOLDER DAY

``FOLDER`` holds one Parquet file of agent events a day (``agent_statistics.py --folder … --scales 30`` leaves such
folders behind). The events of the days around DAY are read, as a caller would who widens the search where a
bound is null; the stored contact spans are those of the whole folder's agents concerned, made beforehand.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.agent_statistics import BARE  # noqa: E402
from contactlake.build import derive  # noqa: E402
from contactlake.tables import _agent_statistics as steps  # noqa: E402
from tests.agent_statistics_sql import setting_values  # noqa: E402
from tests.reference.agent_timelines import Rules  # noqa: E402


def main(folder, day) -> None:
    con = duckdb.connect(config={"threads": 2, "memory_limit": "1500MB"})
    rules = {**setting_values(Rules()), "window_ms": 3_600_000}
    files = [str(p) for p in sorted(Path(folder).glob("*.parquet"))]
    everything = f"SELECT * FROM read_parquet({files}, hive_partitioning = false)"
    around = f"SELECT * FROM read_parquet({files[max(day - 1, 0) : day + 2]}, hive_partitioning = false)"
    middle = f"(SELECT * FROM read_parquet('{files[day]}') ORDER BY event_timestamp LIMIT 1 OFFSET 100000)"
    con.execute(f"CREATE TEMP TABLE late AS FROM {middle}")
    arn = con.execute("SELECT agent_arn FROM late").fetchall()[0][0]
    numbers = "SELECT '' AS instance_id, '' AS status_id, CAST(0 AS BIGINT) AS number WHERE FALSE"
    given = {"_agent_status_number": numbers, "_agent_connected": BARE}
    whole = f"{everything} WHERE agent_arn = '{arn}'"
    derive.run(con, steps.AGENT_STATISTICS, {"_agent_event": whole, **given}, rules)
    con.execute("CREATE TEMP TABLE stored AS FROM temp.agent_contact_span")
    begun = time.perf_counter()
    events = f"{around} WHERE agent_arn = '{arn}'"
    con.execute(f"CREATE OR REPLACE TEMP TABLE nearby AS {events}")
    change = {"_agent_event": "FROM nearby", "_agent_change": "FROM late", "_agent_contact_known": "FROM stored"}
    derive.run(con, steps.AGENT_REACH, change, rules)
    windows = con.execute("SELECT from_ms, to_ms FROM agent_reach").fetchall()
    found = time.perf_counter()
    derive.run(con, steps.AGENT_STRETCHES, {"_agent_event": "FROM nearby", "_agent_window": "FROM agent_reach"}, rules)
    given["_agent_connected"] = steps.connected_before("FROM stored")
    derive.run(con, steps.AGENT_STATISTICS, {"_agent_event": steps.stretch_events("FROM nearby"), **given}, rules)
    rows = sum(con.execute(f"SELECT COUNT(*) FROM ({steps.in_window(t)})").fetchall()[0][0] for t in steps.ROW_TIME)
    done = time.perf_counter()
    print(f"{len(files)} days; windows {windows}; {rows} rows; reach {found - begun:.2f} s, rows {done - found:.2f} s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
