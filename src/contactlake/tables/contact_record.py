"""contact_record: the newest version of every contact's record.

Owns the columns of the contact's course, queue, agent and end points; ``_contact_extras`` and ``_chat_metrics`` have
the others, ``_contact_shapes`` the nested types.
"""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, STRING, TIMESTAMP, Arn, Map, Take
from contactlake.tables._chat_metrics import CHAT
from contactlake.tables._contact_extras import COLLECTIONS, LATEST, SESSION, VOICE_ID
from contactlake.tables._shapes import CHANNELS, INITIATION_METHODS, LEVELS, processed_at

DISCONNECT_REASONS = (
    "CUSTOMER_DISCONNECT",
    "AGENT_DISCONNECT",
    "THIRD_PARTY_DISCONNECT",
    "CONTACT_FLOW_DISCONNECT",
    "CUSTOMER_NEVER_ARRIVED",
    "CUSTOMER_CONNECTION_NOT_ESTABLISHED",
    "AGENT_NETWORK_DISCONNECT",
    "AGENT_COMPLETED",
    "IDLE_DISCONNECT",
    "BARGED",
    "EXPIRED",
    "API",
    "TRANSFERRED",
    "TRANSFER_FAILED",
    "DISCARDED",
    "SYSTEM_ERROR",
    "OTHER",
    "TELECOM_BUSY",
    "TELECOM_NUMBER_INVALID",
    "TELECOM_POTENTIAL_BLOCKING",
    "TELECOM_UNANSWERED",
    "TELECOM_TIMEOUT",
    "TELECOM_ORIGINATOR_CANCEL",
    "TELECOM_PROBLEM",
    "OUTBOUND_CONTACT_ABANDONED",
    "OUTBOUND_DESTINATION_ENDPOINT_ERROR",
    "OUTBOUND_RESOURCE_ERROR",
    "OUTBOUND_ATTEMPT_FAILED",
    "OUTBOUND_PREVIEW_DISCARDED",
    "OUTBUND_PREVIEW_DISCARDED",
)

MACHINE_DETECTION = (
    "HUMAN_ANSWERED",
    "VOICEMAIL_BEEP",
    "VOICEMAIL_NO_BEEP",
    "AMD_UNANSWERED",
    "AMD_UNRESOLVED",
    "AMD_UNRESOLVED_SILENCE",
    "AMD_NOT_APPLICABLE",
    "AMD_ERROR",
    "SIT_TONE_BUSY",
    "SIT_TONE_INVALID_NUMBER",
    "SIT_TONE_DETECTED",
    "FAX_MACHINE_DETECTED",
)

_COURSE = (
    Column(
        "instance_id",
        STRING,
        "InstanceARN | Agent.ARN",
        "Id of the Connect instance that handled the contact, from the instance's ARN, else from the agent's.",
        required=True,
        take=Arn("instance"),
    ),
    Column("aws_account_id", STRING, "AWSAccountId", "AWS account that owns the contact record."),
    Column("contact_id", STRING, "ContactId", "Id of the contact.", required=True),
    Column(
        "initial_contact_id",
        STRING,
        "InitialContactId",
        "Id of the first contact in the chain of transfers; null when the contact was not transferred.",
    ),
    Column(
        "previous_contact_id",
        STRING,
        "PreviousContactId",
        "Id of the contact that this one continues, by transfer or disconnect flow.",
    ),
    Column(
        "related_contact_id",
        STRING,
        "RelatedContactId",
        "Id of a contact that this one has to do with without continuing it.",
    ),
    Column(
        "next_contact_id",
        STRING,
        "NextContactId",
        "Id of the contact that continues this one: transfer, disconnect flow, further participant.",
    ),
    Column("channel", STRING, "Channel", "Channel by which the contact was made.", values=CHANNELS),
    Column("initiation_method", STRING, "InitiationMethod", "How the contact came about.", values=INITIATION_METHODS),
    Column(
        "initiation_timestamp",
        TIMESTAMP,
        "InitiationTimestamp",
        "When the contact began: it arrived, was dialled, or its callback was created. Its UTC day is the partition.",
    ),
    Column(
        "connected_to_system_timestamp",
        TIMESTAMP,
        "ConnectedToSystemTimestamp",
        "When the customer's end was connected; inbound: the beginning, outbound: when the customer picked up.",
    ),
    Column(
        "last_update_timestamp",
        TIMESTAMP,
        "LastUpdateTimestamp",
        "When the contact last changed at the source; of several versions, the one with the greatest is the row.",
    ),
    Column(
        "scheduled_timestamp",
        TIMESTAMP,
        "ScheduledTimestamp",
        "When a scheduled task was to start its flow; only tasks.",
    ),
    Column(
        "transfer_completed_timestamp",
        TIMESTAMP,
        "TransferCompletedTimestamp",
        "When the contact was passed on by an agent who left before the other end joined (cold transfer).",
    ),
    Column(
        "disconnect_timestamp",
        TIMESTAMP,
        "DisconnectTimestamp",
        "When the customer's end left the contact; null while it is running.",
    ),
    Column(
        "disconnect_reason",
        STRING,
        "DisconnectReason",
        "Who or what ended the contact; often null, and absent from old records.",
        values=DISCONNECT_REASONS,
    ),
)

_QUEUE = (
    Column(
        "queue_duration_ms",
        BIGINT,
        "Queue.Duration",
        "Time from entering the queue to leaving it.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "queue_dequeue_timestamp",
        TIMESTAMP,
        "Queue.DequeueTimestamp",
        "When the contact left the queue: an agent took it, or it ended there.",
    ),
    Column("queue_enqueue_timestamp", TIMESTAMP, "Queue.EnqueueTimestamp", "When the contact entered the queue."),
    Column("queue_name", STRING, "Queue.Name", "Name of the queue that the contact was put into."),
    Column("queue_arn", STRING, "Queue.ARN", "ARN of the queue that the contact was put into."),
    Column(
        "queue_id",
        STRING,
        "Queue.ARN",
        "Id of the queue, from its ARN; for an agent's own queue the agent's id.",
        take=Arn("queue"),
    ),
)

_AGENT_TIMES = (
    Column(
        "agent_connection_attempts",
        BIGINT,
        "AgentConnectionAttempts",
        "How often the contact was offered to an agent, answered or not.",
    ),
    Column(
        "agent_connected_to_agent_timestamp",
        TIMESTAMP,
        "Agent.ConnectedToAgentTimestamp",
        "When the contact was connected to the agent; a contact that has it counts as handled.",
    ),
    Column(
        "agent_interaction_duration_ms",
        BIGINT,
        "Agent.AgentInteractionDuration",
        "Time the agent spent with the customer, without hold and pause; outbound: also before the customer answers.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "agent_customer_hold_duration_ms",
        BIGINT,
        "Agent.CustomerHoldDuration",
        "Time the customer was on hold while connected to the agent.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column("agent_number_of_holds", BIGINT, "Agent.NumberOfHolds", "How often the customer was put on hold."),
    Column(
        "agent_longest_hold_duration_ms",
        BIGINT,
        "Agent.LongestHoldDuration",
        "Length of the longest single hold.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "agent_after_contact_work_start_timestamp",
        TIMESTAMP,
        "Agent.AfterContactWorkStartTimestamp",
        "When the agent's after-contact work began.",
    ),
    Column(
        "agent_after_contact_work_end_timestamp",
        TIMESTAMP,
        "Agent.AfterContactWorkEndTimestamp",
        "When the agent's after-contact work ended.",
    ),
    Column(
        "agent_after_contact_work_duration_ms",
        BIGINT,
        "Agent.AfterContactWorkDuration",
        "Length of the agent's after-contact work.",
        take=Take.SECONDS,
        unit="ms",
    ),
    Column(
        "attributes",
        Map(STRING),
        "Attributes",
        "Contact attributes that the flows set, name to value.",
        sensitive=True,
    ),
)


def _hierarchy(level: int) -> tuple[Column, ...]:
    name, path = f"agent_hierarchy_groups_level_{level}", f"Agent.HierarchyGroups.Level{level}"
    group = f"the group on level {level} of the hierarchy that the contact's agent belonged to"
    return (
        Column(f"{name}_name", STRING, f"{path}.GroupName | {path}.Name", f"Name of {group}."),
        Column(f"{name}_arn", STRING, f"{path}.ARN", f"ARN of {group}."),
        Column(f"{name}_id", STRING, f"{path}.ARN", f"Id of {group}, from its ARN.", take=Arn("agent-group")),
    )


_AGENT = (
    Column("agent_username", STRING, "Agent.Username", "Login name of the agent who took the contact.", sensitive=True),
    Column("agent_arn", STRING, "Agent.ARN", "ARN of the agent who took the contact."),
    Column("agent_id", STRING, "Agent.ARN", "Id of the agent, from the ARN: the user id.", take=Arn("agent")),
    Column("instance_arn", STRING, "InstanceARN", "ARN of the Connect instance that handled the contact."),
    *(column for level in LEVELS for column in _hierarchy(level)),
    Column(
        "agent_routing_profile_name",
        STRING,
        "Agent.RoutingProfile.Name",
        "Name of the routing profile that the agent worked under.",
    ),
    Column(
        "agent_routing_profile_arn",
        STRING,
        "Agent.RoutingProfile.ARN",
        "ARN of the routing profile that the agent worked under.",
    ),
    Column(
        "agent_routing_profile_id",
        STRING,
        "Agent.RoutingProfile.ARN",
        "Id of the agent's routing profile, from its ARN.",
        take=Arn("routing-profile"),
    ),
    Column(
        "agent_voice_enhancement_mode",
        STRING,
        "Agent.VoiceEnhancementMode",
        "How the agent's voice was cleaned of noise during the contact.",
        values=("NONE", "VOICE_ISOLATION", "NOISE_SUPPRESSION"),
    ),
)


def _end_point(name: str, key: str, whose: str) -> tuple[Column, Column]:
    return (
        Column(f"{name}_type", STRING, f"{key}.Type", f"Kind of {whose}, usually TELEPHONE_NUMBER."),
        Column(f"{name}_address", STRING, f"{key}.Address", f"Address of {whose}: number, e-mail …", sensitive=True),
    )


_END_POINTS = (
    Column(
        "aws_contact_trace_record_format_version",
        STRING,
        "AWSContactTraceRecordFormatVersion",
        "Version of the contact record's format, a date.",
        values=("2017-03-10",),
    ),
    Column("campaign_Id", STRING, "Campaign.CampaignId", "Id of the outbound campaign that made the contact."),
    *_end_point("customer_endpoint", "CustomerEndpoint", "the customer's end point"),
    *_end_point("transferred_endpoint", "TransferredToEndpoint", "the outside end point the contact was passed to"),
    *_end_point("system_endpoint", "SystemEndpoint", "the contact centre's own end point"),
    Column(
        "recording_deletion_reason",
        STRING,
        "Recording.DeletionReason",
        "Reason given when the first recording was deleted.",
    ),
    Column("recording_location", STRING, "Recording.Location", "Where the first recording is stored."),
    Column(
        "recording_status",
        STRING,
        "Recording.Status",
        "Whether the first recording is still there.",
        values=("AVAILABLE", "DELETED"),
    ),
    Column("recording_type", STRING, "Recording.Type", "Medium of the first recording.", values=("AUDIO",)),
    Column(
        "answering_machine_detection_Status",
        STRING,
        "AnsweringMachineDetectionStatus",
        "Who or what answered a campaign's call.",
        values=MACHINE_DETECTION,
    ),
)

CONTACT_RECORD = Table(
    name="contact_record",
    doc=(
        "One row per contact, from the newest version of its record: the record is delivered whole, more than once, "
        "and again whenever something about the contact changes. Durations that arrive in seconds are stored in ms."
    ),
    columns=(
        *_COURSE,
        *_QUEUE,
        *_AGENT_TIMES,
        *_AGENT,
        *_END_POINTS,
        *VOICE_ID,
        *COLLECTIONS,
        *SESSION,
        processed_at("contact record"),
        *CHAT,
        *LATEST,
    ),
    primary_key=("instance_id", "contact_id"),
    partition_by="initiation_timestamp",
    age_column="disconnect_timestamp",
)
