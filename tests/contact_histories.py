"""Random contact records and agent events about the same few contacts: few ids, few instants, everything optional."""

from __future__ import annotations

from tests.agent_histories import BASE, SECOND, STATUSES, blank, set_status

METHODS = ["INBOUND", "OUTBOUND", "TRANSFER", "CALLBACK", "API", "QUEUE_TRANSFER", "DISCONNECT", "MONITOR",
           "EXTERNAL_OUTBOUND", "NEW_METHOD", "", None]  # fmt: skip
REASONS = ["CUSTOMER_DISCONNECT", "AGENT_DISCONNECT", "AGENT_DISCONNECT", "OTHER", "", None]
CONTACTS = ["c1", "c2", "c3"]
LATE = ["c4", "", None, None]
"""Next contacts that never come, and none."""
LARGEST = 2**63 - 1
DURATIONS = ["queue_duration_ms", "agent_interaction_duration_ms", "agent_customer_hold_duration_ms",
             "agent_after_contact_work_duration_ms", "agent_pause_duration_ms"]  # fmt: skip
MOMENTS = ["initiation_timestamp", "connected_to_system_timestamp", "transfer_completed_timestamp",
           "disconnect_timestamp", "queue_enqueue_timestamp", "queue_dequeue_timestamp",
           "agent_connected_to_agent_timestamp"]  # fmt: skip
GROUPS = {
    "queue": ("queue_id", "queue_duration_ms", "queue_enqueue_timestamp", "queue_dequeue_timestamp"),
    "agent": ("agent_id", "agent_connected_to_agent_timestamp", "agent_number_of_holds", *DURATIONS[1:]),
    "end": ("disconnect_reason", "transfer_completed_timestamp", "transferred_endpoint_address"),
}
"""Fields that old records lack together."""

STATES = ["CONNECTED", "CONNECTED_ONHOLD", "CONNECTED_ONHOLD", "ENDED", "PAUSED", "NEW_STATE", "", None]


def moment(chance):
    """A whole second around a midnight, now and then with digits down to the microsecond."""
    return BASE + chance.randrange(7) * SECOND + chance.choice([0, 0, 0, 1, 999, 1_000, 1_500, 999_999])


def contact(chance, instance, contact_id):
    """One contact's record; whole groups may be missing."""
    record = {
        "instance_id": instance,
        "contact_id": contact_id,
        "aws_account_id": chance.choice(["1", None]),
        "next_contact_id": chance.choice([*CONTACTS, *LATE]),
        "channel": chance.choice(["VOICE", "CHAT", "TASK", "TASKS", "EMAIL", None]),
        "queue_id": chance.choice(["q1", None]),
        "agent_id": chance.choice(["u", "u", "u", "v", "", None]),
        "initiation_method": chance.choice(METHODS),
        "disconnect_reason": chance.choice(REASONS),
        "transferred_endpoint_address": chance.choice(["+1", "", None]),
        "agent_number_of_holds": chance.choice([0, 1, 2, -1, None]),
        **{name: chance.choice([0, 4_000, 61_000, -2_000, LARGEST, None, None]) for name in DURATIONS},
        **{name: chance.choice([None, moment(chance)]) for name in MOMENTS},
    }
    if chance.random() < 0.8:
        record["disconnect_timestamp"] = moment(chance)
    for missing in chance.sample(sorted(GROUPS), chance.choice([0, 0, 1, 2])):
        record.update(dict.fromkeys(GROUPS[missing]))
    return record


def agent_events(chance):
    """What agents' events say of the same contacts: chaos, or a walk in which events got lost."""
    events, live, t, before = [], {}, BASE, None
    walks = chance.random() < 0.6
    for number in range(chance.randrange(9)):
        instance, user = ("i", "u") if walks else chance.choice([("i", "u")] * 4 + [("i", "v"), ("j", "u")])
        t += chance.choice([0, 0, 1, 2, 700]) * SECOND
        event = blank(number, instance, user, t)
        set_status(event, "current", chance.choice(STATUSES[:3]), BASE)
        live = dict(live) if walks else {}
        for contact_id in chance.sample(CONTACTS, chance.randrange(3)):
            if live.pop(contact_id, None) is None or chance.random() < 0.5:
                live[contact_id] = shown(chance, contact_id, t)
        event["current_contacts"] = list(live.values())
        if before is not None and chance.random() < 0.8:
            set_status(event, "previous", STATUSES[0], BASE)
            event["previous_contacts"] = before
        before = event["current_contacts"]
        events.append(event)
    return [e for e in events if chance.random() < 0.9]


def shown(chance, contact_id, t):
    """A contact as a snapshot shows it."""
    return {
        "contact_id": contact_id,
        "initial_contact_id": None,
        "channel": "VOICE",
        "initiation_method": chance.choice(["INBOUND"] * 6 + ["MONITOR"]),
        "state": chance.choice(STATES),
        "state_start_timestamp": chance.choice([t, t, t - SECOND, t - SECOND // 2, None]),
        "connected_to_agent_timestamp": None,
        "queue_timestamp": None,
        "queue": None,
    }


def history(chance):
    """Contact records and agent events."""
    keys = chance.sample([(i, c) for i in "ij" for c in CONTACTS], chance.randint(1, 4))
    return [contact(chance, *key) for key in keys], agent_events(chance)


def apart(many):
    """Many histories as one: each gets instances and contacts of its own."""
    records, events = [], []
    for number, (some, others) in enumerate(many):
        records += [
            {
                **r,
                **{
                    name: r[name] and f"{number}.{r[name]}" for name in ("instance_id", "contact_id", "next_contact_id")
                },
            }
            for r in some
        ]
        for event in others:
            moved = {**event, "instance_id": f"{number}.{event['instance_id']}"}
            for side in ("current_contacts", "previous_contacts"):
                moved[side] = event[side] and [{**c, "contact_id": f"{number}.{c['contact_id']}"} for c in event[side]]
            events.append(moved)
    return records, events
