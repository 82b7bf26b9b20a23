"""Runs the product's derivation on events given as dictionaries, and gives rows as the reference gives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from contactlake.build import derive
from contactlake.tables._agent_statistics import AGENT_STATISTICS
from tests.agent_histories import HIERARCHY
from tests.reference.agent_timelines import Rules

TIME = pa.timestamp("us", tz="UTC")
QUEUE = pa.struct([("arn", pa.string()), ("name", pa.string())])
CONTACT = pa.struct(
    [
        ("contact_id", pa.string()),
        ("initial_contact_id", pa.string()),
        ("channel", pa.string()),
        ("initiation_method", pa.string()),
        ("state", pa.string()),
        ("state_start_timestamp", TIME),
        ("connected_to_agent_timestamp", TIME),
        ("queue_timestamp", TIME),
        ("queue", QUEUE),
    ]
)
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("instance_id", "aws_account_id", "instance_arn", "agent_arn", "event_id")),
        ("event_timestamp", TIME),
        ("event_type", pa.string()),
        ("current_routing_profile_arn", pa.string()),
        *((name, pa.string()) for name in HIERARCHY),
        *((f"{s}_agent_status_{p}", pa.string()) for s in ("current", "previous") for p in ("arn", "name", "type")),
        *((f"{s}_agent_status_start_timestamp", TIME) for s in ("current", "previous")),
        *((f"{s}_contacts", pa.list_(CONTACT)) for s in ("current", "previous")),
    ]
)
TABLES = AGENT_STATISTICS.results
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def connect():
    con = duckdb.connect(config={"threads": 1})
    con.execute("SET TimeZone = 'UTC'")
    return con


def events_table(events):
    return pa.Table.from_pylist(events, schema=SCHEMA)


def setting_values(rules: Rules):
    return {
        "interval_ms": rules.interval_minutes * 60_000,
        "max_silence_ms": rules.max_silence_ms,
        "idle_includes_ringing": rules.idle_includes_ringing,
        "contacts_handled": rules.contacts_handled,
    }


def numbers_table(rows):
    schema = pa.schema([("instance_id", pa.string()), ("status_id", pa.string()), ("number", pa.int64())])
    return pa.Table.from_pylist([{k: r[k] for k in schema.names} for r in rows], schema=schema)


def sql_rows(con, events, rules, numbers):
    con.register("given_events", events_table(events))
    con.register("given_numbers", numbers_table(numbers))
    inputs = {
        "_agent_event": "SELECT *, 0 AS part FROM given_events",
        "_agent_status_number": "SELECT * FROM given_numbers",
    }
    derive.run(con, AGENT_STATISTICS, inputs, setting_values(rules))
    return {name: rows_of(con, name) for name in TABLES}


def rows_of(con, name):
    return [plain(row) for row in con.execute(f"SELECT * FROM {name}").to_arrow_table().to_pylist()]


def plain(row):
    """Timestamps as milliseconds."""
    return {k: (v - EPOCH) // timedelta(milliseconds=1) if isinstance(v, datetime) else v for k, v in row.items()}


def ordered(rows):
    """Rows in an order that depends on nothing but their values."""
    return sorted(rows, key=lambda row: [(k, row[k] is not None, str(row[k])) for k in sorted(row)])
