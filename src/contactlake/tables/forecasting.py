"""Forecasts, and the groups they are made for. Only imported: no stream carries it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, DOUBLE, NUMBER, STRING, TIMESTAMP
from contactlake.tables._shapes import (
    CHANNELS,
    aws_account_id,
    instance_arn,
    instance_id,
    is_deleted,
    last_updated_timestamp,
    processed_at,
    version,
)

FORECAST_GROUPS = Table(
    name="forecast_groups",
    doc="Groups of queues that are forecast together.",
    columns=(
        instance_id("forecast group"),
        Column("forecast_group_arn", STRING, doc="ARN of the forecast group.", required=True),
        version("forecast_group_version", "forecast group"),
        Column("forecast_group_name", STRING, doc="Name of the forecast group."),
        instance_arn("forecast group"),
        is_deleted("forecast group"),
        last_updated_timestamp("forecast group", STRING),
        processed_at("forecast group"),
    ),
    primary_key=("instance_id", "forecast_group_arn", "forecast_group_version"),
)

_TIMEZONE = Column("timezone", STRING, doc="Time zone that the forecast was made in.")


def _forecast(term: str, *extra: Column) -> Table:
    """Long- and short-term forecasts are alike, but for the columns in ``extra``."""
    subject = f"{term}-term forecast"
    return Table(
        name=f"{term}_term_forecasts",
        doc=f"Contacts and handle time expected in the {term} term, by forecast group, queue, channel and interval.",
        columns=(
            instance_id(subject),
            Column(f"{term}_term_forecast_id", STRING, doc=f"Id of the {subject}.", required=True),
            Column("forecast_group_arn", STRING, doc="ARN of the forecast group."),
            Column("forecast_group_version", NUMBER, doc="Version of the forecast group."),
            Column("interval", STRING, doc="Length of the intervals."),
            Column("queue_id", STRING, doc="Id of the queue."),
            Column("channel", STRING, doc="Channel that is forecast.", values=CHANNELS),
            Column("forecast_interval_start_time", TIMESTAMP, doc="When the forecast interval begins."),
            Column("creation_timestamp", TIMESTAMP, doc=f"When the {subject} was set up."),
            Column("computed_time", TIMESTAMP, doc=f"When the {subject} was computed."),
            Column("published_time", TIMESTAMP, doc=f"When the {subject} was published."),
            *extra,
            Column("is_published", BOOLEAN, doc=f"Whether the {subject} is published."),
            Column("average_handle_time", NUMBER, doc="Expected mean handle time."),
            Column("contact_volume", NUMBER, doc="Expected number of contacts."),
            Column("average_handle_time_override", NUMBER, doc="Mean handle time that a planner put in its place."),
            Column("contact_volume_override", NUMBER, doc="Number of contacts that a planner put in its place."),
            instance_arn(subject),
            processed_at(subject),
        ),
        primary_key=("instance_id", f"{term}_term_forecast_id"),
        age_column="creation_timestamp",
    )


LONG_TERM_FORECASTS = _forecast("long", _TIMEZONE)

SHORT_TERM_FORECASTS = _forecast("short")

INTRADAY_FORECASTS = Table(
    name="intraday_forecasts",
    doc="What is expected of the rest of the day, by queue, channel and interval.",
    columns=(
        instance_id("intraday forecast"),
        Column("intraday_forecast_id", STRING, doc="Id of the intraday forecast.", required=True),
        aws_account_id("intraday forecast"),
        instance_arn("intraday forecast"),
        Column("channel", STRING, doc="Channel that is forecast.", values=CHANNELS),
        Column("queue_arn", STRING, doc="ARN of the queue."),
        Column(
            "forecast_interval_start_timestamp",
            TIMESTAMP,
            doc="When the forecast interval begins; its UTC day is the partition.",
        ),
        Column("creation_timestamp", TIMESTAMP, doc="When the intraday forecast was made."),
        Column("average_handle_time", DOUBLE, doc="Expected mean handle time."),
        Column("average_queue_answer_time", DOUBLE, doc="Expected mean time in queue until answered."),
        Column("contact_volume", DOUBLE, doc="Expected number of contacts."),
        Column("effective_agent_staffing", DOUBLE, doc="Agents who are expected to be there for the queue."),
        processed_at("intraday forecast"),
    ),
    primary_key=("instance_id", "intraday_forecast_id"),
    partition_by="forecast_interval_start_timestamp",
    age_column="creation_timestamp",
)

DEMAND_GROUP = Table(
    name="demand_group",
    doc="Parts of a forecast group whose demand is met by the same agents.",
    columns=(
        instance_id("demand group"),
        Column("demand_group_arn", STRING, doc="ARN of the demand group.", required=True),
        version("demand_group_version", "demand group"),
        instance_arn("demand group"),
        Column("demand_group_name", STRING, doc="Name of the demand group."),
        Column("forecast_group_arn", STRING, doc="ARN of the forecast group that it is part of."),
        is_deleted("demand group"),
        last_updated_timestamp("demand group"),
        processed_at("demand group"),
    ),
    primary_key=("instance_id", "demand_group_arn", "demand_group_version"),
)

DEMAND_GROUP_DEFINITIONS = Table(
    name="demand_group_definitions",
    doc="Which queues and channels make up each demand group.",
    columns=(
        instance_id("demand group definition"),
        Column("demand_group_definition_id", STRING, doc="Id of the demand group definition.", required=True),
        Column("demand_group_arn", STRING, doc="ARN of the demand group that is defined."),
        Column("demand_group_version", BIGINT, doc="Version of the demand group that is defined."),
        instance_arn("demand group definition"),
        Column("queue_id", STRING, doc="Id of the queue that belongs to the demand group."),
        Column("channel", STRING, doc="Channel that belongs to the demand group.", values=CHANNELS),
        is_deleted("demand group definition"),
        last_updated_timestamp("demand group definition"),
        processed_at("demand group definition"),
    ),
    primary_key=("instance_id", "demand_group_definition_id"),
)
