"""agent_configuration: who an agent was, and when: names, routing profile and hierarchy as they were seen."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, STRING, TIMESTAMP
from contactlake.tables._shapes import LEVELS, aws_account_id, instance_arn, instance_id

_SUBJECT = "agent whose configuration it is"


def _level(level: int) -> tuple[Column, ...]:
    of = f"the group that the agent was in on level {level} of the hierarchy"
    name = f"agent_hierarchy_level_{level}"
    return (
        Column(f"{name}_id", STRING, doc=f"Id of {of}."),
        Column(f"{name}_arn", STRING, doc=f"ARN of {of}."),
        Column(f"{name}_name", STRING, doc=f"Name of {of}."),
    )


AGENT_CONFIGURATION = Table(
    name="agent_configuration",
    doc=(
        "How an agent was configured, and when: one row for every stretch of a UTC day in which all events (or all "
        "contact records) of the agent show the same. What was in force at an instant is the row with the latest "
        "`first_seen` at or before it."
    ),
    columns=(
        instance_id(_SUBJECT),
        aws_account_id(_SUBJECT),
        instance_arn(_SUBJECT),
        Column("user_id", STRING, doc="Id of the agent, from the ARN.", required=True),
        Column("user_arn", STRING, doc="ARN of the agent."),
        Column(
            "source",
            STRING,
            doc="Table that shows it. A contact record tells less, and only of agents who took a contact.",
            required=True,
            values=("agent_event", "contact_record"),
        ),
        Column("agent_username", STRING, doc="Login name that the agent had.", sensitive=True),
        Column("first_name", STRING, doc="First name that the agent had; only events tell.", sensitive=True),
        Column("last_name", STRING, doc="Family name that the agent had; only events tell.", sensitive=True),
        Column("agent_routing_profile_id", STRING, doc="Id of the routing profile that the agent had."),
        Column("agent_routing_profile_arn", STRING, doc="ARN of the routing profile that the agent had."),
        Column("routing_profile_name", STRING, doc="Name that the routing profile had."),
        Column(
            "default_outbound_queue_id",
            STRING,
            doc="Id of the queue that outbound calls were booked on; only events tell.",
        ),
        Column("default_outbound_queue_arn", STRING, doc="ARN of that outbound queue."),
        Column("default_outbound_queue_name", STRING, doc="Name of that outbound queue."),
        *(column for level in LEVELS for column in _level(level)),
        Column("sip_address", STRING, doc="SIP address of the agent's softphone; only events tell.", sensitive=True),
        Column("auto_accept", BOOLEAN, doc="Whether contacts connected without a click; only events tell."),
        Column("language_code", STRING, doc="Language that the agent was set to; only events tell."),
        Column(
            "agent_voice_enhancement_mode",
            STRING,
            doc="How the agent's voice was cleaned of noise; only contact records tell.",
        ),
        Column(
            "first_seen",
            TIMESTAMP,
            doc="The first event of the stretch, or the connection of the first contact (at most the end of the UTC "
            "day on which that contact began).",
            required=True,
        ),
        Column("last_seen", TIMESTAMP, doc="The last event or connection of the stretch.", required=True),
    ),
    primary_key=("instance_id", "user_id", "source", "first_seen"),
    partition_by="first_seen",
    ours=True,
)
