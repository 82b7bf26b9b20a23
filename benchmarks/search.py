# ruff: noqa: ANN001, ANN202
"""How long the searches of a large lake take, whole commands, beside a plain scan of the same files for the same question.

    python benchmarks/search.py [--contacts 300000] [--days 365] [--analysed 2] [--folder DIR]

The lake is made directly: contact records of made-up people, evenly over the days, and conversation analyses of the
last days. ``--contacts 10000000`` is a large centre's year; it takes some minutes and some gigabytes. A plain scan is
DuckDB over the files of the table, all of them, with nothing known of days or ids beforehand.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
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
  'Queue ' || queue AS queue_name, '{arn}/queue/' || id_of('queue', queue) AS queue_arn, id_of('queue', queue) AS queue_id,
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
  'TELEPHONE_NUMBER' AS customer_endpoint_type, '+4420' || (10000000 + chance(n, 13, 3000000)) AS customer_endpoint_address,
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
      CASE WHEN chance(n * 100 + k, w, 30000) = 0 THEN 'ombudsman' ELSE 'word' || chance(n * 100 + k, w, 4000) END), ' '),
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
