# ruff: noqa: ANN001, ANN202
"""How long searches of a large lake take, whole commands, beside a plain scan of the same files for the same question.

    python benchmarks/search.py [--contacts 1000000] [--days 365] [--analysed 2] [--folder DIR]

The lake is made directly: contact records of made-up people, evenly over the days, and conversation analyses of the
last days. ``--contacts 10000000`` is a large centre's year: some minutes and 2 GB. A plain scan is a process that asks
DuckDB the same over all files of the table, with nothing known of days or ids beforehand; both must find the same.
``--folder`` keeps the lake, or takes the one that is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
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
from contactlake.engines.duck import sql_type  # noqa: E402
from contactlake.landing.ledger import Ledger  # noqa: E402
from contactlake.model.arrow import PARQUET  # noqa: E402
from contactlake.model.days import day_number, day_text  # noqa: E402
from contactlake.pipeline import BY_NAME  # noqa: E402
from contactlake.storage.store import Store  # noqa: E402

FIRST = day_number("2025-01-01")
ARN = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-4333-8444-555555555555"
ROW_GROUP = 10_000

MACROS = """
CREATE MACRO chance(n, salt, below) AS ((hash(n, salt) >> 8) % below)::BIGINT;
CREATE MACRO id_of(kind, n) AS (md5(kind || ':' || n::VARCHAR)::UUID)::VARCHAR;
CREATE MACRO pick(words, n, salt) AS words[1 + chance(n, salt, len(words))::INTEGER];
"""

CONTACTS = """
SELECT
  '11111111-2222-4333-8444-555555555555' AS instance_id, '{arn}' AS instance_arn, '123456789012' AS aws_account_id,
  id_of('contact', n) AS contact_id,
  CASE WHEN moved THEN id_of('contact', n + 1) END AS next_contact_id,
  CASE WHEN continues THEN id_of('contact', n - 1) END AS previous_contact_id,
  CASE WHEN continues THEN id_of('contact', n - 1) END AS initial_contact_id,
  pick(['VOICE', 'VOICE', 'VOICE', 'CHAT', 'TASK', 'EMAIL'], n, 1) AS channel,
  CASE WHEN continues THEN 'TRANSFER' ELSE pick(['INBOUND', 'INBOUND', 'INBOUND', 'OUTBOUND', 'API'], n, 2) END
    AS initiation_method,
  start AS initiation_timestamp, start + INTERVAL 1 SECOND AS connected_to_system_timestamp,
  start + to_milliseconds(length + 40000) AS last_update_timestamp,
  start + to_milliseconds(length) AS disconnect_timestamp,
  pick(['CUSTOMER_DISCONNECT', 'CUSTOMER_DISCONNECT', 'AGENT_DISCONNECT', 'CONTACT_FLOW_DISCONNECT', NULL], n, 3)
    AS disconnect_reason,
  chance(n, 4, 90000) AS queue_duration_ms, start + INTERVAL 3 SECOND AS queue_enqueue_timestamp,
  start + INTERVAL 60 SECOND AS queue_dequeue_timestamp,
  'Queue ' || queue AS queue_name, '{arn}/queue/' || id_of('queue', queue) AS queue_arn,
  id_of('queue', queue) AS queue_id,
  start + INTERVAL 62 SECOND AS agent_connected_to_agent_timestamp, length - 62000 AS agent_interaction_duration_ms,
  chance(n, 5, 60000) AS agent_customer_hold_duration_ms, chance(n, 6, 3) AS agent_number_of_holds,
  chance(n, 5, 60000) AS agent_longest_hold_duration_ms,
  start + to_milliseconds(length) AS agent_after_contact_work_start_timestamp,
  start + to_milliseconds(length + 40000) AS agent_after_contact_work_end_timestamp,
  40000 AS agent_after_contact_work_duration_ms,
  map {{'customer_number': (100000 + chance(n, 7, 3000000))::VARCHAR, 'language': pick(['en', 'de', 'fr', 'es'], n, 8),
       'product': 'product-' || chance(n, 9, 400), 'case': 'C-' || (hash(n, 10) % 1000000000)::VARCHAR,
       'intent': pick(['billing', 'delivery', 'cancel', 'repair', 'other'], n, 11),
       'verified': pick(['true', 'false'], n, 12)}} AS attributes,
  'agent' || agent AS agent_username, '{arn}/agent/' || id_of('agent', agent) AS agent_arn,
  id_of('agent', agent) AS agent_id, 'Profile ' || agent % 25 AS agent_routing_profile_name,
  '{arn}/routing-profile/' || id_of('profile', agent % 25) AS agent_routing_profile_arn,
  id_of('profile', agent % 25) AS agent_routing_profile_id,
  'TELEPHONE_NUMBER' AS customer_endpoint_type,
  '+4420' || (10000000 + chance(n, 13, 3000000)) AS customer_endpoint_address,
  'TELEPHONE_NUMBER' AS system_endpoint_type, '+44800' || (100000 + chance(n, 14, 30)) AS system_endpoint_address,
  '2017-03-10' AS aws_contact_trace_record_format_version, 'AVAILABLE' AS recording_status, 'AUDIO' AS recording_type,
  'recordings/' || id_of('contact', n) || '.wav' AS recording_location
FROM (
  SELECT n, make_timestamptz({day} * 86400000000 + chance(n, 20, 86400000) * 1000) AS start,
    60000 + chance(n, 21, 900000) AS length, chance(n, 22, 60) AS queue, chance(n, 23, 2000) AS agent,
    n % 12 = 0 AS moved, n % 12 = 1 AS continues
  FROM range({first}, {last}) AS r(n))
ORDER BY start
"""

ANALYSES = """
SELECT
  '11111111-2222-4333-8444-555555555555' AS instance_id, id_of('contact', n) AS contact_id, false AS redacted,
  '{text}T23:00:00Z' AS analysis_id, '{text} 23:00:00+00'::TIMESTAMPTZ AS analysed_at, 'VOICE' AS channel,
  'en-GB' AS language_code, 'COMPLETED' AS job_status,
  [pick(['Complaint', 'Churn risk', 'Praise', 'Compliance', 'Upsell'], n, 30)] AS categories,
  list_transform(range(24), lambda k: {{
    'id': id_of('turn', n * 100 + k), 'participant_id': CASE WHEN k % 2 = 0 THEN 'AGENT' ELSE 'CUSTOMER' END,
    'participant_role': CASE WHEN k % 2 = 0 THEN 'AGENT' ELSE 'CUSTOMER' END,
    'content': array_to_string(list_transform(range(12), lambda w:
      CASE WHEN chance(n * 100 + k, w, 30000) = 0 THEN 'ombudsman'
        ELSE 'word' || chance(n * 100 + k, w, 4000) END), ' '),
    'begin_offset_millis': k * 9000, 'end_offset_millis': k * 9000 + 8000,
    'sentiment': pick(['NEUTRAL', 'NEUTRAL', 'POSITIVE', 'NEGATIVE'], n, k), 'loudness_score': [60.5, 61.25, 58.0]}})
    AS transcript,
  (chance(n, 31, 100) - 50)::FLOAT / 10 AS sentiment_overall_score_customer,
  (chance(n, 32, 100) - 30)::FLOAT / 10 AS sentiment_overall_score_agent
FROM range({first}, {last}) AS r(n) WHERE chance(n, 1, 6) < 3
"""


def write(con, store, name, sql, day, file) -> str:
    """One day of a table as a data file."""
    table = BY_NAME[name]
    schema = store.file_schema(table)
    path = store.data_path(name, day, file)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    made = con.sql(f"SELECT * FROM ({sql}) AS made")
    have = set(made.columns)
    columns = ", ".join(
        f'"{c.name}"' if c.name in have else f'NULL::{sql_type(c.type)} AS "{c.name}"' for c in table.columns
    )
    with pq.ParquetWriter(path, schema, **PARQUET) as writer:
        for batch in made.project(columns).to_arrow_reader(ROW_GROUP):
            writer.write_batch(batch.select(schema.names).cast(schema))
    return path


def make(lake: Path, contacts: int, days: int, analysed: int) -> None:
    """The lake."""
    lake.mkdir(parents=True)
    Ledger(lake / "ledger.db").close()
    store, con = Store(lake), duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
    con.execute(f"SET TimeZone = 'UTC'; {MACROS}")
    per_day, added = contacts // days, {"contact_record": [], "contact_analysis": []}
    for number in range(days):
        day, first = FIRST + number, number * per_day
        span = {"day": day, "first": first, "last": first + per_day, "arn": ARN, "text": day_text(day)}
        added["contact_record"].append(
            write(con, store, "contact_record", CONTACTS.format(**span), day, f"{day}.parquet")
        )
        if number >= days - analysed:
            path = write(con, store, "contact_analysis", ANALYSES.format(**span), day, f"{day}.parquet")
            added["contact_analysis"].append(path)
    for name, paths in added.items():
        store.commit(BY_NAME[name], paths, [], "made")
    con.close()


PLAIN = """
import sys, duckdb
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
print(*sorted(row[0] for row in connection.execute(sys.argv[1]).fetchall()), sep="\\n")
"""


MEASURED = """
import resource, subprocess, sys, time
begun = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
seconds, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stdout.buffer.write(done.stdout)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
sys.exit(done.returncode)
"""
"""Measures from a process that is small itself: what a process has at most counts what it was forked from."""


def run(command: list) -> tuple[str, float, float, float]:
    """What a command prints; seconds, processor seconds and peak memory in MB."""
    words = [sys.executable, "-c", MEASURED, *map(str, command)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr}")
    seconds, cpu, memory = map(float, done.stderr.splitlines()[-1].split())
    return done.stdout, seconds, cpu, memory


def best(command: list, times: int) -> tuple[str, float, float, float]:
    """The quickest of some runs; the memory is the most of any."""
    runs = [run(command) for _ in range(times)]
    return runs[0][0], min(r[1] for r in runs), min(r[2] for r in runs), max(r[3] for r in runs)


def questions(lake: Path, days: int) -> list[tuple]:
    """What is asked: in words, for how long it may take over ten million contacts, as options, and as SQL."""
    found = contactlake.open(lake)
    middle, last = day_text(FIRST + days // 2), day_text(FIRST + days - 1)
    begun, ended = day_text(FIRST + max(0, days // 2 - 15)), day_text(FIRST + min(days - 1, days // 2 + 15))
    one = found.search(start=middle, end=middle, limit=1, columns=["all"]).rows()[0]
    some = [
        found.search(start=day, end=day, limit=1).rows()[0]["contact_id"]
        for day in (day_text(FIRST + n * days // 10) for n in range(10))
    ]
    case = one["attributes"]["case"]

    def within(first, last):
        return f"initiation_timestamp >= '{first}' AND initiation_timestamp < '{last}'::DATE + 1"

    month, day = ("--from", begun, "--to", ended), ("--from", middle, "--to", middle)
    listed = ", ".join(f"'{i}'" for i in some)
    queue, agent, phone = one["queue_name"], one["agent_username"], one["customer_endpoint_address"]
    spoken = (
        "contact_id IN (SELECT contact_id FROM (SELECT contact_id, unnest(transcript).content AS c FROM analyses) "
        "WHERE regexp_matches(c, '(?i)\\bombudsman\\b'))"
    )
    called = f"'{phone}' IN (customer_endpoint_address, system_endpoint_address, transferred_endpoint_address)"
    return [
        ("one contact by id", 0.3, (one["contact_id"],), f"contact_id = '{one['contact_id']}'"),
        ("ten contacts by id", None, some, f"contact_id IN ({listed})"),
        ("31 days: queue and agent", 1, (*month, "--queue", queue, "--agent", agent),
         f"{within(begun, ended)} AND queue_name = '{queue}' AND agent_username = '{agent}'"),
        ("31 days: agent", 1, (*month, "--agent", agent), f"{within(begun, ended)} AND agent_username = '{agent}'"),
        ("31 days: phone number", 1, (*month, "--phone", phone),
         f"{within(begun, ended)} AND {called}"),
        ("a day: attribute", 1, (*day, "--attribute", f"case={case}"),
         f"{within(middle, middle)} AND attributes['case'] = '{case}'"),
        ("a day: word in the transcript", 1, ("--from", last, "--to", last, "--word", "ombudsman"),
         f"{within(last, last)} AND {spoken}"),
        ("all days: phone number", None, ("--phone", phone),
         called),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--analysed", type=int, default=2, help="days with analyses, the last ones")
    parser.add_argument("--times", type=int, default=3, help="runs of each question; the quickest counts")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp())
    lake, program = folder / "lake", Path(sys.executable).parent / "contactlake"
    try:
        if not lake.exists():
            begun = time.perf_counter()
            make(lake, options.contacts, options.days, options.analysed)
            print(f"lake of {options.contacts:,} contacts made in {time.perf_counter() - begun:.0f} s")
        _, seconds, cpu, memory = run([program, "build", "--lake", lake])
        print(f"where ids stand, taken in: {seconds:.1f} s (processor {cpu:.1f} s), peak {memory:,.0f} MB")
        tables = {
            name: [f.path for f in Store(lake).plan(name).files] for name in ("contact_record", "contact_analysis")
        }
        print(f"{'':38}search: s, cpu s, MB        plain scan: s, cpu s, MB")
        for what, most, words, condition in questions(lake, options.days):
            command = [program, "search", *words, "--all", "--lake", lake, "--format", "json"]
            said, seconds, cpu, memory = best(command, options.times)
            ids = sorted(c["contact_id"] for c in json.loads(said)["contacts"])
            sql = (
                f"WITH analyses AS (FROM read_parquet({tables['contact_analysis']})) "
                f"SELECT contact_id FROM read_parquet({tables['contact_record']}) WHERE {condition}"
            )
            plain, plain_seconds, plain_cpu, plain_memory = best([sys.executable, "-c", PLAIN, sql], options.times)
            if ids != plain.split():
                sys.exit(f"{what}: search found {len(ids)} contacts, the plain scan {len(plain.split())}")
            goal = "" if most is None else f"   (wanted over 10,000,000: {most} s)"
            print(
                f"{what:30} {len(ids):6,} {seconds:9.2f} {cpu:6.2f} {memory:5,.0f}   "
                f"{plain_seconds:8.2f} {plain_cpu:6.2f} {plain_memory:6,.0f}{goal}",
                flush=True,
            )
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
