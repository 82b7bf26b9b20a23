"""The contact statistics that the simulator's truth implies, counted plainly and independently of the product.

A contact record has whole seconds. So what is expected is the truth, cut as the simulator's documents are: moments to
the second, hold and pause to the second and within the agent's time, interaction what is left of it. Beside that each
time may be no further from the uncut truth than such cutting allows.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

import contactlake
from tests.lakes import rows

SECOND = 1000
IN = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER")
AGENT_TIMES = ("handle_time_ms", "agent_interaction_and_hold_time_ms")


def cut(ms):
    return None if ms is None else ms // SECOND * SECOND


def first(*moments):
    return next(m for m in moments if m is not None)


def times(t, moment, hold, pause):
    """The times of a contact, with its moments as ``moment`` gives them; hold and pause as given."""
    method, handled = t["initiation_method"], t["connected_to_agent_ms"] is not None
    queued = t["enqueue_ms"] is not None
    flow = queue = talk = work = total = None
    if method in (*IN, "API"):
        left = first(t["enqueue_ms"], t["connected_to_agent_ms"], t["transfer_completed_ms"], t["disconnect_ms"])
        start = t["connected_to_system_ms"]
        flow = 0 if start is None else max(0, moment(left) - moment(start))
    if queued:
        queue = moment(t["dequeue_ms"]) - moment(t["enqueue_ms"])
    if handled:
        total = moment(t["agent_left_ms"]) - moment(t["connected_to_agent_ms"])
        hold = min(hold, total)
        talk = total - hold - min(pause, total - hold)
        work = 0 if t["acw_start_ms"] is None else moment(t["acw_end_ms"]) - moment(t["acw_start_ms"])
    outbound = handled and method == "OUTBOUND"
    return {
        "contact_flow_time_ms": flow,
        "queue_time_ms": queue,
        "abandon_time_ms": queue if t["abandoned"] else None,
        "queue_answer_time_ms": queue if handled else None,
        "handle_time_ms": total + work if handled else None,
        "customer_hold_time_ms": hold if handled else None,
        "agent_interaction_time_ms": talk,
        "agent_interaction_outbound_time_ms": talk if outbound else None,
        "agent_interaction_and_hold_time_ms": talk + hold if handled else None,
        "after_contact_work_time_ms": work,
        "after_contact_work_outbound_time_ms": work if outbound else None,
    }


def flags(t):
    """The flags, from what the simulation knows and no document."""
    method, reason = t["initiation_method"], t["disconnect_reason"]
    handled, queued = t["connected_to_agent_ms"] is not None, t["enqueue_ms"] is not None
    out, outside, held = t["transferred_out"], t["transferred_out_external"], t["hold_disconnect"]
    return {
        "is_connected": t["connected_to_system_ms"] is not None,
        "is_abandoned": t["abandoned"],
        "is_agent_hung_up_first": handled and reason == "AGENT_DISCONNECT",
        "is_handled": handled,
        "is_handled_incoming": handled and method in IN,
        "is_handled_outbound": handled and method == "OUTBOUND",
        "is_callback_handled": handled and method == "CALLBACK",
        "is_api_handled": handled and method == "API",
        "is_put_on_hold": t["hold_count"] > 0,
        "is_hold_disconnect": held,
        "is_hold_agent_disconnect": held and reason == "AGENT_DISCONNECT",
        "is_hold_customer_disconnect": held and reason == "CUSTOMER_DISCONNECT",
        "is_incoming": method in IN,
        "is_callback_contact": method == "CALLBACK",
        "is_api_contact": method == "API",
        "is_queued": queued,
        "is_queued_and_handled": queued and handled,
        "is_transferred_in": method in IN[1:],
        "is_transferred_in_from_handled": method == "TRANSFER",
        "is_transferred_in_from_queued": method == "QUEUE_TRANSFER",
        "is_transferred_out": out,
        "is_transferred_out_from_handled": out and handled,
        "is_transferred_out_from_queued": t["next_initiation_method"] == "QUEUE_TRANSFER" and not handled,
        "is_transferred_out_internal": out and not outside,
        "is_transferred_out_external": outside,
        "is_transferred_out_external_from_contact_flow": outside and not handled,
    }


def expected(t):
    """The row of a contact."""
    same = ("instance_id", "contact_id", "channel", "queue_id", "agent_id", "initiation_method")
    moments = {"initiation_timestamp": "initiation_ms", "disconnect_timestamp": "disconnect_ms",
               "enqueue_timestamp": "enqueue_ms"}  # fmt: skip
    return {
        **{name: t[name] for name in same},
        **{name: cut(t[source]) for name, source in moments.items()},
        **times(t, cut, cut(t["hold_ms"]), cut(t["pause_ms"])),
        **{name: int(value) for name, value in flags(t).items()},
    }


def differences(truth: Path, lake: contactlake.Lake) -> list:
    """Where the lake and the truth do not agree."""
    contacts = {t["contact_id"]: t for t in pq.read_table(truth / "contact.parquet").to_pylist()}
    stored = {}
    for row in rows(lake, "contact_statistic_record"):
        del row["at"], row["aws_account_id"]
        for name in ("initiation_timestamp", "disconnect_timestamp", "enqueue_timestamp"):
            row[name] = None if row[name] is None else int(row[name].timestamp()) * SECOND
        stored[row["contact_id"]] = row
    assert contacts and contacts.keys() == stored.keys()
    found = []
    for contact_id, t in contacts.items():
        want, got = expected(t), stored[contact_id]
        found += [(contact_id, n, got.get(n), want.get(n)) for n in {*want, *got} if got.get(n) != want.get(n)]
        for name, exact in times(t, int, t["hold_ms"], t["pause_ms"]).items():
            near = exact is None or abs(got[name] - exact) < (5 if name in AGENT_TIMES else 3) * SECOND
            found += [] if near else [(contact_id, name, got[name], exact)]
    return found
