"""The family of flow runs: from flow logs and contact records to one row per run of a flow or module."""

from __future__ import annotations

from contactlake.model.step import Derivation, Family, Input, Reach, Step
from contactlake.tables._derived_columns import Sources, nulls, step_text
from contactlake.tables.contact_flow_events import CONTACT_FLOW_EVENTS as RUNS

FLOW_SOURCES: Sources = {
    "instance_id": "the flow's ARN",
    "event_id": "a digest of contact, flow or module, and the run's beginning",
    "aws_account_id": "the flow's ARN",
    "instance_arn": "the flow's ARN",
    "contact_id": "ContactId",
    "flow_resource_id": "the flow's ARN (ContactFlowId); of a module, the flow that was running; null where none was "
    "logged before it",
    "module_resource_id": "the module's ARN (ContactFlowId), in rows of modules only",
    "resource_version": "what follows a colon after the id in the ARN; null where nothing does",
    "resource_type": "`FLOW` or `MODULE`, by the ARN",
    "channel": "`contact_record`",
    "start_timestamp": "Timestamp of the first block",
    "end_timestamp": "Timestamp of the last block",
    "next_flow_resource_id": "the flow that the last block transfers to, else the flow that ran next",
    "next_queue_resource_id": "where the last block transfers to a queue: the queue it names, else the queue that was "
    "set before",
    "next_resource_type": "`QUEUE`, `FLOW`, `PHONE_NUMBER` or `AGENT`, by the outcome or by what ran next",
    "flow_outcome": "the kind of the last block (ContactFlowModuleType): DISCONNECTED_PARTICIPANT, "
    "ENDED_FLOW_EXECUTION, RETURNED_TO_FLOW, TRANSFERRED_TO_QUEUE, TRANSFERRED_TO_FLOW, TRANSFERRED_TO_AGENT, "
    "TRANSFERRED_TO_PHONE_NUMBER. "
    "DROPPED: no such block, nothing ran after it, and the contact's record ended without queue, agent or transfer",
    "sub_type": "`contact_record.segment_attributes`: connect:Subtype",
    "initiation_method": "`contact_record`",
}
"""By column of contact_flow_events: where it comes from (a key of the log, or a table)."""


def _parameter(*keys: str) -> str:
    """A parameter of a block, however the log's forwarder spelled it; text only."""
    spelled = dict.fromkeys(s for key in keys for s in (key, key[:1].lower() + key[1:], key.lower()))
    return "COALESCE(" + ", ".join(f"parameters ->> '$.{s}'" for s in spelled) + ")"


def _id(value: str, resource: str) -> str:
    """The id in an ARN, or the value itself where it is a bare id."""
    return (
        f"COALESCE(NULLIF(REGEXP_EXTRACT({value}, '(?:^|/){resource}/([^/:]+)', 1), ''), "
        f"NULLIF(REGEXP_EXTRACT({value}, '^[0-9A-Za-z-]+$'), ''))"
    )


_PARAMETERS = {
    "queue": _id(_parameter("Queue", "QueueId", "QueueArn", "QueueARN"), "queue(?:/agent)?"),
    "flow": _id(_parameter("ContactFlowId", "ContactFlow", "FlowId", "ContactFlowArn"), "contact-flow"),
    "phone": _parameter("PhoneNumber", "ThirdPartyPhoneNumber"),
    "agent": _parameter("AgentId", "AgentArn", "Agent"),
}

FLOW_RUNS = Family(
    name="flow_runs",
    subject="contact_id",
    inputs={
        "contact_flow_log": Input(
            "contact_flow_log",
            (
                *("instance_id", "entry_id", "contact_id", "contact_flow_arn", "contact_flow_module_type"),
                *("entry_timestamp", "parameters"),
            ),
            subject="contact_id",
        ),
        "contact_record": Input(
            "contact_record",
            (
                *("instance_id", "contact_id", "channel", "initiation_method", "segment_attributes"),
                *("disconnect_timestamp", "queue_enqueue_timestamp", "agent_connected_to_agent_timestamp"),
                "transfer_completed_timestamp",
            ),
            subject="contact_id",
        ),
    },
    derivation=Derivation(
        inputs=("contact_flow_log", "contact_record"),
        rules="_flow_rules",
        steps=(
            Step("_flow_entry", step_text("_flow_entry", **_PARAMETERS)),
            Step("_flow_run", step_text("_flow_run")),
            Step(RUNS.name, step_text(RUNS.name, no_source=nulls(RUNS, FLOW_SOURCES))),
        ),
        results=(RUNS.name,),
    ),
    reach={
        "contact_flow_log": Reach(("contact_id",), "SELECT contact_id AS subject FROM _change"),
        "contact_record": Reach(
            ("contact_id",), "SELECT contact_id AS subject FROM _change SEMI JOIN contact_flow_log USING (contact_id)"
        ),
    },
)
