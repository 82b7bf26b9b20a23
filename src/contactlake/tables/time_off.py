"""Time off: what was asked for, and what is left. Only imported: no stream carries it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import DOUBLE, STRING, TIMESTAMP
from contactlake.tables._shapes import (
    aws_account_id,
    instance_arn,
    instance_id,
    last_updated_by,
    last_updated_timestamp,
    processed_at,
    version,
)

STAFF_TIMEOFF_BALANCE_CHANGES = Table(
    name="staff_timeoff_balance_changes",
    doc="Every change of the hours that an agent has left for a kind of time off.",
    columns=(
        instance_id("balance change"),
        Column("agent_arn", STRING, doc="ARN of the agent whose balance it is.", required=True),
        Column("shift_activity_arn", STRING, doc="ARN of the kind of time off.", required=True),
        version("timeoff_balance_version", "balance"),
        instance_arn("balance change"),
        aws_account_id("balance change"),
        Column("balance_update_source", STRING, doc="What changed the balance: a request, an upload …"),
        Column("timeoff_id", STRING, doc="Id of the time off that changed the balance, if one did."),
        last_updated_by("balance"),
        Column("balance_change_in_hours", DOUBLE, doc="By how much the balance changed.", unit="h"),
        Column("remaining_balance_in_hours", DOUBLE, doc="What is left after the change.", unit="h"),
        Column(
            "last_created_timestamp",
            TIMESTAMP,
            doc="When the balance changed; its UTC day is the partition.",
        ),
        processed_at("balance change"),
    ),
    primary_key=("instance_id", "agent_arn", "shift_activity_arn", "timeoff_balance_version"),
    partition_by="last_created_timestamp",
)

STAFF_TIMEOFFS = Table(
    name="staff_timeoffs",
    doc="The times off of each agent, asked for or granted.",
    columns=(
        instance_id("time off"),
        Column("timeoff_id", STRING, doc="Id of the time off.", required=True),
        Column("agent_arn", STRING, doc="ARN of the agent who is off.", required=True),
        version("timeoff_version", "time off"),
        instance_arn("time off"),
        Column("timeoff_type", STRING, doc="Kind of the request for time off."),
        Column("timeoff_start_timestamp", TIMESTAMP, doc="When the time off begins."),
        Column("timeoff_end_timestamp", TIMESTAMP, doc="When the time off ends."),
        Column("timeoff_status", STRING, doc="Whether the time off is pending, approved, declined, cancelled …"),
        Column("shift_activity_arn", STRING, doc="ARN of the kind of activity that the time off counts as."),
        Column("effective_timeoff_hours", DOUBLE, doc="Hours that the time off costs.", unit="h"),
        last_updated_timestamp("time off"),
        processed_at("time off"),
    ),
    primary_key=("instance_id", "timeoff_id", "agent_arn", "timeoff_version"),
    age_column="last_updated_timestamp",
)

STAFF_TIMEOFF_INTERVALS = Table(
    name="staff_timeoff_intervals",
    doc="The intervals that a time off is made of.",
    columns=(
        instance_id("time off interval"),
        Column("timeoff_id", STRING, doc="Id of the time off that the interval belongs to.", required=True),
        version("timeoff_version", "time off that the interval belongs to"),
        Column("interval_id", STRING, doc="Id of the interval.", required=True),
        instance_arn("time off interval"),
        Column("timeoff_interval_start_timestamp", TIMESTAMP, doc="When the interval begins."),
        Column("timeoff_interval_end_timestamp", TIMESTAMP, doc="When the interval ends."),
        Column("interval_effective_timeoff_hours", DOUBLE, doc="Hours that the interval costs.", unit="h"),
        last_updated_timestamp("time off interval"),
        processed_at("time off interval"),
    ),
    primary_key=("instance_id", "timeoff_id", "timeoff_version", "interval_id"),
    age_column="last_updated_timestamp",
)
