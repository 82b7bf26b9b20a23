# ruff: noqa: ANN001, ANN201
"""How fast agent events become spans and statistics, and how it grows.

    python benchmarks/agent_statistics.py [--folder DIR] [--scales 1 4 16] [--threads 2] [--memory 1500MB]

One unit is 500 agents for one day, about 250,000 events: 60 % heartbeats, 40 % changes. Every measurement runs in a
process of its own; ``peak`` is that process's greatest resident memory. Short ones are repeated in turns, as machines
wander: ``s`` is the median, and the least and the most stand behind. Compared with (a) one plain window query that
only sums status durations, on the same input, and (b) the pure-Python reference on a hundredth of it.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from contactlake.build import crew, derive, parted  # noqa: E402
from contactlake.tables._agent_statistics import (  # noqa: E402
    AGENT_FACES,
    AGENT_PASSES,
    AGENT_STATUSES,
    gist,
)
from tests.agent_histories import blank  # noqa: E402
from tests.agent_statistics_sql import SCHEMA, setting_values  # noqa: E402
from tests.reference import agent_statistics as reference  # noqa: E402
from tests.reference.agent_timelines import Rules  # noqa: E402

MORNING = 1_704_182_400_000_000
SECOND = 1_000_000
AGENTS, TEMPLATES, ROUNDS = 500, 20, 8
STATUSES = [("Available", "ROUTABLE"), ("Break", "CUSTOM"), ("Training", "CUSTOM"), ("Offline", "OFFLINE")]
BARE = "SELECT '' AS instance_id, '' AS user_id, '' AS contact_id WHERE FALSE"
KNOWN = (
    "SELECT '' AS instance_id, '' AS status_id, '' AS status_arn, '' AS status_name, CAST(0 AS BIGINT) AS number,"
    " TIMESTAMPTZ 'epoch' AS first_seen, TIMESTAMPTZ 'epoch' AS last_seen WHERE FALSE"
)
VIEWS = {step.name for step in AGENT_PASSES.second.steps if step.view}
PLAIN = """
SELECT agent_arn, current_agent_status_name, date_trunc('hour', event_timestamp) AS hour,
       SUM(EPOCH_MS(t_next) - EPOCH_MS(event_timestamp)) AS length
FROM (SELECT *, LEAD(event_timestamp) OVER (PARTITION BY agent_arn ORDER BY event_timestamp) AS t_next FROM source)
GROUP BY ALL
"""


def template(number):
    """One agent's day: 50 contacts of four changes each, heartbeats between."""
    rnd, t, events, contacts = random.Random(number), MORNING, [], []
    status, former = ("Available", "ROUTABLE", t), None

    def emit(kind) -> None:
        nonlocal former
        event = blank(0, "i", "u", t)
        event["event_type"] = kind
        event["current_routing_profile_arn"] = f"arn:aws:connect:eu-west-1:1:instance/i/routing-profile/r{number % 7}"
        for side, shown in (("current", (status, list(contacts))), ("previous", former)):
            if shown:
                (name, what, start), event[f"{side}_contacts"] = shown
                event[f"{side}_agent_status_arn"] = f"arn:aws:connect:eu-west-1:1:instance/i/agent-state/{name}"
                event[f"{side}_agent_status_name"], event[f"{side}_agent_status_type"] = name, what
                event[f"{side}_agent_status_start_timestamp"] = start
        former = (status, list(contacts))
        events.append(event)

    emit("LOGIN")
    for contact in range(50):
        entry = {
            "contact_id": f"{contact:08}-aaaa-bbbb-cccc-0123456789ab",
            "initial_contact_id": None,
            "channel": rnd.choice(["VOICE", "CHAT"]),
            "initiation_method": rnd.choice(["INBOUND", "INBOUND", "OUTBOUND"]),
            "connected_to_agent_timestamp": None,
            "queue_timestamp": t,
            "queue": {"arn": f"arn:aws:connect:eu-west-1:1:instance/i/queue/q{rnd.randrange(9)}", "name": "q"},
        }
        for state in ("CONNECTING", "CONNECTED", "ENDED", None):
            for _ in range(rnd.choice([0, 1, 2, 3])):
                t += rnd.randrange(40, 120) * SECOND
                emit("HEART_BEAT")
            t += rnd.randrange(3, 100) * SECOND + rnd.randrange(1000) * 1000
            contacts[:] = [] if state is None else [{**entry, "state": state, "state_start_timestamp": t - 20_000}]
            emit("STATE_CHANGE")
        if contact % 10 == 9:
            status = (*STATUSES[rnd.randrange(3)], t)
    t += 30 * SECOND
    status = (*STATUSES[3], t)
    emit("LOGOUT")
    return events


def write_source(folder, days) -> None:
    """``days`` days of events, one Parquet file a day, rows in order of time."""
    rows = pa.Table.from_pylist(
        [{**e, "instance_arn": str(n)} for n in range(TEMPLATES) for e in template(n)], schema=SCHEMA
    )
    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    con.register("templates", rows)
    con.execute("CREATE TABLE numbered AS SELECT *, ROW_NUMBER() OVER () AS n FROM templates")
    later = "+ to_days(CAST({day} AS INTEGER)) + to_milliseconds({agent} * 37)"
    entry = ", ".join(
        f"'{f.name}': " + (f"x.{f.name} {later}" if pa.types.is_timestamp(f.type) else f"x.{f.name}")
        for f in SCHEMA.field("current_contacts").type.value_type
        if f.name != "contact_id"
    )
    one = "LIST_TRANSFORM({}, LAMBDA x: {{'contact_id': x.contact_id || '{day}-' || {agent}, {}}})"
    for day in range(days):
        columns = []
        for field in SCHEMA:
            text = field.name
            if pa.types.is_timestamp(field.type):
                text = f"{field.name} {later} AS {field.name}"
            elif pa.types.is_list(field.type):
                text = one.format(field.name, entry, day="{day}", agent="{agent}") + f" AS {field.name}"
            elif field.name == "event_id":
                text = "MD5(n || '-' || {agent} || '-{day}') AS event_id"
            elif field.name == "agent_arn":
                text = "'arn:aws:connect:eu-west-1:1:instance/i/agent/' || MD5('a' || {agent}) AS agent_arn"
            elif field.name == "instance_arn":
                text = "'arn:aws:connect:eu-west-1:1:instance/i' AS instance_arn"
            columns.append(text.replace("{day}", str(day)).replace("{agent}", "a.agent"))
        con.execute(
            f"COPY (SELECT {', '.join(columns)} FROM numbered, RANGE({AGENTS}) AS a(agent)"
            f" WHERE a.agent % {TEMPLATES} = CAST(instance_arn AS INTEGER) ORDER BY event_timestamp)"
            f" TO '{folder}/{day:03}.parquet' (COMPRESSION zstd)"
        )


def measure(what, folder, threads, memory) -> None:
    """Runs in a process of its own; prints one JSON document."""
    config = {"threads": threads, "memory_limit": memory, "temp_directory": f"{folder}/spill"}
    con = duckdb.connect(config={**config, "preserve_insertion_order": False})
    source = f"SELECT * FROM read_parquet('{folder}/*.parquet', hive_partitioning = false)"
    events = con.execute(f"SELECT COUNT(*) FROM ({source})").fetchone()[0]
    begun, rows = time.perf_counter(), {}
    if what == "derive":
        rules = setting_values(Rules())
        given = {"_agent_status_number": "SELECT * FROM agent_status", "_agent_connected": BARE}
        files = sorted(Path(folder).glob("*.parquet"))
        listed = [(day, str(file), pq.read_metadata(file).num_rows) for day, file in enumerate(files)]
        sources = parted.parts(con, listed, "event_timestamp")
        made = []

        def overall(own) -> None:
            own.execute(f"CREATE TEMP TABLE agent_gist AS {gist(source)}")
            seen = {"_agent_event": "SELECT * FROM agent_gist"}
            derive.run(own, AGENT_STATUSES, {**seen, "_agent_status_known": KNOWN}, rules, shared=True)
            derive.run(own, AGENT_FACES, seen, rules, shared=True)

        def take(own) -> None:
            for name in AGENT_PASSES.second.results:
                if name in VIEWS:
                    own.execute(f"CREATE TEMP TABLE made_{name} AS FROM {name}")
                rows_of = f"made_{name}" if name in VIEWS else name
                made.append((name, own.execute(f"SELECT COUNT(*) FROM {rows_of}").fetchall()[0][0]))

        with tempfile.TemporaryDirectory(dir=folder) as aside, crew.Crew(con) as all_of_it:
            count = parted.group_count(events)
            parted.in_passes(all_of_it, AGENT_PASSES, overall, sources, count, rules, given, take, Path(aside) / "kept")
        for name, found in made:
            rows[name] = rows.get(name, 0) + found
    elif what == "plain":
        con.execute(f"CREATE TEMP VIEW source AS {source}")
        rows["plain"] = len(con.execute("SELECT agent_arn, length FROM (" + PLAIN + ")").fetchall())
    else:
        few = "SELECT * FROM (" + source + ") WHERE agent_arn IN (SELECT agent_arn FROM (" + source + ") LIMIT 5)"
        con.execute("SET TimeZone = 'UTC'")
        table = con.sql(few).to_arrow_table().cast(SCHEMA)
        given = [in_microseconds(row) for row in table.to_pylist()]
        events, begun = len(given), time.perf_counter()
        rows["reference"] = len(reference.derive(given)["agent_statistic_record"])
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"events": events, "seconds": seconds, "peak_mb": round(peak), "rows": rows}))


def in_microseconds(value):
    """Timestamps as integers, at any depth."""
    if isinstance(value, dict):
        return {k: in_microseconds(v) for k, v in value.items()}
    if isinstance(value, list):
        return [in_microseconds(v) for v in value]
    return int(value.timestamp() * 1_000_000) if hasattr(value, "timestamp") else value


def apart(what, folder, options):
    command = [sys.executable, __file__, "--measure", what, "--folder", str(folder), "--threads", str(options.threads)]
    done = subprocess.run([*command, "--memory", options.memory], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 4], help="sizes, 16 for the long version")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="1500MB")
    parser.add_argument("--measure")
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.folder, options.threads, options.memory)
        return
    base = options.folder or Path(tempfile.mkdtemp())
    print(f"{'scale':>5} {'what':>10} {'events':>10} {'s':>7} {'(least-most)':>13} {'events/s':>9} {'peak MB':>8}")
    for scale in options.scales:
        folder = base / str(scale)
        if not folder.exists():
            folder.mkdir(parents=True)
            # in this process, its memory would count as that of all begun after it
            with ProcessPoolExecutor(1, get_context("spawn")) as aside:
                aside.submit(write_source, folder, scale).result()
        rates, rounds = {}, [("derive", "plain")] * max(1, ROUNDS // scale)
        if scale == options.scales[0]:
            rounds.append(("reference",))
        runs = [(what, apart(what, folder, options)) for together in rounds for what in together]
        for what in dict(runs):
            found = [run for other, run in runs if other == what]
            seconds = sorted(run["seconds"] for run in found)
            took, events, peak = statistics.median(seconds), found[0]["events"], max(run["peak_mb"] for run in found)
            rates[what] = events / took
            span = f"({seconds[0]:.2f}-{seconds[-1]:.2f})"
            print(f"{scale:>4}x {what:>10} {events:>10,} {took:>7.2f} {span:>13} {rates[what]:>9,.0f} {peak:>8,}")
        for other in list(rates)[1:]:
            print(f"{'':>5} derive / {other}: {rates['derive'] / rates[other]:.2f}")


if __name__ == "__main__":
    main()
