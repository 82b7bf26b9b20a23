"""What happened to cases and to the items filed with them. Only imported: no stream carries it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, DOUBLE, STRING, TIMESTAMP, Array, field, struct
from contactlake.tables._shapes import aws_account_id, instance_id, processed_at

CUSTOM_FIELD = struct(
    field("id"),
    field("field_name"),
    field("string_value"),
    field("double_value", DOUBLE),
    field("boolean_value", BOOLEAN),
    field("timestamp_value", TIMESTAMP),
)


def _event_id(subject: str) -> Column:
    return Column("event_id", STRING, doc=f"Id of the {subject}.", required=True)


def _event_timestamp(subject: str) -> Column:
    return Column("event_timestamp", TIMESTAMP, doc=f"When the {subject} happened; its UTC day is the partition.")


def _event_type(subject: str) -> Column:
    return Column("event_type", STRING, doc=f"Kind of the {subject}: created, updated …")


def _performed_by(subject: str) -> tuple[Column, ...]:
    return (
        Column("performed_by_iam_principal", STRING, doc=f"IAM principal that brought the {subject} about."),
        Column("performed_by_user_arn", STRING, doc=f"ARN of the user who brought the {subject} about."),
        Column("performed_by_custom_entity", STRING, doc=f"Other party that brought the {subject} about."),
        Column("cases_domain_arn", STRING, doc=f"ARN of the cases domain of the {subject}."),
    )


CASE_EVENTS = Table(
    name="case_events",
    doc="One row per change of a case, with the case as it was after it.",
    columns=(
        instance_id("case event"),
        aws_account_id("case event"),
        _event_id("case event"),
        Column("case_id", STRING, doc="Id of the case."),
        _event_timestamp("case event"),
        Column("changed_field_ids", Array(STRING), doc="Ids of the fields that changed."),
        _event_type("case event"),
        *_performed_by("case event"),
        Column("template_id", STRING, doc="Id of the template of the case."),
        Column("template_name", STRING, doc="Name of the template of the case."),
        Column("last_updated_user", STRING, doc="User who last changed the case."),
        Column("reference_number", STRING, doc="Number of the case for people to refer to."),
        Column("status", STRING, doc="Status of the case."),
        Column("assigned_user", STRING, doc="User whom the case is assigned to."),
        Column("assigned_queue", STRING, doc="Queue that the case is assigned to."),
        Column("case_reason", STRING, doc="What the case is about, as chosen from a list."),
        Column("case_title", STRING, doc="Title of the case.", sensitive=True),
        Column("case_summary", STRING, doc="Summary of the case.", sensitive=True),
        Column("customer_profile_arn", STRING, doc="ARN of the profile of the customer."),
        Column("created_timestamp", TIMESTAMP, doc="When the case was opened."),
        Column("last_updated_timestamp", TIMESTAMP, doc="When the case was last changed."),
        Column("next_sla_breach_timestamp", TIMESTAMP, doc="When the next service level will be missed."),
        Column("last_closed_timestamp", TIMESTAMP, doc="When the case was last closed."),
        Column("last_reopened_timestamp", TIMESTAMP, doc="When the case was last opened again."),
        Column(
            "custom_fields",
            Array(CUSTOM_FIELD),
            doc="The case's own fields; of the four values the one of the field's type is set.",
            sensitive=True,
        ),
        processed_at("case event"),
    ),
    primary_key=("instance_id", "event_id"),
    partition_by="event_timestamp",
)

CASE_RELATED_ITEM_EVENTS = Table(
    name="case_related_item_events",
    doc="One row per change of an item filed with a case: comment, contact, file, service level, other case.",
    columns=(
        instance_id("case item event"),
        aws_account_id("case item event"),
        _event_id("case item event"),
        Column("related_item_id", STRING, doc="Id of the item."),
        _event_timestamp("case item event"),
        _event_type("case item event"),
        *_performed_by("case item event"),
        Column("associated_case_id", STRING, doc="Id of the case that the item is filed with."),
        Column("related_item_type", STRING, doc="Kind of the item."),
        Column("created_timestamp", TIMESTAMP, doc="When the item was filed."),
        Column("comment_body", STRING, doc="Text of a comment.", sensitive=True),
        Column("comment_content_type", STRING, doc="Format of a comment's text."),
        Column("related_case_id", STRING, doc="Id of the other case, where the item is a case."),
        Column("contact_channel", STRING, doc="Channel of the contact, where the item is a contact."),
        Column("contact_id", STRING, doc="Id of the contact, where the item is a contact."),
        Column("file_arn", STRING, doc="ARN of the file, where the item is a file."),
        Column("sla_name", STRING, doc="Name of the service level."),
        Column("sla_status", STRING, doc="Whether the service level is kept so far."),
        Column("sla_target_timestamp", TIMESTAMP, doc="When the service level must be met."),
        Column("sla_type", STRING, doc="Kind of the service level."),
        Column("sla_completion_timestamp", TIMESTAMP, doc="When the service level was met."),
        Column("sla_target_field_id", STRING, doc="Id of the field that the service level watches."),
        Column("sla_target_field_values", Array(STRING), doc="Values of that field that meet the service level."),
        Column(
            "custom_related_item_fields",
            Array(CUSTOM_FIELD),
            doc="The item's own fields; of the four values the one of the field's type is set.",
            sensitive=True,
        ),
        processed_at("case item event"),
    ),
    primary_key=("instance_id", "event_id"),
    partition_by="event_timestamp",
)
