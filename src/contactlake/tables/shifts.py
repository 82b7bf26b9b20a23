"""Shifts: what they may consist of, how they rotate, and those planned. Only imported: no stream carries it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, STRING, TIMESTAMP
from contactlake.tables._shapes import (
    instance_arn,
    instance_id,
    is_deleted,
    last_updated_by,
    last_updated_timestamp,
    processed_at,
    version,
)


def _shift(subject: str) -> tuple[Column, ...]:
    return (
        instance_id(subject),
        Column("shift_id", STRING, doc="Id of the shift.", required=True),
        version("shift_version", "shift"),
    )


SHIFT_ACTIVITIES = Table(
    name="shift_activities",
    doc="Kinds of activity that a shift can consist of.",
    columns=(
        instance_id("kind of activity"),
        Column("shift_activity_arn", STRING, doc="ARN of the kind of activity.", required=True),
        version("shift_activity_version", "kind of activity"),
        instance_arn("kind of activity"),
        Column("shift_activity_name", STRING, doc="Name of the kind of activity."),
        Column("type", STRING, doc="Whether it is work, something else, or time off."),
        Column("sub_type", STRING, doc="Closer description of the type."),
        Column("is_adherence_tracked", BOOLEAN, doc="Whether it is watched that agents keep to it."),
        Column("is_paid", BOOLEAN, doc="Whether the time is paid."),
        is_deleted("kind of activity"),
        last_updated_by("kind of activity"),
        last_updated_timestamp("kind of activity"),
        processed_at("kind of activity"),
    ),
    primary_key=("instance_id", "shift_activity_arn", "shift_activity_version"),
)

SHIFT_PROFILES = Table(
    name="shift_profiles",
    doc="Profiles that say what a week of shifts looks like.",
    columns=(
        instance_id("shift profile"),
        Column("shift_profile_arn", STRING, doc="ARN of the shift profile.", required=True),
        version("shift_profile_version", "shift profile"),
        instance_arn("shift profile"),
        Column("shift_profile_name", STRING, doc="Name of the shift profile."),
        is_deleted("shift profile"),
        last_updated_by("shift profile"),
        last_updated_timestamp("shift profile"),
        processed_at("shift profile"),
    ),
    primary_key=("instance_id", "shift_profile_arn", "shift_profile_version"),
)

SHIFT_ROTATION_PATTERNS = Table(
    name="shift_rotation_patterns",
    doc="Patterns in which shift profiles follow each other.",
    columns=(
        instance_id("shift rotation"),
        Column("shift_rotation_pattern_arn", STRING, doc="ARN of the shift rotation.", required=True),
        version("shift_rotation_pattern_version", "shift rotation"),
        instance_arn("shift rotation"),
        Column("shift_rotation_pattern_name", STRING, doc="Name of the shift rotation."),
        Column("start_date", STRING, doc="Day on which the rotation starts."),
        is_deleted("shift rotation"),
        last_updated_by("shift rotation"),
        last_updated_timestamp("shift rotation"),
        processed_at("shift rotation"),
    ),
    primary_key=("instance_id", "shift_rotation_pattern_arn", "shift_rotation_pattern_version"),
)

SHIFT_ROTATION_STEPS = Table(
    name="shift_rotation_steps",
    doc="The steps of the shift rotations, one shift profile each.",
    columns=(
        instance_id("rotation step"),
        Column("shift_rotation_pattern_arn", STRING, doc="ARN of the rotation that has the step.", required=True),
        version("shift_rotation_pattern_version", "rotation that has the step"),
        Column("step_id", BIGINT, doc="Number of the step in its rotation.", required=True),
        instance_arn("rotation step"),
        Column("shift_profile_arn", STRING, doc="ARN of the shift profile that holds during the step."),
        Column("duration", BIGINT, doc="How long the step lasts."),
        is_deleted("rotation step"),
        last_updated_by("rotation step"),
        last_updated_timestamp("rotation step"),
        processed_at("rotation step"),
    ),
    primary_key=("instance_id", "shift_rotation_pattern_arn", "shift_rotation_pattern_version", "step_id"),
)

STAFF_SHIFTS = Table(
    name="staff_shifts",
    doc="The planned shifts of each agent.",
    columns=(
        *_shift("planned shift"),
        instance_arn("planned shift"),
        Column("agent_arn", STRING, doc="ARN of the agent whose shift it is."),
        Column("shift_start_timestamp", TIMESTAMP, doc="When the shift begins."),
        Column("shift_end_timestamp", TIMESTAMP, doc="When the shift ends."),
        Column("created_timestamp", TIMESTAMP, doc="When the shift was planned."),
        is_deleted("planned shift"),
        last_updated_timestamp("planned shift"),
        processed_at("planned shift"),
    ),
    primary_key=("instance_id", "shift_id", "shift_version"),
    age_column="last_updated_timestamp",
)

STAFF_SHIFT_ACTIVITIES = Table(
    name="staff_shift_activities",
    doc="What the planned shifts consist of.",
    columns=(
        *_shift("planned activity"),
        Column("activity_id", STRING, doc="Id of the planned activity.", required=True),
        instance_arn("planned activity"),
        Column("activity_start_timestamp", TIMESTAMP, doc="When the activity begins."),
        Column("activity_end_timestamp", TIMESTAMP, doc="When the activity ends."),
        Column("shift_activity_arn", STRING, doc="ARN of the kind of activity."),
        Column("activity_status", STRING, doc="Whether the activity holds."),
        Column("is_overtime", BOOLEAN, doc="Whether the activity is overtime."),
        is_deleted("planned activity"),
        last_updated_timestamp("planned activity"),
        processed_at("planned activity"),
    ),
    primary_key=("instance_id", "shift_id", "shift_version", "activity_id"),
    age_column="last_updated_timestamp",
)

STAFF_SHIFT_ACTIVITY_ALLOCATIONS = Table(
    name="staff_shift_activity_allocations",
    doc="How much of a planned activity goes to which demand group.",
    columns=(
        *_shift("allocation"),
        Column("activity_id", STRING, doc="Id of the planned activity that is shared out.", required=True),
        Column("demand_group_arn", STRING, doc="ARN of the demand group that gets the share.", required=True),
        instance_arn("allocation"),
        Column("forecast_group_arn", STRING, doc="ARN of the forecast group of the demand group."),
        Column("allocation_percentage", DOUBLE, doc="The share.", unit="%"),
        is_deleted("allocation"),
        last_updated_timestamp("allocation"),
        processed_at("allocation"),
    ),
    primary_key=("instance_id", "shift_id", "shift_version", "activity_id", "demand_group_arn"),
)
