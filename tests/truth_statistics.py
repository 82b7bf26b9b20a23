"""The statistics that the simulator's truth implies, cell by cell, counted plainly and independently of the product."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq

import contactlake
from tests.lakes import comparable

QUARTER = 900_000
LEVELS = [f"hierarchy_level_{n}_id" for n in range(1, 6)]
HANDLING = {"CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "ENDED"}
FAILED = {"MISSED", "REJECTED", "ERROR"}
OURS = {"OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY"}
TIMES = ("online_time", "non_productive_time", "agent_on_contact_time", "agent_idle_time", "error_time")
COUNTS = (
    *("contacts_offered", "contacts_handled", "agent_non_response", "handle_time", "contact_time_ms"),
    *(f"agent_{k}_connecting_time" for k in ("incoming", "outbound", "callback", "api")),
    *(f"{k}_connecting_attempts" for k in ("incoming", "outbound", "callback", "api")),
)


def class_of(state, method):
    if state in HANDLING:
        return "HANDLING"
    if state in FAILED:
        return "FAILED"
    if state == "CONNECTING" and (method in OURS or method == "CALLBACK"):
        return "DIALLING"
    return "RINGING"


def kind_of(method):
    if method in OURS:
        return "outbound"
    if method in ("INBOUND", "TRANSFER", "QUEUE_TRANSFER"):
        return "incoming"
    return "callback" if method == "CALLBACK" else "api"


def read(truth: Path):
    agents = defaultdict(lambda: ([], []))
    for table, place in (("agent_status_span", 0), ("agent_contact_span", 1)):
        for row in pq.read_table(truth / f"{table}.parquet").to_pylist():
            if not row.get("is_monitor"):
                agents[row["instance_id"], row["user_id"]][place].append(row)
    return agents


def quarters(a, b):
    start = a - a % QUARTER
    while start < b:
        yield start, max(a, start), min(b, start + QUARTER)
        start += QUARTER


def of_agent(statuses, contacts, first, last):
    """Cells of one agent between the first and the last event: {(table, grain…): {measure: amount}}."""
    cells = defaultdict(lambda: defaultdict(int))
    statuses = sorted(statuses, key=lambda s: s["start_ms"])
    spans = [(max(s["start_ms"], first), min(s["end_ms"], last), s) for s in statuses]
    spans = [s for s in spans if s[1] > s[0]]

    def configuration(s):
        return (s["routing_profile_id"], *(s[level] for level in LEVELS))

    def at(t):
        return next((configuration(s) for a, b, s in reversed(spans) if a <= t), None)

    for c in contacts:
        c["class"] = class_of(c["state"], c["initiation_method"])
        c["a"], c["b"] = max(c["start_ms"], first), min(c["end_ms"], last)
    for a, b, s in spans:
        for quarter, x, y in quarters(a, b):
            cell = cells["agent", configuration(s), quarter]
            if s["status_type"] == "OFFLINE":
                continue
            cell["online_time"] += y - x
            if s["status_type"] == "CUSTOM":
                cell["non_productive_time"] += y - x
                cell["custom", s["status_arn"]] += y - x
    for a, b, s in spans:
        mine = [c for c in contacts if c["a"] < b and c["b"] > a]
        bounds = sorted({a, b, *(min(max(t, a), b) for c in mine for t in (c["a"], c["b"]))})
        for x, y in pairwise(bounds):
            present = [c for c in mine if c["a"] <= x and c["b"] >= y]
            classes = {c["class"] for c in present}
            for quarter, p, q in quarters(x, y):
                cell = cells["agent", configuration(s), quarter]
                cell["error_time"] += (q - p) * sum(c["class"] == "FAILED" for c in present)
                if s["status_type"] == "ROUTABLE":
                    if classes & {"HANDLING", "DIALLING"}:
                        cell["agent_on_contact_time"] += q - p
                    elif "RINGING" not in classes or "FAILED" in classes:
                        cell["agent_idle_time"] += q - p
                    for queue in {queue_of(c) for c in present if c["class"] == "HANDLING"}:
                        cells["queue", configuration(s), *queue, quarter]["contact_time_ms"] += q - p
                for c in present:
                    queue = cells["queue", configuration(s), *queue_of(c), quarter]
                    if c["class"] == "HANDLING":
                        queue["handle_time"] += q - p
                    elif c["class"] in ("RINGING", "DIALLING"):
                        queue[f"agent_{kind_of(c['initiation_method'])}_connecting_time"] += q - p
    moments(cells, contacts, at, last)
    return cells


def queue_of(c):
    return c["queue_id"], c["queue_type"], c["channel"]


def moments(cells, contacts, at, last):
    appearances, connected = defaultdict(list), set()
    for c in sorted(contacts, key=lambda c: (c["start_ms"], c["end_ms"])):
        appearances[c["contact_id"], c["appearance"]].append(c)
        if c["connected"] and c["contact_id"] not in connected:
            connected.add(c["contact_id"])
            count(cells, at, c, c["a"], "contacts_handled")
    for states in appearances.values():
        first, method = states[0], states[0]["initiation_method"]
        tries = [c for c in states if c["class"] in ("RINGING", "DIALLING")]
        end = states[len(tries) - 1] if tries else first
        after = states[len(tries)] if len(tries) < len(states) else None
        answered = after is not None and after["class"] == "HANDLING"
        answered = answered and (not tries or end["class"] == "RINGING" or after["connected"])
        if method not in OURS:
            count(cells, at, first, first["a"], "contacts_offered")
        if method != "CALLBACK":
            count(cells, at, first, first["a"], f"{kind_of(method)}_connecting_attempts")
        over = after is not None or (tries and end["b"] < last)
        when = end["b"] if tries else first["a"]
        if answered or not over:
            continue
        if method == "CALLBACK" and tries and end["class"] == "DIALLING":
            count(cells, at, first, when, "callback_connecting_attempts")
        elif method not in OURS:
            count(cells, at, first, when, "agent_non_response")


def count(cells, at, contact, t, measure):
    cells["queue", at(t), *queue_of(contact), t - t % QUARTER][measure] += 1


def expected(truth: Path, lake: contactlake.Lake) -> dict:
    """Cells above 0, of all agents: between each agent's first and last event, before and after nothing is assumed."""
    ask = (
        "SELECT instance_id, regexp_extract(agent_arn, '[^/]*$') AS user_id, "
        "min(epoch_ms(event_timestamp)) AS first, max(epoch_ms(event_timestamp)) AS last FROM agent_event GROUP BY ALL"
    )
    bounds = {(r["instance_id"], r["user_id"]): (r["first"], r["last"]) for r in lake.query(ask).rows()}
    cells = {}
    for agent, (statuses, contacts) in read(truth).items():
        if agent not in bounds:
            continue
        for grain, measures in of_agent(statuses, contacts, *bounds[agent]).items():
            above = {str(k): v for k, v in measures.items() if v}
            if above:
                cells[str((agent, grain))] = above
    return cells


def stored(lake: contactlake.Lake) -> dict:
    """The lake's cells in the same shape."""
    names = {(r["instance_id"], r["number"]): r["status_id"] for r in lake.query("SELECT * FROM agent_status").rows()}
    cells = {}
    for table, what, measures in (
        ("agent_statistic_record", "agent", TIMES),
        ("agent_queue_statistic_record", "queue", COUNTS),
    ):
        for row in lake.query(f"SELECT *, epoch_ms(interval_start_time) AS start FROM {table}").rows():
            grain = [what, (row["routing_profile_id"], *(row[f"agent_{level}"] for level in LEVELS))]
            grain += [row["queue_id"], row["queue_type"], row["channel"]] if what == "queue" else []
            above = {m: row[m] for m in measures if row[m]}
            for n in range(1, 51) if what == "agent" else ():
                if row[f"custom_state_time_{n:02}"]:
                    above[str(("custom", names[row["instance_id"], n]))] = row[f"custom_state_time_{n:02}"]
            cells[str(((row["instance_id"], row["user_id"]), (*grain, row["start"])))] = above
    return cells


def differences(truth: Path, lake: contactlake.Lake) -> list:
    """Where the lake and the truth do not agree."""
    want, got = expected(truth, lake), stored(lake)
    assert want
    assert comparable(lake, "agent_statistic_record")
    return [(k, want.get(k), got.get(k)) for k in sorted({*want, *got}) if want.get(k) != got.get(k)]
