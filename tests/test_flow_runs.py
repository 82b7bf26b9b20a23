"""contact_flow_events: runs of flows and modules, from what each contact's blocks logged."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contactlake
from contactlake.build import derive
from contactlake.tables._derived_columns import unfilled
from contactlake.tables._flow_runs import FLOW_RUNS, FLOW_SOURCES
from contactlake.tables.contact_flow_events import CONTACT_FLOW_EVENTS as RUNS
from tests.conversations import ARN, INSTANCE, QUEUE, Delivered, filled, instant, lake_of, record, take
from tests.lakes import centre
from tests.simulated import documents

TABLE = RUNS.name


def block(contact: str, at: int, flow: str, kind: str, **parameters: str) -> dict:
    """A block that a contact met ``at`` so many milliseconds past nine; a flow whose name begins with m is a module."""
    resource = "flow-module" if flow.startswith("m") else "contact-flow"
    return {
        "ContactId": contact,
        "ContactFlowId": f"{ARN}/{resource}/{flow}",
        "ContactFlowName": flow.title(),
        "ContactFlowModuleType": kind,
        "Timestamp": f"2025-03-03T09:00:{at // 1000:02d}.{at % 1000:03d}Z",
        "Parameters": parameters,
    }


def log(name: str, *blocks: dict) -> Delivered:
    return f"{name}.log", list(blocks)


def lowered(entry: dict) -> dict:
    return {key.lower(): value for key, value in entry.items()}


QUEUE_ARN = f"{ARN}/queue/{QUEUE}"
BEGUN = {"SegmentAttributes": {"connect:Subtype": {"ValueString": "connect:Telephony"}}}
CONTACTS = {
    "queued": [
        block("queued", 0, "entry", "PlayPrompt"),
        block("queued", 900, "entry", "SetQueue", Queue=QUEUE_ARN),
        block("queued", 1_000, "mcheck", "CheckHoursOfOperation"),
        block("queued", 1_500, "mcheck", "Wait"),
        block("queued", 1_500, "entry", "TransferToQueue"),
        block("queued", 2_000, "waiting", "LoopPrompts"),
        block("queued", 9_000, "waiting", "Resume"),
    ],
    "moved": [
        block("moved", 0, "entry:7", "PlayPrompt"),
        block("moved", 100, "entry:7", "TransferToFlow", ContactFlowId=f"{ARN}/contact-flow/next"),
        block("moved", 200, "next", "Transfer", QueueId="plain-id"),
    ],
    "phoned": [block("phoned", 0, "entry", "Transfer", PhoneNumber="+4930123456")],
    "asked": [block("asked", 0, "entry", "TransferToAgent", AgentId="a-1")],
    "hung-up": [block("hung-up", 0, "entry", "GetUserInput"), block("hung-up", 800, "entry", "PlayPrompt")],
    "closed": [block("closed", 0, "entry", "Disconnect")],
    "unknown": [block("unknown", 0, "mcheck", "PlayPrompt"), block("unknown", 5, "mcheck", "Return")],
}
RECORDS = [
    record("queued", Queue={"ARN": QUEUE_ARN, "EnqueueTimestamp": "2025-03-02T23:55:00Z"}, **BEGUN),
    record("hung-up"),
    record("closed", Channel="CHAT", InitiationMethod="API"),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> contactlake.Lake:
    logs = [log(name, *blocks) for name, blocks in CONTACTS.items()]
    return lake_of(tmp_path_factory.mktemp("all"), [*logs, *RECORDS])


def runs(lake: contactlake.Lake, contact: str) -> list[dict]:
    found = [row for row in filled(lake, TABLE) if row["contact_id"] == contact]
    return sorted(found, key=lambda row: (row["start_timestamp"], row["resource_type"]))


def brief(row: dict) -> tuple:
    """What a run is of, when it was (ms past nine), how it ended and where to."""
    times = [int(f"{row[name]:%S%f}") // 1000 for name in ("start_timestamp", "end_timestamp")]
    return (
        row.get("flow_resource_id"),
        row.get("module_resource_id"),
        *times,
        row.get("flow_outcome"),
        row.get("next_resource_type"),
        row.get("next_queue_resource_id") or row.get("next_flow_resource_id"),
    )


@pytest.mark.parametrize(
    ("contact", "wanted"),
    [
        (
            "queued",
            [
                ("entry", None, 0, 1_500, "TRANSFERRED_TO_QUEUE", "QUEUE", QUEUE),
                ("entry", "mcheck", 1_000, 1_500, "RETURNED_TO_FLOW", "FLOW", None),
                ("waiting", None, 2_000, 9_000, "ENDED_FLOW_EXECUTION", None, None),
            ],
        ),
        (
            "moved",
            [
                ("entry", None, 0, 100, "TRANSFERRED_TO_FLOW", "FLOW", "next"),
                ("next", None, 200, 200, "TRANSFERRED_TO_QUEUE", "QUEUE", "plain-id"),
            ],
        ),
        ("phoned", [("entry", None, 0, 0, "TRANSFERRED_TO_PHONE_NUMBER", "PHONE_NUMBER", None)]),
        ("asked", [("entry", None, 0, 0, "TRANSFERRED_TO_AGENT", "AGENT", None)]),
        ("hung-up", [("entry", None, 0, 800, "DROPPED", None, None)]),
        ("closed", [("entry", None, 0, 0, "DISCONNECTED_PARTICIPANT", None, None)]),
        ("unknown", [(None, "mcheck", 0, 5, "RETURNED_TO_FLOW", "FLOW", None)]),
    ],
)
def test_runs_and_where_they_lead(lake: contactlake.Lake, contact: str, wanted: list):
    assert [brief(row) for row in runs(lake, contact)] == wanted


def test_all_columns_of_a_run(lake: contactlake.Lake):
    row = runs(lake, "queued")[0]
    assert {name: instant(row.pop(f"{name}_timestamp")) for name in ("start", "end")} == {
        "start": "2025-03-03T09:00:00.000Z",
        "end": "2025-03-03T09:00:01.500Z",
    }
    assert len(row.pop("event_id")) == 32
    assert row == {
        "instance_id": INSTANCE,
        "instance_arn": ARN,
        "aws_account_id": "111122223333",
        "contact_id": "queued",
        "flow_resource_id": "entry",
        "resource_type": "FLOW",
        "channel": "VOICE",
        "initiation_method": "INBOUND",
        "sub_type": "connect:Telephony",
        "flow_outcome": "TRANSFERRED_TO_QUEUE",
        "next_resource_type": "QUEUE",
        "next_queue_resource_id": QUEUE,
        "next_flow_resource_id": "waiting",
    }
    assert runs(lake, "moved")[0]["resource_version"] == "7"


def test_every_column_has_a_source_or_is_null(lake: contactlake.Lake):
    found = filled(lake, TABLE)
    seen = {name for row in found for name in row}
    absent = {c.name for c in RUNS.columns} - {RUNS.processed_at} - seen
    assert absent == set(unfilled(RUNS, FLOW_SOURCES))
    assert len({row["event_id"] for row in found}) == len(found)


def subscribed(entries: list[dict]) -> bytes:
    """What a log subscription delivers: gzip of a document that carries each entry as text."""
    events = [
        {"id": str(n), "timestamp": 1_740_996_000_000 + n, "message": json.dumps(e)} for n, e in enumerate(entries)
    ]
    group = {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/connect/x", "logStream": "2025/03/03"}
    return gzip.compress(json.dumps({**group, "logEvents": events}).encode())


def test_whatever_carries_the_log_the_runs_are_the_same(lake: contactlake.Lake, tmp_path: Path):
    """Subscriptions as files, twice compressed and end to end; in stream events; keys in small letters; in pieces."""
    low = [lowered(entry) for entry in CONTACTS["moved"]]
    carried = base64.b64encode(subscribed([lowered(e) for e in CONTACTS["unknown"]])).decode()
    packed = {"Records": [{"kinesis": {"data": base64.b64encode(subscribed(CONTACTS["hung-up"])).decode()}}]}
    small = json.loads(gzip.decompress(subscribed(CONTACTS["closed"])))
    names = {key: key.lower() for key in ("messageType", "logGroup", "logStream", "logEvents")}
    forwarded = {names.get(key, key): value for key, value in small.items()}
    contents = (
        subscribed(CONTACTS["queued"][:3]) + subscribed(CONTACTS["queued"][3:]),
        gzip.compress(subscribed(CONTACTS["phoned"]) + subscribed(CONTACTS["asked"])),
        json.dumps({"records": [{"data": carried}]}).encode(),
        json.dumps(packed).encode() + json.dumps(forwarded).encode(),
        "".join(json.dumps(e) for e in low[1:]).encode(),
        json.dumps(low[0]).encode(),
    )
    other = contactlake.open(tmp_path / "lake", workers=1)
    for number, content in enumerate(contents):
        (tmp_path / f"log-{number}").write_bytes(content)
    take(other, tmp_path / "records", RECORDS)
    for paths in ((2, 4), (0, 1, 3, 5)):
        summary = other.ingest(*(tmp_path / f"log-{n}" for n in paths))
        assert (summary.quarantined, summary.skipped) == (0, [])
    assert filled(other, TABLE) == filled(lake, TABLE)


# any log --------------------------------------------------------------------------------------------------------------

FLOWS = ("f1", "f2", "m1", "m2")


def expected(entries: list[tuple[int, str]]) -> list[tuple]:
    """By hand: the runs in a log whose times all differ, as (flow, module, first, last)."""
    within, placed = None, []
    for at, flow in sorted(entries):
        within = within if flow.startswith("m") else flow
        placed.append((at, flow, within))
    made = []
    for name, run in groupby(placed, key=lambda entry: entry[2]):
        times = [at for at, _, _ in run]
        made += [(name, None, times[0], times[-1])] if name else []
    for flow, run in groupby(placed, key=lambda entry: entry[1]):
        steps = list(run)
        made += [(steps[-1][2], flow, steps[0][0], steps[-1][0])] if flow.startswith("m") else []
    return sorted(made, key=str)


def derived(entries: list[tuple[int, str]], order: list[int]) -> list[tuple]:
    import duckdb

    con = duckdb.connect()
    con.execute(
        "CREATE TABLE given (instance_id VARCHAR, entry_id VARCHAR, contact_id VARCHAR, contact_flow_arn VARCHAR, "
        "contact_flow_module_type VARCHAR, entry_timestamp TIMESTAMPTZ, parameters VARCHAR)"
    )
    for number in order:
        at, flow = entries[number]
        kind = "flow-module" if flow.startswith("m") else "contact-flow"
        values = [INSTANCE, str(number), "c", f"{ARN}/{kind}/{flow}", "PlayPrompt", at * 1000, "{}"]
        con.execute("INSERT INTO given VALUES (?, ?, ?, ?, ?, MAKE_TIMESTAMPTZ(?), ?)", values)
    nobody = (
        "SELECT '' AS instance_id, '' AS contact_id, '' AS channel, '' AS initiation_method, MAP {'': ''} AS "
        "segment_attributes, NOW() AS disconnect_timestamp, NOW() AS queue_enqueue_timestamp, NOW() AS "
        "agent_connected_to_agent_timestamp, NOW() AS transfer_completed_timestamp WHERE FALSE"
    )
    inputs = {"contact_flow_log": "SELECT * FROM given", "contact_record": nobody}
    derive.run(con, FLOW_RUNS.derivation, inputs, {"none": 0})
    found = con.execute(
        f"SELECT flow_resource_id, module_resource_id, EPOCH_MS(start_timestamp), EPOCH_MS(end_timestamp) FROM {TABLE}"
    ).fetchall()
    ids = con.execute(f"SELECT COUNT(DISTINCT event_id) FROM {TABLE}").fetchall()
    assert ids == [(len(found),)]
    return sorted(found, key=str)


@given(st.dictionaries(st.integers(0, 99), st.sampled_from(FLOWS), max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_runs_of_any_log(log: dict[int, str], chance):
    entries = list(log.items())
    order = list(range(len(entries)))
    chance.shuffle(order)
    assert derived(entries, order) == expected(entries)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(FLOWS)), max_size=10), st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_blocks_of_one_millisecond_in_any_order(entries: list[tuple[int, str]], chance):
    order = list(range(len(entries)))
    chance.shuffle(order)
    found = derived(entries, order)
    assert found == derived(entries, list(range(len(entries))))
    flows = {flow for _, flow in entries if not flow.startswith("m")}
    assert {flow for flow, module, *_ in found if module is None} == flows


def test_every_simulated_flow_is_a_run(tmp_path: Path):
    source = centre(tmp_path / "raw", 6, agents=8, days=1)
    lake = contactlake.open(tmp_path / "lake")
    lake.ingest(source / "flow-logs", source / "contact-records")
    logged: dict[tuple[str, str], list[str]] = {}
    for entry in documents(source / "flow-logs"):
        flow = entry["ContactFlowId"].rsplit("/", 1)[1]
        logged.setdefault((entry["ContactId"], flow), []).append(entry["Timestamp"])
    found = lake.query(f"SELECT contact_id, flow_resource_id, start_timestamp, end_timestamp FROM {TABLE}").rows()
    assert len(found) > 20
    assert {tuple(r.values())[:2]: (instant(r["start_timestamp"]), instant(r["end_timestamp"])) for r in found} == {
        key: (min(times), max(times)) for key, times in logged.items()
    }
    queued = (
        f"SELECT count(*) AS n FROM {TABLE} AS f JOIN contact_record AS r USING (contact_id) "
        "WHERE flow_outcome = 'TRANSFERRED_TO_QUEUE' AND next_queue_resource_id IS DISTINCT FROM r.queue_id"
    )
    assert lake.query(queued).rows() == [{"n": 0}]
