"""Columns that both agent span tables share: who, under which configuration, and on what evidence."""

from contactlake.model.table import Column
from contactlake.model.types import BOOLEAN, TIMESTAMP

WHO = (
    Column("instance_id", required=True, doc="The Amazon Connect instance."),
    Column("user_id", required=True, doc="The agent: the segment after `agent/` in the agent's ARN."),
)

TIME = (
    Column("start_time", TIMESTAMP, required=True, doc="First instant of the span (whole milliseconds)."),
    Column("end_time", TIMESTAMP, required=True, doc="First instant after the span (whole milliseconds)."),
)

EVIDENCE = (
    Column("repaired", BOOLEAN, doc="The span was seen only in the previous snapshot of an event: an event was lost."),
    Column(
        "cut_by_silence",
        BOOLEAN,
        doc="Too long without an event: of a known span, it is credited up to the longest silence believed only; "
        "of an unknown span, it is the rest.",
    ),
    Column("opened_by", doc="`event_id` of the event whose snapshot first shows the span."),
    Column("closed_by", doc="`event_id` of the event up to which, or by which, the span is known to last."),
)

CONFIGURATION = (
    Column("routing_profile_id", doc="Routing profile in force: the last segment of its ARN."),
    *(
        Column(f"agent_hierarchy_level_{n}_id", doc=f"Hierarchy group in force at level {n}: the ARN's last segment.")
        for n in range(1, 6)
    ),
    Column("aws_account_id", doc="Account of the event that shows the configuration."),
    Column("instance_arn", doc="ARN behind `instance_id`, null where the stream gives none."),
    Column("user_arn", doc="ARN behind `user_id`."),
    Column("agent_routing_profile_arn", doc="ARN behind `routing_profile_id`."),
    *(Column(f"agent_hierarchy_level_{n}_arn", doc=f"ARN behind `agent_hierarchy_level_{n}_id`.") for n in range(1, 6)),
)
