"""Runs the product's derivation on contact records and agent events given as dictionaries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from contactlake.build import derive
from contactlake.tables import BY_NAME
from contactlake.tables._agent_statistics import AGENT_STATISTICS
from contactlake.tables._contact_statistics import CONTACT_STATISTICS
from tests.agent_statistics_sql import EPOCH, NOBODY, events_table, setting_values
from tests.reference import contact_statistics as reference
from tests.reference.agent_timelines import Rules

TYPES = {"string": pa.string(), "bigint": pa.int64(), "timestamp": pa.timestamp("us", tz="UTC")}
COLUMNS = CONTACT_STATISTICS.inputs["_contact"].columns
SCHEMA = pa.schema([(name, TYPES[str(BY_NAME["contact_record"].by_name[name].type)]) for name in COLUMNS])
SPANS = BY_NAME["agent_contact_span"].by_name
SETTINGS = setting_values(Rules())


def plain(row):
    """Timestamps as microseconds."""
    return {k: (v - EPOCH) // timedelta(microseconds=1) if isinstance(v, datetime) else v for k, v in row.items()}


def put(con, records, events, name=""):
    """Tables of records and of the spans that follow from the events."""
    con.register("given_records", pa.Table.from_pylist(records, schema=SCHEMA))
    con.execute(f"CREATE OR REPLACE TEMP TABLE records{name} AS FROM given_records")
    if not events:
        columns = (f"{c} {SPANS[c].type}" for c in CONTACT_STATISTICS.inputs["_contact_agent_span"].columns)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE spans{name} ({', '.join(columns)})".replace(" timestamp", " TIMESTAMPTZ")
        )
        return
    con.register("given_events", events_table(events))
    inputs = {
        "_agent_event": "SELECT * FROM given_events",
        "_agent_status_number": "SELECT '' AS instance_id, '' AS status_id, 0 AS number WHERE FALSE",
        "_agent_connected": NOBODY,
    }
    derive.run(con, AGENT_STATISTICS, inputs, SETTINGS)
    con.execute(f"CREATE OR REPLACE TEMP TABLE spans{name} AS FROM temp.agent_contact_span")


def queries(name="", subjects=None):
    """The family's inputs over tables that were put there; ``subjects``: a query for those concerned."""
    tables = {"contact_record": f"records{name}", "agent_contact_span": f"spans{name}"}
    made = {}
    for relation, given in CONTACT_STATISTICS.inputs.items():
        only = f" WHERE ({given.subject}) IN ({subjects})" if subjects and given.subject else ""
        made[relation] = f"SELECT {', '.join(given.columns)} FROM {tables[given.table]}{only}"
    return made


def statistics(con, name="", subjects=None):
    """The rows of contact_statistic_record."""
    derive.run(con, CONTACT_STATISTICS.derivation, queries(name, subjects), SETTINGS)
    return [plain(r) for r in con.sql("FROM temp.contact_statistic_record").to_arrow_table().to_pylist()]


def sql_rows(con, records, events):
    put(con, records, events)
    return statistics(con)


def ordered(rows):
    return sorted(rows, key=lambda row: (row["instance_id"], row["contact_id"]))


def differences(con, records, events):
    """(row of the SQL, row of the reference) wherever they do not agree."""
    ours, theirs = ordered(sql_rows(con, records, events)), ordered(reference.derive(records, events))
    assert [r["contact_id"] for r in ours] == [r["contact_id"] for r in theirs]
    return [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
