"""routing_profiles: the routing profiles, as far as the agent events show them."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, STRING, TIMESTAMP
from contactlake.tables._shapes import NOT_IN_STREAMS, instance_arn, instance_id, processed_at

_SUBJECT = "routing profile"

ROUTING_PROFILES = Table(
    name="routing_profiles",
    doc=(
        "One row per routing profile, with the newest name that the agent events show; profiles that no agent in an "
        "event has, and what events do not tell, come only with an import."
    ),
    columns=(
        Column("agent_routing_profile_id", STRING, doc="Id of the routing profile, from its ARN.", required=True),
        Column("agent_routing_profile_arn", STRING, doc="ARN of the routing profile."),
        Column("routing_profile_name", STRING, doc="Name of the routing profile."),
        instance_id(_SUBJECT, required=False),
        instance_arn(_SUBJECT),
        Column(
            "agent_availability_timer",
            STRING,
            doc=f"What counts as an agent's being idle longest under the profile. {NOT_IN_STREAMS}",
            values=("TIME_SINCE_LAST_ACTIVITY", "TIME_SINCE_LAST_INBOUND"),
        ),
        Column(
            "default_outbound_queue_id",
            STRING,
            doc="Id of the queue that outbound calls under the profile are booked on.",
        ),
        Column("routing_profile_description", STRING, doc=f"What the profile is for, in words. {NOT_IN_STREAMS}"),
        Column("last_modified_region", STRING, doc=f"Region in which the profile was last changed. {NOT_IN_STREAMS}"),
        Column("last_modified_timestamp", TIMESTAMP, doc="When the routing profile was last changed."),
        Column("is_active", BOOLEAN, doc="Whether the routing profile still exists."),
        processed_at(_SUBJECT),
    ),
    primary_key=("agent_routing_profile_id",),
)
