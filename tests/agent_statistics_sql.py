"""Runs the product's derivation on events given as dictionaries, and gives rows as the reference gives them."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from contactlake.build import derive
from contactlake.build.crew import Crew
from contactlake.build.parted import in_passes
from contactlake.tables._agent_statistics import (
    AGENT_FACES,
    AGENT_PASSES,
    AGENT_REACH,
    AGENT_STATISTICS,
    AGENT_STRETCHES,
    connected_before,
    gist,
    in_window,
    stretch_events,
)
from tests.agent_histories import HIERARCHY
from tests.reference import agent_statistics as reference
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
WINDOW = pa.schema(
    [("instance_id", pa.string()), ("user_id", pa.string()), ("from_ms", pa.int64()), ("to_ms", pa.int64())]
)
TABLES = {"agent_status_span": "status_spans", "agent_contact_span": "contact_spans"}
TABLES.update({name: name for name in ("agent_statistic_record", "agent_queue_statistic_record")})
NOBODY = "SELECT '' AS instance_id, '' AS user_id, '' AS contact_id WHERE FALSE"
NOBODY_CONNECTED = """SELECT '' AS instance_id, '' AS user_id, '' AS contact_id, TIMESTAMPTZ 'epoch' AS start_time,
    FALSE AS connected WHERE FALSE"""
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
        "window_ms": rules.interval_minutes * 60_000,
    }


def numbers_table(rows):
    schema = pa.schema([("instance_id", pa.string()), ("status_id", pa.string()), ("number", pa.int64())])
    return pa.Table.from_pylist([{k: r[k] for k in schema.names} for r in rows], schema=schema)


def sql_rows(con, events, rules, numbers):
    con.register("given_events", events_table(events))
    con.register("given_numbers", numbers_table(numbers))
    inputs = {
        "_agent_event": "SELECT * FROM given_events",
        "_agent_status_number": "SELECT * FROM given_numbers",
        "_agent_connected": NOBODY,
    }
    derive.run(con, AGENT_STATISTICS, inputs, setting_values(rules))
    return {name: rows_of(con, name) for name in TABLES}


def parted_rows(con, parts, rules, numbers, groups):
    """The rows of events given in parts, derived for one group of agents after the other."""
    values = setting_values(rules)
    for number, events in enumerate(parts):
        con.register("given_part", events_table(events))
        con.execute(f"CREATE OR REPLACE TABLE given_part_{number} AS FROM given_part")
    con.register("given_now", numbers_table(numbers))
    con.execute("CREATE OR REPLACE TABLE given_numbers AS FROM given_now")
    sources = [f"SELECT * FROM given_part_{number}" for number in range(len(parts))]
    given = {"_agent_status_number": "SELECT * FROM given_numbers", "_agent_connected": NOBODY}
    rows = {name: [] for name in TABLES}

    def overall(own):
        derive.run(own, AGENT_FACES, {"_agent_event": gist(" UNION ALL ".join(sources))}, values, shared=True)

    def take(own):
        for name in TABLES:
            rows[name] += rows_of(own, name)

    with tempfile.TemporaryDirectory() as folder, Crew(con) as crew:
        in_passes(crew, AGENT_PASSES, overall, sources, groups, values, given, take, Path(folder) / "kept")
    return rows


def windowed_rows(con, events, rules, numbers, windows, spans=NOBODY_CONNECTED):
    """The rows of each agent's window, derived from the events of its stretch only."""
    con.register("given_events", events_table(events))
    con.register("given_numbers", numbers_table(numbers))
    con.register("given_windows", pa.Table.from_pylist(windows, schema=WINDOW))
    given = {"_agent_event": "SELECT * FROM given_events", "_agent_window": "SELECT * FROM given_windows"}
    derive.run(con, AGENT_STRETCHES, given, setting_values(rules))
    inputs = {
        "_agent_event": stretch_events("SELECT * FROM given_events"),
        "_agent_status_number": "SELECT * FROM given_numbers",
        "_agent_connected": connected_before(spans),
    }
    derive.run(con, AGENT_STATISTICS, inputs, setting_values(rules))
    return {name: con.sql(in_window(name)).to_arrow_table() for name in TABLES}


def rows_of(con, name):
    return [plain(row) for row in con.sql(f"SELECT * FROM {name}").to_arrow_table().to_pylist()]


def plain(row):
    """Timestamps as milliseconds."""
    return {k: (v - EPOCH) // timedelta(milliseconds=1) if isinstance(v, datetime) else v for k, v in row.items()}


def ordered(rows):
    """Rows in an order that depends on nothing but their values."""
    return sorted(rows, key=lambda row: [(k, row[k] is not None, str(row[k])) for k in sorted(row)])


def apart(histories):
    """Many histories as one: each gets instances of its own."""
    return [
        {**event, "instance_id": f"{number}.{event['instance_id']}"}
        for number, history in enumerate(histories)
        for event in history
    ]


def differences(con, events, rules, shuffle=None):
    """What SQL and reference do not agree on: (table, rows only in the SQL's, rows only in the reference's)."""
    want = reference.derive(events, rules)
    given = list(events)
    if shuffle:
        shuffle.shuffle(given)
    got = sql_rows(con, given, rules, want["agent_status"])
    found = []
    for table, name in TABLES.items():
        ours, theirs = ordered(got[table]), ordered(want[name])
        if ours != theirs:
            found.append((table, [r for r in ours if r not in theirs], [r for r in theirs if r not in ours]))
    return found


def smallest(con, histories, rules):
    """The history among these on which SQL and reference differ, with as few events as removing some allows."""
    for history in histories:
        if not differences(con, history, rules):
            continue
        kept = list(history)
        for event in history:
            fewer = [e for e in kept if e is not event]
            if differences(con, fewer, rules):
                kept = fewer
        return kept
    return []


def rebuilt(con, former, latter, rules, numbers):
    """The tables after a change of events, by deriving again only the windows that the change reaches."""
    con.register("given_events", events_table(former))
    stored = stored_tables(con, former, rules, numbers)
    changes = [e for e in former if e not in latter] + [e for e in latter if e not in former]
    con.register("given_events", events_table(latter))
    con.register("given_changes", events_table(changes))
    inputs = {
        "_agent_event": "SELECT * FROM given_events",
        "_agent_change": "SELECT * FROM given_changes",
        "_agent_contact_known": "SELECT * FROM stored_agent_contact_span",
    }
    derive.run(con, AGENT_REACH, inputs, setting_values(rules))
    pending = con.sql("SELECT * FROM agent_reach").to_arrow_table().to_pylist()
    count = 0
    while pending:
        agents = {}
        for window in pending:
            agents.setdefault((window["instance_id"], window["user_id"]), window)
        pending = [w for w in pending if w not in agents.values()]
        spans = "SELECT * FROM stored_agent_contact_span"
        fresh = windowed_rows(con, latter, rules, numbers, list(agents.values()), spans)
        for name in TABLES:
            con.register("fresh_rows", fresh[name])
            kept = f"SELECT * FROM stored_{name} EXCEPT ALL {in_window(name, f'SELECT * FROM stored_{name}')}"
            con.execute(f"CREATE OR REPLACE TEMP TABLE stored_{name} AS ({kept}) UNION ALL BY NAME FROM fresh_rows")
        count += len(agents)
    return {name: rows_of(con, f"stored_{name}") for name in stored}, count


def stored_tables(con, events, rules, numbers):
    sql_rows(con, events, rules, numbers)
    for name in TABLES:
        con.execute(f"CREATE OR REPLACE TEMP TABLE stored_{name} AS SELECT * FROM temp.{name}")
    return list(TABLES)
