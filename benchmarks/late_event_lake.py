# ruff: noqa: ANN001, ANN002, ANN202, PIE800
"""How long one late event takes on a lake of 500 agents: the whole command, and how fast the lake was derived before.

    python benchmarks/late_event_lake.py [--days 30] [--folder DIR]

The lake is made directly of the synthetic days of ``benchmarks/agent_statistics.py`` (one unit a day, about 250,000
events) with as many remembered versions as events; then everything is derived, then one event of the middle day
arrives. Another one a millisecond later tells how much of it is reading and computing. Afterwards everything is derived
once more, which must change nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import contactlake  # noqa: E402
from benchmarks.agent_statistics import write_source  # noqa: E402
from contactlake.by_window import Windows  # noqa: E402
from contactlake.engines.duck import sql_type  # noqa: E402
from contactlake.landing.ledger import Ledger  # noqa: E402
from contactlake.model.arrow import PARQUET  # noqa: E402
from contactlake.model.days import day_number  # noqa: E402
from contactlake.pipeline import BY_NAME  # noqa: E402
from contactlake.storage.store import Store  # noqa: E402

VERSIONS = """
SELECT 'agent-events' AS stream, hash(n, 1)::UBIGINT >> 1 AS key_hi, hash(n, 2)::UBIGINT >> 1 AS key_lo,
  hash(n, 3)::UBIGINT >> 1 AS content_hi, hash(n, 4)::UBIGINT >> 1 AS content_lo, n AS stamp, {day} AS day,
  'none' AS object, n * 2500 AS "offset", 2500 AS length, NULL AS path, NULL AS unknown, now() AS stored_at
FROM (SELECT {day}::BIGINT * 10000000 + i AS n FROM range({rows}) AS r(i))
"""


def write(con, table, store, sql, path) -> None:
    schema = store.file_schema(table)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, schema, **PARQUET) as writer:
        for batch in con.sql(sql).to_arrow_reader(50_000):
            writer.write_batch(batch.select(schema.names).cast(schema))


def make(folder: Path, days: int) -> Path:
    """The lake, underived."""
    source, lake = folder / "source", folder / "lake"
    source.mkdir(parents=True)
    write_source(source, days)
    lake.mkdir()
    Ledger(lake / "ledger.db").close()
    store, con = Store(lake), duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
    con.execute("SET TimeZone = 'UTC'")
    event, version = BY_NAME["agent_event"], BY_NAME["record_version"]
    added: dict[str, list[str]] = {"agent_event": [], "record_version": []}
    for file in sorted(source.glob("*.parquet")):
        have = set(pq.read_schema(file).names)
        columns = ", ".join(
            c.name if c.name in have else f"CAST(NULL AS {sql_type(c.type)}) AS {c.name}" for c in event.columns
        )
        rows, first = con.execute(f"SELECT COUNT(*), MIN(event_timestamp)::DATE FROM '{file}'").fetchall()[0]
        for day in con.execute(f"SELECT DISTINCT event_timestamp::DATE FROM '{file}' ORDER BY 1").fetchall():
            number = day_number(day[0].isoformat())
            path = store.data_path("agent_event", number, f"{file.stem}.parquet")
            write(con, event, store, f"SELECT {columns} FROM '{file}' WHERE event_timestamp::DATE = '{day[0]}'", path)
            added["agent_event"].append(path)
        path = store.data_path("record_version", None, f"{file.stem}.parquet")
        write(con, version, store, VERSIONS.format(day=day_number(first.isoformat()), rows=rows), path)
        added["record_version"].append(path)
    for name, paths in added.items():
        store.commit(BY_NAME[name], paths, [], "made")
    con.close()
    return lake


def late(lake: Path, ms: int) -> dict:
    """A document that says that an agent went on a break in the middle of the middle day."""
    found = contactlake.open(lake)
    days = found.query("SELECT min(event_timestamp) AS a, max(event_timestamp) AS b FROM agent_event").rows()[0]
    middle = days["a"] + (days["b"] - days["a"]) / 2
    day = middle.strftime("%Y-%m-%d")
    row = found.query(
        f"SELECT agent_arn, instance_arn FROM agent_event WHERE event_timestamp::DATE = '{day}' LIMIT 1"
    ).rows()[0]
    when = f"{day}T12:00:00.{ms:03}Z"
    status = {"ARN": "arn:aws:connect:eu-west-1:1:instance/i/agent-state/Break", "Name": "Break", "Type": "CUSTOM"}
    snapshot = {"AgentStatus": {**status, "StartTimestamp": when}, "Contacts": []}
    return {
        **{"AWSAccountId": "1", "AgentARN": row["agent_arn"], "InstanceARN": row["instance_arn"]},
        **{
            "EventId": f"late-0000-{ms:04}",
            "EventTimestamp": when,
            "EventType": "STATE_CHANGE",
            "Version": "2017-10-01",
        },
        **{"CurrentAgentSnapshot": snapshot, "PreviousAgentSnapshot": None},
    }


def measure(document: Path, lake: Path) -> None:
    """Runs in a process of its own: ingests, and prints how long its parts took."""
    took = {}

    def timed(name):
        work = getattr(Windows, name)

        def run(*given):
            begun = time.perf_counter()
            try:
                return work(*given)
            finally:
                took[name] = time.perf_counter() - begun

        setattr(Windows, name, run)

    timed("catch_up")
    timed("_put_windows")
    contactlake.open(lake).ingest(document)
    put = took["_put_windows"]
    print(
        f"another: {took['catch_up'] - put:.2f} s reading and computing statistics, {put:.2f} s putting rows in place"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", nargs=2, type=Path)
    options = parser.parse_args()
    if options.measure:
        measure(*options.measure)
        return
    folder = options.folder or Path(tempfile.mkdtemp())
    lake = folder / "lake" if (folder / "lake").exists() else make(folder, options.days)
    events = contactlake.open(lake).query("SELECT count(*) AS n FROM agent_event").rows()[0]["n"]

    def timed(what, *command):
        begun = time.perf_counter()
        program = Path(sys.executable).parent / "contactlake"
        done = subprocess.run(
            [program, *command, "--lake", lake, "--format", "json"], check=True, capture_output=True, text=True
        )
        seconds = time.perf_counter() - begun
        tables = {n: (t["rows_added"], t["rows_removed"]) for n, t in json.loads(done.stdout)["tables"].items()}
        print(f"{what}: {seconds:.2f} s ({events / seconds:,.0f} events/s of the lake); rows {tables}", flush=True)

    timed("build everything", "build")
    first, second = folder / "late.json", folder / "later.json"
    first.write_text(json.dumps(late(lake, 123)), encoding="utf-8")
    timed("one late event", "ingest", first)
    second.write_text(json.dumps(late(lake, 124)), encoding="utf-8")
    subprocess.run([sys.executable, __file__, "--measure", second, lake], check=True)
    timed("build again", "build")


if __name__ == "__main__":
    main()
