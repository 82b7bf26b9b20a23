"""contact_flow_events: every run of a flow or flow module, from its first to its last block; from the flow logs."""

from contactlake.model.table import Column, Table
from contactlake.model.types import STRING, TIMESTAMP, Type
from contactlake.tables._shapes import (
    CHANNELS,
    INITIATION_METHODS,
    aws_account_id,
    instance_arn,
    instance_id,
    processed_at,
)

_SUBJECT = "flow run"


def _required(name: str, doc: str, type: Type = STRING, values: tuple[str, ...] = ()) -> Column:
    return Column(name, type, doc=doc, required=True, values=values)


CONTACT_FLOW_EVENTS = Table(
    name="contact_flow_events",
    doc=(
        "One row per run of a flow or flow module by a contact: from its first log entry to its last block, with where "
        "the contact went next. The documentation lets no column be null; what nothing tells is null here."
    ),
    columns=(
        instance_id(_SUBJECT),
        _required("event_id", "Id of the flow run."),
        aws_account_id(_SUBJECT, required=True),
        instance_arn(_SUBJECT, required=True),
        _required("contact_id", "Id of the contact that ran the flow."),
        _required("flow_resource_id", "Id of the flow that ran."),
        _required("module_resource_id", "Id of the flow module that ran within the flow, if one did."),
        _required("resource_version", "Version of the flow or module that ran."),
        _required("resource_type", "Whether a flow or a module ran."),
        _required("channel", "Channel of the contact that ran the flow.", values=CHANNELS),
        _required("start_timestamp", "When the flow run began; its UTC day is the partition.", TIMESTAMP),
        _required("end_timestamp", "When the flow run ended.", TIMESTAMP),
        _required("next_flow_resource_id", "Id of the flow that the contact ran next."),
        _required("next_queue_resource_id", "Id of the queue that the flow passed the contact to."),
        _required("next_resource_type", "Kind of what came after the flow run: a flow, a queue …"),
        _required("flow_language_version", "Version of the language that the flow is written in."),
        _required("flow_outcome", "How the flow run ended: transferred, disconnected, dropped …"),
        _required("sub_type", "Subtype of the channel, such as connect:SMS, of the contact that ran the flow."),
        _required("flow_type", "Purpose of the flow: inbound, customer queue, whisper, hold …"),
        _required("initiation_method", "How the contact that ran the flow came about.", values=INITIATION_METHODS),
        _required("resource_published_timestamp", "When the version of the flow or module was published.", TIMESTAMP),
        processed_at(_SUBJECT, required=True),
    ),
    primary_key=("event_id", "instance_id"),
    partition_by="start_timestamp",
    age_column="start_timestamp",
)
