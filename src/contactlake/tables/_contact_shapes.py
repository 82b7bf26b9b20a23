"""The nested types of contact_record, in the order in which the documentation spells their fields."""

from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP, Array, Map, Take, field, struct

MEDIA_STREAM = struct(field("type"))

CONTACT_EVALUATIONS = Map(
    struct(
        field("form_id", take=Take.MAP_KEY),
        field("evaluation_arn", key="EvaluationArn"),
        field("status"),
        field("start_timestamp", TIMESTAMP),
        field("end_timestamp", TIMESTAMP),
        field("delete_timestamp", TIMESTAMP),
        field("export_location"),
    )
)

REFERENCE = struct(field("name"), field("type"), field("value"), field("status"), field("arn", key="Arn"))

EMAIL_ADDRESS = struct(field("display_name"), field("address"))

EMAIL_RECIPIENTS = struct(
    field("to_list", Array(EMAIL_ADDRESS)),
    field("cc_list", Array(EMAIL_ADDRESS)),
    field("from_recipient", EMAIL_ADDRESS),
)

# These keys alone begin with a small letter.
STATE_TRANSITION = struct(
    field("state_start_timestamp", TIMESTAMP, key="stateStartTimestamp"),
    field("state_end_timestamp", TIMESTAMP, key="stateEndTimestamp"),
    field("state", key="state"),
)

RECORDING = struct(
    field("storage_type"),
    field("location"),
    field("media_stream_type"),
    field("participant_type"),
    field("fragment_start_number"),
    field("fragment_stop_number"),
    field("start_timestamp", TIMESTAMP),
    field("stop_timestamp", TIMESTAMP),
    field("status"),
    field("deletion_reason"),
)

AUDIO_QUALITY = struct(field("quality_score", DOUBLE), field("potential_quality_issues", Array(STRING)))

AI_AGENT = struct(field("ai_use_case"), field("ai_agent_version_id"), field("ai_agent_escalated", BOOLEAN))

ROUTING_EXPIRY = struct(
    field("expiry_duration_in_seconds", BIGINT, key="DurationInSeconds"),
    field("expiry_timestamp", TIMESTAMP),
)

ROUTING_STEP = struct(field("status"), field("expiry", ROUTING_EXPIRY), field("expression", take=Take.JSON))

ROUTING_CRITERIA = struct(
    field("activation_timestamp", TIMESTAMP),
    field("index", BIGINT),
    field("steps", Array(ROUTING_STEP)),
)
