"""agent_statistic_record: how an agent's time was spent, by interval; derived from agent_event."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, STRING
from contactlake.tables._interval_columns import grain, later_arns
from contactlake.tables._shapes import processed_at

CUSTOM_STATES = range(1, 51)
"""The numbers that custom statuses can have; further statuses count in ``non_productive_time`` alone."""

_SUBJECT = "agent interval"


def _time(name: str, doc: str) -> Column:
    return Column(name, BIGINT, doc=doc, unit="ms")


AGENT_STATISTIC_RECORD = Table(
    name="agent_statistic_record",
    doc=(
        "How each agent's time was spent, by interval (15 minutes unless set otherwise), from the agent's timeline of "
        "statuses and contacts. One row per agent, routing profile, hierarchy path and interval in which any measure "
        "is above 0; every measure is a sum of milliseconds, so rows can be added up."
    ),
    columns=(
        *grain(_SUBJECT, "asr_statistic_id"),
        _time("online_time", "Time the agent's status was known and not of type OFFLINE."),
        _time(
            "error_time",
            "Time contacts were MISSED, REJECTED or in ERROR with the agent, added up over contacts, in any status.",
        ),
        _time(
            "non_productive_time",
            "Time in statuses of type CUSTOM; whether the agent worked meanwhile is not judged.",
        ),
        _time(
            "agent_idle_time",
            "Time ROUTABLE with no contact handled or dialled, and none ringing unless another has failed. "
            "Ringing alone is not idle (a setting changes that).",
        ),
        _time(
            "agent_on_contact_time",
            "Time ROUTABLE with at least one contact handled (hold, pause and after-contact work included) or dialled; "
            "several contacts at once count once.",
        ),
        *(
            _time(
                f"custom_state_time_{number:02d}",
                f"Time in the custom status that has number {number} (table agent_status says which one that is).",
            )
            for number in CUSTOM_STATES
        ),
        processed_at(_SUBJECT),
        Column(
            "agent_status_arn",
            STRING,
            doc="ARN of the status in which the agent was longest during the interval, offline included.",
        ),
        Column(
            "agent_status_name",
            STRING,
            doc="Latest name of the status in which the agent was longest during the interval, offline included.",
        ),
        _time("agent_status_time_ms", "Time with any status but offline: the same as online_time."),
        *later_arns(_SUBJECT),
    ),
    primary_key=("asr_statistic_id", "instance_id"),
    partition_by="interval_start_time",
    age_column="interval_end_time",
)
