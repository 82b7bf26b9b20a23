"""agent_event: the agent event stream as delivered, one row per event."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP, Arn, Array, field, struct
from contactlake.tables._shapes import LEVELS, NO_SOURCE, processed_at

QUEUE = struct(field("arn"), field("name"))

INBOUND_QUEUE = struct(field("arn"), field("name"), field("channels", Array(STRING)))

CONCURRENCY = struct(field("channel"), field("available_slots", BIGINT), field("maximum_slots", BIGINT))

PROFICIENCY = struct(field("name"), field("value"), field("level", DOUBLE, key="ProficiencyLevel"))

AGENT_CONTACT = struct(
    field("contact_id"),
    field("initial_contact_id"),
    field("channel"),
    field("initiation_method"),
    field("state"),
    field("state_start_timestamp", TIMESTAMP),
    field("connected_to_agent_timestamp", TIMESTAMP),
    field("queue_timestamp", TIMESTAMP),
    field("queue", QUEUE),
)

EVENT_TYPES = ("LOGIN", "LOGOUT", "STATE_CHANGE", "HEART_BEAT")
STATUS_TYPES = ("ROUTABLE", "CUSTOM", "OFFLINE")

# An event shows the agent twice. `side` is the prefix of the columns: current or previous.
_ROOT = {"current": "CurrentAgentSnapshot", "previous": "PreviousAgentSnapshot"}
_WHEN = {"current": "after the event", "previous": "before the event"}


def _status(side: str) -> tuple[Column, ...]:
    path, when = f"{_ROOT[side]}.AgentStatus", _WHEN[side]
    return (
        Column(f"{side}_agent_status_arn", STRING, f"{path}.ARN", f"ARN of the status that the agent has {when}."),
        Column(f"{side}_agent_status_name", STRING, f"{path}.Name", f"Name of the status that the agent has {when}."),
        Column(
            f"{side}_agent_status_start_timestamp",
            TIMESTAMP,
            f"{path}.StartTimestamp",
            f"When the agent took up the status held {when}.",
        ),
        Column(
            f"{side}_agent_status_type",
            STRING,
            f"{path}.Type",
            f"Kind of the status {when}; older events do not carry it.",
            values=STATUS_TYPES,
        ),
    )


def _next_status() -> tuple[Column, ...]:
    path = f"{_ROOT['current']}.NextAgentStatus"
    return (
        Column(
            "current_next_agent_status_arn",
            STRING,
            f"{path}.ARN",
            "ARN of the status the agent has queued up to follow the running contacts; null when none is queued.",
        ),
        Column(
            "current_next_agent_status_name",
            STRING,
            f"{path}.Name",
            "Name of the status the agent has queued up; null when none is queued.",
        ),
        Column(
            "current_next_agent_status_enqueued_timestamp",
            TIMESTAMP,
            f"{path}.EnqueuedTimestamp",
            "When the agent queued up the next status.",
        ),
        Column(
            "current_next_agent_status_type",
            STRING,
            f"{path}.Type",
            "Kind of the queued status; the published events do not carry it, so it is usually null.",
            values=STATUS_TYPES,
        ),
    )


def _configuration() -> tuple[Column, ...]:
    path = f"{_ROOT['current']}.Configuration"
    return (
        Column(
            "current_configuration_username",
            STRING,
            f"{path}.Username",
            "Login name of the agent.",
            sensitive=True,
        ),
        Column(
            "current_configuration_first_name",
            STRING,
            f"{path}.FirstName",
            "First name of the agent.",
            sensitive=True,
        ),
        Column(
            "current_configuration_last_name",
            STRING,
            f"{path}.LastName",
            "Family name of the agent.",
            sensitive=True,
        ),
        Column(
            "current_configuration_sip_address",
            STRING,
            f"{path}.SipAddress",
            "SIP address at which the agent's softphone is reached (key inferred, not published).",
            sensitive=True,
        ),
        Column(
            "current_configuration_auto_accept",
            BOOLEAN,
            f"{path}.AutoAccept",
            "Whether contacts connect to the agent without a click (key inferred, not published).",
        ),
        Column(
            "current_configuration_language_code",
            STRING,
            f"{path}.LanguageCode",
            "Language that the agent is set to (key inferred, not published).",
        ),
    )


def _proficiencies(side: str) -> Column:
    return Column(
        f"{side}_configuration_proficiencies",
        Array(PROFICIENCY),
        f"{_ROOT[side]}.Configuration.Proficiencies",
        f"Skills assigned to the agent {_WHEN[side]}: attribute name, value and level (1 to 5).",
    )


def _routing_profile(side: str) -> tuple[Column, ...]:
    path, when = f"{_ROOT[side]}.Configuration.RoutingProfile", _WHEN[side]
    prefix, outbound = f"{side}_routing_profile", f"{side}_routing_profile_default_outbound_queue"
    return (
        Column(f"{prefix}_arn", STRING, f"{path}.ARN", f"ARN of the agent's routing profile {when}."),
        Column(f"{prefix}_name", STRING, f"{path}.Name", f"Name of the agent's routing profile {when}."),
        Column(
            f"{prefix}_concurrency",
            Array(CONCURRENCY),
            f"{path}.Concurrency",
            f"Slots per channel {when}: how many contacts the profile allows at once, and how many of them are free.",
        ),
        Column(
            f"{outbound}_arn",
            STRING,
            f"{path}.DefaultOutboundQueue.ARN",
            f"ARN of the queue that the agent's outbound calls are booked on {when}.",
        ),
        Column(
            f"{outbound}_name",
            STRING,
            f"{path}.DefaultOutboundQueue.Name",
            f"Name of the queue that the agent's outbound calls are booked on {when}.",
        ),
        Column(
            f"{outbound}_channels",
            Array(STRING),
            f"{path}.DefaultOutboundQueue.Channels",
            f"Channels of the outbound queue {when}; absent from older events.",
        ),
        Column(
            f"{prefix}_inbound_queues",
            Array(INBOUND_QUEUE),
            f"{path}.InboundQueues",
            f"Queues that the agent takes contacts from {when}, with their channels; an agent's own queue has no name.",
        ),
    )


def _hierarchy(side: str) -> tuple[Column, ...]:
    groups = [f"{_ROOT[side]}.Configuration.{key}" for key in ("AgentHierarchyGroups", "HierarchyGroups")]
    return tuple(
        Column(
            f"{side}_agent_hierarchy_groups_level_{level}_{part}",
            STRING,
            " | ".join(f"{group}.Level{level}.{key}" for group in groups),
            f"{word} of the agent's group on level {level} of the hierarchy {_WHEN[side]}.",
        )
        for level in LEVELS
        for part, key, word in (("arn", "ARN", "ARN"), ("name", "Name", "Name"))
    )


def _contacts(side: str) -> Column:
    return Column(
        f"{side}_contacts",
        Array(AGENT_CONTACT),
        f"{_ROOT[side]}.Contacts",
        f"Contacts that the agent has {_WHEN[side]}, each with its state (CONNECTING, CONNECTED, CONNECTED_ONHOLD, "
        "PAUSED, MISSED, REJECTED, ERROR, ENDED = after-contact work …) and queue, as delivered.",
    )


AGENT_EVENT = Table(
    name="agent_event",
    doc=(
        "Every event of every agent, with whole snapshots of the agent (status, configuration, contacts) after and "
        "before it. Copies of an event are stored once; nothing is interpreted here, the agent statistics do that."
    ),
    columns=(
        Column(
            "instance_id",
            STRING,
            "AgentARN | InstanceARN",
            "Id of the Connect instance of the agent, taken from the agent's ARN, else from the instance's.",
            required=True,
            take=Arn("instance"),
        ),
        Column("aws_account_id", STRING, "AWSAccountId", "AWS account that the agent event comes from."),
        Column("instance_arn", STRING, "InstanceARN", "ARN of the Connect instance that sent the agent event."),
        Column("agent_arn", STRING, "AgentARN", "ARN of the agent whom the event is about."),
        Column(
            "event_id",
            STRING,
            "EventId",
            "Id of the event; copies of one event share it.",
            required=True,
        ),
        Column(
            "event_timestamp",
            TIMESTAMP,
            "EventTimestamp",
            "When the event happened; its UTC day is the partition. Events of version 2017-10-01 repeat the seconds "
            "as the fraction.",
        ),
        Column(
            "event_type",
            STRING,
            "EventType",
            "What made the agent send the event; a heartbeat comes about every 120 s when nothing else happens.",
            values=EVENT_TYPES,
        ),
        Column(
            "version",
            STRING,
            "Version",
            "Version of the agent event's format, a date.",
            values=("2017-10-01", "2019-05-25"),
        ),
        *_status("current"),
        *_next_status(),
        *_configuration(),
        _proficiencies("current"),
        *_routing_profile("current"),
        *_hierarchy("current"),
        _contacts("current"),
        *_status("previous"),
        _proficiencies("previous"),
        *_routing_profile("previous"),
        *_hierarchy("previous"),
        _contacts("previous"),
        processed_at("agent event"),
        Column(
            "current_snapshot_timestamp", TIMESTAMP, doc=f"When the snapshot after the event was taken. {NO_SOURCE}"
        ),
        Column(
            "previous_snapshot_timestamp", TIMESTAMP, doc=f"When the snapshot before the event was taken. {NO_SOURCE}"
        ),
    ),
    primary_key=("instance_id", "event_id"),
    partition_by="event_timestamp",
)
