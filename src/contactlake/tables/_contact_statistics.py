"""The steps from contact records to contact statistics, in order, and which contacts a change concerns.

Each step is the .sql file of its name beside this module (the contact rules, section 2).
"""

from __future__ import annotations

from importlib.resources import files

from contactlake.model.step import Derivation, Family, Input, Reach, Step

_STEPS = ("_contact_left_on_hold", "_contact_facts", "contact_statistic_record")

_CONTACT = (
    "instance_id",
    "aws_account_id",
    "contact_id",
    "next_contact_id",
    "channel",
    "queue_id",
    "agent_id",
    "initiation_method",
    "initiation_timestamp",
    "connected_to_system_timestamp",
    "transfer_completed_timestamp",
    "disconnect_timestamp",
    "disconnect_reason",
    "queue_enqueue_timestamp",
    "queue_dequeue_timestamp",
    "queue_duration_ms",
    "agent_connected_to_agent_timestamp",
    "agent_interaction_duration_ms",
    "agent_customer_hold_duration_ms",
    "agent_after_contact_work_duration_ms",
    "agent_pause_duration_ms",
    "agent_number_of_holds",
    "transferred_endpoint_address",
)

_SPAN = (
    "instance_id",
    "user_id",
    "contact_id",
    "appeared_by",
    "appeared_place",
    "state_number",
    "start_time",
    "end_time",
    "still_open",
    "state",
)

_CONTACT_CHANGED = """
SELECT contact_id AS subject FROM _change
UNION
SELECT c.contact_id
FROM _contact AS c
JOIN _change AS n ON n.instance_id = c.instance_id AND n.contact_id = c.next_contact_id
"""
"""The contact itself, and those whose next contact it is: their flags ask for its method."""

CONTACT_STATISTICS = Family(
    name="contact_statistics",
    subject="contact_id",
    inputs={
        "_contact": Input("contact_record", _CONTACT, subject="contact_id"),
        "_contact_next": Input("contact_record", ("instance_id", "contact_id", "initiation_method")),
        "_contact_agent_span": Input("agent_contact_span", _SPAN, subject="contact_id", beside=True),
    },
    derivation=Derivation(
        inputs=("_contact", "_contact_next", "_contact_agent_span"),
        rules="_contact_rules",
        steps=tuple(
            Step(name, files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")) for name in _STEPS
        ),
        results=("contact_statistic_record",),
    ),
    reach={
        "contact_record": Reach(("instance_id", "contact_id"), _CONTACT_CHANGED),
        "agent_contact_span": Reach(("contact_id",), "SELECT DISTINCT contact_id AS subject FROM _change"),
    },
)
"""contact_statistic_record: one row for every contact that has ended, from its newest record, the method of its next
contact and the spans of its agent."""
