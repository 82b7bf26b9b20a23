"""Who is scheduled how: staff, staffing groups, and what schedules promise. Only imported: no stream carries it.

``_version`` columns number the versions of a thing; the row with the greatest is how it stands now.
"""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, FLOAT, INT, STRING, TIMESTAMP
from contactlake.tables._shapes import (
    CHANNELS,
    aws_account_id,
    instance_arn,
    instance_id,
    is_deleted,
    last_updated_by,
    last_updated_timestamp,
    processed_at,
    version,
)


def _agent_arn(doc: str) -> Column:
    return Column("agent_arn", STRING, doc=doc, required=True)


def _staffing_group_arn(doc: str) -> Column:
    return Column("staffing_group_arn", STRING, doc=doc, required=True)


def _demand_group_arn(doc: str) -> Column:
    return Column("demand_group_arn", STRING, doc=doc, required=True)


STAFF_SCHEDULING_PROFILE = Table(
    name="staff_scheduling_profile",
    doc="How each agent may be scheduled: staffing group, shift profile or rotation, time zone.",
    columns=(
        instance_id("scheduling profile"),
        _agent_arn("ARN of the agent whose scheduling profile this is."),
        version("staff_scheduling_profile_version", "scheduling profile"),
        instance_arn("scheduling profile"),
        Column("staffing_group_arn", STRING, doc="ARN of the staffing group that the agent belongs to."),
        Column("start_timestamp", TIMESTAMP, doc="From when the agent can be scheduled."),
        Column("end_timestamp", TIMESTAMP, doc="Until when the agent can be scheduled."),
        Column("shift_profile_arn", STRING, doc="ARN of the shift profile that the agent's shifts follow."),
        Column("shift_rotation_pattern_arn", STRING, doc="ARN of the rotation that the agent's shifts follow."),
        Column("shift_rotation_start_step_id", BIGINT, doc="Step of the rotation that the agent starts with."),
        Column("timezone", STRING, doc="Time zone that the agent works in."),
        is_deleted("scheduling profile"),
        last_updated_by("scheduling profile"),
        last_updated_timestamp("scheduling profile"),
        processed_at("scheduling profile"),
    ),
    primary_key=("instance_id", "agent_arn", "staff_scheduling_profile_version"),
)

STAFFING_GROUPS = Table(
    name="staffing_groups",
    doc="Groups of agents who are scheduled together.",
    columns=(
        instance_id("staffing group"),
        _staffing_group_arn("ARN of the staffing group."),
        version("staffing_group_version", "staffing group"),
        instance_arn("staffing group"),
        Column("staffing_group_name", STRING, doc="Name of the staffing group."),
        is_deleted("staffing group"),
        last_updated_by("staffing group"),
        last_updated_timestamp("staffing group"),
        processed_at("staffing group"),
    ),
    primary_key=("instance_id", "staffing_group_arn", "staffing_group_version"),
)

STAFFING_GROUP_FORECAST_GROUPS = Table(
    name="staffing_group_forecast_groups",
    doc="Which forecast groups each staffing group works for.",
    columns=(
        instance_id("staffing group's forecast link"),
        _staffing_group_arn("ARN of the staffing group that works for the forecast group."),
        version("staffing_group_version", "staffing group"),
        Column("forecast_group_arn", STRING, doc="ARN of the forecast group.", required=True),
        instance_arn("staffing group's forecast link"),
        is_deleted("staffing group's forecast link"),
        last_updated_by("staffing group's forecast link"),
        last_updated_timestamp("staffing group's forecast link"),
        processed_at("staffing group's forecast link"),
    ),
    primary_key=("instance_id", "staffing_group_arn", "staffing_group_version", "forecast_group_arn"),
)

STAFFING_GROUP_SUPERVISORS = Table(
    name="staffing_group_supervisors",
    doc="Who supervises each staffing group.",
    columns=(
        instance_id("staffing group's supervisor"),
        _staffing_group_arn("ARN of the staffing group that is supervised."),
        version("staffing_group_version", "staffing group"),
        Column("supervisor_arn", STRING, doc="ARN of the supervisor.", required=True),
        instance_arn("staffing group's supervisor"),
        is_deleted("staffing group's supervisor"),
        last_updated_by("staffing group's supervisor"),
        last_updated_timestamp("staffing group's supervisor"),
        processed_at("staffing group's supervisor"),
    ),
    primary_key=("instance_id", "staffing_group_arn", "staffing_group_version", "supervisor_arn"),
)

STAFF_DEMAND_GROUP = Table(
    name="staff_demand_group",
    doc="Which demand groups each agent works for, and with what priority.",
    columns=(
        instance_id("agent's demand link"),
        _agent_arn("ARN of the agent who works for the demand group."),
        _demand_group_arn("ARN of the demand group."),
        version("staff_demand_group_version", "agent's demand link"),
        Column("priority", STRING, doc="How much the demand group comes before the agent's others."),
        instance_arn("agent's demand link"),
        Column("is_override", BOOLEAN, doc="Whether it replaces what the agent's staffing group says."),
        is_deleted("agent's demand link"),
        last_updated_by("agent's demand link"),
        last_updated_timestamp("agent's demand link"),
        processed_at("agent's demand link"),
    ),
    primary_key=("instance_id", "agent_arn", "demand_group_arn", "staff_demand_group_version"),
)

STAFFING_GROUP_DEMAND_GROUP = Table(
    name="staffing_group_demand_group",
    doc="Which demand groups each staffing group works for, and with what priority.",
    columns=(
        instance_id("staffing group's demand link"),
        _staffing_group_arn("ARN of the staffing group that works for the demand group."),
        _demand_group_arn("ARN of the demand group."),
        version("staffing_group_demand_group_version", "staffing group's demand link"),
        Column("priority", STRING, doc="How much the demand group comes before the staffing group's others."),
        instance_arn("staffing group's demand link"),
        is_deleted("staffing group's demand link"),
        last_updated_by("staffing group's demand link"),
        last_updated_timestamp("staffing group's demand link"),
        processed_at("staffing group's demand link"),
    ),
    primary_key=("instance_id", "staffing_group_arn", "demand_group_arn", "staffing_group_demand_group_version"),
)

SCHEDULE_METRICS = Table(
    name="schedule_metrics",
    doc="What a schedule needs and is expected to reach, by interval, entity and channel.",
    columns=(
        instance_id("schedule metric"),
        Column("metric_id", STRING, doc="Id of the schedule metric.", required=True),
        Column("interval_start_timestamp", TIMESTAMP, doc="When the interval begins.", required=True),
        instance_arn("schedule metric"),
        aws_account_id("schedule metric"),
        Column("entity_type", STRING, doc="Kind of what the metric is about: forecast, staffing or demand group."),
        Column("entity_arn", STRING, doc="ARN of what the metric is about."),
        Column("channel", STRING, doc="Channel that the metric is about.", values=CHANNELS),
        Column("required_agent_count", FLOAT, doc="Agents needed."),
        Column("scheduled_agent_count", FLOAT, doc="Agents scheduled."),
        Column("scheduled_occupancy", FLOAT, doc="Share of their time that the scheduled agents will be on contacts."),
        Column("scheduled_service_level_percentage", FLOAT, doc="Service level to be expected.", unit="%"),
        Column("service_level_seconds", INT, doc="Time within which contacts must be answered to count.", unit="s"),
        Column("scheduled_average_speed_of_answer", FLOAT, doc="Mean time to answer to be expected."),
        is_deleted("schedule metric"),
        last_updated_timestamp("schedule metric"),
        Column("projected_average_time_to_complete", FLOAT, doc="Mean time to completion to be expected."),
        Column("projected_backlog", INT, doc="Contacts that will be left over."),
        processed_at("schedule metric"),
    ),
    primary_key=("instance_id", "metric_id", "interval_start_timestamp"),
    age_column="last_updated_timestamp",
)

SCHEDULE_GOALS = Table(
    name="schedule_goals",
    doc="What a schedule is meant to reach, by entity and channel.",
    columns=(
        instance_id("schedule goal"),
        Column("goal_id", STRING, doc="Id of the schedule goal.", required=True),
        instance_arn("schedule goal"),
        aws_account_id("schedule goal"),
        Column("entity_type", STRING, doc="Kind of what the goal is set for: forecast, staffing or demand group."),
        Column("entity_arn", STRING, doc="ARN of what the goal is set for."),
        Column("channel", STRING, doc="Channel that the goal is set for.", values=CHANNELS),
        Column("start_date_timestamp", TIMESTAMP, doc="From when the goal holds."),
        Column("end_date_timestamp", TIMESTAMP, doc="Until when the goal holds."),
        Column("goal_service_level_percentage", FLOAT, doc="Service level to be reached.", unit="%"),
        Column("goal_service_level_seconds", INT, doc="Time within which contacts are to be answered.", unit="s"),
        Column("goal_average_speed_of_answer", FLOAT, doc="Mean time to answer to be reached."),
        is_deleted("schedule goal"),
        last_updated_timestamp("schedule goal"),
        Column("goal_average_time_to_complete", FLOAT, doc="Mean time to completion to be reached."),
        processed_at("schedule goal"),
    ),
    primary_key=("instance_id", "goal_id"),
    age_column="last_updated_timestamp",
)
