"""contact_event: every contact event of the event bus, as it was sent."""

from dataclasses import replace
from itertools import product

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, STRING, TIMESTAMP, Arn, Array, Map, Rule, Take, Type
from contactlake.tables._shapes import CHANNELS, INITIATION_METHODS, processed_at

EVENT_TYPES = (
    "INITIATED",
    "CONNECTED_TO_SYSTEM",
    "CONTACT_DATA_UPDATED",
    "QUEUED",
    "CONNECTED_TO_AGENT",
    "DISCONNECTED",
    "COMPLETED",
    "PAUSED",
    "RESUMED",
    "AMD_DISABLED",
    "WEBRTC_API",
)


def _sent(
    name: str,
    path: str,
    doc: str,
    type: Type = STRING,
    take: Rule = Take.VALUE,
    values: tuple[str, ...] = (),
    sensitive: bool = False,
) -> Column:
    """A column below ``detail``, whose keys begin with small letters or with capitals, each as it likes."""
    spelled = product(*((key, key[:1].upper() + key[1:]) for key in path.split(".")))
    paths = " | ".join(f"detail.{'.'.join(keys)}" for keys in spelled)
    return Column(name, type, paths, doc, take=take, values=values, sensitive=sensitive)


def _json(name: str, path: str, what: str, sensitive: bool = False) -> Column:
    return _sent(name, path, f"{what}, as compact JSON.", take=Take.JSON, sensitive=sensitive)


def _time(name: str, path: str, doc: str) -> Column:
    return _sent(name, path, doc, TIMESTAMP)


def _seconds(name: str, path: str, doc: str) -> Column:
    return replace(_sent(name, path, doc, BIGINT, Take.SECONDS), unit="ms")


def _envelope() -> tuple[Column, ...]:
    return (
        Column(
            "instance_id",
            STRING,
            "detail.instanceArn | detail.InstanceArn | detail.InstanceARN",
            "Id of the Connect instance of the contact, taken from the instance's ARN.",
            required=True,
            take=Arn("instance"),
        ),
        Column("event_id", STRING, "id", "Id of the event; an event that is sent twice keeps it.", required=True),
        Column(
            "event_timestamp",
            TIMESTAMP,
            "time",
            "When the event was sent; its UTC day is the partition.",
            required=True,
        ),
        Column("aws_account_id", STRING, "account", "AWS account that sent the event."),
        Column("region", STRING, "region", "AWS region that sent the event."),
        Column("detail_type", STRING, "detail-type", "What the event bus calls events of this kind."),
        Column("source", STRING, "source", "What the event bus calls their sender."),
        Column("resources", Array(STRING), "resources", "ARNs that the event is about: instance, contact, agent …"),
        Column(
            "instance_arn",
            STRING,
            "detail.instanceArn | detail.InstanceArn | detail.InstanceARN",
            "ARN of the Connect instance that the contact of the event belongs to.",
        ),
    )


def _contact() -> tuple[Column, ...]:
    return (
        _sent("event_type", "eventType", "What happened to the contact.", values=EVENT_TYPES),
        _sent("contact_id", "contactId", "Id of the contact that it happened to."),
        _sent("initial_contact_id", "initialContactId", "Id of the first contact of the chain of transfers."),
        _sent("previous_contact_id", "previousContactId", "Id of the contact before this one in the chain."),
        _sent("related_contact_id", "relatedContactId", "Id of another contact that this one goes with."),
        _sent("customer_id", "customerId", "Id of the customer, where one is known.", sensitive=True),
        _sent("channel", "channel", "Channel of the contact, as the event spells it.", values=CHANNELS),
        _sent(
            "initiation_method", "initiationMethod", "How the contact of the event began.", values=INITIATION_METHODS
        ),
        _time(
            "initiation_timestamp",
            "initiationTimestamp",
            "When the contact began; of a campaign call, later events say another time than the first.",
        ),
        _time("connected_to_system_timestamp", "connectedToSystemTimestamp", "When the customer was connected."),
        _time("scheduled_timestamp", "scheduledTimestamp", "When the contact is to begin."),
        _time("ring_start_timestamp", "ringStartTimestamp", "When a campaign call began to ring."),
        _time("disconnect_timestamp", "disconnectTimestamp", "When the contact ended for the customer."),
        _sent("disconnect_reason", "disconnectReason", "Why the contact ended."),
        _sent(
            "answering_machine_detection_status",
            "answeringMachineDetectionStatus",
            "Whether a person or a machine took the call.",
        ),
        _time("greeting_start_timestamp", "customerVoiceActivity.greetingStartTimestamp", "When the greeting began."),
        _time("greeting_end_timestamp", "customerVoiceActivity.greetingEndTimestamp", "When the greeting was over."),
        _sent("campaign_id", "campaign.campaignId", "Id of the outbound campaign that called."),
    )


def _queue_and_agent() -> tuple[Column, ...]:
    return (
        _sent("queue_id", "queueInfo.queueArn", "Id of the queue that the contact is in.", take=Arn("queue")),
        _sent("queue_arn", "queueInfo.queueArn", "ARN of the queue that the contact is in."),
        _sent("queue_type", "queueInfo.queueType", "Kind of queue.", values=("STANDARD", "AGENT")),
        _time("enqueue_timestamp", "queueInfo.enqueueTimestamp", "When the contact came into the queue."),
        _sent("agent_id", "agentInfo.agentArn", "Id of the agent who has the contact.", take=Arn("agent")),
        _sent("agent_arn", "agentInfo.agentArn", "ARN of the agent who has the contact."),
        _time(
            "connected_to_agent_timestamp",
            "agentInfo.connectedToAgentTimestamp",
            "When the contact was connected to the agent.",
        ),
        _time("accepted_by_agent_timestamp", "agentInfo.acceptedByAgentTimestamp", "When the agent took the contact."),
        _time("preview_end_timestamp", "agentInfo.previewEndTimestamp", "When the agent was done with the preview."),
        _time(
            "after_contact_work_start_timestamp",
            "agentInfo.afterContactWorkStartTimestamp",
            "When the agent began with the work after the contact.",
        ),
        _time(
            "after_contact_work_end_timestamp",
            "agentInfo.afterContactWorkEndTimestamp",
            "When the agent was done with the work after the contact.",
        ),
        _seconds(
            "after_contact_work_duration_ms",
            "agentInfo.afterContactWorkDuration",
            "How long the agent worked after the contact.",
        ),
        _seconds(
            "agent_initiated_hold_duration_ms",
            "agentInfo.agentInitiatedHoldDuration",
            "How long the agent kept the customer on hold.",
        ),
        _json("agent_hierarchy_groups", "agentInfo.hierarchyGroups", "Groups of the agent, by level"),
        _sent("agent_active_region", "agentInfo.activeRegion", "AWS region in which the agent was active."),
    )


def _rest() -> tuple[Column, ...]:
    return (
        _json("updated_properties", "updatedProperties", "What a CONTACT_DATA_UPDATED event says has changed"),
        _json("state_transitions", "stateTransitions", "States of the contact with their times"),
        _json("routing_criteria", "routingCriteria", "What is asked of the agent, step by step"),
        _json("recordings", "recordings", "Recordings and transcripts of the contact"),
        _json("contact_details", "contactDetails", "Name and description of a task, and the like", sensitive=True),
        _json("contact_evaluations", "contactEvaluations", "Evaluations of the contact"),
        _json("contact_lens", "contactLens", "How the conversation is set to be analysed"),
        _json("chat_metrics", "chatMetrics", "Counts and times of a chat"),
        _json("outbound_strategy", "outboundStrategy", "How an outbound contact is dialled"),
        _json("global_resiliency_metadata", "globalResiliencyMetadata", "Regions of the contact"),
        _json("system_endpoint", "systemEndpoint", "Address of the contact centre"),
        _json("customer_endpoint", "customerEndpoint", "Address of the customer", sensitive=True),
        _sent(
            "segment_attributes",
            "segmentAttributes",
            "Attributes that the vendor sets on the contact.",
            Map(STRING),
            Take.VALUE_STRING,
        ),
        _sent("tags", "tags", "Tags of the contact.", Map(STRING)),
    )


CONTACT_EVENT = Table(
    name="contact_event",
    doc=(
        "One row per contact event of the event bus: what happened to a contact, as it happened. Events are sent at "
        "least once and in no sure order; copies are stored once."
    ),
    columns=(*_envelope(), *_contact(), *_queue_and_agent(), *_rest(), processed_at("contact event")),
    primary_key=("instance_id", "event_id"),
    partition_by="event_timestamp",
    age_column="event_timestamp",
    ours=True,
)
