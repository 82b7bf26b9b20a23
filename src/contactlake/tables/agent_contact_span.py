"""agent_contact_span: what state a contact was in with an agent, from when to when, and how that is known."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BOOLEAN, TIMESTAMP
from contactlake.tables._agent_span_columns import CONFIGURATION, EVIDENCE, TIME, WHO

AGENT_CONTACT_SPAN = Table(
    name="agent_contact_span",
    doc="One row for every stretch of time in which a contact's state with an agent, its queue, channel and method and "
    "the agent's configuration stay the same (the statistics rules, sections 3 and 4). A state of 0 ms has one row; so "
    "has a queue, channel or method that a state begins with and that another replaces in the same millisecond. Silent "
    "monitoring is left out.",
    columns=(
        *WHO,
        Column("contact_id", required=True, doc="The contact."),
        Column("appeared_by", required=True, doc="`event_id` of the event that first shows this appearance."),
        Column(
            "appeared_place",
            BIGINT,
            doc="Place of that event among the agent's events of the same millisecond, from 1: so appearances within "
            "one millisecond have an order.",
        ),
        Column("state_number", BIGINT, required=True, doc="The state's place in the appearance, from 1."),
        *TIME,
        Column(
            "still_open",
            BOOLEAN,
            doc="The state was still there at the agent's last event: what followed it is not known yet.",
        ),
        Column("known", BOOLEAN, doc="False: silence was too long; this time counts as if the contact were not there."),
        Column("state", doc="The state as delivered."),
        Column("state_start_time", TIMESTAMP, doc="StateStartTimestamp as delivered (whole milliseconds)."),
        Column(
            "state_class",
            values=("HANDLING", "DIALLING", "RINGING", "FAILED"),
            doc="What the state counts as; it depends on the method first shown in the appearance. Null: nothing.",
        ),
        Column("connected", BOOLEAN, doc="CONNECTED, or another handling state first shown with a time of connecting."),
        Column("initiation_method", doc="Method as the latest snapshot shows it."),
        Column("channel", doc="Channel as the latest snapshot shows it; `TASKS` is stored as `TASK`."),
        Column("queue_id", doc="Queue: the segment after `queue/`, of an agent queue after `queue/agent/`."),
        Column("queue_type", values=("STANDARD", "AGENT"), doc="Kind of queue; null without queue."),
        Column("queue_arn", doc="ARN behind `queue_id`."),
        *EVIDENCE,
        *CONFIGURATION,
    ),
    primary_key=("instance_id", "user_id", "contact_id", "appeared_by", "state_number", "start_time", "end_time"),
    partition_by="start_time",
    age_column="end_time",
    ours=True,
)
