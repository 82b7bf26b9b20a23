"""The contact statistics in plain Python: an independent reading of the contact rules, section 2, row by row.

``derive(records, events)`` takes contact records (the columns of ``contact_record`` that matter) and agent events (the
columns of ``agent_event``) as dictionaries; timestamps are integer microseconds. It gives the rows of
``contact_statistic_record``: timestamps in microseconds, times in milliseconds. It is the oracle of the SQL: nothing is
shared with the product, and holds are read from the agents' events themselves, not from spans.
"""

from __future__ import annotations

from collections import defaultdict

from tests.reference.agent_timelines import Rules, appearances, cut, in_order, read_event

INCOMING = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER")
LARGEST = 2**63 - 1


def derive(records, events):
    by_key = {(r["instance_id"], r["contact_id"]): r for r in records}
    agents = timelines(events)
    rows = []
    for record in records:
        if record["disconnect_timestamp"] is not None:
            follower = by_key.get((record["instance_id"], record["next_contact_id"] or None))
            mine = agents.get((record["instance_id"], record["agent_id"]), [])
            rows.append(row(record, follower, ended_on_hold(record["contact_id"], mine)))
    return rows


def timelines(events):
    """By agent: all appearances of contacts, in the order in which they ended (those at the last event come last)."""
    agents = defaultdict(list)
    for event in filter(None, map(read_event, events)):
        agents[event["agent"]].append(event)
    return {agent: appearances(in_order(mine), Rules()) for agent, mine in agents.items()}


def ended_on_hold(contact, timeline):
    """Whether, in the contact's last appearance, the last state before ENDED or vanishing was a hold."""
    found = [a for a in timeline if a["contact"] == contact]
    if not found:
        return False
    states = [s["entry"]["state"] for s in found[-1]["states"]]
    if found[-1]["end"] is None and states[-1] != "ENDED":
        return False  # whatever it is, it goes on: nothing has ended
    while states and states[-1] == "ENDED":
        states.pop()
    return bool(states) and states[-1] == "CONNECTED_ONHOLD"


def total(*parts):
    """Their sum, nothing counting as 0; nothing at all, or more than a column can hold: null."""
    if all(p is None for p in parts):
        return None
    amount = sum(p or 0 for p in parts)
    return amount if -LARGEST - 1 <= amount <= LARGEST else None


def between(start, end):
    return max(0, cut(end) - cut(start))


def flow_time(r):
    if r["initiation_method"] not in ("INBOUND", "TRANSFER", "QUEUE_TRANSFER", "API"):
        return None
    if r["connected_to_system_timestamp"] is None:
        return 0
    for end in ("queue_enqueue_timestamp", "agent_connected_to_agent_timestamp", "transfer_completed_timestamp"):
        if r[end] is not None:
            return between(r["connected_to_system_timestamp"], r[end])
    return between(r["connected_to_system_timestamp"], r["disconnect_timestamp"])


def queue_time(r):
    if r["queue_enqueue_timestamp"] is None:
        return None
    if r["queue_duration_ms"] is not None:
        return max(0, r["queue_duration_ms"])
    if r["queue_dequeue_timestamp"] is None:
        return None
    return between(r["queue_enqueue_timestamp"], r["queue_dequeue_timestamp"])


def row(r, follower, on_hold):
    method, reason = r["initiation_method"], r["disconnect_reason"]
    handled = r["agent_connected_to_agent_timestamp"] is not None
    queued = r["queue_enqueue_timestamp"] is not None
    after = follower["initiation_method"] if follower else None
    moved = r["transfer_completed_timestamp"] is not None
    ends_here = not r["next_contact_id"] or after == "DISCONNECT"
    abandoned = queued and not handled and ends_here and not moved
    out = moved or after in ("TRANSFER", "QUEUE_TRANSFER")
    external = out and bool(r["transferred_endpoint_address"])
    talk, hold = r["agent_interaction_duration_ms"], r["agent_customer_hold_duration_ms"]
    work, pause = r["agent_after_contact_work_duration_ms"], r["agent_pause_duration_ms"]
    flags = {
        "is_connected": r["connected_to_system_timestamp"] is not None,
        "is_abandoned": abandoned,
        "is_agent_hung_up_first": handled and reason == "AGENT_DISCONNECT",
        "is_handled": handled,
        "is_handled_incoming": handled and method in INCOMING,
        "is_handled_outbound": handled and method == "OUTBOUND",
        "is_callback_handled": handled and method == "CALLBACK",
        "is_api_handled": handled and method == "API",
        "is_put_on_hold": (r["agent_number_of_holds"] or 0) > 0,
        "is_hold_disconnect": on_hold,
        "is_hold_agent_disconnect": on_hold and reason == "AGENT_DISCONNECT",
        "is_hold_customer_disconnect": on_hold and reason == "CUSTOMER_DISCONNECT",
        "is_incoming": method in INCOMING,
        "is_callback_contact": method == "CALLBACK",
        "is_api_contact": method == "API",
        "is_queued": queued,
        "is_queued_and_handled": queued and handled,
        "is_transferred_in": method in ("TRANSFER", "QUEUE_TRANSFER"),
        "is_transferred_in_from_handled": method == "TRANSFER",
        "is_transferred_in_from_queued": method == "QUEUE_TRANSFER",
        "is_transferred_out": out,
        "is_transferred_out_from_handled": out and handled,
        "is_transferred_out_from_queued": after == "QUEUE_TRANSFER" and not handled,
        "is_transferred_out_internal": out and not external,
        "is_transferred_out_external": external,
        "is_transferred_out_external_from_contact_flow": external and not handled,
    }
    same = ("instance_id", "aws_account_id", "contact_id", "queue_id", "agent_id", "initiation_method",
            "initiation_timestamp", "disconnect_timestamp")  # fmt: skip
    return {
        **{name: r[name] for name in same},
        "channel": "TASK" if r["channel"] == "TASKS" else r["channel"],
        "enqueue_timestamp": r["queue_enqueue_timestamp"],
        "contact_flow_time_ms": flow_time(r),
        "abandon_time_ms": queue_time(r) if abandoned else None,
        "queue_time_ms": queue_time(r),
        "queue_answer_time_ms": queue_time(r) if handled else None,
        "handle_time_ms": total(talk, hold, work, pause),
        "customer_hold_time_ms": hold if handled else None,
        "agent_interaction_time_ms": talk if handled else None,
        "agent_interaction_outbound_time_ms": talk if handled and method == "OUTBOUND" else None,
        "agent_interaction_and_hold_time_ms": total(talk, hold),
        "after_contact_work_time_ms": (work or 0) if handled else None,
        "after_contact_work_outbound_time_ms": (work or 0) if handled and method == "OUTBOUND" else None,
        **{name: int(value) for name, value in flags.items()},
    }
