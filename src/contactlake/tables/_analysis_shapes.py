"""The nested types of contact_analysis, in the order in which the analysis spells their fields."""

from contactlake.model.types import BIGINT, DOUBLE, TIMESTAMP, Array, Take, field, struct

PARTICIPANT = struct(field("participant_id"), field("participant_role"), field("display_name"))

PERIOD = struct(
    field("begin_offset_millis", BIGINT),
    field("duration_millis", BIGINT),
    field("end_offset_millis", BIGINT),
)

PERIOD_SCORE = struct(
    field("begin_offset_millis", BIGINT),
    field("end_offset_millis", BIGINT),
    field("score", DOUBLE),
)

FOUND = struct(
    field(
        "character_offsets",
        struct(field("begin_offset_char", BIGINT), field("end_offset_char", BIGINT)),
    ),
    field("text"),
)

TURN = struct(
    field("id"),
    field("participant_id"),
    field("participant_role"),
    field("display_name"),
    field("type"),
    field("content_type"),
    field("content"),
    field("absolute_time", TIMESTAMP),
    field("begin_offset_millis", BIGINT),
    field("end_offset_millis", BIGINT),
    field("sentiment"),
    field("loudness_score", Array(DOUBLE)),
    field("issues_detected", Array(FOUND)),
    field("outcomes_detected", Array(FOUND)),
    field("action_items_detected", Array(FOUND)),
    field("redaction", take=Take.JSON),
)
