"""What outbound campaigns did. Only imported: no stream carries it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, STRING, TIMESTAMP
from contactlake.tables._shapes import aws_account_id, instance_arn, instance_id, processed_at

_SUBJECT = "campaign event"

OUTBOUND_CAMPAIGN_EVENTS = Table(
    name="outbound_campaign_events",
    doc="One row per event of an outbound campaign: what was tried with whom, by which channel, and what came of it.",
    columns=(
        Column("account_profile_id", STRING, doc="Id of the account profile that the recipient belongs to."),
        instance_id(_SUBJECT),
        instance_arn(_SUBJECT),
        aws_account_id(_SUBJECT),
        Column("campaign_id", STRING, doc="Id of the campaign."),
        Column("campaign_name", STRING, doc="Name of the campaign."),
        Column("campaign_initiation_type", STRING, doc="What starts the campaign: a schedule, an event …"),
        Column("campaign_execution_timestamp", TIMESTAMP, doc="When this run of the campaign began."),
        Column("campaign_event_id", STRING, doc="Id of the campaign event.", required=True),
        Column("campaign_event_category", STRING, doc="Group of event types that the event belongs to."),
        Column("campaign_event_type", STRING, doc="What happened."),
        Column(
            "campaign_event_timestamp",
            TIMESTAMP,
            doc="When the campaign event happened; its UTC day is the partition.",
        ),
        Column("delivery_attempt_id", STRING, doc="Id of the attempt to reach the recipient."),
        Column("channel", STRING, doc="Channel of the attempt."),
        Column("subtype", STRING, doc="Subtype of the channel of the attempt."),
        Column("profile_id", STRING, doc="Id of the recipient's customer profile."),
        Column("campaign_segment_arn", STRING, doc="ARN of the customer segment that the campaign addresses."),
        Column("campaign_url_link_click", STRING, doc="Link that the recipient opened."),
        Column("web_notification_type", STRING, doc="Kind of the notification shown on a web page.", required=True),
        Column("device_type", STRING, doc="Kind of the recipient's device.", required=True),
        Column("device_model", STRING, doc="Model of the recipient's device.", required=True),
        Column("browser_name", STRING, doc="Name of the recipient's browser.", required=True),
        Column("campaign_is_final_status", BOOLEAN, doc="Whether the attempt ends with this event."),
        processed_at(_SUBJECT),
        Column("lambda_function_arn", STRING, doc="ARN of the function that the campaign called."),
        Column("lambda_invocation_result", STRING, doc="What came of calling the function."),
        Column("orchestration_event_context_subtype", STRING, doc="Subtype of the step that the campaign was at."),
    ),
    primary_key=("campaign_event_id", "instance_id"),
    partition_by="campaign_event_timestamp",
    age_column="campaign_event_timestamp",
)
