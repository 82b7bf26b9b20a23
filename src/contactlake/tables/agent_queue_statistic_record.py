"""agent_queue_statistic_record: an agent's contacts by queue, channel and interval; derived from agent_event."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, STRING
from contactlake.tables._interval_columns import grain, later_arns
from contactlake.tables._shapes import CHANNELS, processed_at

_SUBJECT = "agent queue interval"


def _time(name: str, doc: str) -> Column:
    return Column(name, BIGINT, doc=doc, unit="ms")


AGENT_QUEUE_STATISTIC_RECORD = Table(
    name="agent_queue_statistic_record",
    doc=(
        "What each agent was offered and handled, by queue, channel and interval (15 minutes unless set otherwise). An "
        "attempt is one unbroken stretch of ringing or dialling of a contact with an agent; routed attempts are those "
        "that the agent did not start. One row per agent, routing profile, hierarchy path, queue, channel and interval "
        "in which any measure is above 0; measures are 0, never null, and can be added up."
    ),
    columns=(
        *grain(_SUBJECT, "aqsr_statistic_id"),
        Column(
            "queue_id",
            STRING,
            doc="Id of the queue that the counted contacts came through; null for contacts without a queue.",
        ),
        Column(
            "channel",
            STRING,
            doc="Channel of the counted contacts; the stream's TASKS is TASK here.",
            values=CHANNELS,
        ),
        Column(
            "queue_type",
            STRING,
            doc="STANDARD, or AGENT for an agent's own queue; null without a queue.",
            values=("STANDARD", "AGENT"),
        ),
        Column(
            "agent_non_response",
            BIGINT,
            doc="Routed attempts that ended in the interval, ringing and not answered, or appeared as failed; also "
            "when the customer gave up.",
        ),
        Column("contacts_offered", BIGINT, doc="Routed attempts that started in the interval."),
        Column(
            "contacts_handled",
            BIGINT,
            doc="Contacts first connected with the agent in the interval, however they came about; each counts once "
            "per agent for all time.",
        ),
        _time(
            "handle_time",
            "Time contacts were connected, on hold, paused or in after-contact work, added up over contacts. "
            "A total, not an average.",
        ),
        _time(
            "agent_incoming_connecting_time",
            "Time incoming contacts rang at the agent (INBOUND, TRANSFER, QUEUE_TRANSFER).",
        ),
        _time(
            "agent_outbound_connecting_time",
            "Time contacts that the agent started were dialled (OUTBOUND, EXTERNAL_OUTBOUND, AGENT_REPLY).",
        ),
        _time("agent_callback_connecting_time", "Time callbacks were offered to the agent or dialled."),
        _time("agent_api_connecting_time", "Time contacts of method API, or of any other method, rang at the agent."),
        Column(
            "incoming_connecting_attempts", BIGINT, doc="Attempts of incoming contacts that started in the interval."
        ),
        Column(
            "outbound_connecting_attempts",
            BIGINT,
            doc="Attempts of contacts that the agent started, by their start in the interval.",
        ),
        Column(
            "callback_connecting_attempts",
            BIGINT,
            doc="Callbacks dialled that the customer did not pick up; counted where the attempt ends.",
        ),
        Column(
            "api_connecting_attempts",
            BIGINT,
            doc="Attempts of contacts of method API, or of any other method, that started in the interval.",
        ),
        processed_at(_SUBJECT, "data_lake_last_processed_Timestamp"),
        _time(
            "contact_time_ms", "Time ROUTABLE with at least one contact of the queue and channel handled (wall clock)."
        ),
        Column(
            "agent_non_response_without_customer_abandons",
            BIGINT,
            doc="Non-responses less those where the customer gave up. Null for now: the events alone do not tell.",
        ),
        *later_arns(
            _SUBJECT,
            Column("queue_arn", STRING, doc="ARN of the queue that the counted contacts came through."),
        ),
    ),
    primary_key=("aqsr_statistic_id", "instance_id"),
    partition_by="interval_start_time",
    age_column="interval_end_time",
)
